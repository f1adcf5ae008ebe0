"""What comes out of a comparison, and how sure it is."""

from dataclasses import asdict
from statistics import mean

import pytest
from branch_simulated import DEFAULT, scenario

from kiosk.errors import KioskError
from kiosk.services.simulation.comparison import Comparison, compare
from kiosk.services.simulation.days import day_of
from kiosk.services.simulation.engine import DayResult, Ticket, live_through
from kiosk.services.simulation.measures import Interval, Measures, Tally, Waits, quantile, student

STUDENT = {1: 12.7062, 2: 4.3027, 3: 3.1824, 4: 2.7764, 10: 2.2281, 30: 2.0423, 249: 1.9695}
"""As tables have it."""


@pytest.mark.parametrize("degrees", STUDENT)
def test_student_is_as_in_tables(degrees: int) -> None:
    assert student(degrees) == pytest.approx(STUDENT[degrees], abs=1e-4)


def test_an_interval_is_of_days() -> None:
    assert Interval.of([4.0]) == Interval(4.0, None)
    five = Interval.of([1.0, 2.0, 3.0, 4.0, 5.0])
    assert five.mean == 3
    assert five.margin == pytest.approx(2.7764 * 2.5**0.5 / 5**0.5, abs=1e-4)


def test_waits_are_counted_as_they_are() -> None:
    minutes = [float(each) for each in range(100)]
    assert Waits.of(minutes) == Waits(100, 49.5, 50.0, 90.0, 95.0, 0.79, 0.69)
    assert Waits.of([20.0]).over_20 == 0
    assert Waits.of([]).count == 0
    assert quantile([], 0.5) == 0


def ticket(service: str, issued: float, waited: float, minutes: float, **rest: bool) -> Ticket:
    called = issued + waited
    return Ticket(
        service,
        False,
        issued,
        called,
        called + minutes,
        "1",
        rest.get("is_no_show", False),
        rest.get("came_back", False),
    )


def test_a_day_comes_out_as_it_was() -> None:
    tickets = (
        ticket("deposit", 540, 0, 4),
        ticket("card", 569.9, 25, 10, is_no_show=True),
        ticket("deposit", 570, 5, 4),
        # who came back from an e-channel drew a ticket after closing
        ticket("deposit", 1025, 2, 2, came_back=True),
    )
    tally = Tally(DEFAULT)
    tally.add(
        DayResult(tickets, 10, 6, 1, {"atm": (0.0, 3.0)}, {"1": 20.0, "2": 22.0}, 50.0, 1029.0)
    )
    found = tally.measures()
    assert found is not None
    assert (found.walk_ins, found.tickets, found.diverted, found.came_back) == (10, 4, 0.6, 1)
    assert found.waits.mean == 8
    assert (found.waits.over_20, found.waits.over_30, found.no_shows) == (0.25, 0, 0.25)
    starts = {each.start: each.waits.mean for each in found.half_hours if each.waits.count}
    assert starts == {540: 12.5, 570: 5, 990: 2}
    assert len(found.half_hours) == 16
    assert {name: each.count for name, each in found.groups.items() if each.count} == {
        "quick": 3,
        "card": 1,
    }
    assert (found.work, found.demand) == (42, 50)
    assert found.utilisation == pytest.approx(42 / (6 * 420))
    assert found.counters["2"] == pytest.approx(22 / 420)
    assert found.channels == {"atm": 3.0}
    assert found.ended_at == 1029


def test_no_days_have_no_measures() -> None:
    assert Tally(DEFAULT).measures() is None


# --- comparisons ------------------------------------------------------------------------------

VARIANTS = [
    {"name": "the same"},
    {"name": "56.3 %", "diversion": 0.563},
    {"name": "seven counters", "counters": 7},
    {"name": "a short lunch", "lunch_start": 750, "lunch_minutes": 45},
    {"name": "more people", "walk_ins": 1.1},
]
DAYS = 24


@pytest.fixture(scope="module")
def compared() -> Comparison:
    return compare(scenario(variants=VARIANTS), DAYS, seed=11)


