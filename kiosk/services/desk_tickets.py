"""Today's tickets and counters of a branch, read from the branch database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, or_, select

from kiosk.models import Counter, CounterNow, Ticket
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.desk_view import DeskTicket
from kiosk.services.queue_order import Caller

_TICKET = table_of(Ticket)
_COUNTER = table_of(Counter)
_NOW = table_of(CounterNow)
TICKET_COLUMNS = tuple(
    _TICKET.c[name]
    for name in (
        "id", "number", "queue", "service", "priority", "state", "state_since", "arrived_at",
        "issued_at", "counter", "staff", "wanted_counter", "wanted_staff", "first_called_at",
        "called_at", "calls", "waiting_seconds", "service_seconds",
    )
)  # fmt: skip
"""What `ticket_of` reads, in this order."""
_OPEN = (
    TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD,
    TicketState.NO_SHOW,
)  # fmt: skip
_OF_BRANCH = select(*TICKET_COLUMNS).where(_TICKET.c.branch == bindparam("branch"))
_OF_DAY = _OF_BRANCH.where(_TICKET.c.business_date == bindparam("business_date"))
_OPEN_OF_DAY = Prepared(_OF_DAY.where(or_(*(_TICKET.c.state == each.value for each in _OPEN))))
_BY_NUMBER = Prepared(_OF_DAY.where(_TICKET.c.number == bindparam("number")))
_BY_ID = Prepared(_OF_BRANCH.where(_TICKET.c.id == bindparam("id")))
COUNTER_COLUMNS = (
    _COUNTER.c.number, _COUNTER.c.queues, _NOW.c.state, _NOW.c.staff, _NOW.c.since, _NOW.c.back_at,
    _NOW.c.ticket, _NOW.c.business_date,
)  # fmt: skip
"""What `counter_of` reads, in this order, from `COUNTERS_NOW`."""
COUNTERS_NOW = _COUNTER.outerjoin(
    _NOW, (_NOW.c.branch == _COUNTER.c.branch) & (_NOW.c.number == _COUNTER.c.number)
)
_COUNTERS_OF_BRANCH = (
    select(*COUNTER_COLUMNS)
    .select_from(COUNTERS_NOW)
    .where(_COUNTER.c.branch == bindparam("branch"))
)
_COUNTERS = Prepared(_COUNTERS_OF_BRANCH.order_by(_COUNTER.c.number))
_ONE_COUNTER = Prepared(_COUNTERS_OF_BRANCH.where(_COUNTER.c.number == bindparam("number")))


@dataclass(frozen=True)
class CounterStatus:
    """A counter of the branch, and what it does at present."""

    number: int
    queues: frozenset[str] | None
    """Letters of the queues that it serves; None: all."""
    state: CounterState
    staff: str | None
    since: datetime | None
    back_at: datetime | None
    ticket: UUID | None
    """The one in hand."""

    @property
    def caller(self) -> Caller:
        """Whom it may call."""
        return Caller(self.number, self.staff, self.queues)


@dataclass(frozen=True)
class Lobby:
    """Who is in the branch at one moment, and what its counters do."""

    tickets: tuple[DeskTicket, ...]
    """Today's that can still come to something; no-shows among them."""
    counters: tuple[CounterStatus, ...]

    def in_state(self, state: TicketState) -> list[DeskTicket]:
        """The tickets in a state."""
        return [each for each in self.tickets if each.state is state]

    @property
    def callers(self) -> list[Caller]:
        """Who calls tickets today: the counters that are open or on break."""
        return [each.caller for each in self.counters if each.state is not CounterState.CLOSED]


def read_lobby(connection: Connection, branch: str, business_date: date) -> Lobby:
    """Read who is in a branch.

    Args:
        connection: To the branch database.
        branch: The branch's code.
        business_date: Today, in the branch's zone.
    """
    today = {"branch": branch, "business_date": business_date}
    return Lobby(
        tuple(ticket_of(row) for row in _OPEN_OF_DAY.rows(connection, today)),
        tuple(
            counter_of(row, business_date) for row in _COUNTERS.rows(connection, {"branch": branch})
        ),
    )


def read_counter(
    connection: Connection, branch: str, number: int, business_date: date
) -> CounterStatus | None:
    """Read one counter; None where there is no such."""
    rows = _ONE_COUNTER.rows(connection, {"branch": branch, "number": number})
    return counter_of(rows[0], business_date) if rows else None


def ticket_by_id(connection: Connection, branch: str, id: UUID) -> DeskTicket | None:
    """Read one ticket of a branch, of whichever day; None where there is no such."""
    rows = _BY_ID.rows(connection, {"branch": branch, "id": id})
    return ticket_of(rows[0]) if rows else None


def ticket_by_number(
    connection: Connection, branch: str, business_date: date, number: str
) -> DeskTicket | None:
    """Read one ticket of a branch's day; None where there is no such."""
    which = {"branch": branch, "business_date": business_date, "number": number}
    rows = _BY_NUMBER.rows(connection, which)
    return ticket_of(rows[0]) if rows else None


def ticket_of(row: Iterable[Any]) -> DeskTicket:
    """The ticket in a row of `TICKET_COLUMNS`."""
    values = dict(zip((column.name for column in TICKET_COLUMNS), row, strict=True))
    values["priority"] = Priority(values["priority"] or Priority.NORMAL)
    values["state"] = TicketState(values["state"])
    for name in ("counter", "wanted_counter"):
        values[name] = None if values[name] is None else int(values[name])
    return DeskTicket(**values)


def counter_of(row: Iterable[Any], today: date) -> CounterStatus:
    """The counter in a row; one that nobody closed yesterday is closed all the same."""
    number, queues, state, staff, since, back_at, ticket, business_date = row
    serves = None if queues is None else frozenset(queues)
    is_of_today = business_date is not None and business_date >= today
    if not is_of_today or state == CounterState.CLOSED:
        return CounterStatus(number, serves, CounterState.CLOSED, None, since, None, ticket)
    return CounterStatus(number, serves, CounterState(state), staff, since, back_at, ticket)
