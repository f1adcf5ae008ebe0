"""A day's close: what differs between a terminal and its branch is found, and nothing else is."""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync_world import (
    FORMS,
    LosesAnswers,
    TerminalHere,
    World,
    add_raw_event,
    at_counter,
    branch_of,
    change,
    reopened,
    world_on,
)

from kiosk.errors import KioskError
from kiosk.models import Event
from kiosk.models.payloads import TicketCalled, TicketNoShow
from kiosk.models.tables import table_of
from kiosk.services.branch import enrol
from kiosk.services.retention import keep_months
from kiosk.services.sync import verify as verify_module
from kiosk.services.sync.granting import open_renewal
from kiosk.services.sync.push import introduce
from kiosk.services.sync.renew import renewal
from kiosk.services.sync.verify import Difference, Fault, KindCount, Verification, verify
from kiosk.services.sync.wire import DayPart, EventThere

DAY = date(2026, 11, 23)
COLUMNS = table_of(Event).columns


world = world_on(*FORMS)


def verified(terminal: TerminalHere, day: date = DAY) -> Verification:
    return verify(
        terminal.store,
        terminal.journal.origin,
        lambda: terminal.connect(terminal.branch_url),
        terminal.clock,
        day,
    )


def differences(terminal: TerminalHere, day: date = DAY) -> list[tuple[Fault, int, int]]:
    return [(each.fault, each.first, each.last) for each in verified(terminal, day).differences]


def allow_changes(world: World) -> None:
    """What somebody does who wants to change an event in the branch database."""
    on = "" if world.branch.is_sqlite else " ON event"
    world.change(f"DROP TRIGGER event_is_never_changed{on}")


def copy_event(world: World, number: int, /, **changed: str) -> None:
    """Add a row that is like another, but for what is given as SQL."""
    selected = [changed.get(column.name, column.name) for column in COLUMNS]
    world.change(
        f"INSERT INTO event ({', '.join(COLUMNS.keys())})"  # noqa: S608 (a test's own words)
        f" SELECT {', '.join(selected)} FROM event WHERE seq = ?",
        number,
    )


# --- what is the same -----------------------------------------------------------------------------


def test_a_day_that_was_brought_is_there_as_it_is_here(world: World) -> None:
    terminal = world.terminal()
    other = world.terminal("T2", 2)
    terminal.visit("A1001")
    terminal.visit()
    other.visit()
    terminal.sync()
    other.sync()
    assert verified(terminal) == Verification(
        DAY,
        1,
        (
            KindCount("diversion", 4, 4, 0, 0),
            KindCount("ticket", 1, 1, 0, 0),
            KindCount("visit", 4, 4, 0, 0),
        ),
        (),
        0,
    )


