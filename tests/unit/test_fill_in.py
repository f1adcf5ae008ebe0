"""What customers filled in: at the counter while the ticket goes on, and nowhere after it."""

import threading
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError
from support import default_catalog, default_rules
from sync_world import (
    FORMS,
    PostgresBranch,
    Recorder,
    TerminalHere,
    World,
    branch_of,
    change,
    rows,
)

from kiosk.errors import KioskError
from kiosk.models import TicketEntry
from kiosk.models.payloads import (
    TicketCalled,
    TicketExpired,
    TicketFinished,
    TicketHeld,
    TicketIssued,
    TicketNoShow,
    TicketStarted,
    TicketStep,
    WaitShown,
)
from kiosk.models.tables import table_of
from kiosk.projections import rebuild
from kiosk.services.branch import check
from kiosk.services.counters import enrol_counter
from kiosk.services.desk import close_day
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.entries import Entries, entered_for
from kiosk.services.journal import Fact, new_id
from kiosk.services.sync.push import introduce
from kiosk.services.sync.replay import replay
from kiosk.services.sync.wire import Answer, BranchSide, Caller, FilledIn
from kiosk.services.tickets import Tickets

AMOUNT = "98765400"
"""987,654 yuan: nothing else in a database's bytes looks like it."""
VALUES = {"amount": AMOUNT, "notes": "hundreds"}
SERVED = (TicketCalled(), TicketStarted(), TicketFinished(services=()))
ENTRIES = "SELECT field, value FROM ticket_entry ORDER BY field"


@pytest.fixture(params=FORMS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, branch_of(request.param, request)(tmp_path), is_now=True)
    enrol_counter(made.branch, "0001", 3)
    yield made
    made.branch.close()


def issue(terminal: TerminalHere, number: str = "A1001") -> UUID:
    ticket = new_id()
    terminal.journal.record(
        Fact(
            TicketIssued(wait=WaitShown(ahead=0, low=0, high=5)),
            visit=new_id(),
            ticket=ticket,
            ticket_number=number,
            queue="A",
            service="large_withdrawal",
            transferable=False,
            priority="normal",
            arrived_at=terminal.clock.now(),
        )
    )
    return ticket


def entries(terminal: TerminalHere) -> Entries:
    return Entries(terminal.journal, default_catalog())


def here(terminal: TerminalHere) -> dict[object, object]:
    return dict(rows(terminal.path, ENTRIES))  # type: ignore[arg-type]


def there(world: World) -> dict[object, object]:
    return dict(world.rows(ENTRIES))  # type: ignore[arg-type]


def desk(world: World, counter: int | None = 3) -> DeskJournal:
    return DeskJournal(world.branch, "0001", counter, world.clock, world.config.zone, "release-1")


def work(world: World, ticket: UUID, *steps: TicketStep, counter: int | None = 3) -> None:
    with desk(world, counter).transaction() as transaction:
        locked = transaction.lock(ticket)
        assert locked is not None
        for step in steps:
            locked = transaction.step(locked, step, staff="s1" if counter else None)


def filled_in(terminal: TerminalHere, values: Mapping[str, str] = VALUES) -> UUID:
    ticket = issue(terminal)
    entries(terminal).keep(ticket, values)
    terminal.sync()
    return ticket


class LosesEntries(Recorder):
    """The branch keeps what was filled in, and its answer is lost on the way."""

    def fill_in(self, caller: Caller, entries: Collection[FilledIn]) -> Answer:
        super().fill_in(caller, entries)
        raise KioskError("database_unreachable", database=self.name)


def lose_the_answer(terminal: TerminalHere) -> None:
    with pytest.raises(KioskError, match="database_unreachable"):
        terminal.sync(lambda side: LosesEntries(side, []))


# --- the usual way --------------------------------------------------------------------------------


