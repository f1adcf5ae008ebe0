"""Gives a terminal a new store when its old one is damaged, too old, or was used twice.

The old file is read as far as it can be, and kept. The new one has the next epoch, which only the
branch gives out, and holds every event that could be read: those that the branch has stay under
their numbers as history, all others get new numbers in the new epoch and are brought to the branch
by the next synchronisation. Whether the branch has an event is asked by its id, so none is counted
twice. May be killed at any moment and repeated with the same code.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, Table, delete, insert, update

from kiosk import __version__, projections
from kiosk.addresses import sqlite_url
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.database_errors import error_code
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.lock import held
from kiosk.models import Event, Quarantine, Terminal, TicketFloor, Watermark
from kiosk.models.tables import table_of
from kiosk.projections.statement import insert_into
from kiosk.services import replacement
from kiosk.services.branch import prepare_store
from kiosk.services.journal import SCHEMA_VERSION, Origin
from kiosk.services.store import require_own
from kiosk.services.sync import TARGET, wire
from kiosk.services.sync.push import refused
from kiosk.services.sync.salvage import LEDGERS, Gap, OldEvent, Salvage, salvaged
from kiosk.services.sync.wire import Answer, BranchSide, Caller, Grant, Position, RenewalRequest
from kiosk.services.tickets import HIGHEST_NUMBER
from kiosk.sqlite_driver import driver

if TYPE_CHECKING:
    from sqlite3 import Connection as SqliteConnection

log = logging.getLogger("kiosk")

_ASK_AT_ONCE = 1_000
_EVENT = table_of(Event)
_FLOOR = table_of(TicketFloor)
_QUARANTINE = table_of(Quarantine)
_TERMINAL = table_of(Terminal)
_WATERMARK = table_of(Watermark)


@dataclass(frozen=True)
class Plan:
    """What was found, for a person to decide."""

    database: Path
    is_there: bool
    is_readable: bool
    events: int
    """Events that can be read."""
    waiting: int
    """Of these, the ones that the branch has not acknowledged as far as this store knows."""
    lost: tuple[Gap, ...]
    """Events that can't be read and were not acknowledged."""


@dataclass(frozen=True)
class Renewed:
    """What was done."""

    epoch: int
    carried: int
    """Events that the branch does not have yet."""
    kept: Path | None
    """Where the old store is now; none if there was none."""
    lost: tuple[Gap, ...]
    """Events that the branch does not have and that can't be read."""
    numbers_above: int
    """Today's ticket numbers go on above this."""


@contextmanager
def renewal(settings: Config, clock: Clock, backup: Path | None = None) -> "Iterator[Renewal]":
    """Read an old store, with everybody else kept away from it.

    Args:
        settings: Name the terminal and its store, which may be missing.
        clock: The terminal's time.
        backup: A sound copy of this terminal's store, of any age: what the old one does not have
            comes from there.

    Raises:
        KioskError: `store_in_use`, `sync_running`, `store_half_renewed`, `store_older`,
            `schema_newer`, `store_of_another`, `store_is_branch_database`, or what keeps a copy
            from being made.
    """
    path = settings.store_path
    with held(path, "terminal", "store_in_use"), held(path, "sync", "sync_running"):
        replacement.refuse_half_replaced(path)
        with salvaged(path, backup) as salvage:
            salvage.require_schema()
            if salvage.is_branch_database():
                raise KioskError("store_is_branch_database", database=path)
            if owner := salvage.owner():
                require_own(*owner, settings)
            try:
                yield Renewal(settings, clock, salvage)
            finally:
                replacement.discard_fresh(path)


def finish(settings: Config) -> Path | None:
    """Finish a renewal that was interrupted while files were moved.

    Returns:
        Where the old store is kept; None if nothing was interrupted.

    Raises:
        KioskError: `store_in_use`, `sync_running`.
    """
    path = settings.store_path
    with held(path, "terminal", "store_in_use"), held(path, "sync", "sync_running"):
        return replacement.finish(path) if replacement.is_half_replaced(path) else None


