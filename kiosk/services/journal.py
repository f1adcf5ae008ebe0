"""Writes events: durable before it returns, with the projections in the same transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import uuid_utils.compat as uuid_utils
from sqlalchemy import Connection, bindparam, func, insert, select

from kiosk import __version__, projections
from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.models import Event, Watermark
from kiosk.models.payloads import Payload
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared

_EVENT = table_of(Event)
_WATERMARK = table_of(Watermark)
_INSERT_EVENT = Prepared(insert(_EVENT), _EVENT.columns.keys())
_LAST_SEQ = Prepared(
    select(
        select(func.max(_EVENT.c.seq))
        .where(
            _EVENT.c.branch == bindparam("branch"),
            _EVENT.c.terminal == bindparam("terminal"),
            _EVENT.c.epoch == bindparam("epoch"),
        )
        .scalar_subquery(),
        select(func.max(_WATERMARK.c.acked_seq))
        .where(_WATERMARK.c.epoch == bindparam("epoch"))
        .scalar_subquery(),
    )
)
SCHEMA_VERSION = 1
"""Of the events that this program writes."""


def new_id() -> UUID:
    """A UUIDv7: unique without asking anybody, and cheap to insert."""
    return uuid_utils.uuid7()


@dataclass(frozen=True)
class Fact:
    """An event as a service states it; the journal adds who, when and in which order."""

    payload: Payload
    visit: UUID | None = None
    language: str | None = None
    service: str | None = None
    channel: str | None = None
    offer: UUID | None = None
    ticket: UUID | None = None
    ticket_number: str | None = None
    queue: str | None = None
    counter: str | None = None
    staff: str | None = None
    reason: str | None = None
    evidence: str | None = None
    transferable: bool | None = None
    arrived_at: datetime | None = None
    priority: str | None = None
    step: int | None = None
    demo: str | None = None
    demo_run: UUID | None = None
    way: str | None = None
    screen: str | None = None
    wrong_keys: int | None = None
    right_answers: int | None = None
    questions: int | None = None
    subject: UUID | None = None
    product: str | None = None
    outcome: str | None = None
    segment: str | None = None
    receipt: str | None = None
    reference: str | None = None
    business_date: date | None = None
    """None: the day on which it happens."""
    id: UUID | None = None
    """The event's; None: a new one."""


@dataclass(frozen=True)
class Origin:
    """Whose events these are."""

    branch: str
    terminal: str
    epoch: int


class Journal:
    """The event log of one origin.

    Args:
        database: The origin's own store.
        origin: Whose events are written.
        clock: Gives the times.
        zone: The branch's zone: business day and local hour follow it.
        release: The release of the catalog in use; it stands in every event.
    """

    def __init__(
        self, database: Database, origin: Origin, clock: Clock, zone: ZoneInfo, release: str
    ) -> None:
        self.database = database
        self.origin = origin
        self._clock = clock
        self._zone = zone
        self._release = release

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return self._clock.now()

    def business_date(self, moment: datetime | None = None) -> date:
        """The day of a moment in the branch's time zone; today, if none is given."""
        return (moment or self.now()).astimezone(self._zone).date()

    def end_of_day(self, moment: datetime) -> datetime:
        """When the business day of a moment is over: midnight in the branch's zone."""
        tomorrow = self.business_date(moment) + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self._zone).astimezone(UTC)

    def local_time(self, moment: datetime) -> time:
        """The wall clock in the branch's time zone at a moment."""
        return moment.astimezone(self._zone).time()

    def record(self, *facts: Fact) -> None:
        """Write facts in one transaction; they are on disk when this returns.

        Raises:
            KioskError: When the store can't be written: `disk_full`, `database_busy` and the like.
            ValueError: A fact leaves a column empty that its kind must fill.
        """
        with self.transaction() as transaction:
            for fact in facts:
                transaction.record(fact)

    @contextmanager
    def transaction(self) -> "Iterator[Transaction]":
        """Read and record in one transaction; commits at the end, or nothing at all."""
        with self.database.write() as connection:
            transaction = Transaction(connection, self)
            yield transaction
            transaction.flush()

    def row(self, fact: Fact, seq: int, now: datetime) -> dict[str, object]:
        """The event row of a fact."""
        missing = [name for name in fact.payload.columns if getattr(fact, name) is None]
        if missing:
            raise ValueError(f"{type(fact.payload).__name__} without {', '.join(missing)}")
        either = fact.payload.either or ()
        if either and [getattr(fact, name) for name in either].count(None) != 1:
            raise ValueError(f"{type(fact.payload).__name__} with one of {', '.join(either)}")
        local = now.astimezone(self._zone)
        row = dict(vars(fact))
        row.update(
            branch=self.origin.branch,
            terminal=self.origin.terminal,
            epoch=self.origin.epoch,
            seq=seq,
            id=fact.id or new_id(),
            occurred_at=now,
            business_date=fact.business_date or local.date(),
            local_hour=local.hour,
            monotonic_ns=self._clock.monotonic_ns(),
            boot_id=self._clock.boot_id,
            kind=fact.payload.kind.value,
            stage=fact.payload.stage,
            release=self._release,
            schema_version=SCHEMA_VERSION,
            app_version=__version__,
            payload=fact.payload.model_dump(mode="json"),
        )
        return row


class Transaction:
    """Facts that are stored together, or not at all."""

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self.connection = connection
        self.now = journal.now()
        """The moment of all its events: a ticket is numbered for the day that it is dated."""
        self._journal = journal
        self._rows: list[dict[str, object]] = []

    @property
    def next_seq(self) -> int:
        """That of the fact that is recorded next."""
        if not self._rows:
            self._last_seq = self._read_last_seq()
        return self._last_seq + len(self._rows) + 1

    def record(self, fact: Fact) -> None:
        """Add a fact; it is stored when the transaction ends."""
        self._rows.append(self._journal.row(fact, self.next_seq, self.now))

    def flush(self) -> None:
        """Store what was recorded and bring the projections up to date."""
        if not self._rows:
            return
        origin = self._journal.origin
        first, last = self._last_seq + 1, self._last_seq + len(self._rows)
        events = projections.EventRange(origin.branch, origin.terminal, origin.epoch, first, last)
        self._store(events, self._rows)

    def _store(self, events: projections.EventRange, rows: Sequence[dict[str, object]]) -> None:
        _INSERT_EVENT.run_many(self.connection, rows)
        projections.apply_rows(self.connection, events, rows)

    def _read_last_seq(self) -> int:
        """The last seq that was given; old events may be gone, but never above the watermark."""
        [found] = _LAST_SEQ.run(self.connection, vars(self._journal.origin))
        return max(number or 0 for number in found)