def test_the_counter_sees_it_and_the_store_keeps_nothing(
    world: World, terminal: TerminalHere
) -> None:
    ticket = issue(terminal)
    entries(terminal).keep(ticket, VALUES)
    assert here(terminal) == VALUES
    terminal.sync()
    assert here(terminal) == {}
    assert there(world) == VALUES
    with world.branch.read() as connection:
        seen = entered_for(connection, default_catalog(), ticket)
        assert [(each.field.code, each.value) for each in seen] == list(VALUES.items())
        assert entered_for(connection, default_catalog(), new_id()) == ()


@pytest.mark.parametrize("last", [SERVED[-1:], (TicketExpired(),)], ids=["served", "expired"])
def test_it_goes_with_the_end_of_the_ticket(
    world: World, terminal: TerminalHere, last: tuple[TicketStep, ...]
) -> None:
    ticket = filled_in(terminal)
    for step in (TicketCalled(), TicketHeld()):
        work(world, ticket, step)
        assert there(world) == VALUES
    work(world, ticket, *last, counter=None if isinstance(last[0], TicketExpired) else 3)
    assert there(world) == {}
    terminal.sync()
    assert (here(terminal), there(world)) == ({}, {})


def test_a_late_comer_s_stays_until_the_day_ends(world: World, terminal: TerminalHere) -> None:
    ticket = filled_in(terminal)
    work(world, ticket, TicketCalled(), TicketNoShow())
    assert there(world) == VALUES
    yesterday = (world.clock.now() - timedelta(days=1)).astimezone(world.config.zone).date()
    world.change("UPDATE ticket_entry SET business_date = ?", yesterday.isoformat())
    terminal.sync()
    assert there(world) == {}


def test_the_end_of_the_day_leaves_only_what_is_in_hand(
    world: World, terminal: TerminalHere
) -> None:
    late, served = (issue(terminal, number) for number in ("A1001", "A1002"))
    for ticket in (late, served):
        entries(terminal).keep(ticket, VALUES)
    terminal.sync()
    work(world, late, TicketCalled(), TicketNoShow())
    work(world, served, TicketCalled(), TicketStarted())
    close_day(world.branch, "0001", world.config.zone, world.clock, "release-1")
    assert {row[0] for row in world.rows("SELECT ticket FROM ticket_entry")} == {served.hex}
    work(world, served, *SERVED[-1:])
    assert there(world) == {}


def test_a_ticket_that_is_given_back_takes_it_along(world: World, terminal: TerminalHere) -> None:
    ticket = filled_in(terminal)
    tickets_of(terminal).cancel(ticket)
    entries(terminal).keep(ticket, VALUES)  # a finger that was too late
    assert here(terminal) == {}
    terminal.sync()
    assert there(world) == {}


def tickets_of(terminal: TerminalHere) -> Tickets:
    from kiosk.services.branch_queue import BranchQueue

    queue = BranchQueue(terminal.journal, sees_all_tickets=True)
    return Tickets(terminal.journal, default_rules(1), 1, queue)


def test_what_is_changed_or_taken_back_is_so_at_the_branch(
    world: World, terminal: TerminalHere
) -> None:
    ticket = filled_in(terminal)
    entries(terminal).keep(ticket, {"notes": "any"})
    assert here(terminal) == {"amount": "", "notes": "any"}
    terminal.sync()
    assert here(terminal) == {}
    assert there(world) == {"notes": "any"}


# --- what goes wrong ------------------------------------------------------------------------------


def test_a_lost_answer_brings_nothing_back(world: World, terminal: TerminalHere) -> None:
    ticket = issue(terminal)
    entries(terminal).keep(ticket, VALUES)
    lose_the_answer(terminal)
    assert here(terminal) == there(world) == VALUES
    work(world, ticket, *SERVED)
    assert there(world) == {}
    terminal.sync()
    assert (here(terminal), there(world)) == ({}, {})


def test_a_lost_answer_is_asked_for_again(world: World, terminal: TerminalHere) -> None:
    ticket = issue(terminal)
    entries(terminal).keep(ticket, VALUES)
    lose_the_answer(terminal)
    terminal.sync()
    assert here(terminal) == {}
    assert there(world) == VALUES


