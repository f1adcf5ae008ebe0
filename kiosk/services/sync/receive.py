"""The branch's end: takes a batch in one transaction, once, whatever is repeated.

This is the form in statements, for SQLite and for engines without functions. It never commits
half a batch: a refusal is an exception that rolls everything back.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from kiosk import projections
from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.models import Branch, BranchMeta, Event, Kind, Quarantine, Receipt, Terminal
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared, execute
from kiosk.projections.statement import in_range, insert_into
from kiosk.services.journal import Origin
from kiosk.services.sync import granting, wire
from kiosk.services.sync.digests import digests
from kiosk.services.sync.soundness import is_sound
from kiosk.services.sync.wire import (
    Answer,
    Caller,
    DayPart,
    DayThere,
    FilledIn,
    Held,
    LineError,
    Parcel,
    Position,
    RefusalError,
    Rejected,
    RenewalRequest,
    SentContact,
    Status,
)

_BRANCH = table_of(Branch)
_EVENT = table_of(Event)
_META = table_of(BranchMeta)
_QUARANTINE = table_of(Quarantine)
_RECEIPT = table_of(Receipt)
_TERMINAL = table_of(Terminal)


class DirectBranch:
    """A branch database that is written with plain statements.

    Args:
        url: Where it is; a missing one is refused, not made.
        clock: The branch's view of time.

    Raises:
        KioskError: `database_missing`, `schema_missing`, `schema_newer` and the like.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self._database = Database(url)
        self._clock = clock
        self.name = self._database.name
        try:
            self._database.require_schema()
        except BaseException:
            self._database.close()
            raise

    def greet(self, caller: Caller) -> Answer:
        """See `wire.BranchSide`."""
        return greet(self._database, caller, self._clock.now())

    def receive(self, parcel: Parcel) -> Answer:
        """See `wire.BranchSide`."""
        return receive(self._database, parcel, self._clock.now())

    def pull(self, caller: Caller, held: Mapping[str, Held]) -> Answer:
        """See `wire.BranchSide`."""
        from kiosk.services.sync.hand_out import hand_out

        now = self._clock.now()
        return _answered(self._database, lambda connection: hand_out(connection, caller, held, now))

    def retry(self, caller: Caller, events: Mapping[int, str]) -> Answer:
        """See `wire.BranchSide`."""
        return _answered(self._database, lambda connection: _retry(connection, caller, events))

    def drop(self, caller: Caller, events: Collection[int], why: str) -> Answer:
        """See `wire.BranchSide`."""
        now = self._clock.now()
        return _answered(
            self._database, lambda connection: _drop(connection, caller, events, (why, now))
        )

    def list_day(self, caller: Caller, part: DayPart) -> Answer:
        """See `wire.BranchSide`."""
        return _answered(self._database, lambda connection: _list_day(connection, caller, part))

    def renew(self, caller: Caller, request: RenewalRequest) -> Answer:
        """See `wire.BranchSide`."""
        return _answered(self._database, lambda connection: _renew(connection, caller, request))

    def which_are_known(self, caller: Caller, events: Collection[tuple[date, UUID]]) -> Answer:
        """See `wire.BranchSide`."""
        return _answered(
            self._database, lambda connection: _which_are_known(connection, caller, events)
        )

    def fill_in(self, caller: Caller, entries: Collection[FilledIn]) -> Answer:
        """See `wire.BranchSide`."""
        from kiosk.services.sync.fill_in import take_entries

        now = self._clock.now()
        return _answered(
            self._database, lambda connection: take_entries(connection, caller, entries, now)
        )

    def keep_contacts(
        self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
    ) -> Answer:
        """See `wire.BranchSide`."""
        from kiosk.services.sync.contacts import take_contacts

        now = self._clock.now()
        return _answered(
            self._database,
            lambda connection: take_contacts(connection, caller, contacts, held, now),
        )

    def close(self) -> None:
        """See `wire.BranchSide`."""
        self._database.forget()  # a ticket may have ended, or a day
        self._database.close()


