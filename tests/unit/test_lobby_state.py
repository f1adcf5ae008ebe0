"""Calls for help and outages, as a terminal knows them: its own word, the branch's, both joined."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync_world import FORMS, TerminalHere, World, branch_of, rows

from kiosk.config import Machines
from kiosk.errors import KioskError
from kiosk.services.audit import AuditLog
from kiosk.services.journal import new_id
from kiosk.services.lobby_state import OutageNow, channels_down, join_outages, working
from kiosk.services.lobby_watch import BranchToAsk, LobbyWatch, MachinesNow
from kiosk.services.queue_snapshot import read_lobby
from kiosk.services.staff.help_calls import HelpCalls
from kiosk.services.staff.outages import Outages
from kiosk.services.visits import Visits

ATMS = (Machines("atm", 2),)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
LATER, SOONER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


@pytest.fixture(params=FORMS[:2])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, branch_of(request.param, request)(tmp_path), time_zone="Etc/UTC")
    made.clock.time = datetime.now(UTC)  # a server knows its own time
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
