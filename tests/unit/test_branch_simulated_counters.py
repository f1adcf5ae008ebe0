"""How many counters when: the roster keeps what it promises, and says what can't be."""

import json
from pathlib import Path

import pytest
from branch_simulated import pooled, scenario
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.services.simulation.roster import Need, Shift, at_work, is_covered, whole_days
from kiosk.services.simulation.scenario_file import written
from kiosk.services.simulation.staffing import Staffing, counters_for

DAYS, SEED = 8, 3
QUIET = scenario(walk_ins=200.0, counters=pooled(5))
NOON = range(11 * 60, 14 * 60 + 1)


@pytest.fixture(scope="module")
def found() -> Staffing:
    return counters_for(QUIET, 20.0, DAYS, SEED)


def test_a_roster_keeps_waits_short_with_less_work(found: Staffing) -> None:
    assert not found.unreachable
    late = tuple(each.start for each in found.half_hours if each.p90 > found.target)
    assert late == found.missed
    assert len(late) <= 2
    assert 0 < found.minutes < 0.8 * found.minutes_now
    assert [each.open for each in found.half_hours] == [
        at_work(found.shifts, each.start) for each in found.half_hours
    ]


def test_a_roster_has_whole_shifts_with_lunch_at_noon(found: Staffing) -> None:
    assert len({each.counter for each in found.shifts}) == len(found.shifts)
    for shift in found.shifts:
        assert QUIET.opens <= shift.opens < shift.closes <= QUIET.closes
        assert shift.closes - shift.opens >= 120
        assert (shift.lunch is None) == (shift.closes - shift.opens <= 300)
        if shift.lunch is not None:
            assert shift.lunch.start in NOON
            assert shift.lunch.start + shift.lunch.minutes in NOON
    # a branch as any other, which can be compared
    again = type(found.scenario).model_validate(found.scenario.model_dump())
    assert again.counters == found.scenario.counters


def test_everything_can_be_served_all_day() -> None:
    # only two of three can do everything
    few = {"name": "3", "skills": ["quick", "transfer"]}
    of = scenario(walk_ins=60.0, counters=[*pooled(2), few])
    for each in counters_for(of, 30.0, 5, SEED).half_hours:
        assert each.open >= 1


def test_a_target_that_can_not_be_reached_is_told_and_more_counters_reach_it() -> None:
    of = scenario(walk_ins=200.0, counters=pooled(2))
    short = counters_for(of, 5.0, DAYS, SEED)
    assert short.unreachable
    assert all(each.p90 > 5 for each in short.half_hours if each.start in short.unreachable)
    assert len(short.shifts) == 2
    enough = counters_for(of, 5.0, DAYS, SEED, most=6)
    assert not enough.unreachable
    assert len(enough.shifts) > 2
    assert enough.most == 6


def test_half_of_the_tellers_are_there_even_where_nothing_is_enough() -> None:
    """Where it is too long anyhow, a lunch would cost nothing, and all would have it then."""
    of = scenario(walk_ins=430.0, counters=pooled(4))
    found = counters_for(of, 20.0, 3, SEED)
    assert 0 < len(found.unreachable) < len(found.half_hours)
    assert all(each.open >= 2 for each in found.half_hours)


def test_whatever_a_listener_raises_ends_the_search() -> None:
    told: list[int] = []

    def listen(done: int, of: int) -> None:
        assert done <= of
        told.append(done)
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counters_for(QUIET, 20.0, DAYS, SEED, listen)
    assert told == [*range(1, 8)]


@given(st.integers(2, 9), st.sampled_from([30.0, 45.0, 60.0]))
def test_lunches_are_one_after_the_other_as_far_as_they_can(count: int, lunch: float) -> None:
    names = tuple((str(number), ("all",)) for number in range(count))
    need = Need(540.0, (count,) * 16, names, ("all",), lunch)
    shifts = whole_days(need, count)
    slots = -(-lunch // 30)
    away = [count - at_work(shifts, 540.0 + 30 * slot) for slot in range(16)]
    assert sum(away) == count * slots
    assert max(away) == -(-count // (6 // slots))


def test_somebody_for_each_group_is_needed() -> None:
    need = Need(540.0, (1, 1), (("1", ("a",)), ("2", ("b",))), ("a", "b"), 60.0)
    one, two = (Shift(name, 540.0, 600.0, None) for name in "12")
    assert not is_covered([one], need)
    assert is_covered([one, two], need)


def test_the_command_shows_table_roster_and_plot(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(written(scenario(walk_ins=90.0, counters=pooled(2))), encoding="utf-8")
    arguments = ["simulate", "counters", str(file), "--target-p90", "40", "--days", "5"]
    arguments += ["--most", "3"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    for words in ("By half hour", "Roster", "P90 now", "hours of work", "█", "│"):
        assert words in done.stdout, done.stdout
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert told["target"] == 40
    assert f"hours of work at {len(told['shifts'])} counters" in done.stdout
