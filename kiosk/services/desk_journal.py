"""How a counter, and the branch itself, record what they do: in the branch database, step by step.

One transaction: the counter's own row is locked, so that its events have no gap; the tickets that
it works on are locked; the facts are stored with all that follows from them. On SQLite, and for the
branch's own events, that is done with statements. A counter's login on PostgreSQL may only call
`kiosk_record`, which looks at each event and does the same.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import (
    BRANCH_ORIGIN,
    Branch,
    Counter,
    CounterNow,
    Ticket,
    TicketState,
    counter_origin,
)
from kiosk.models.payloads import (
    Payload,
    TicketCalled,
    TicketRecalled,
    TicketStep,
    TicketTransferred,
)
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared, Values
from kiosk.projections import EventRange
from kiosk.projections.entry import ENDED
from kiosk.services.desk_tickets import (
    COUNTER_COLUMNS,
    COUNTERS_NOW,
    CounterStatus,
    counter_of,
)
from kiosk.services.entries import has_entries
from kiosk.services.journal import Fact, Journal, Origin, Transaction

_TICKET = table_of(Ticket)
_COUNTER = table_of(Counter)
_NOW = table_of(CounterNow)
_BRANCH = table_of(Branch)
EPOCH = 1
"""A branch database is restored as a whole, so that its own origins begin only once."""
_REFUSED = "KS001"


@dataclass(frozen=True)
class LockedTicket:
    """A ticket that nobody else can change until the transaction ends."""

    id: UUID
    visit: UUID
    business_date: date
    queue: str
    number: str
    service: str | None
    priority: str | None
    state: TicketState
    state_since: datetime
    steps: int
    counter: str | None
    staff: str | None
    wanted_counter: str | None
    wanted_staff: str | None
    calls: int
    arrived_at: datetime
    issued_at: datetime
    first_called_at: datetime | None
    called_at: datetime | None
    waiting_seconds: int
    service_seconds: int


LOCKED_COLUMNS = [_TICKET.c[name] for name in LockedTicket.__dataclass_fields__]
"""What `DeskTransaction.lock_first` reads, in this order."""
_BY_ID = Prepared(
    select(*LOCKED_COLUMNS)
    .where(_TICKET.c.branch == bindparam("branch"), _TICKET.c.id == bindparam("id"))
    .with_for_update(key_share=True)
)
_OF_TURN = (_COUNTER.c.last_seq, _COUNTER.c.last_event, *COUNTER_COLUMNS, *LOCKED_COLUMNS)
TURN_COLUMNS = tuple(column(f"{each.table.name}_{each.name}", each.type) for each in _OF_TURN)
"""Those of `turn`: no two have one name."""


def turn() -> Select[Any]:
    """A counter, what it does at present, and the ticket in its hand; none without a counter."""
    named = (each.label(name.name) for each, name in zip(_OF_TURN, TURN_COLUMNS, strict=True))
    return (
        select(*named)
        .select_from(COUNTERS_NOW.outerjoin(_TICKET, _TICKET.c.id == _NOW.c.ticket))
        .where(_COUNTER.c.branch == bindparam("branch"), _COUNTER.c.number == bindparam("number"))
    )


_TURN = Prepared(turn())
_TURN_ON_SERVER = Prepared(
    select(
        func.kiosk_turn(
            bindparam("branch", type_=String), bindparam("number", type_=Integer)
        ).table_valued(*TURN_COLUMNS)
    )
)
_OWN_BRANCH = Prepared(
    select(_BRANCH.c.last_seq)
    .where(_BRANCH.c.code == bindparam("branch"))
    .with_for_update(key_share=True)
)
_REMEMBER = Prepared(
    update(_COUNTER)
    .where(_COUNTER.c.branch == bindparam("own_branch"), _COUNTER.c.number == bindparam("own"))
    .values(last_seq=bindparam("seq"), last_event=bindparam("event"))
)


class DeskJournal(Journal):
    """The events of one counter of a branch, or of the branch itself.

    Args:
        database: The branch database.
        branch: The branch's code.
        counter: The counter's number; None: the branch itself, as at the end of a day.
        clock: Gives the times.
        zone: The branch's zone.
        release: The release of the catalog in use; it stands in every event.
    """

    def __init__(
        self,
        database: Database,
        branch: str,
        counter: int | None,
        clock: Clock,
        zone: ZoneInfo,
        release: str,
    ) -> None:
        origin = BRANCH_ORIGIN if counter is None else counter_origin(counter)
        super().__init__(database, Origin(branch, origin, EPOCH), clock, zone, release)
        self.counter = counter

    @contextmanager
    def transaction(self) -> "Iterator[DeskTransaction]":
        """Read, lock and record in one transaction; commits at the end, or nothing at all.

        Raises:
            KioskError: `counter_unknown`, `branch_unknown`; `desk_refused` when the database takes
                the facts for untrue; `database_conflict` when others were in the way: try again.
        """
        with self.database.write() as connection:
            transaction = DeskTransaction(connection, self)
            yield transaction
            transaction.flush()
        if transaction.wipes_entries:
            self.database.forget()


class DeskTransaction(Transaction):
    """Facts that are stored together, or not at all; while it lasts, no other of this counter."""

    def __init__(self, connection: Connection, journal: DeskJournal) -> None:
        super().__init__(connection, journal)
        self.wipes_entries = False
        """Whether something that a customer filled in is deleted in a file."""
        self._counter = journal.counter
        self.last_event: UUID | None = None
        """The counter's last one, before this."""
        self.status: CounterStatus | None = None
        """The counter; None of the branch itself."""
        self.in_hand: LockedTicket | None = None
        """The ticket that the counter has called or serves."""
        self._seq = self._lock_own_row(journal)

    def lock(self, ticket: UUID) -> LockedTicket | None:
        """Lock a ticket of this branch until the transaction ends; None if there is none."""
        return self.lock_first(_BY_ID, {"branch": self._journal.origin.branch, "id": ticket})

    def lock_first(self, statement: Prepared, values: Values) -> LockedTicket | None:
        """Lock the ticket that a statement chooses from `LOCKED_COLUMNS`; None if it finds none."""
        rows = statement.rows(self.connection, values)
        return _locked(rows[0]) if rows else None

    def step(
        self,
        ticket: LockedTicket,
        payload: TicketStep,
        *,
        staff: str | None = None,
        reason: str | None = None,
        id: UUID | None = None,
    ) -> LockedTicket:
        """Record what is done with a ticket. Which steps its state allows, the caller knows.

        Args:
            ticket: As `lock` or an earlier step gave it.
            payload: The step; what its base class holds is filled in here.
            staff: Who does it; at a counter.
            reason: A code.
            id: The event's; None: a new one.

        Returns:
            The ticket as it is after the step.
        """
        lasted = int((self.now - ticket.state_since).total_seconds())
        seconds = max(0, lasted)  # another machine's clock may be ahead, or was
        after = self._after(ticket, payload, staff, seconds)
        if after.state in ENDED and self.connection.dialect.name == "sqlite":
            self.wipes_entries = self.wipes_entries or has_entries(self.connection, ticket.id)
        # a step says who took it; one of the branch, who had the ticket
        mine = str(self._counter) if self._counter is not None else None
        self.record(
            Fact(
                payload.model_copy(
                    update={
                        "was": ticket.state,
                        "seconds": seconds,
                        "calls": after.calls,
                        "wanted_counter": after.wanted_counter,
                        "wanted_staff": after.wanted_staff,
                    }
                ),
                visit=ticket.visit,
                ticket=ticket.id,
                ticket_number=ticket.number,
                queue=after.queue,
                service=ticket.service,
                counter=mine or ticket.counter,
                staff=staff if mine else ticket.staff,
                reason=reason,
                step=after.steps,
                business_date=ticket.business_date,
                id=id,
            )
        )
        return after

    def say(self, payload: Payload, staff: str, id: UUID | None = None) -> None:
        """Record what the counter does with itself."""
        self.record(Fact(payload, counter=str(self._counter), staff=staff, id=id))

    def _after(
        self, ticket: LockedTicket, payload: TicketStep, staff: str | None, seconds: int
    ) -> LockedTicket:
        after = replace(
            ticket, state=payload.to_state, state_since=self.now, steps=ticket.steps + 1
        )
        if ticket.state is TicketState.SERVING:
            after = replace(after, service_seconds=ticket.service_seconds + seconds)
        if isinstance(payload, TicketCalled):
            after = replace(
                after,
                calls=1,
                first_called_at=ticket.first_called_at or self.now,
                called_at=self.now,
                waiting_seconds=ticket.waiting_seconds + seconds,
            )
        if isinstance(payload, TicketRecalled):
            after = replace(after, calls=ticket.calls + 1, called_at=self.now)
        if isinstance(payload, TicketTransferred):
            after = replace(
                after,
                queue=payload.to_queue or ticket.queue,
                wanted_counter=payload.to_counter,
                wanted_staff=payload.to_staff,
            )
        if payload.to_state is TicketState.WAITING:
            return replace(after, counter=None, staff=None)
        if self._counter is None:
            return after
        return replace(after, counter=str(self._counter), staff=staff)

    def _lock_own_row(self, journal: DeskJournal) -> int:
        branch, counter = journal.origin.branch, journal.counter
        if counter is None:
            if rows := _OWN_BRANCH.rows(self.connection, {"branch": branch}):
                return int(rows[0][0])
            raise KioskError("branch_unknown", branch=branch, database=journal.database.name)
        statement = _TURN if journal.database.is_sqlite else _TURN_ON_SERVER
        rows = statement.rows(self.connection, {"branch": branch, "number": counter})
        if not rows:
            raise KioskError(
                "counter_unknown", counter=counter, branch=branch, database=journal.database.name
            )
        last_seq, self.last_event, *rest = rows[0]
        now, ticket = rest[: len(COUNTER_COLUMNS)], rest[len(COUNTER_COLUMNS) :]
        self.status = counter_of(now, journal.business_date(self.now))
        if self.status.ticket is not None:
            self.in_hand = _locked(ticket)
        return int(last_seq)

    def _read_last_seq(self) -> int:
        return self._seq

    def _store(self, events: EventRange, rows: Sequence[dict[str, object]]) -> None:
        if self._counter is not None and self.connection.dialect.name == "postgresql":
            self._call(events.branch, rows)
            return
        super()._store(events, rows)
        if self._counter is None:
            mine = update(_BRANCH).where(_BRANCH.c.code == events.branch)
            self.connection.execute(mine.values(last_seq=events.to_seq))
        else:
            own = {"own_branch": events.branch, "own": self._counter}
            _REMEMBER.run(self.connection, {**own, "seq": events.to_seq, "event": rows[-1]["id"]})

    def _call(self, branch: str, rows: Sequence[dict[str, object]]) -> None:
        from kiosk.services.sync.wire import line_of_row

        lines = [line_of_row({**row, "payload": json.dumps(row["payload"])}) for row in rows]
        events = f"[{','.join(line.decode() for line in lines)}]"
        try:
            self.connection.exec_driver_sql(
                "SELECT kiosk_record(%s, %s, %s::json)", (branch, self._counter, events)
            )
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _REFUSED:
                raise
            raise KioskError("desk_refused", counter=self._counter, branch=branch) from error


def _locked(row: Sequence[Any]) -> LockedTicket:
    ticket = LockedTicket(*row)
    return replace(ticket, state=TicketState(ticket.state))
