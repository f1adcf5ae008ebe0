"""What every benchmark prints: ours beside the floor of the same run, the goal, met or not."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One line of the report."""

    measure: str
    ours: float
    unit: str
    goal: float
    """The most that is allowed: of the ratio if there is a floor, else of ours."""
    floor: float | None = None
    """What the bare tool needs for the same work, in the same run."""
    ratio: float | None = None
    """Paired: the median of each round's own ratio."""
    goal_is_ratio: bool = False
    more_is_better: bool = False
    """The goal is the least that is wanted, as of events a second."""

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        reached = self.ratio or 0.0 if self.goal_is_ratio else self.ours
        return reached >= self.goal if self.more_is_better else reached <= self.goal


def compared(
    measure: str, ours: Sequence[float], floor: Sequence[float], unit: str, goal: float
) -> Outcome:
    """A goal for the ratio; both were measured in turns, so noise falls on both alike."""
    pairs = [a / b for a, b in zip(ours, floor, strict=True)]
    return Outcome(
        measure,
        statistics.median(ours),
        unit,
        goal,
        statistics.median(floor),
        statistics.median(pairs),
        goal_is_ratio=True,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(outcomes: Sequence[Outcome]) -> None:
    """Print a table; the load says how far absolute times can be trusted."""
    width = max(len(each.measure) for each in outcomes)
    print(f"{'':<{width}}       ours      floor  ratio          goal")
    for each in outcomes:
        floor = f"{each.floor:10.3f}" if each.floor is not None else " " * 10
        ratio = f"{each.ratio:6.2f}" if each.ratio is not None else " " * 6
        goal = f"{each.goal:g} ×" if each.goal_is_ratio else f"{each.goal:g} {each.unit}"
        print(
            f"{each.measure:<{width}} {each.ours:10.3f} {floor} {ratio}  {each.unit:<3}"
            f" {'≥' if each.more_is_better else '≤'} {goal:<8}"
            f" {'met' if each.is_met else 'NOT MET'}"
        )
    load = os.getloadavg()[0]
    print(f"load of the last minute: {load:.1f} on {os.cpu_count()} cores")
