"""A scenario and its variants, lived through by the same people on the same days."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kiosk.services.simulation.days import Day, day_of, tellers_of
from kiosk.services.simulation.engine import live_through
from kiosk.services.simulation.measures import Figures, Interval, Measures, Tally
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.simulation.variants import variants_of

OnDay = Callable[[int, int], None]
"""Told how many days are done, and of how many; what it raises ends the comparison."""


@dataclass(frozen=True)
class Changes:
    """Against the first, day by day with the same people, so that chance is the same for both."""

    mean_wait: Interval
    """Of a day."""
    p95: Interval
    over_20: Interval
    tickets: Interval
    work: Interval
    demand: Interval
    no_shows: Interval
    ended_at: Interval

    @staticmethod
    def between(before: Sequence[Figures], after: Sequence[Figures]) -> "Changes":
        """Of the same days."""
        return Changes(
            *(
                Interval.of(
                    [
                        getattr(then, name) - getattr(now, name)
                        for now, then in zip(before, after, strict=True)
                    ]
                )
                for name in Figures.__dataclass_fields__
            )
        )


@dataclass(frozen=True)
class Outcome:
    """What came of a scenario."""

    scenario: Scenario
    usual: Measures
    peak: Measures | None
    """Of peak days; None: there was none."""
    usual_change: Changes | None
    """None: it is the first, with which the others are compared."""
    peak_change: Changes | None


@dataclass(frozen=True)
class Comparison:
    """Everything that is needed to make it again, and what came out."""

    scenario: Scenario
    days: int
    seed: int
    outcomes: tuple[Outcome, ...]
    """Of the scenario itself, then of its variants."""


def compare(scenario: Scenario, days: int, seed: int, on_day: OnDay | None = None) -> Comparison:
    """Live through the same days in each variant.

    Args:
        scenario: With its variants.
        days: Working days, from a first one of the week.
        seed: The same gives the same.
        on_day: Is told after each day of each variant.

    Raises:
        KioskError: `simulation_not_installed`, or as `variants_of`.
    """
    variants = variants_of(scenario)
    runs = [_Run(each) for each in variants]
    for number in range(days):
        base = day_of(variants[0], number, seed)
        for index, run in enumerate(runs):
            run.live(_same_day(base, variants[0], run.scenario, seed))
            if on_day is not None:
                on_day(number * len(runs) + index + 1, days * len(runs))
    first = runs[0]
    return Comparison(scenario, days, seed, tuple(each.outcome(first) for each in runs))


def _same_day(day: Day, base: Scenario, variant: Scenario, seed: int) -> Day:
    """A day of the first as a variant has it; only how many come can be another."""
    if variant.walk_ins != base.walk_ins:
        return day_of(variant, day.number, seed)
    return replace(day, tellers=tellers_of(variant, day.number, seed))


class _Run:
    """One variant on its way."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._usual, self._peak = Tally(scenario), Tally(scenario)

    def live(self, day: Day) -> None:
        tally = self._peak if day.is_peak else self._usual
        tally.add(live_through(self.scenario, day))

    def outcome(self, first: "_Run") -> Outcome:
        usual = self._usual.measures()
        if usual is None:
            raise ValueError("there must be a day")
        return Outcome(
            self.scenario,
            usual,
            self._peak.measures(),
            self._change(first._usual, self._usual),
            self._change(first._peak, self._peak),
        )

    def _change(self, first: Tally, own: Tally) -> Changes | None:
        if own is first or not own.figures:
            return None
        return Changes.between(first.figures, own.figures)