def greet(database: Database, caller: Caller, now: datetime) -> Answer:
    """Tell a terminal whether it may hand over batches and where it stands.

    Args:
        database: The branch database.
        caller: Who asks.
        now: The branch's time.

    Returns:
        `ok` or `ahead` (the branch has later batches: the answers to them follow when they are
        offered again); any other status is a refusal.
    """
    return _answered(database, lambda connection: _greet(connection, caller, now))


def receive(database: Database, parcel: Parcel, now: datetime) -> Answer:
    """Take a batch: all of it, in one transaction, or nothing.

    Args:
        database: The branch database.
        parcel: The batch.
        now: The branch's time.

    Returns:
        `ok` with the receipt, `already` with the earlier one, or a refusal.
    """
    return _answered(database, lambda connection: _receive(connection, parcel, now))


def _answered(database: Database, work: Callable[[Connection], Answer]) -> Answer:
    """Run in a transaction of its own; a refusal undoes it and becomes the answer."""
    try:
        with database.write() as connection:
            return work(connection)
    except RefusalError as refusal:
        return Answer(refusal.status, details=refusal.details)


@dataclass(frozen=True)
class Known:
    """What the branch database knows of itself and of the terminal that speaks."""

    database_id: str
    schemas: range
    position: Position


def identify(connection: Connection, caller: Caller) -> Known:
    """Check that the terminal belongs here, and keep other batches of its out until the end.

    Raises:
        RefusalError: It does not belong here, or not as it is.
    """
    meta = connection.execute(select(_META)).first()
    if meta is None:
        raise RefusalError(Status.NO_BRANCH_DATABASE)
    if caller.database_id not in (None, str(meta.id)):
        raise RefusalError(Status.OTHER_DATABASE)
    schemas = range(meta.schema_min, meta.schema_max + 1)
    bounds = {"schema": caller.schema_version, "low": meta.schema_min, "high": meta.schema_max}
    if caller.schema_version >= schemas.stop or caller.wire_format not in wire.COLUMNS:
        raise RefusalError(Status.SCHEMA_TOO_NEW, **bounds)
    if caller.schema_version < schemas.start:
        raise RefusalError(Status.SCHEMA_TOO_OLD, **bounds)
    if (
        connection.execute(select(_BRANCH.c.code).where(_BRANCH.c.code == caller.branch)).first()
        is None
    ):
        raise RefusalError(Status.WRONG_BRANCH)
    # SQLite has no row locks and says nothing here: its write transaction excludes everybody
    terminal = connection.execute(
        select(_TERMINAL).where(this_terminal(caller)).with_for_update()
    ).first()
    if terminal is None:
        raise RefusalError(Status.NOT_ENROLLED)
    if terminal.epoch != caller.epoch:
        raise RefusalError(Status.EPOCH_MISMATCH, epoch=caller.epoch, known=terminal.epoch)
    if terminal.digit != caller.digit:
        raise RefusalError(Status.DIGIT_DIFFERS, digit=caller.digit, known=terminal.digit)
    position = Position(terminal.batch_number, terminal.acked_seq, terminal.chain)
    return Known(str(meta.id), schemas, position)


def this_terminal(caller: Caller) -> ColumnElement[bool]:
    """Chooses the caller's row among the terminals."""
    return (_TERMINAL.c.branch == caller.branch) & (_TERMINAL.c.code == caller.terminal)


def _greet(connection: Connection, caller: Caller, now: datetime) -> Answer:
    known = identify(connection, caller)
    status = _compare(known.position, caller.position)
    keep_terminal(connection, caller, now, {})
    return Answer(status, known.database_id, known.position)


