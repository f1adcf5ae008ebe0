"""Scenarios for the tests of the simulated branch: the default one, with parts of it taken away."""

from collections.abc import Iterable, Sequence

from kiosk.services.simulation.days import Day, Teller, WalkIn
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.simulation.scenario_file import default_scenario

DEFAULT = default_scenario()
NOBODY_LEAVES = {"no_show_at_once": 0.0, "patience_median": 1e9, "patience_sigma": 0.0}
NO_PRIORITY = {"priority_share": 0.0}
ALIKE = {"speed_sigma": 0.0, "day_sigma": 0.0, "absences": 0.0}


def scenario(of: Scenario = DEFAULT, /, **changes: object) -> Scenario:
    """With some keys changed; of a table only those that are named."""
    tables = of.model_dump(exclude_defaults=True)
    for key, value in changes.items():
        tables[key] = {**tables[key], **value} if isinstance(value, dict) else value
    return Scenario.model_validate(tables)


def without_chance(**changes: object) -> Scenario:
    """Nobody leaves or goes ahead, and every service takes exactly its mean."""
    exact = [{**each.model_dump(exclude_defaults=True), "spread": 0.0} for each in DEFAULT.services]
    return scenario(
        services=exact, customers={**NOBODY_LEAVES, **NO_PRIORITY}, tellers=ALIKE, **changes
    )


def pooled(count: int) -> list[dict[str, object]]:
    """Counters that can do everything, without a break."""
    return [{"name": str(number), "skills": DEFAULT.groups} for number in range(1, count + 1)]


def walk_in(at: float, service: str, minutes: float, *, is_priority: bool = False) -> WalkIn:
    """Somebody who waits for as long as it takes."""
    return WalkIn(at, service, is_priority, minutes, 1e9, False, False, 1.0, False, 1.0)


def day(
    of: Scenario, walk_ins: Sequence[WalkIn], absences: Iterable[tuple[float, float]] = ()
) -> Day:
    """A day on which these come, with usual tellers."""
    tellers = {each.name: Teller(1.0, tuple(absences)) for each in of.counters}
    return Day(0, 0, False, tuple(walk_ins), tellers)
