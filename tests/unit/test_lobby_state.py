"""Calls for help and outages, as a terminal knows them: its own word, the branch's, both joined."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest
from demo_history import arrive
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sync_world import FORMS, TerminalHere, World, branch_of, rows

from kiosk.config import Machines
from kiosk.errors import KioskError
from kiosk.models import Event, HelpCall
from kiosk.models.tables import table_of
from kiosk.services.audit import AuditLog
from kiosk.services.branch import check
from kiosk.services.journal import new_id
from kiosk.services.lobby_state import (
    OutageNow,
    channels_down,
    join_outages,
    read_calls,
    working,
)
from kiosk.services.lobby_watch import BranchToAsk, LobbyWatch, MachinesNow
from kiosk.services.queue_snapshot import read_lobby
from kiosk.services.staff.help_calls import HelpCalls
from kiosk.services.staff.outages import Outages
from kiosk.services.visits import EndReason, Visits

ATMS = (Machines("atm", 2),)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LATER, SOONER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


@pytest.fixture(params=FORMS[:2])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, branch_of(request.param, request)(tmp_path), is_now=True)
    yield made
    made.branch.close()


def watch(terminal: TerminalHere) -> LobbyWatch:
    return LobbyWatch(terminal.journal, ATMS)


def outages_at(terminal: TerminalHere) -> Outages:
    code = terminal.config.terminal.code
    audit = AuditLog(terminal.store, terminal.config, terminal.clock, code)
    return Outages(terminal.journal, watch(terminal), audit)


def test_a_call_goes_round_the_branch_and_the_customer_is_told_who_comes(world: World) -> None:
    lobby, laptop = world.terminal("T1", 1), world.terminal("T2", 2)
    call, visit = new_id(), new_id()
    Visits(lobby.journal).start(visit, "zh_CN")
    Visits(lobby.journal).ask_help(call, visit, "HomeScreen", "transfer")
    at_lobby = HelpCalls(lobby.journal, watch(lobby))
    at_laptop = HelpCalls(laptop.journal, watch(laptop))
    assert [each.id for each in at_lobby.open_calls()] == [call]
    lobby.sync()
    laptop.sync()
    [heard] = at_laptop.open_calls()
    assert (heard.id, heard.terminal, heard.service, heard.taken_by) == (
        call,
        "T1",
        "transfer",
        None,
    )
    at_laptop.take(call, "2001")
    assert [each.taken_by for each in at_laptop.open_calls()] == ["2001"]
    laptop.sync()
    lobby.sync()
    told = watch(lobby).call(call)
    assert told is not None
    assert told.taken_by == "2001"
    at_laptop.done(call, "2001")
    assert at_laptop.open_calls() == ()
    laptop.sync()
    lobby.sync()
    assert at_lobby.open_calls() == ()
    # the branch's own view is what it sent
    with lobby.store.read() as connection:
        heard_last = watch(lobby)._queue.newest(connection)
    assert heard_last is not None
    position = (heard_last.epoch, heard_last.acked_seq)
    with world.branch.read() as connection:
        zone = world.config.zone
        assert read_lobby(connection, "0001", zone, heard_last.read_at, position) == heard_last


def test_who_may_read_the_branch_sees_a_call_without_a_synchronisation(world: World) -> None:
    lobby, laptop = world.terminal("T1", 1), world.terminal("T2", 2)
    call = new_id()
    Visits(lobby.journal).ask_help(call, new_id(), "HomeScreen", None)
    lobby.sync()
    there = LobbyWatch(laptop.journal, (), BranchToAsk(world.branch, world.clock))
    assert [each.id for each in there.open_calls()] == [call]


@pytest.mark.parametrize("reason", EndReason)
def test_a_call_is_over_when_the_customer_has_gone(world: World, reason: EndReason) -> None:
    lobby, laptop = world.terminal("T1", 1), world.terminal("T2", 2)
    call, visit, visits = new_id(), new_id(), Visits(lobby.journal)
    visits.start(visit, "zh_CN")
    visits.ask_help(call, visit, "HomeScreen", None)
    lobby.sync()
    laptop.sync()
    assert [each.id for each in watch(laptop).open_calls()] == [call]
    world.clock.advance(minutes=11)
    visits.end(visit, "zh_CN", reason)
    if reason is EndReason.STAFF:  # who stands beside the customer says so
        lobby.sync()
        laptop.sync()
        assert [each.id for each in watch(laptop).open_calls()] == [call]
        HelpCalls(lobby.journal, watch(lobby)).done(call, "2001")
    assert watch(lobby).open_calls() == ()
    ended = watch(lobby).call(call)
    assert ended is not None
    assert ended.done_at == lobby.journal.now()
    lobby.sync()
    laptop.sync()
    assert watch(laptop).open_calls() == ()
    # somebody who came all the same says so: it stays over since the customer left
    HelpCalls(laptop.journal, watch(laptop)).done(call, "2001")
    assert watch(laptop).open_calls() == ()


def test_in_whatever_order_the_branch_hears_of_it_who_has_gone_calls_no_more(world: World) -> None:
    lobby = world.terminal("T1", 1)
    visits, gone, nobody = Visits(lobby.journal), new_id(), new_id()
    calls = {visit: new_id() for visit in (gone, nobody)}
    visits.start(gone, "zh_CN")
    for visit, call in calls.items():  # of one visit nothing but the call is ever heard
        visits.ask_help(call, visit, "HomeScreen", None)
    visits.end(gone, "zh_CN", EndReason.IDLE)
    lobby.sync()
    with world.branch.read() as connection:
        events = [dict(row) for row in connection.execute(select(table_of(Event))).mappings()]
    today = lobby.journal.business_date()
    for order in permutations(events):
        arrive(world, order)
        with world.branch.read() as connection:
            found = read_calls(connection, "0001", today)
        assert [each.id for each in found if each.is_open] == [calls[nobody]]
    assert not check(world.branch).differences
    # the row itself says what was said of the call, and by nobody that it was answered
    with world.branch.read() as connection:
        done = connection.execute(select(table_of(HelpCall).c.done_at)).scalars().all()
    assert done == [None, None]


def test_an_outage_holds_at_once_here_and_elsewhere_with_the_next_synchronisation(
    world: World,
) -> None:
    lobby, laptop = world.terminal("T1", 1), world.terminal("T2", 2)
    outages = outages_at(laptop)
    outage = outages.begin("atm", 2, None, "2001")
    assert outages.begin("atm", 2, None, "2001") == outage
    assert outage.until == laptop.journal.end_of_day(laptop.journal.now())
    one_works = (("atm", MachinesNow(working=(1,), down=(2,))),)
    assert watch(laptop).offered().machines == one_works
    assert watch(lobby).offered().machines == ()
    laptop.sync()
    lobby.sync()
    assert watch(lobby).offered().machines == one_works
    assert watch(lobby).offered().channels_down == frozenset()
    told = "SELECT action, staff, subject, result FROM audit_entry"
    assert rows(laptop.path, told) == [("outage_changed", "2001", "atm 2", "began")]
    # lifted where it was not begun: at once there, and everywhere after
    [heard] = watch(lobby).outages()
    outages_at(lobby).end(heard, "2002")
    assert watch(lobby).outages() == ()
    assert watch(laptop).outages() == (outage,)
    lobby.sync()
    laptop.sync()
    assert watch(laptop).outages() == ()


def test_an_outage_ends_with_its_time(world: World) -> None:
    terminal = world.terminal()
    outages = outages_at(terminal)
    now = terminal.journal.now()
    with pytest.raises(KioskError, match="outage_is_over"):
        outages.begin("atm", None, now, "2001")
    outages.begin("net", None, now + timedelta(minutes=30), "2001")
    assert watch(terminal).offered().channels_down == {"net"}
    world.clock.advance(minutes=31)
    assert watch(terminal).offered().channels_down == frozenset()


# --- what holds when several know a part ----------------------------------------------------------


def outage(machine: int | None, **told: datetime | None) -> OutageNow:
    times = {"began_at": SOONER, "until": LATER, "ended_at": None} | told
    return OutageNow(id=UUID(int=1), channel="atm", machine=machine, began_by="s", **times)


def test_an_end_that_anybody_knows_of_is_an_end_in_whatever_order() -> None:
    known = [outage(2), outage(2, ended_at=NOW), outage(None, began_at=None, ended_at=NOW)]
    for order in permutations(known):
        [joined] = join_outages(order)
        assert (joined.machine, joined.ended_at) == (2, NOW)
    assert join_outages([known[2]]) == ()


@given(
    count=st.integers(1, 4),
    down=st.lists(st.integers(1, 5), max_size=5),
    whole=st.booleans(),
)
def test_a_channel_is_down_only_when_nothing_of_it_works(
    count: int, down: list[int], whole: bool
) -> None:
    machines = Machines("atm", count)
    outages = [outage(n) for n in down] + ([outage(None)] if whole else [])
    works = [n for n in range(1, count + 1) if n not in down and not whole]
    assert list(working(machines, outages, NOW)) == works
    assert channels_down(outages, [machines], NOW) == (set() if works else {"atm"})
    # nobody has said how many machines there are: one of them is not all
    assert channels_down(outages, [], NOW) == ({"atm"} if whole else set())
    assert channels_down(outages, [machines], LATER) == set()