def _compare(ours: Position, theirs: Position) -> Status:
    """`ok` when both stand at the same place, `ahead` when we are further; else a refusal."""
    if ours.number > theirs.number:
        return Status.AHEAD
    if ours.number < theirs.number:
        raise RefusalError(Status.BRANCH_LOST_DATA, number=theirs.number, known=ours.number)
    if ours != theirs:
        raise RefusalError(Status.FORK, number=ours.number)
    return Status.OK


def _receive(connection: Connection, parcel: Parcel, now: datetime) -> Answer:
    known = identify(connection, parcel.caller)
    if earlier := _earlier_answer(connection, parcel, known):
        keep_terminal(connection, parcel.caller, now, {})
        return earlier
    if _compare(known.position, parcel.caller.position) is Status.AHEAD:
        raise RefusalError(Status.AHEAD, number=parcel.number, known=known.position.number)
    if wire.digest(known.position.chain, parcel.lines) != parcel.digest:
        raise RefusalError(Status.BAD_DIGEST, number=parcel.number)
    answer = _store(connection, parcel, known.schemas)
    _quarantine(connection, parcel, answer.rejected, now)
    _write_receipt(connection, parcel, answer, now)
    position = parcel.position
    keep_terminal(
        connection,
        parcel.caller,
        now,
        {
            "acked_seq": position.seq,
            "batch_number": position.number,
            "chain": position.chain,
        },
    )
    return replace(answer, database_id=known.database_id, position=position, received_at=now)


def _earlier_answer(connection: Connection, parcel: Parcel, known: Known) -> Answer | None:
    """What was answered when this batch came before, if it did."""
    receipt = connection.execute(
        select(_RECEIPT).where(_of_origin(_RECEIPT, parcel), _RECEIPT.c.number == parcel.number)
    ).first()
    if receipt is None:
        return None
    if receipt.digest != parcel.digest:
        raise RefusalError(Status.FORK, number=parcel.number)
    quarantined = connection.execute(
        select(_QUARANTINE.c.seq, _QUARANTINE.c.event, _QUARANTINE.c.reason)
        .where(_of_origin(_QUARANTINE, parcel), _in_parcel(_QUARANTINE, parcel))
        .order_by(_QUARANTINE.c.seq)
    )
    return Answer(
        Status.ALREADY,
        known.database_id,
        known.position,
        receipt.inserted,
        receipt.duplicates,
        tuple(Rejected(*row) for row in quarantined),
        receipt.received_at,
    )


def _of_origin(table: Table, parcel: Parcel) -> ColumnElement[bool]:
    caller, columns = parcel.caller, table.c
    return (
        (columns.branch == caller.branch)
        & (columns.terminal == caller.terminal)
        & (columns.epoch == caller.epoch)
    )


def _in_parcel(table: Table, parcel: Parcel) -> ColumnElement[bool]:
    return table.c.seq.between(parcel.from_seq, parcel.to_seq)


def _retry(connection: Connection, caller: Caller, events: Mapping[int, str]) -> Answer:
    known = identify(connection, caller)
    outcome = Answer(Status.OK, known.database_id, known.position)
    caller = caller.of_quarantine()
    for seq, doubt in sorted(events.items()):
        here = _in_quarantine(caller, [seq])
        line = connection.execute(select(_QUARANTINE.c.text).where(here)).scalar()
        if line is None:
            continue  # an earlier run brought it in and did not hear of it
        before = replace(caller, position=Position(0, seq - 1))
        parcel = Parcel(before, "", (line,), {seq: doubt} if doubt else {})
        answer = _store_with_care(connection, parcel, known.schemas)
        if answer.rejected:
            reason = answer.rejected[0].reason
            connection.execute(update(_QUARANTINE).where(here).values(reason=reason))
        else:
            connection.execute(delete(_QUARANTINE).where(here))
        outcome = replace(
            outcome,
            inserted=outcome.inserted + answer.inserted,
            duplicates=outcome.duplicates + answer.duplicates,
            rejected=outcome.rejected + answer.rejected,
        )
    return outcome


