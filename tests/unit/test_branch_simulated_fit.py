"""Scenarios fitted to days whose truth is known: each value comes back within its interval."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from branch_history import History, as_observed, lived
from branch_simulated import DEFAULT, scenario
from support import default_catalog
from sync_world import World

from kiosk.config import Config, Queue
from kiosk.errors import KioskError
from kiosk.services.counters import enrol_counter
from kiosk.services.demos_report import Days
from kiosk.services.simulation.findings import Estimate, Reason
from kiosk.services.simulation.fitting import Fitted, fit, fit_days
from kiosk.services.simulation.observed import CounterDay, ObservedDay, observed_days
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.simulation.scenario_file import scenario_in, written

MONDAY = date(2025, 12, 1)
CONFIG = Config()
PEAK_DAYS = (3, 11, 19, 23, 29)
"""Of the month: on each weekday once."""
EXACT = 1e-3
"""Of a value that has no chance in it."""


def known(**changes: object) -> Scenario:
    """As its events can tell it: who goes ahead is offered nothing."""
    customers = {"priority_acceptance": 0.0, **changes.pop("customers", {})}  # type: ignore[dict-item]
    plain = DEFAULT.model_copy(update={"peak_days": None, "assumptions": (), "variants": ()})
    return scenario(plain, customers=customers, **changes)


def days_of(of: Scenario, count: int, seed: int = 1, *peak_days: int) -> list[ObservedDay]:
    return [as_observed(each, of) for each in lived(of, MONDAY, count, seed, peak_days)]


def fitted(days: list[ObservedDay], config: Config = CONFIG) -> Fitted:
    return fit_days(days, config, default_catalog(), {})


def truth(of: Scenario) -> dict[str, float]:
    """By name, as estimates have them."""
    values: dict[str, float] = {}
    arrivals, weights = of.arrivals, sum(of.arrivals.half_hours)
    mean = sum(arrivals.weekdays) / len(arrivals.weekdays)
    values["walk_ins"] = of.walk_ins * mean
    for number, each in enumerate(arrivals.half_hours, 1):
        values[f"arrivals.half_hours.{number}"] = each / weights
    for number, each in enumerate(arrivals.weekdays, 1):
        values[f"arrivals.weekdays.{number}"] = each / mean
    tables = {"arrivals": arrivals, "customers": of.customers, "tellers": of.tellers}
    tables |= {f"services.{each.code}": each for each in of.services}
    for name, table in tables.items():
        values |= {f"{name}.{key}": each for key, each in dict(table).items() if each is not None}
    for counter in of.counters:
        for number, planned in enumerate(counter.breaks, 1):
            key = f"counters.{counter.name}.breaks.{number}"
            values |= {f"{key}.start": planned.start, f"{key}.minutes": planned.minutes}
    return values


def holds(estimate: Estimate, value: float) -> bool:
    slack = EXACT * abs(value)
    return estimate.low - slack <= value <= estimate.high + slack


def test_what_is_known_comes_back_within_its_intervals() -> None:
    of = known(walk_ins=560.0)
    values = truth(of)
    found = [each for seed in (1, 2) for each in fitted(days_of(of, 25, seed)).estimates]
    inside = sum(holds(each, values[each.name]) for each in found)
    assert len(found) > 180
    assert inside >= 0.9 * len(found)
    # and the intervals say something: half of them are within a tenth of the value
    narrow = sum(each.high - each.low < 0.2 * each.value for each in found)
    assert narrow >= 0.5 * len(found)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"customers": {"no_show_at_once": 0.12}}, "customers.no_show_at_once"),
        ({"customers": {"patience_median": 40.0}}, "customers.patience_median"),
        ({"customers": {"come_back": 0.3}}, "customers.come_back"),
        ({"customers": {"priority_share": 0.4}}, "customers.priority_share"),
        ({"tellers": {"absences": 3.0}}, "tellers.absences"),
        ({"tellers": {"speed_sigma": 0.3}}, "tellers.speed_sigma"),
        ({"arrivals": {"half_hour_spread": 0.5}}, "arrivals.half_hour_spread"),
    ],
)
def test_another_truth_is_found_and_the_usual_one_is_not(
    changes: dict[str, object], name: str
) -> None:
    of = known(walk_ins=400.0, **changes)
    [found] = [each for each in fitted(days_of(of, 15)).estimates if each.name == name]
    assert holds(found, truth(of)[name])
    assert not holds(found, truth(known())[name])


def test_peak_days_are_found_apart() -> None:
    plain = known(walk_ins=300.0)
    assert DEFAULT.peak_days is not None
    of = plain.model_copy(update={"peak_days": DEFAULT.peak_days.model_copy(update={"every": 7})})
    config = replace(CONFIG, queue=Queue(peak_days=PEAK_DAYS))
    found = fitted(days_of(of, 40, 1, *PEAK_DAYS), config)
    peak = found.scenario.peak_days
    assert peak is not None
    estimates = {each.name: each for each in found.estimates}
    assert holds(estimates["peak_days.walk_ins"], 1.35)
    assert holds(estimates["peak_days.priority"], 2.2)
    assert holds(estimates["walk_ins"], truth(plain)["walk_ins"])
    # more for cash than for cards
    assert peak.services["withdrawal"] > 1.5 * peak.services["card"]
    assert peak.half_hours[0] > 1.3 * peak.half_hours[-1]
    assert "peak_days.every" in found.configured


# --- from events --------------------------------------------------------------------------------


def test_events_say_what_happened(kept_world: World) -> None:
    of = known(walk_ins=60.0)
    days = [*lived(of, MONDAY, 10, 5)]
    branch = kept_world.branch
    enrol_counter(branch, "0001", 1, queues="AB")
    History(branch, "0001", CONFIG.zone, of).write(days)
    expected = [as_observed(each, of) for each in days]
    with branch.read() as connection:
        read = [*observed_days(connection, "0001", CONFIG.zone, [each.on for each in expected])]
    for was, is_read in zip(expected, read, strict=True):
        assert len(is_read.came) == len(was.came)
        for one, other in zip(was.came, is_read.came, strict=True):
            assert other._replace(at=0.0, ticket=None) == one._replace(at=0.0, ticket=None)
            assert other.at == pytest.approx(one.at, abs=1e-6)
            assert (one.ticket is None) == (other.ticket is None)
            if one.ticket is not None and other.ticket is not None:
                assert other.ticket[:3] == one.ticket[:3]
                assert other.ticket[3:] == pytest.approx(one.ticket[3:], abs=1e-6)
        assert is_read.counters.keys() == was.counters.keys()
        for name, counter in was.counters.items():
            assert is_read.counters[name][:2] == pytest.approx(counter[:2], abs=1e-6)
            assert len(is_read.counters[name].away) == len(counter.away)
    done: list[tuple[int, int]] = []
    through = Days(MONDAY, expected[-1].on)
    found = fit(branch, CONFIG, default_catalog(), through, lambda *told: done.append(told))
    assert done[-1] == (12, 12)  # with the weekend between
    assert found.days == 10
    values = truth(of)
    assert sum(holds(each, values[each.name]) for each in found.estimates) >= 0.9 * len(
        found.estimates
    )
    # what its letters say; the others call everybody
    assert found.scenario.counters[0].skills != found.scenario.counters[1].skills
    assert scenario_in(written(found.scenario), "fitted") == found.scenario


# --- what can't be known ------------------------------------------------------------------------


def test_too_few_days_are_refused() -> None:
    days = days_of(known(walk_ins=60.0), 4)
    with pytest.raises(KioskError) as refused:
        fitted([*days, ObservedDay(MONDAY + timedelta(days=4), (), {})])
    assert refused.value.code == "fit_too_few_days"


def test_what_is_not_in_the_events_is_named_with_its_reason() -> None:
    quiet = known(walk_ins=60.0, customers={"no_show_at_once": 0.0})
    days = [replace(each, counters={}) for each in days_of(quiet, 10)]
    found = fitted(days)
    reasons = {each.name: each.reason for each in found.assumed}
    assert reasons["customers.priority_acceptance"] is Reason.OFFERED_NOTHING
    assert reasons["customers.patience_median"] is Reason.WAITS_TOO_SHORT
    assert reasons["counters.opens"] is Reason.NO_COUNTERS
    assert reasons["services.complex.minutes"] is Reason.TOO_FEW
    assert reasons["services.card.channel_minutes"] is Reason.NOT_IN_EVENTS
    assert set(found.scenario.assumptions) == reasons.keys()
    assert len(found.scenario.counters) == CONFIG.branch.counters
    assert found.scenario.customers.priority_acceptance == 0
    assert found.scenario.customers.patience_median == DEFAULT.customers.patience_median
    # nobody failed to come: not surely none
    [gone] = [each for each in found.estimates if each.name == "customers.no_show_at_once"]
    assert gone.low == gone.value == 0 < gone.high


def test_a_counter_that_nobody_relieves_is_taken_to_stay() -> None:
    of = known(walk_ins=100.0)
    days = days_of(of, 10)
    early = CounterDay(540.0, 900.0, ())
    days = [replace(each, counters=dict.fromkeys(each.counters, early)) for each in days]
    found = fitted(days)
    staying = [each for each in found.scenario.counters if each.closes is None]
    assert len(staying) == 1
    assert [each for each in found.assumed if each.reason is Reason.NOBODY_STAYS]
    assert {each.closes for each in found.scenario.counters} == {None, 900.0}


def test_a_day_on_which_the_branch_is_usually_closed_is_in_no_figure() -> None:
    of = known(walk_ins=100.0)
    days = days_of(of, 15)
    closed = [ObservedDay(MONDAY + timedelta(days=5 + 7 * week), (), {}) for week in range(3)]
    closed[1] = replace(days[0], on=closed[1].on)
    found = fitted(sorted([*days, *closed], key=lambda each: each.on))
    assert (found.days, found.left_out_days) == (15, 1)
    assert len(found.scenario.arrivals.weekdays) == 5