def test_what_changes_while_it_travels_goes_next(world: World, terminal: TerminalHere) -> None:
    ticket = issue(terminal)
    entries(terminal).keep(ticket, VALUES)

    class ChangesMeanwhile(Recorder):
        def fill_in(self, caller: Caller, entries: Collection[FilledIn]) -> Answer:
            answer = super().fill_in(caller, entries)
            Entries(terminal.journal, default_catalog()).keep(ticket, VALUES | {"notes": "any"})
            return answer

    terminal.sync(lambda side: ChangesMeanwhile(side, []))
    assert here(terminal) == {"notes": "any"}
    terminal.sync()
    assert here(terminal) == {}
    assert there(world) == VALUES | {"notes": "any"}


def test_a_restored_and_replayed_branch_has_nothing_that_was_not_there(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    terminal.sync()
    world.branch.close()
    go_back = world.here.back_up()
    ticket = filled_in(terminal)
    work(world, ticket, *SERVED)
    world.branch.close()
    go_back()
    replay(
        terminal.store,
        terminal.journal.origin,
        lambda: terminal.connect(terminal.branch_url),
        terminal.clock,
        lambda done, total: None,
    )
    terminal.sync()
    assert (here(terminal), there(world)) == ({}, {})


def test_a_rebuild_leaves_it_alone(world: World, terminal: TerminalHere) -> None:
    filled_in(terminal)
    assert not check(world.branch).differences
    assert there(world) == VALUES


@pytest.mark.parametrize("code", ["01", "T1"])  # before the counter's `@3`, and after it
def test_a_rebuild_leaves_alone_what_was_called_before_it_was_given_back(
    world: World, code: str
) -> None:
    terminal = world.terminal(code)
    ticket = filled_in(terminal)
    work(world, ticket, TicketCalled(), TicketStarted())
    tickets_of(terminal).cancel(ticket)
    terminal.sync()
    with world.branch.write() as connection:
        rebuild(connection)
    assert there(world) == VALUES


def test_nobody_fills_in_for_another_terminal_s_ticket(
    world: World, terminal: TerminalHere
) -> None:
    ticket = issue(terminal)
    terminal.sync()
    other = world.terminal("T2", 2)
    assert said(other, ticket, "notes", "hundreds").settled == frozenset()
    assert there(world) == {}


def said(terminal: TerminalHere, ticket: UUID, field: str, value: str) -> Answer:
    side: BranchSide = terminal.connect(terminal.branch_url)
    caller = introduce(terminal.store, terminal.journal.origin, terminal.clock)
    try:
        return side.fill_in(caller, [FilledIn(ticket, field, value)])
    finally:
        side.close()


def test_what_the_branch_does_not_know_yet_is_kept(world: World, terminal: TerminalHere) -> None:
    ticket = issue(terminal)
    entries(terminal).keep(ticket, VALUES)
    assert said(terminal, ticket, "notes", "hundreds").settled == frozenset()
    assert here(terminal) == VALUES
    terminal.sync()
    assert there(world) == VALUES


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("notes", "Zhang San"), ("notes", "张三"), ("amount", "6222020200112233445"),
        ("amount", "13800138000"), ("a" * 41, "1"), ("no tes", "any"), ("notes", "a" * 41),
    ],
)  # fmt: skip
def test_the_branch_keeps_figures_and_codes_alone(
    world: World, terminal: TerminalHere, field: str, value: str
) -> None:
    ticket = issue(terminal)
    terminal.sync()
    assert said(terminal, ticket, field, value).settled == {ticket}
    assert there(world) == {}


