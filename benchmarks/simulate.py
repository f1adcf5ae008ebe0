"""What a simulated branch day costs, beside a bare heap of events, and how that grows.

.venv/bin/python benchmarks/simulate.py
.venv/bin/python benchmarks/simulate.py --days 100
"""

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import TypeVar

import branch_days
from outcome import Outcome, compared, report

from kiosk.services.simulation.channels import lobby_of
from kiosk.services.simulation.comparison import compare
from kiosk.services.simulation.days import Day, days_of
from kiosk.services.simulation.engine import live_through
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.simulation.scenario_file import default_scenario

ROUNDS = 10
WALK_INS = (200.0, 400.0, 800.0)
_THOUSAND = 1_000

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of one core, in which the machine's pauses are not; and what came of it."""
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def for_the_heap(scenario: Scenario, day: Day) -> tuple[branch_days.Branch, branch_days.Day]:
    """The same day as `branch_days` knows it, where each counter has one break."""
    group = {each.code: each.group for each in scenario.services}
    customers = scenario.customers
    tellers = (
        branch_days.Teller(each.skills, (each.breaks[0].start, each.breaks[0].minutes))
        for each in scenario.counters
    )
    people = (
        branch_days.Person(
            each.at,
            group[each.walk_in.service],
            each.walk_in.is_priority,
            each.walk_in.minutes,
            each.walk_in.patience,
            each.walk_in.is_gone,
        )
        for each in lobby_of(scenario, day).coming
    )
    own = [day.tellers[each.name] for each in scenario.counters]
    return (
        branch_days.Branch(
            tuple(tellers),
            head_start=customers.head_start,
            call_gap=customers.call_gap,
            empty_call=customers.no_show_minutes,
        ),
        branch_days.Day(
            tuple(people),
            tuple(each.pace for each in own),
            tuple(each.absences for each in own),
            day.is_peak,
            day.number,
        ),
    )


def beside_a_heap(scenario: Scenario, days: int, seed: int) -> tuple[float, float, int]:
    """Seconds of both for the counters' days alone, and how many tickets they call otherwise."""
    ours = floor = 0.0
    otherwise = 0
    for day in days_of(scenario, days, seed):
        branch, same = for_the_heap(scenario, day)
        took, found = timed(lambda: live_through(scenario, day))  # noqa: B023 (called at once)
        ours += took
        took, there = timed(lambda: branch_days.live_through(branch, same, branch_days.Watcher()))  # noqa: B023
        floor += took
        otherwise += sum(
            abs(one.called - other.called) > 1e-9
            for one, other in zip(found.tickets, there, strict=True)
        )
    return ours, floor, otherwise


def per_walk_in(scenario: Scenario, walk_ins: float, days: int) -> float:
    """Microseconds, the best of three; the counters grow with the people, or all would wait."""
    counters = tuple(
        each.model_copy(update={"name": f"{each.name}.{copy}"})
        for copy in range(round(walk_ins / WALK_INS[0]))
        for each in scenario.counters[2:5]
    )
    of = scenario.model_copy(update={"walk_ins": walk_ins, "counters": counters})
    took = min(timed(lambda: compare(of, days, seed))[0] for seed in range(3))  # noqa: B023
    return took / days / walk_ins * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=_THOUSAND)
    days = parser.parse_args().days
    a_round = max(10, days // ROUNDS)
    whole = _THOUSAND / a_round
    scenario = default_scenario().model_copy(update={"variants": ()})
    took: list[float] = []
    ours: list[float] = []
    floor: list[float] = []
    otherwise = 0
    for seed in range(days // a_round):
        took.append(whole * timed(lambda: compare(scenario, a_round, seed))[0])  # noqa: B023
        engine, heap, differing = beside_a_heap(scenario, a_round, seed)
        ours.append(whole * engine)
        floor.append(whole * heap)
        otherwise += differing
    each = {count: per_walk_in(scenario, count, a_round) for count in WALK_INS}
    first, last = each[WALK_INS[0]], each[WALK_INS[-1]]
    print(f"microseconds a walk-in: {', '.join(f'{n:.0f}: {us:.1f}' for n, us in each.items())}")
    report(
        [
            Outcome("1,000 branch days, made up and measured", median(took), "s", 10),
            compared("… only lived through, beside a bare heap", ours, floor, "s", 2),
            Outcome("… tickets that the heap calls at another moment", otherwise, "", 0),
            Outcome("a walk-in of 800 a day ÷ one of 200", last / first, "", 1.2),
        ]
    )


if __name__ == "__main__":
    main()
