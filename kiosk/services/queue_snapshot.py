"""The branch's queue at one moment, as its terminals get it: enough to say how long the wait is.

It names no customer: a ticket is a random id, where it waits and since when, and what it is for; a
counter is its number and what it is doing, not who sits there. Of a call for help it tells the
number of the member of staff who comes, since the customer is told who.
"""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Connection, Integer, case, cast, func, select

from kiosk.models import Counter, CounterNow, CounterState, Priority, Ticket, TicketState
from kiosk.models.tables import table_of
from kiosk.services.lobby_state import CallNow, OutageNow, read_calls, read_outages

_COUNTER = table_of(Counter)
_NOW = table_of(CounterNow)
_TICKET = table_of(Ticket)


LAST_HOUR = timedelta(hours=1)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WaitingTicket(_Part):
    """A ticket that is to be called."""

    ticket: UUID
    queue: str
    service: str | None
    priority: Priority
    counter: int | None
    """The only one that may call it, where it was sent on to a counter or to who works there; 0:
    that person is at no counter."""
    arrived_at: AwareDatetime
    issued_at: AwareDatetime


class InHand(_Part):
    """What a counter is busy with; whose ticket it is does not matter."""

    service: str | None
    since: AwareDatetime
    """The call."""


class CounterAtWork(_Part):
    """A counter that reported today."""

    number: int
    queues: tuple[str, ...] | None
    """Letters; None: all."""
    state: CounterState
    back_at: AwareDatetime | None
    """When the break is said to end."""
    in_hand: InHand | None


class Ended(NamedTuple):
    """A ticket that a counter is done with: what today teaches of the minutes."""

    service: str | None
    seconds: int
    """Of the counter, since the call."""
    waited_seconds: int
    """From coming to the call."""
    is_no_show: bool


class Came(NamedTuple):
    """A ticket of a class that may go ahead: how many of them come today."""

    priority: Priority
    seconds_ago: int
    """Less than an hour: what is older says little."""


class QueueSnapshot(_Part):
    """Everybody who waits in a branch, in the order of issue, and its counters."""

    read_at: AwareDatetime
    """By the branch's clock."""
    epoch: int
    """Of the terminal that this is for."""
    acked_seq: int
    """The terminal's last event that the branch had: what came later is not in here."""
    waiting: tuple[WaitingTicket, ...]
    counters: tuple[CounterAtWork, ...]
    """None, as long as no counter has reported today."""
    ended: tuple[Ended, ...]
    """Of today, as they ended; what was sent on or came late is left out."""
    came: tuple[Came, ...]
    """In the order of issue."""
    calls: tuple[CallNow, ...] = ()
    """For help, of today."""
    outages: tuple[OutageNow, ...] = ()


def read_queue(
    connection: Connection, branch: str, zone: ZoneInfo, now: datetime, position: tuple[int, int]
) -> QueueSnapshot:
    """Read a branch's queue of today; calls and outages are not read.

    Args:
        connection: To the branch database.
        branch: Its code.
        zone: The branch's: today is a business day there.
        now: Aware.
        position: Epoch and last event that the branch has of the terminal that asks.
    """
    today = now.astimezone(zone).date()
    return QueueSnapshot(
        read_at=now,
        epoch=position[0],
        acked_seq=position[1],
        waiting=_waiting(connection, branch, today),
        counters=_counters(connection, branch, today),
        ended=_ended(connection, branch, today),
        came=_came(connection, branch, today, now),
    )


def read_lobby(
    connection: Connection, branch: str, zone: ZoneInfo, now: datetime, position: tuple[int, int]
) -> QueueSnapshot:
    """As `read_queue`, with what only terminals and staff are told: calls for help and outages."""
    today = now.astimezone(zone).date()
    return read_queue(connection, branch, zone, now, position).model_copy(
        update={
            "calls": read_calls(connection, branch, today),
            "outages": read_outages(connection, branch, today, now),
        }
    )


def _waiting(connection: Connection, branch: str, today: date) -> tuple[WaitingTicket, ...]:
    t = _TICKET.c
    there = (
        select(func.min(_NOW.c.number))
        .where(
            _NOW.c.branch == branch,
            _NOW.c.business_date == today,
            _NOW.c.state != CounterState.CLOSED.value,
            _NOW.c.staff == t.wanted_staff,
        )
        .scalar_subquery()
    )
    only_at = case(
        (t.wanted_counter.is_not(None), cast(t.wanted_counter, Integer)),
        (t.wanted_staff.is_not(None), func.coalesce(there, 0)),
    )
    rows = connection.execute(
        select(
            t.id, t.queue, t.service, t.priority, t.arrived_at, t.issued_at,
            only_at.label("only_at"),
        )
        .where(t.branch == branch, t.business_date == today, t.state == TicketState.WAITING.value)
        .order_by(t.issued_at, t.id)
    )  # fmt: skip
    return tuple(
        WaitingTicket(
            ticket=row.id,
            queue=row.queue,
            service=row.service,
            # a step may be known before the issue is
            priority=row.priority or Priority.NORMAL,
            counter=row.only_at,
            arrived_at=row.arrived_at,
            issued_at=row.issued_at,
        )
        for row in rows
    )


def _counters(connection: Connection, branch: str, today: date) -> tuple[CounterAtWork, ...]:
    now, known, t = _NOW.c, _COUNTER.c, _TICKET.c
    rows = connection.execute(
        select(
            now.number, known.queues, now.state, now.back_at, t.id, t.service, t.called_at,
            t.hold_seconds,
        )
        .select_from(_NOW)
        .outerjoin(_COUNTER, (known.branch == now.branch) & (known.number == now.number))
        .outerjoin(_TICKET, t.id == now.ticket)
        .where(now.branch == branch, now.business_date == today)
        .order_by(now.number)
    )  # fmt: skip
    return tuple(
        CounterAtWork(
            number=number,
            queues=queues,
            state=state,
            back_at=back_at,
            in_hand=InHand(service=service, since=called_at + timedelta(seconds=held))
            if ticket
            else None,
        )
        for number, queues, state, back_at, ticket, service, called_at, held in rows
    )


def _ended(connection: Connection, branch: str, today: date) -> tuple[Ended, ...]:
    t = _TICKET.c
    rows = connection.execute(
        select(
            t.service, t.issued_at, t.arrived_at, t.first_called_at, t.ended_at, t.hold_seconds,
            t.waiting_seconds, t.state,
        )
        .where(
            t.branch == branch,
            t.business_date == today,
            t.state.in_([TicketState.SERVED.value, TicketState.NO_SHOW.value]),
        )
        .order_by(t.ended_at, t.id)
    )  # fmt: skip
    return tuple(
        Ended(
            row.service,
            max(0, int((row.ended_at - row.first_called_at).total_seconds()) - row.hold_seconds),
            max(0, int((row.first_called_at - row.arrived_at).total_seconds())),
            row.state == TicketState.NO_SHOW.value,
        )
        for row in rows
        # one wait, and so one call: it was neither sent on nor called once more
        if row.waiting_seconds <= (row.first_called_at - row.issued_at).total_seconds() + 1
    )


def _came(connection: Connection, branch: str, today: date, now: datetime) -> tuple[Came, ...]:
    t = _TICKET.c
    rows = connection.execute(
        select(t.priority, t.issued_at)
        .where(
            t.branch == branch,
            t.business_date == today,
            t.priority != Priority.NORMAL.value,
            t.issued_at > now - LAST_HOUR,
        )
        .order_by(t.issued_at, t.id)
    )
    return tuple(Came(Priority(p), max(0, int((now - at).total_seconds()))) for p, at in rows)
