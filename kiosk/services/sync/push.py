"""The terminal's end: hands over what the branch does not have, batch by batch.

The event table itself is the outbox; a watermark says how far the branch has it and a ledger what
was offered. A batch that was offered once is offered again unchanged until its receipt is on this
disk, so a run may be killed at any moment, repeated, or lose an answer on its way.
"""

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from kiosk import __version__
from kiosk.clock import Clock
from kiosk.database_errors import STORE_DAMAGED
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.lock import held
from kiosk.models import Batch, BatchState, Quarantine, Terminal, Watermark
from kiosk.models.tables import table_of
from kiosk.projections.statement import insert_into
from kiosk.services.audit import head as audit_head
from kiosk.services.ballast import relieved
from kiosk.services.journal import SCHEMA_VERSION, Origin
from kiosk.services.sync import TARGET, fill_in, wire
from kiosk.services.sync.backlog import Backlog, backlog_behind
from kiosk.services.sync.contacts import bring_contacts, purge_store
from kiosk.services.sync.fill_in import bring_entries
from kiosk.services.sync.lines import LineReader, Span
from kiosk.services.sync.pull import pull
from kiosk.services.sync.wire import (
    Answer,
    BranchSide,
    Caller,
    Condition,
    Parcel,
    Position,
    Status,
)

BATCH_SIZE = 1000

_BATCH = table_of(Batch)
_QUARANTINE = table_of(Quarantine)
_TERMINAL = table_of(Terminal)
_WATERMARK = table_of(Watermark)
_TAKEN = (Status.OK, Status.ALREADY)

Progress = Callable[[int, int], None]
"""Is told how many events are done, and of how many."""


@dataclass(frozen=True)
class Outcome:
    """What a run has done."""

    batches: int = 0
    events: int = 0
    inserted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    refused: tuple[KioskError, ...] = ()
    """Why releases that the branch sent can't be followed."""

    def plus(self, parcel: Parcel, answer: Answer) -> "Outcome":
        """With one more batch."""
        return replace(
            self,
            batches=self.batches + 1,
            events=self.events + len(parcel.lines),
            inserted=self.inserted + answer.inserted,
            duplicates=self.duplicates + answer.duplicates,
            quarantined=self.quarantined + len(answer.rejected),
        )


@dataclass(frozen=True)
class Ledger:
    """What the store remembers of its synchronisation."""

    position: Position
    database_id: str | None


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


def synchronise(
    store: Database,
    origin: Origin,
    connect: Callable[[], BranchSide],
    clock: Clock,
    progress: Progress = _silent,
    batch_size: int = BATCH_SIZE,
    condition: Condition | None = None,
) -> Outcome:
    """Hand every waiting event to the branch, then follow what it says.

    Args:
        store: The terminal's own database.
        origin: Whose events it holds.
        connect: Reaches the branch; may raise KioskError.
        clock: The terminal's time.
        progress: Called after every batch.
        batch_size: How many events at most go in one batch.
        condition: How the terminal is, for the branch to know; None: nobody says.

    Raises:
        KioskError: `sync_running` when another run is at work, `sync_…` for each refusal of the
            branch, or what keeps one of the databases from being read or written. What the branch
            has acknowledged until then stays done; the next run carries on behind it.
    """
    with held(store.path, "sync", "sync_running"):
        try:
            run = _Run(store, origin, _read_digit(store), clock, batch_size, condition)
            outcome = relieved(store.path, lambda: _push_and_pull(run, connect, progress))
        except KioskError as error:
            if error.code != STORE_DAMAGED:  # writing would make it worse
                with suppress(KioskError):  # the store itself may be what fails
                    _note(store, origin, clock, error)
            raise
        _note(store, origin, clock, None)
        return outcome


@dataclass(frozen=True)
class _Run:
    """What every step of one run needs."""

    store: Database
    origin: Origin
    digit: int
    clock: Clock
    batch_size: int
    condition: Condition | None = None