def test_a_day_without_events(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    assert verified(terminal, date(2026, 11, 24)) == Verification(date(2026, 11, 24), 1, (), (), 0)


def test_the_day_is_the_branch_s_own(world: World) -> None:
    terminal = world.terminal()
    terminal.clock.advance(hours=15)  # half past midnight in Shanghai
    terminal.visit()
    terminal.sync()
    assert verified(terminal).kinds == ()
    assert sum(each.there for each in verified(terminal, date(2026, 11, 24)).kinds) == 4


def test_what_waits_is_no_difference(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    terminal.visit("A1001")
    found = verified(terminal)
    assert (found.waiting, found.differences) == (5, ())
    assert found.kinds[1] == KindCount("ticket", 1, 0, 0, 1)


def test_what_counters_did_with_a_ticket_is_no_difference(world: World) -> None:
    terminal = world.terminal()
    terminal.visit("A1001")
    terminal.sync()
    before = verified(terminal)
    at_counter(world, "A1001", TicketCalled(), TicketNoShow())
    assert verified(terminal) == before
    assert not before.differences


def test_what_was_brought_without_a_receipt_is_no_difference(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, []))
    found = verified(terminal)
    assert (found.waiting, found.differences) == (0, ())


def test_what_stands_in_quarantine_is_no_difference(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    add_raw_event(terminal.path, kind="weather")
    terminal.sync()
    terminal.visit()
    terminal.sync()
    found = verified(terminal)
    assert (found.quarantined, found.waiting, found.differences) == (1, 0, ())
    assert found.kinds[-1] == KindCount("weather", 1, 0, 1, 0)


def test_a_long_day_is_compared_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_module, "PART_SIZE", 3)
    terminal = world.terminal()
    for _ in range(3):
        terminal.visit()
    terminal.sync()
    assert not differences(terminal)
    copy_event(world, 12, seq="13", id=new_id_text(world))
    world.change("DELETE FROM event WHERE seq IN (3, 4, 9)")
    assert differences(terminal) == [
        (Fault.MISSING, 3, 4), (Fault.MISSING, 9, 9), (Fault.FOREIGN, 13, 13),
    ]  # fmt: skip


def new_id_text(world: World) -> str:
    text = "'01a208efc10074c09a6b9981016d5a13'"
    return text if world.branch.is_sqlite else f"{text}::uuid"


# --- what differs ---------------------------------------------------------------------------------


def test_a_service_that_was_changed(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    allow_changes(world)
    world.change("UPDATE event SET service = 'loan' WHERE seq = 2")
    assert verified(terminal).differences == (Difference(Fault.CHANGED, 1, 2, 2),)


def test_a_kind_that_was_changed_is_counted_as_what_it_says(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    allow_changes(world)
    world.change("UPDATE event SET kind = 'help' WHERE seq = 2")
    found = verified(terminal)
    assert found.differences == (Difference(Fault.CHANGED, 1, 2, 2),)
    assert found.kinds[:2] == (KindCount("diversion", 2, 1, 0, 0), KindCount("help", 0, 1, 0, 0))


def test_events_that_were_deleted(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    world.change("DELETE FROM event WHERE seq IN (2, 3)")
    assert differences(terminal) == [(Fault.MISSING, 2, 3)]


def test_an_event_that_was_added(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    copy_event(world, 4, seq="5", id=new_id_text(world))
    assert differences(terminal) == [(Fault.FOREIGN, 5, 5)]


def test_an_event_of_the_same_number_that_was_added(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    if world.branch.is_sqlite:
        return  # the table itself does not take it
    copy_event(world, 4, id=new_id_text(world))
    assert differences(terminal) == [(Fault.FOREIGN, 4, 4)]


def test_an_event_that_was_moved_to_another_day(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    allow_changes(world)
    world.change("UPDATE event SET business_date = '2026-11-20' WHERE seq = 3")
    assert differences(terminal) == [(Fault.MISSING, 3, 3)]
    assert differences(terminal, date(2026, 11, 20)) == [(Fault.FOREIGN, 3, 3)]


def test_an_event_that_was_given_to_another_terminal(world: World) -> None:
    terminal = world.terminal()
    other = world.terminal("T2", 2)
    terminal.visit()
    terminal.sync()
    allow_changes(world)
    world.change("UPDATE event SET terminal = 'T2' WHERE seq = 3")
    assert differences(terminal) == [(Fault.MISSING, 3, 3)]
    assert differences(other) == [(Fault.FOREIGN, 3, 3)]


def test_events_of_a_store_that_was_replaced_are_counted_apart(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    copy_event(world, 4, seq="9", epoch="7", id=new_id_text(world))
    found = verified(terminal)
    assert (found.of_other_stores, found.differences) == (1, ())


def test_the_day_on_which_a_store_was_replaced(world: World) -> None:
    """The new store has the old one's events as history, and the branch has them as they were."""
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    terminal.visit()
    terminal = renewed(world, terminal)
    terminal.visit()
    terminal.sync()
    found = verified(terminal)
    assert (found.epoch, found.differences, found.of_other_stores) == (2, (), 0)
    assert sum(each.here for each in found.kinds) == 12
    world.change("DELETE FROM event WHERE epoch = 1 AND seq = 3")
    allow_changes(world)
    world.change("UPDATE event SET reason = 'x' WHERE epoch = 2 AND seq = 1")
    assert verified(terminal).differences == (
        Difference(Fault.MISSING, 1, 3, 3),
        Difference(Fault.CHANGED, 2, 1, 1),
    )


def test_history_that_a_clone_brought_under_other_numbers(world: World, tmp_path: Path) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    terminal.visit()  # both have these
    clone = terminal.copy(tmp_path / "clone")
    clone = renewed(world, clone)
    clone.sync()
    found = verified(renewed(world, terminal))
    assert (found.epoch, found.differences, found.of_other_stores) == (3, (), 4)


def renewed(world: World, terminal: TerminalHere) -> TerminalHere:
    terminal.store.close()
    code = open_renewal(world.branch, "0001", "T1")
    with renewal(terminal.config, world.clock) as found:
        assert found.carry_out(code, lambda: terminal.connect(terminal.branch_url)) is not None
    return reopened(terminal)


def test_a_store_whose_own_event_was_changed(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    change(terminal.path, "DROP TRIGGER event_is_never_changed")
    change(terminal.path, "UPDATE event SET service = 'loan' WHERE seq = 2")
    assert differences(terminal) == [(Fault.CHANGED, 2, 2)]


# --- what can't be compared -----------------------------------------------------------------------


def test_a_day_that_the_branch_no_longer_keeps(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    keep_months(world.branch, 1, date(2027, 2, 3))
    with pytest.raises(KioskError) as caught:
        verified(terminal)
    assert caught.value.code == "verify_day_dropped"
    assert caught.value.params["day"] == date(2027, 1, 1)


def test_a_terminal_that_the_branch_does_not_know(world: World) -> None:
    terminal = world.terminal(enrolled=False)
    terminal.branch_url = world.branch.url.render_as_string()
    with pytest.raises(KioskError, match="sync_not_enrolled"):
        verified(terminal)


# --- the digests ----------------------------------------------------------------------------------

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
) | st.sampled_from(
    ["'", '"', "\\", "\x7f", "\u2028", "\x1b[2J", "\r\n\t\b\f", "取号", "🙂", "null"]
)
MOMENTS = st.datetimes().map(lambda each: each.isoformat(" ", "microseconds"))
IDS = st.uuids().map(lambda each: each.hex)
INT32 = st.integers(-(1 << 31), (1 << 31) - 1)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
PAYLOADS = st.dictionaries(TEXTS, TEXTS | INT64 | st.none(), max_size=3).flatmap(
    lambda each: st.sampled_from(
        [json.dumps(each), json.dumps(each, ensure_ascii=False, indent=1), f" {json.dumps(each)}\n"]
    )
)
VALUES: dict[str, st.SearchStrategy[object]] = {
    "UUID": IDS, "DATETIME": MOMENTS, "BIGINT": INT64, "INTEGER": INT32, "VARCHAR": TEXTS,
    "BOOLEAN": st.booleans(), "JSON": PAYLOADS, "DATE": st.dates().map(date.isoformat),
}  # fmt: skip
FIXED = {"branch": "0001", "terminal": "T1", "epoch": 1, "business_date": DAY.isoformat()}


def _values(name: str) -> st.SearchStrategy[object]:
    column = COLUMNS[name]
    kind = "UUID" if str(column.type) == "CHAR(32)" else str(column.type)
    return VALUES[kind] | st.none() if column.nullable else VALUES[kind]


ROWS = st.fixed_dictionaries(
    {name: st.just(FIXED[name]) if name in FIXED else _values(name) for name in COLUMNS.keys()}  # noqa: SIM118
)
SINGLE_CHANGES = st.sampled_from(sorted(COLUMNS.keys() - FIXED.keys() - {"seq", "id"})).flatmap(
    lambda name: st.tuples(st.just(name), _values(name))
)


def stored(world: World, name: str, value: object) -> object:
    """A value as the branch's driver takes it."""
    if not world.branch.is_sqlite and value is not None and str(COLUMNS[name].type) == "DATETIME":
        return f"{value}+00:00"
    return value


def add_row(world: World, terminal: TerminalHere, row: Mapping[str, object]) -> None:
    insert = f"INSERT INTO event ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"  # noqa: S608
    change(terminal.path, insert, *row.values())
    world.change(insert, *(stored(world, name, value) for name, value in row.items()))


def listed(terminal: TerminalHere) -> Collection[EventThere]:
    side = terminal.connect(terminal.branch_url)
    try:
        caller = introduce(terminal.store, terminal.journal.origin, terminal.clock)
        day = side.list_day(caller, DayPart(DAY, 1)).day
    finally:
        side.close()
    assert day is not None
    return day.events


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_have_the_same_digests_and_others_do_not(
    form: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """On the terminal and on every kind of branch database, whatever stands in the columns."""
    world = World(tmp_path, branch_of(form, request)(tmp_path))
    terminal = world.terminal()
    allow_changes(world)

    @settings(max_examples=20)
    @given(row=ROWS, changed=SINGLE_CHANGES)
    def check(row: dict[str, object], changed: tuple[str, object]) -> None:
        world.change("DELETE FROM event")
        change(terminal.path, "DELETE FROM event")
        add_row(world, terminal, row)
        found = verified(terminal)
        assert not found.differences
        assert [each.here for each in found.kinds] == [each.there for each in found.kinds] == [1]
        name, value = changed
        before = listed(terminal)
        world.change(f"UPDATE event SET {name} = ?", stored(world, name, value))  # noqa: S608
        assert (listed(terminal) == before) is (row[name] == value)

    check()
    world.branch.close()


def test_times_that_only_postgresql_has(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    world = World(tmp_path, branch_of("postgresql", request)(tmp_path))
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    allow_changes(world)
    for column in ("occurred_at", "arrived_at"):
        before = world.rows(f"SELECT {column} FROM event WHERE seq = 2")  # noqa: S608
        for value in ("infinity", "-infinity", "0044-03-15 BC"):
            world.change(f"UPDATE event SET {column} = ? WHERE seq = 2", value)  # noqa: S608
            assert differences(terminal) == [(Fault.CHANGED, 2, 2)]
        world.change(f"UPDATE event SET {column} = ? WHERE seq = 2", before[0][0])  # noqa: S608
        assert not differences(terminal)
    world.branch.close()


def test_another_terminal_s_events_are_not_told(world: World) -> None:
    terminal = world.terminal()
    other = world.terminal("T2", 2)
    enrol(world.branch, "0001", "T3", 3)
    other.visit()
    other.sync()
    assert listed(terminal) == ()
    world.clock.time = datetime(2026, 11, 24, tzinfo=UTC)
    assert listed(other) != ()