def test_the_same_branch_has_just_the_same_days(compared: Comparison) -> None:
    base, same = compared.outcomes[:2]
    assert base.usual_change is None
    assert same.usual == base.usual
    assert same.peak == base.peak
    assert same.usual_change is not None
    for each in asdict(same.usual_change).values():
        assert each == {"mean": 0, "margin": 0}


def test_each_variant_does_what_it_must(compared: Comparison) -> None:
    """By far more than chance would, as the people are the same."""
    waits = {
        each.scenario.name: each.usual_change.mean_wait
        for each in compared.outcomes
        if each.usual_change is not None
    }
    for name in ("56.3 %", "seven counters", "a short lunch"):
        margin = waits[name].margin
        assert margin is not None
        assert waits[name].mean < -margin
    assert waits["more people"].mean > 0


def test_changes_are_between_the_same_days(compared: Comparison) -> None:
    base, _, diverting, *_ = compared.outcomes
    change = diverting.usual_change
    assert change is not None
    before, after = base.usual, diverting.usual
    assert change.mean_wait.mean == pytest.approx(after.day_mean.mean - before.day_mean.mean)
    assert change.tickets.mean == pytest.approx(after.tickets - before.tickets)
    assert change.work.mean == pytest.approx(after.work - before.work)
    assert after.walk_ins == before.walk_ins
    # both know how sure they are, but the difference of the same days is surer
    assert change.mean_wait.margin is not None
    assert before.day_mean.margin is not None
    assert change.mean_wait.margin < before.day_mean.margin


def test_fewer_tickets_are_not_as_much_less_work(compared: Comparison) -> None:
    base, _, diverting, *_ = (each.usual for each in compared.outcomes)
    fewer, less = 1 - diverting.tickets / base.tickets, 1 - diverting.demand / base.demand
    assert fewer == pytest.approx(0.25, abs=0.02)
    assert less == pytest.approx(0.17, abs=0.02)
    # those who would have left in silence now stay, and are served
    assert 1 - diverting.work / base.work < less


def test_peak_days_stand_apart(compared: Comparison) -> None:
    for each in compared.outcomes:
        assert each.peak is not None
        assert (each.usual.days, each.peak.days) == (22, 2)
        assert each.peak.walk_ins > 1.2 * each.usual.walk_ins


def test_parts_add_up(compared: Comparison) -> None:
    for each in compared.outcomes:
        for found in (each.usual, each.peak):
            assert found is not None
            assert whole(found) == pytest.approx(found.waits.mean)
            assert sum(one.waits.count for one in found.half_hours) == found.waits.count
            assert mean(found.counters.values()) == pytest.approx(found.utilisation, rel=0.02)


def whole(found: Measures) -> float:
    return sum(each.count * each.mean for each in found.groups.values()) / found.waits.count


def test_it_keeps_what_is_needed_to_make_it_again(compared: Comparison) -> None:
    again = compare(compared.scenario, 2, compared.seed)
    assert again == compare(compared.scenario, 2, seed=11)
    assert again != compare(compared.scenario, 2, seed=12)
    assert (compared.days, len(compared.outcomes)) == (DAYS, 6)


def test_its_days_are_those_of_the_seed() -> None:
    tally = Tally(DEFAULT)
    tally.add(live_through(DEFAULT, day_of(DEFAULT, 0, seed=4)))
    [outcome] = compare(scenario(variants=[]), 1, seed=4).outcomes
    assert outcome.usual == tally.measures()


def test_one_day_tells_nothing_of_chance() -> None:
    [outcome] = compare(scenario(variants=[]), 1, seed=1).outcomes
    assert outcome.usual.day_mean.margin is None
    assert outcome.peak is None
    assert outcome.peak_change is None


def test_it_tells_each_day_and_can_be_stopped() -> None:
    told: list[tuple[int, int]] = []

    def on_day(done: int, of: int) -> None:
        told.append((done, of))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare(scenario(variants=VARIANTS[:1]), 5, 1, on_day)
    assert told == [(1, 10), (2, 10), (3, 10)]


def test_a_variant_that_cannot_be_is_refused_before_the_first_day() -> None:
    def on_day(done: int, of: int) -> None:
        raise AssertionError

    impossible = scenario(variants=[{"name": "all", "diversion": 1.0}])
    with pytest.raises(KioskError, match="variant_diverts_too_much"):
        compare(impossible, 5, 1, on_day)