def _push_and_pull(run: _Run, connect: Callable[[], BranchSide], progress: Progress) -> Outcome:
    _wipe_old_entries(run)
    purge_store(run.store, run.origin, run.clock)
    with closing(connect()) as side:
        outcome = _push(run, side, progress)
        filled_in = bring_entries(run.store, _introduce(run), side)
        if filled_in.status is not Status.OK:
            raise refused(filled_in, side, run.origin)
        brought = bring_contacts(run.store, _introduce(run), side)
        if brought.status is not Status.OK:
            raise refused(brought, side, run.origin)
        pulled = pull(run.store, _introduce(run), side, run.clock)
        if pulled.answer.status is not Status.OK:
            raise refused(pulled.answer, side, run.origin)
        return replace(outcome, refused=pulled.refused)


def _wipe_old_entries(run: _Run) -> None:
    """What the branch was never there for goes with its day."""
    with run.store.read() as connection:
        if not fill_in.has_entries(connection):
            return  # as nearly always: no round shall hold up the terminal's writes for nothing
    with run.store.write() as connection:
        gone = fill_in.wipe_old(connection, run.origin.branch, run.clock.now())
    if gone:
        run.store.forget()


def _push(run: _Run, side: BranchSide, progress: Progress) -> Outcome:
    with closing(LineReader(run.store, run.origin)) as reader:
        ledger = _read_ledger(run)
        backlog = _read_backlog(run, ledger.position.seq)
        greeting = side.greet(_caller(run, ledger, wire.WIRE_FORMAT, backlog))
        if greeting.status not in (Status.OK, Status.AHEAD):
            raise refused(greeting, side, run.origin)
        total = backlog.waiting
        outcome = Outcome()
        while parcel := _open_batch(run, ledger, reader):
            reader.read_ahead(_next_span(run, parcel.position))
            answer = side.receive(parcel)
            if answer.status not in _TAKEN:
                raise refused(answer, side, run.origin)
            _acknowledge(run, parcel, answer)
            ledger = Ledger(parcel.position, answer.database_id)
            outcome = outcome.plus(parcel, answer)
            progress(outcome.events, max(total, outcome.events))
        if greeting.position.number > ledger.position.number:
            # nothing of ours is missing there, but of theirs here: an old copy of this store
            numbers = {"known": greeting.position.number, "number": ledger.position.number}
            raise refused(Answer(Status.AHEAD, details=numbers), side, run.origin)
        return outcome


def introduce(store: Database, origin: Origin, clock: Clock) -> Caller:
    """The terminal as it greets its branch.

    Args:
        store: Its own database.
        origin: Whose events it holds.
        clock: The terminal's time.
    """
    return _introduce(_Run(store, origin, _read_digit(store), clock, BATCH_SIZE))


def _introduce(run: _Run) -> Caller:
    ledger = _read_ledger(run)
    return _caller(run, ledger, wire.WIRE_FORMAT, _read_backlog(run, ledger.position.seq))


def refused(answer: Answer, side: BranchSide, origin: Origin) -> KioskError:
    """The error that a refusal becomes."""
    who = {"database": side.name, "branch": origin.branch, "terminal": origin.terminal}
    return KioskError(f"sync_{answer.status.value}", **who, **answer.details)


def _caller(run: _Run, ledger: Ledger, wire_format: int, backlog: Backlog) -> Caller:
    with run.store.read() as connection:
        audit = audit_head(connection, run.origin.branch, run.origin.terminal)
    return Caller(
        branch=run.origin.branch,
        terminal=run.origin.terminal,
        epoch=run.origin.epoch,
        digit=run.digit,
        position=ledger.position,
        database_id=ledger.database_id,
        wire_format=wire_format,
        schema_version=SCHEMA_VERSION,
        app_version=__version__,
        sent_at=run.clock.now(),
        waiting=backlog.waiting,
        oldest_waiting_at=backlog.oldest_at,
        audit_seq=audit.seq,
        audit_head=audit.mac,
        condition=run.condition,
    )


def _read_digit(store: Database) -> int:
    with store.read() as connection:
        digit: int = connection.execute(select(_TERMINAL.c.digit)).scalar_one()
    return digit


def _read_ledger(run: _Run) -> Ledger:
    with run.store.read() as connection:
        row = connection.execute(
            select(_WATERMARK).where(
                _WATERMARK.c.target == TARGET, _WATERMARK.c.epoch == run.origin.epoch
            )
        ).first()
    if row is None:
        return Ledger(Position(), None)
    return Ledger(Position(row.batch_number, row.acked_seq, row.chain), row.branch_database_id)