def test_a_store_keeps_nothing_for_longer_than_the_day_even_alone(tmp_path: Path) -> None:
    terminal = World(tmp_path).terminal()
    entries(terminal).keep(issue(terminal), VALUES)

    def away() -> BranchSide:
        raise KioskError("database_unreachable", database="branch")

    def try_to_sync() -> None:
        with pytest.raises(KioskError, match="database_unreachable"):
            terminal.sync(lambda side: away())

    try_to_sync()
    assert here(terminal) == VALUES
    terminal.clock.advance(days=1)
    try_to_sync()
    assert here(terminal) == {}
    entries(terminal).keep(issue(terminal, "A1002"), VALUES)
    terminal.clock.advance(days=1)
    entries(terminal).wipe_old()
    assert here(terminal) == {}


def test_a_value_that_can_not_be_is_never_kept(tmp_path: Path) -> None:
    terminal = World(tmp_path).terminal()
    with pytest.raises(ValueError, match="amount can't be that"):
        entries(terminal).keep(issue(terminal), {"amount": "1"})
    assert here(terminal) == {}


def test_the_counter_passes_over_what_the_catalog_does_not_know(tmp_path: Path) -> None:
    world = World(tmp_path)
    ticket = filled_in(world.terminal())
    world.change("UPDATE ticket_entry SET value = '5' WHERE field = 'amount'")
    catalog = default_catalog()
    with world.branch.read() as connection:
        [seen] = entered_for(connection, catalog, ticket)
        assert seen.field.code == "notes"
        without = tuple(each for each in catalog.services if each.code != "large_withdrawal")
        gone = catalog.model_copy(update={"services": without})
        assert entered_for(connection, gone, ticket) == ()


def test_who_ends_a_ticket_while_it_is_filled_in_leaves_nothing(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """On a server both can be under way at once; what comes second must see the first."""
    world = World(tmp_path, branch_of("postgresql", request)(tmp_path), is_now=True)
    assert isinstance(world.here, PostgresBranch)
    enrol_counter(world.branch, "0001", 3)
    terminal = world.terminal()
    ticket = issue(terminal)
    terminal.sync()
    entries(terminal).keep(ticket, VALUES)
    bringing = threading.Thread(target=terminal.sync)
    with desk(world).transaction() as transaction:
        locked = transaction.lock(ticket)
        assert locked is not None
        bringing.start()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        while world.rows(waits) == [(0,)]:
            assert bringing.is_alive()
        for step in SERVED:
            locked = transaction.step(locked, step, staff="s1")
    bringing.join()
    assert (here(terminal), there(world)) == ({}, {})
    world.branch.close()


def test_no_error_tells_a_value(tmp_path: Path) -> None:
    world = World(tmp_path)
    values = {"ticket": None, "field": "amount", "value": AMOUNT, "branch": "0001"}
    with pytest.raises(DBAPIError) as caught, world.branch.write() as connection:
        connection.execute(insert(table_of(TicketEntry)), values)
    assert "ticket_entry" in str(caught.value)
    assert AMOUNT not in str(caught.value)


# --- not in the bytes either ----------------------------------------------------------------------


def bytes_of(folder: Path) -> Mapping[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.endswith(".ballast")
    }


def test_nothing_is_left_in_the_bytes_of_either_file(tmp_path: Path) -> None:
    """While every program is still at work: nobody closes a database in between."""
    world = World(tmp_path)
    enrol_counter(world.branch, "0001", 3)
    terminal = world.terminal()
    reader = terminal.store  # open, as the terminal's
    ticket = issue(terminal)
    entries(terminal).keep(ticket, VALUES)
    assert holding(tmp_path)
    terminal.sync()
    assert not [name for name in holding(tmp_path) if name.startswith("terminal")]
    assert [name for name in holding(tmp_path) if name.startswith("branch")]
    change(world.branch_path, "PRAGMA wal_checkpoint(TRUNCATE)")
    assert AMOUNT.encode() in world.branch_path.read_bytes()
    work(world, ticket, *SERVED)
    assert holding(tmp_path) == []
    reader.close()
    assert holding(tmp_path) == []


def holding(folder: Path) -> list[str]:
    return [name for name, content in bytes_of(folder).items() if AMOUNT.encode() in content]
