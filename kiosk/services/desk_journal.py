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
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import ColumnElement

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import BRANCH_ORIGIN, Branch, Counter, Ticket, TicketState, counter_origin
from kiosk.models.payloads import Payload, TicketStep, TicketTransferred
from kiosk.models.tables import table_of
from kiosk.projections import EventRange
from kiosk.services.journal import Fact, Journal, Origin, Transaction

_TICKET = table_of(Ticket)
_COUNTER = table_of(Counter)
_BRANCH = table_of(Branch)
_EPOCH = 1
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


_COLUMNS = [_TICKET.c[name] for name in LockedTicket.__dataclass_fields__]


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
        super().__init__(database, Origin(branch, origin, _EPOCH), clock, zone, release)
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


class DeskTransaction(Transaction):
    """Facts that are stored together, or not at all; while it lasts, no other of this counter."""

    def __init__(self, connection: Connection, journal: DeskJournal) -> None:
        super().__init__(connection, journal)
        self._counter = journal.counter
        self._table, self._this = self._own_row(journal)
        self._seq = self._lock_own_row(journal)

    def lock(self, ticket: UUID, *, skip_locked: bool = False) -> LockedTicket | None:
        """Lock a ticket of this branch until the transaction ends.

        Args:
            ticket: Its id.
            skip_locked: Do not wait for others who have it: then it is not to be had.

        Returns:
            The ticket as it is now; None if there is none, or others have it.
        """
        row = self.connection.execute(
            select(*_COLUMNS)
            .where(_TICKET.c.id == ticket, _TICKET.c.branch == self._journal.origin.branch)
            .with_for_update(key_share=True, skip_locked=skip_locked)
        ).first()
        if row is None:
            return None
        return LockedTicket(**{**row._mapping, "state": TicketState(row.state)})

    def step(
        self,
        ticket: LockedTicket,
        payload: TicketStep,
        *,
        staff: str | None = None,
        reason: str | None = None,
    ) -> LockedTicket:
        """Record what is done with a ticket. Which steps its state allows, the caller knows.

        Args:
            ticket: As `lock` or an earlier step gave it.
            payload: The step; what its base class holds is filled in here.
            staff: Who does it; at a counter.
            reason: A code.

        Returns:
            The ticket as it is after the step.
        """
        after = self._after(ticket, payload, staff)
        seconds = int((self.now - ticket.state_since).total_seconds())
        # a step says who took it; one of the branch, who had the ticket
        mine = str(self._counter) if self._counter is not None else None
        self.record(
            Fact(
                payload.model_copy(
                    update={
                        "was": ticket.state,
                        "seconds": max(0, seconds),  # another machine's clock may be behind
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
            )
        )
        return after

    def say(self, payload: Payload, staff: str) -> None:
        """Record what the counter does with itself."""
        self.record(Fact(payload, counter=str(self._counter), staff=staff))

    def _after(self, ticket: LockedTicket, payload: TicketStep, staff: str | None) -> LockedTicket:
        calls = {"called": 1, "recalled": ticket.calls + 1}.get(payload.stage, ticket.calls)
        after = replace(
            ticket,
            state=payload.to_state,
            state_since=self.now,
            steps=ticket.steps + 1,
            calls=calls,
        )
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

    def _own_row(self, journal: DeskJournal) -> tuple[Table, ColumnElement[bool]]:
        branch, counter = journal.origin.branch, journal.counter
        if counter is None:
            return _BRANCH, _BRANCH.c.code == branch
        return _COUNTER, (_COUNTER.c.branch == branch) & (_COUNTER.c.number == counter)

    def _lock_own_row(self, journal: DeskJournal) -> int:
        last_seq = self.connection.execute(
            select(self._table.c.last_seq).where(self._this).with_for_update(key_share=True)
        ).scalar()
        if last_seq is not None:
            return int(last_seq)
        branch, database = journal.origin.branch, journal.database.name
        if journal.counter is None:
            raise KioskError("branch_unknown", branch=branch, database=database)
        raise KioskError(
            "counter_unknown", counter=journal.counter, branch=branch, database=database
        )

    def _read_last_seq(self) -> int:
        return self._seq

    def _store(self, events: EventRange, rows: Sequence[dict[str, object]]) -> None:
        if self._counter is not None and self.connection.dialect.name == "postgresql":
            self._call(events.branch, rows)
            return
        super()._store(events, rows)
        self.connection.execute(
            update(self._table).where(self._this).values(last_seq=events.to_seq)
        )

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
