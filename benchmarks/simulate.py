"""What a simulated branch day costs, beside a bare heap of events, and how that grows.

.venv/bin/python benchmarks/simulate.py
.venv/bin/python benchmarks/simulate.py --days 100
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import branch_days
from outcome import Outcome, compared, report

from kiosk.services.simulation.comparison import compare
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.simulation.scenario_file import default_scenario

ROUNDS = 10
WALK_INS = (200.0, 400.0, 800.0)
_THOUSAND = 1_000


def seconds(work: Callable[[], object]) -> float:
    """Of one core; the machine's pauses are not in it."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def ours(scenario: Scenario, days: int, seed: int) -> float:
    """With everybody made up, the day lived through, and everything measured."""
    return seconds(lambda: compare(scenario, days, seed))


def floor(branch: branch_days.Branch, days: int, seed: int) -> float:
    """Only made up and lived through."""

    def live() -> None:
        for day in branch_days.month(branch, seed, days):
            branch_days.live_through(branch, day, branch_days.Watcher())

    return seconds(live)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=_THOUSAND)
    days = parser.parse_args().days
    a_round = max(10, days // ROUNDS)
    whole = _THOUSAND / a_round
    scenario = default_scenario().model_copy(update={"variants": ()})
    bare = branch_days.branch_at(0.95)
    took: list[float] = []
    floors: list[float] = []
    for seed in range(days // a_round):
        took.append(whole * ours(scenario, a_round, seed))
        floors.append(whole * floor(bare, a_round, seed))
    each = {count: per_walk_in(scenario, count, a_round) for count in WALK_INS}
    first, last = each[WALK_INS[0]], each[WALK_INS[-1]]
    print(f"microseconds a walk-in: {', '.join(f'{n:.0f}: {us:.1f}' for n, us in each.items())}")
    report(
        [
            Outcome("1,000 branch days", median(took), "s", 10),
            compared("… beside a bare heap, which measures nothing", took, floors, "s", 3),
            Outcome("a walk-in of 800 a day ÷ one of 200", last / first, "", 1.2),
        ]
    )


def per_walk_in(scenario: Scenario, walk_ins: float, days: int) -> float:
    """Microseconds, the best of three; the counters grow with the people, or all would wait."""
    counters = tuple(
        each.model_copy(update={"name": f"{each.name}.{copy}"})
        for copy in range(round(walk_ins / WALK_INS[0]))
        for each in scenario.counters[2:5]
    )
    of = scenario.model_copy(update={"walk_ins": walk_ins, "counters": counters})
    return min(ours(of, days, seed) for seed in range(3)) / days / walk_ins * 1e6


if __name__ == "__main__":
    main()