def _drop(
    connection: Connection, caller: Caller, events: Collection[int], decision: tuple[str, datetime]
) -> Answer:
    known = identify(connection, caller)
    why, now = decision
    connection.execute(
        update(_QUARANTINE)
        .where(_in_quarantine(caller.of_quarantine(), events), _QUARANTINE.c.dropped_at.is_(None))
        .values(dropped_why=why, dropped_at=now)
    )
    return Answer(Status.OK, known.database_id, known.position)


def _list_day(connection: Connection, caller: Caller, part: DayPart) -> Answer:
    known = identify(connection, caller)
    origin = Origin(caller.branch, caller.terminal, caller.epoch)
    epochs = (
        select(_EVENT.c.epoch, func.count().label("events"))
        .where(
            _EVENT.c.branch == caller.branch,
            _EVENT.c.terminal == caller.terminal,
            _EVENT.c.business_date == part.day,
        )
        .group_by(_EVENT.c.epoch)
    )
    found = DayThere(
        tuple(digests(connection, origin, part, caller.wire_format)),
        {row.epoch: row.events for row in connection.execute(epochs)},
        connection.execute(select(_META.c.events_from)).scalar(),
    )
    return Answer(Status.OK, known.database_id, known.position, day=found)


def _renew(connection: Connection, caller: Caller, request: RenewalRequest) -> Answer:
    epoch = connection.execute(select(_TERMINAL.c.epoch).where(this_terminal(caller))).scalar()
    known = identify(connection, replace(caller, epoch=epoch or 0))  # it may not know its own
    granted = granting.grant(connection, caller, request)
    return Answer(Status.OK, known.database_id, grant=granted)


def _which_are_known(
    connection: Connection, caller: Caller, events: Collection[tuple[date, UUID]]
) -> Answer:
    known = identify(connection, caller)
    found = granting.known_events(connection, caller, events)
    return Answer(Status.OK, known.database_id, known.position, known=found)


def _in_quarantine(caller: Caller, events: Collection[int]) -> ColumnElement[bool]:
    return (
        (_QUARANTINE.c.branch == caller.branch)
        & (_QUARANTINE.c.terminal == caller.terminal)
        & (_QUARANTINE.c.epoch == caller.epoch)
        & _QUARANTINE.c.seq.in_(events)
    )


_EventRow = dict[str, object]


def _store(connection: Connection, parcel: Parcel, schemas: range) -> Answer:
    """Insert what is new and bring the projections up to date."""
    if connection.dialect.name == "sqlite" and not parcel.doubtful:
        try:
            return _store_at_once(connection, parcel, schemas)
        except (_UnevenError, IntegrityError, DataError):
            pass  # which event it is, and why, is found by looking at each
    return _store_with_care(connection, parcel, schemas)


class _UnevenError(Exception):
    """Not every event of the batch is new and sound."""


def _store_at_once(connection: Connection, parcel: Parcel, schemas: range) -> Answer:
    """Take a batch whose events are all new and sound: the usual case, ten times as fast."""
    with _savepoint(connection):
        if _ids_there(connection, parcel):
            raise _UnevenError
        try:
            _insert_raw(connection, parcel)
        except ValueError as error:
            raise _UnevenError from error
        bounds = _range_of(parcel)
        limits = {"lowest_schema": schemas.start, "highest_schema": schemas.stop - 1}
        [(sound,)] = _COUNT_SOUND.run(connection, {**vars(bounds), **limits})
        if sound != len(parcel.lines):
            raise _UnevenError
        projections.apply(connection, bounds, list(Kind))
    return Answer(Status.OK, inserted=len(parcel.lines))