class Renewal:
    """A store that was read and may be replaced."""

    def __init__(self, settings: Config, clock: Clock, salvage: Salvage) -> None:
        self._settings = settings
        self._path = settings.store_path
        self._clock = clock
        self._salvage = salvage
        self._positions = salvage.positions()
        self._epoch = salvage.epoch()

    @property
    def terminal(self) -> str:
        """The code of the terminal whose store it is."""
        return self._settings.terminal.code

    @property
    def plan(self) -> Plan:
        """What was found."""
        salvage = self._salvage
        acknowledged = {epoch: position.seq for epoch, position in self._positions.items()}
        return Plan(
            self._path,
            salvage.is_there,
            salvage.is_readable,
            salvage.count(),
            sum(
                event.seq > acknowledged.get(event.epoch, 0)
                for event in salvage.events_behind(acknowledged)
            ),
            tuple(salvage.gaps(acknowledged)),
        )

    def carry_out(self, code: str, connect: Callable[[], BranchSide]) -> Renewed | None:
        """Replace the store; None if that was done before with the same code.

        Args:
            code: As the branch has shown it.
            connect: Reaches the branch; may raise KioskError.

        Raises:
            KioskError: `sync_renewal_refused` and the like, or what keeps the branch from being
                reached or the new store from being written. The old store is as it was then.
        """
        side = connect()
        try:
            answer = self._answered(side, side.renew(self._caller(0), self._request(code)))
            grant = answer.grant
            assert grant is not None  # noqa: S101 (a renewal that was not refused has one)
            if grant.epoch == self._epoch:
                return None
            self._find_missing_there(side, grant)
        finally:
            side.close()
        numbers_above = self._numbers_above(grant)
        carried = self._make_fresh(grant, answer.database_id, numbers_above)
        kept = replacement.kept_path(self._path, self._clock.now().astimezone(self._settings.zone))
        done = Renewed(
            grant.epoch,
            carried,
            kept if self._salvage.is_there else None,
            tuple(self._salvage.gaps(self._confirmed(grant))),
            numbers_above,
        )
        replacement.put_in_place(self._path, kept)
        log.info("new store: epoch %s, %s events carried over", done.epoch, done.carried)
        return done

    def _today(self) -> date:
        return self._clock.now().astimezone(self._settings.zone).date()

    def _request(self, code: str) -> RenewalRequest:
        return RenewalRequest(code, self._epoch, self._today(), self._positions)

    def _caller(self, epoch: int) -> Caller:
        settings = self._settings
        return Caller(
            branch=settings.branch.code,
            terminal=settings.terminal.code,
            epoch=epoch,
            digit=settings.terminal.digit,
            position=Position(),
            database_id=None,  # the code is the branch database's own, whatever was before
            wire_format=wire.WIRE_FORMAT,
            schema_version=SCHEMA_VERSION,
            app_version=__version__,
            sent_at=self._clock.now(),
            waiting=0,
            oldest_waiting_at=None,
        )

    def _answered(self, side: BranchSide, answer: Answer) -> Answer:
        if answer.status is not wire.Status.OK:
            settings = self._settings
            origin = Origin(settings.branch.code, settings.terminal.code, self._epoch)
            raise refused(answer, side, origin)
        return answer

    def _confirmed(self, grant: Grant) -> dict[int, int]:
        """Epoch → the last event that the branch has for certain."""
        return {epoch: self._positions[epoch].seq for epoch in grant.confirmed}

    def _find_missing_there(self, side: BranchSide, grant: Grant) -> None:
        """Note the rows of the events that the branch does not have, in their order."""
        connection = self._salvage.connection
        connection.execute("DROP TABLE IF EXISTS carry")
        connection.execute("CREATE TEMP TABLE carry (place INTEGER PRIMARY KEY, row UNIQUE)")
        caller = self._caller(grant.epoch)
        confirmed = self._confirmed(grant)
        behind = self._salvage.events_behind(confirmed)
        while some := list(islice(behind, _ASK_AT_ONCE)):
            asked = [event.key for event in some if event.key]
            known = self._answered(side, side.which_are_known(caller, asked)).known
            missing = [
                (event.row,)
                for event in some
                if not _is_there(event, known, grant.events_from, confirmed)
            ]
            connection.executemany("INSERT INTO carry (row) VALUES (?)", missing)

    def _numbers_above(self, grant: Grant) -> int:
        """Half of the numbers that are left today.

        A copy that went on elsewhere, or what can't be read, may have given numbers that neither
        this store nor the branch knows of.
        """
        known = max(grant.highest_number, self._salvage.highest_number(self._today()))
        return known + (HIGHEST_NUMBER - known) // 2

    def _make_fresh(self, grant: Grant, database_id: str, numbers_above: int) -> int:
        """Make the new store, whole, beside the old one; returns how many events are carried."""
        replacement.discard_fresh(self._path)
        fresh = replacement.fresh_path(self._path)
        database = Database(sqlite_url(fresh), create=True)
        try:
            prepare_store(database, self._settings)
            carried = self._fill(fresh, grant.epoch)
            with database.write() as connection:
                connection.execute(update(_TERMINAL).values(epoch=grant.epoch))
                mark = {"target": TARGET, "epoch": grant.epoch, "branch_database_id": database_id}
                at_first = {"acked_seq": 0, "batch_number": 0, "chain": ""}
                connection.execute(insert(_WATERMARK).values(mark | at_first))
                day = {"business_date": self._today()}
                connection.execute(delete(_FLOOR).where(_FLOOR.c.business_date == self._today()))
                connection.execute(insert(_FLOOR).values(day | {"number": numbers_above}))
                self._keep_undecided(connection, grant)
                projections.rebuild(connection)
        finally:
            database.close()
        if fresh.with_name(f"{fresh.name}-wal").exists():  # somebody else has it open
            raise KioskError("database_busy", database=fresh)
        return carried

    def _keep_undecided(self, connection: Connection, grant: Grant) -> None:
        """Have people know of what only the branch's quarantine holds, as after an older copy."""
        settings = self._settings
        whose = {"branch": settings.branch.code, "terminal": settings.terminal.code}
        if rows := [{**vars(each), **whose} for each in grant.undecided]:
            new = insert_into(_QUARANTINE, connection.dialect.name).on_conflict_do_nothing()
            connection.execute(new, rows)

    def _fill(self, fresh: Path, epoch: int) -> int:
        connection = self._salvage.connection
        try:
            connection.execute("ATTACH ? AS fresh", (str(fresh),))
            try:
                connection.execute("BEGIN IMMEDIATE")
                _copy_ledgers(connection)
                _copy_history(connection)
                carried = _carry(connection, epoch)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                connection.execute("DETACH fresh")
        except driver.Error as error:
            if (code := error_code(error)) is None:
                raise
            raise KioskError(code, database=self._path) from error
        return carried


