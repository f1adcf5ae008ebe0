"""What staff see of reconciling, and what the audit keeps of it."""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from uuid import UUID

import pytest
from journal_offers import accept, take_in, write
from journal_world import Fate
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from support import rows
from sync_world import FakeClock, TerminalHere, World

from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.audit import AuditLog
from kiosk.services.reconcile import items
from kiosk.services.reconcile.confirming import confirm
from kiosk.services.staff import reconciling
from kiosk.services.staff.reading import FiguresSource
from kiosk.services.staff.reconciling import Reconciling

STAFF = "2001"


@pytest.fixture
def here(world: World, terminal: TerminalHere) -> Iterator[Reconciling]:
    """A terminal that reads its branch database."""
    clock, config = terminal.clock, terminal.config
    audit = AuditLog(terminal.store, config, clock, config.terminal.code)
    with closing(FiguresSource(terminal.store, str(world.branch.url), clock)) as source:
        yield Reconciling(terminal.journal, source, config, clock, audit)


def kept(terminal: TerminalHere) -> list[tuple[object, ...]]:
    return rows(terminal.path, "SELECT action, staff, subject, result FROM audit_entry")


def probable(world: World, terminal: TerminalHere) -> UUID:
    """A line of which somebody may say that it is the offer's."""
    accept(terminal)
    terminal.sync()
    take_in(world, write(world, Fate.NO_REFERENCE).world)
    [found] = items.probables(world.branch, world.config.branch.code)
    return found.line


def test_the_audit_has_what_was_confirmed_and_nothing_that_was_refused(
    world: World, terminal: TerminalHere, here: Reconciling
) -> None:
    line = probable(world, terminal)
    assert here.confirm([line], STAFF) == 1
    done = [("reconciled", STAFF, str(line), "confirmed")]
    assert kept(terminal) == done
    with pytest.raises(KioskError, match="line_not_probable"):
        here.confirm([line], STAFF)
    assert kept(terminal) == done


def test_what_cannot_be_kept_is_not_confirmed(
    world: World, terminal: TerminalHere, here: Reconciling
) -> None:
    line = probable(world, terminal)
    with terminal.store.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit_entry"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    with pytest.raises(DBAPIError, match="full"):
        here.confirm([line], STAFF)
    [found] = items.probables(world.branch, world.config.branch.code)
    assert found.line == line


def test_the_audit_tells_what_the_branch_lost_at_the_very_end(
    world: World, terminal: TerminalHere, here: Reconciling, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = probable(world, terminal)

    def cut_off(
        database: Database,
        config: Config,
        clock: FakeClock,
        lines: Collection[UUID] | None,
        staff: str,
        keep: Callable[[Connection], None],
    ) -> int:
        def and_cut_off(connection: Connection) -> None:
            keep(connection)
            raise KioskError("database_unreachable", database=database.name)

        return confirm(database, config, clock, lines, staff, and_cut_off)

    monkeypatch.setattr(reconciling, "confirm", cut_off)
    with pytest.raises(KioskError, match="database_unreachable"):
        here.confirm([line], STAFF)
    assert [result for *_, result in kept(terminal)] == ["confirmed", "not confirmed"]
    assert items.probables(world.branch, world.config.branch.code)