def _insert_raw(connection: Connection, parcel: Parcel) -> None:
    names = wire.COLUMNS[parcel.caller.wire_format]
    marks = ",".join("?" * len(names))
    sql = f"INSERT INTO event ({','.join(names)}) VALUES ({marks})"  # noqa: S608 (our own words)
    rows = wire.raw_rows(parcel)
    seq = names.index("seq")
    if [row[seq] for row in rows] != list(range(parcel.from_seq, parcel.to_seq + 1)):
        raise _UnevenError
    execute(connection, sql, rows, many=True)


_COUNT_SOUND = Prepared(select(func.count()).select_from(_EVENT).where(in_range(), is_sound()))


def _range_of(parcel: Parcel) -> projections.EventRange:
    caller = parcel.caller
    return projections.EventRange(
        caller.branch, caller.terminal, caller.epoch, parcel.from_seq, parcel.to_seq
    )


def _checked(parcel: Parcel, schemas: range) -> tuple[dict[int, _EventRow], dict[int, str]]:
    """The rows of the good lines, and for the others why not; both by seq."""
    rows: dict[int, _EventRow] = {}
    rejected: dict[int, str] = {}
    for seq, line in enumerate(parcel.lines, parcel.from_seq):
        try:
            row = wire.from_line(line, parcel, seq, schemas)
        except LineError as reason:
            rejected[seq] = str(reason)
        else:
            if why := parcel.doubtful.get(seq):
                rejected[seq] = why
            else:
                rows[seq] = row
    return rows, rejected


def _store_with_care(connection: Connection, parcel: Parcel, schemas: range) -> Answer:
    """Look at each event; insert what is new and sound, and count what is there."""
    rows, rejected = _checked(parcel, schemas)
    before = _ids_there(connection, parcel)
    new = [row for seq, row in rows.items() if seq not in before]
    rejected |= _insert(connection, parcel, new)
    # ON CONFLICT DO NOTHING says nothing of a row that somebody else's id kept out: look
    there = _ids_there(connection, parcel)
    good = [seq for seq, row in rows.items() if seq not in rejected and there.get(seq) == row["id"]]
    duplicates = sum(seq in before for seq in good)
    missing = len(parcel.lines) - len(good) - len(rejected)
    if missing:
        raise RefusalError(Status.ROWS_MISSING, number=parcel.number, missing=missing)
    return Answer(
        Status.OK,
        inserted=len(good) - duplicates,
        duplicates=duplicates,
        rejected=tuple(
            Rejected(seq, wire.event_id(parcel.lines[seq - parcel.from_seq]), rejected[seq])
            for seq in sorted(rejected)
        ),
    )


def _ids_there(connection: Connection, parcel: Parcel) -> dict[int, UUID]:
    rows = connection.execute(
        select(_EVENT.c.seq, _EVENT.c.id).where(
            _of_origin(_EVENT, parcel), _in_parcel(_EVENT, parcel)
        )
    )
    return {row.seq: row.id for row in rows}


def _insert(connection: Connection, parcel: Parcel, rows: list[_EventRow]) -> dict[int, str]:
    """Insert rows with what follows from them; returns those that the database won't have."""
    try:
        _insert_together(connection, parcel, rows)
    except (IntegrityError, DataError):
        return _insert_one_by_one(connection, parcel, rows)
    return {}


def _insert_one_by_one(
    connection: Connection, parcel: Parcel, rows: list[_EventRow]
) -> dict[int, str]:
    refused: dict[int, str] = {}
    for row in rows:
        try:
            _insert_together(connection, parcel, [row])
        except (IntegrityError, DataError) as error:
            refused[_seq(row)] = f"refused by the database: {_first_line(error)}"
    return refused