def _read_backlog(run: _Run, seq: int) -> Backlog:
    with run.store.read() as connection:
        return backlog_behind(connection, run.origin, seq)


def _read_batch(run: _Run, number: int) -> Row[*tuple[Any, ...]] | None:
    """What the ledger has under a number."""
    with run.store.read() as connection:
        return connection.execute(
            select(_BATCH).where(
                _BATCH.c.target == TARGET,
                _BATCH.c.epoch == run.origin.epoch,
                _BATCH.c.number == number,
            )
        ).first()


def _open_batch(run: _Run, ledger: Ledger, reader: LineReader) -> Parcel | None:
    """The batch that is open already, else a new one; None when nothing waits."""
    position = ledger.position
    row = _read_batch(run, position.number + 1)
    span = _next_span(run, position)
    if row is not None:
        span = Span(position.seq, row.to_seq, row.wire_format)
    found = reader.read(span)
    if row is None and not found.lines:
        return None
    behind = _read_backlog(run, position.seq + len(found.lines))
    caller = _caller(run, ledger, span.wire_format, behind)
    parcel = Parcel(caller, wire.digest(position.chain, found.lines), found.lines, found.doubtful)
    if row is None:
        _write_batch(run.store, parcel)
    elif row.digest != parcel.digest:
        raise KioskError("sync_events_changed", database=run.store.name, number=parcel.number)
    return parcel


def _next_span(run: _Run, position: Position) -> Span:
    return Span(position.seq, position.seq + run.batch_size, wire.WIRE_FORMAT)


def _write_batch(store: Database, parcel: Parcel) -> None:
    caller = parcel.caller
    with store.write() as connection:
        connection.execute(
            insert(_BATCH).values(
                target=TARGET,
                epoch=caller.epoch,
                number=parcel.number,
                from_seq=parcel.from_seq,
                to_seq=parcel.to_seq,
                events=len(parcel.lines),
                digest=parcel.digest,
                wire_format=caller.wire_format,
                state=BatchState.OPEN.value,
            )
        )


def _acknowledge(run: _Run, parcel: Parcel, answer: Answer) -> None:
    """Keep the receipt. Only now are the events known to be on the branch's disk."""
    position, now = parcel.position, run.clock.now()
    with run.store.write() as connection:
        connection.execute(
            update(_BATCH)
            .where(
                _BATCH.c.target == TARGET,
                _BATCH.c.epoch == parcel.caller.epoch,
                _BATCH.c.number == parcel.number,
            )
            .values(
                state=BatchState.ACKNOWLEDGED.value,
                inserted=answer.inserted,
                duplicates=answer.duplicates,
                quarantined=len(answer.rejected),
                acknowledged_at=now,
            )
        )
        _keep_watermark(
            connection,
            parcel.caller.epoch,
            {
                "acked_seq": position.seq,
                "batch_number": position.number,
                "chain": position.chain,
                "branch_database_id": answer.database_id,
                "last_receipt_at": now,
            },
        )
        if rows := wire.quarantine_rows(parcel, answer.rejected, now):
            dialect = connection.dialect.name
            connection.execute(insert_into(_QUARANTINE, dialect).on_conflict_do_nothing(), rows)


def _keep_watermark(connection: Connection, epoch: int, values: dict[str, object]) -> None:
    row = {"target": TARGET, "epoch": epoch}
    new = {"acked_seq": 0, "batch_number": 0, "chain": ""} | values
    connection.execute(
        insert_into(_WATERMARK, connection.dialect.name)
        .values(row | new)
        .on_conflict_do_update(index_elements=list(row), set_=values)
    )


def _note(store: Database, origin: Origin, clock: Clock, error: KioskError | None) -> None:
    """Remember how the run ended, for those who ask later."""
    now = clock.now()
    pulled: dict[str, object] = {} if error else {"last_pull_at": now}
    with store.write() as connection:
        _keep_watermark(
            connection,
            origin.epoch,
            {
                "last_attempt_at": now,
                "last_error": error.code if error else None,
                "last_error_params": _texts(error) if error else None,
                **pulled,
            },
        )


def _texts(error: KioskError) -> dict[str, str]:
    return {name: str(value) for name, value in error.params.items()}