def _is_there(
    event: OldEvent, known: frozenset[UUID], events_from: date | None, confirmed: dict[int, int]
) -> bool:
    """Whether the branch has an event, or had it and dropped it with the others of its month."""
    if event.key is None:
        return False
    day, event_id = event.key
    is_old = events_from is not None and day < events_from
    # behind what is confirmed it never had anything that it could have dropped
    return event_id in known or (is_old and event.seq <= confirmed.get(event.epoch, event.seq))


def _copy_ledgers(connection: "SqliteConnection") -> None:
    for table in LEDGERS:
        names = _names(table)
        connection.execute(
            f"INSERT OR IGNORE INTO fresh.{table.name} ({names})"  # noqa: S608 (our own words)
            f" SELECT {names} FROM old_{table.name}"
        )


def _names(table: Table) -> str:
    return ", ".join(column.name for column in table.columns)


def _copy_history(connection: "SqliteConnection") -> None:
    """Everything that the branch has, as it was."""
    names = _names(_EVENT)
    connection.execute(
        f"INSERT OR IGNORE INTO fresh.event ({names})"  # noqa: S608 (our own words)
        f" SELECT {names} FROM old_event WHERE rowid NOT IN (SELECT row FROM carry)"
        " ORDER BY epoch, seq"
    )


def _carry(connection: "SqliteConnection", epoch: int) -> int:
    """Everything that the branch lacks, under new numbers without a gap."""
    columns = [column.name for column in _EVENT.columns]
    values = ", ".join({"epoch": "?1", "seq": "?2"}.get(name, name) for name in columns)
    carry = (
        f"INSERT OR IGNORE INTO fresh.event ({_names(_EVENT)})"  # noqa: S608 (our own words)
        f" SELECT {values} FROM old_event WHERE rowid = ?3"
    )
    origin = (
        "INSERT INTO fresh.carried_event (epoch, seq, from_epoch, from_seq)"
        " SELECT ?1, ?2, epoch, seq FROM old_event WHERE rowid = ?3"
    )
    seq = 0
    for (row,) in connection.execute("SELECT row FROM carry ORDER BY place").fetchall():
        if connection.execute(carry, (epoch, seq + 1, row)).rowcount:
            seq += 1
            connection.execute(origin, (epoch, seq, row))
    return seq