def _insert_together(connection: Connection, parcel: Parcel, rows: list[_EventRow]) -> None:
    if not rows:
        return
    caller = parcel.caller
    with _savepoint(connection):
        _insert_events(connection.dialect.name).run_many(connection, rows)
        for run in _runs(rows):
            events = projections.EventRange(
                caller.branch, caller.terminal, caller.epoch, _seq(run[0]), _seq(run[-1])
            )
            projections.apply(connection, events, {str(row["kind"]) for row in run})


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """Undo the inside, and only that, when the database does not want a row."""
    savepoint = connection.begin_nested()
    try:
        yield
    except (_UnevenError, IntegrityError, DataError):
        savepoint.rollback()
        raise
    # anything else ends the whole transaction: on a full disk SQLite has ended it already, and
    # going back to a savepoint would fail and hide why
    savepoint.commit()


@cache
def _insert_events(dialect: str) -> Prepared:
    return Prepared(insert_into(_EVENT, dialect).on_conflict_do_nothing(), _EVENT.columns.keys())


def _seq(row: _EventRow) -> int:
    seq = row["seq"]
    assert isinstance(seq, int)  # noqa: S101 (wire.from_line has seen to it)
    return seq


def _runs(rows: Sequence[_EventRow]) -> Iterator[Sequence[_EventRow]]:
    """Split rows where their seq has a gap: an event in it may have been counted before."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or _seq(rows[end]) != _seq(rows[end - 1]) + 1:
            yield rows[start:end]
            start = end


def _first_line(error: DBAPIError) -> str:
    line = str(error.orig).splitlines()[0]
    return line.encode("ascii", "backslashreplace").decode("ascii")


def _quarantine(
    connection: Connection, parcel: Parcel, rejected: Iterable[Rejected], now: datetime
) -> None:
    rows = wire.quarantine_rows(parcel, rejected, now)
    if rows:
        insert_new = insert_into(_QUARANTINE, connection.dialect.name).on_conflict_do_nothing()
        connection.execute(insert_new, rows)


def _write_receipt(connection: Connection, parcel: Parcel, answer: Answer, now: datetime) -> None:
    caller = parcel.caller
    connection.execute(
        insert(_RECEIPT).values(
            branch=caller.branch,
            terminal=caller.terminal,
            epoch=caller.epoch,
            number=parcel.number,
            from_seq=parcel.from_seq,
            to_seq=parcel.to_seq,
            events=len(parcel.lines),
            digest=parcel.digest,
            inserted=answer.inserted,
            duplicates=answer.duplicates,
            quarantined=len(answer.rejected),
            received_at=now,
        )
    )


def keep_terminal(
    connection: Connection, caller: Caller, now: datetime, progress: dict[str, object]
) -> None:
    """Note when the terminal was in touch, what it runs, and how far it has come."""
    # a clock that is off by centuries must not keep the events out: the column holds 32 bits
    skew = round((caller.sent_at - now).total_seconds())
    most = (1 << 31) - 1
    connection.execute(
        update(_TERMINAL)
        .where(this_terminal(caller))
        .values(
            schema_version=caller.schema_version,
            app_version=caller.app_version,
            last_seen=now,
            clock_skew_seconds=max(-most, min(most, skew)),
            waiting=caller.waiting,
            oldest_waiting_at=caller.oldest_waiting_at,
            **(vars(caller.condition) if caller.condition else {}),
            **_audit(caller, now),
            **progress,
        )
    )


def _audit(caller: Caller, now: datetime) -> dict[str, object]:
    """The end of the terminal's audit log; one that went back keeps what was known before."""
    if caller.audit_seq is None:
        return {}
    seq, head, torn_at = _TERMINAL.c.audit_seq, _TERMINAL.c.audit_head, _TERMINAL.c.audit_torn_at
    # where nothing is known yet, this is unknown too, and no case of `case`
    is_torn = (seq > caller.audit_seq) | ((seq == caller.audit_seq) & (head != caller.audit_head))
    return {
        "audit_seq": case((is_torn, seq), else_=caller.audit_seq),
        "audit_head": case((is_torn, head), else_=caller.audit_head),
        "audit_torn_at": case((is_torn & torn_at.is_(None), now), else_=torn_at),
    }
