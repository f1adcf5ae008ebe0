"""What a branch's events say of its days: who came, what became of them, who served them.

A walk-in is a visit that took a ticket, or that went to an e-channel and took none; who left
without either is in no figure of a simulation. Who is 60+ or uses large type is offered nothing
and stays out of all diversion figures: they count with their tickets alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, func, select

from kiosk.models import Diversion, Event, Kind, Priority, Ticket, TicketState, Visit
from kiosk.models.payloads import (
    CounterBreakEnded,
    CounterBreakStarted,
    CounterClosed,
    CounterOpened,
)
from kiosk.models.tables import table_of

STRAIGHT: Final = "straight_to_counter"
"""The service of those who did not say what they came for."""
_MINUTE: Final = timedelta(minutes=1)
_DIVERSION = table_of(Diversion)
_EVENT = table_of(Event)
_TICKET = table_of(Ticket)
_VISIT = table_of(Visit)
_Row = Row[*tuple[Any, ...]]


class AtCounter(NamedTuple):
    """A ticket, as far as counters worked on it."""

    queue: str
    counter: str | None
    is_no_show: bool
    waited: float | None
    """Minutes until the first call; None: nobody called it."""
    gap: float | None
    """Minutes from the call until somebody stood there; None: not known."""
    minutes: float | None
    """Of work: served, or until nobody came; None: neither."""


class CameIn(NamedTuple):
    """A walk-in."""

    at: float
    """Minutes since midnight."""
    service: str
    is_priority: bool
    channel: str | None
    """The e-channel that was offered for this service, the accepted one first; None: none was."""
    accepted: bool
    ticket: AtCounter | None
    """None: they needed none."""

    @property
    def came_back(self) -> bool:
        """Whether they had gone to an e-channel before they took the ticket."""
        return self.accepted and self.ticket is not None


class CounterDay(NamedTuple):
    """A counter on a day, in minutes since midnight."""

    opened: float
    closed: float
    away: tuple[tuple[float, float], ...]
    """Start and minutes of each absence that ended."""


@dataclass(frozen=True)
class ObservedDay:
    """A day of a branch."""

    on: date
    came: tuple[CameIn, ...]
    """As they came."""
    counters: Mapping[str, CounterDay]
    """Those that opened."""


def observed_days(
    connection: Connection, branch: str, zone: ZoneInfo, days: Sequence[date]
) -> Iterator[ObservedDay]:
    """Read days; those on which nobody came as well.

    Args:
        connection: To the branch database.
        branch: Its code.
        zone: Its time zone.
        days: Which, at least one.
    """
    reports = _rows_of_counters(connection, branch, days)
    for on in days:
        # as noon's clock has it: no branch is open when clocks are changed
        midnight = datetime.combine(on, time(12), zone).astimezone(UTC) - timedelta(hours=12)
        tickets = connection.execute(_tickets(branch, on)).all()
        offers = connection.execute(_offers(branch, on)).all()
        counters = counter_days(_reports(reports.get(on, ()), midnight))
        came = sorted(_came(tickets, offers, midnight), key=lambda each: each.at)
        yield ObservedDay(on, tuple(came), counters)


# --- who came ---------------------------------------------------------------------------------


def _tickets(branch: str, on: date) -> Select[*tuple[Any, ...]]:
    t = _TICKET.c
    return (
        select(
            t.visit, t.service, t.queue, t.priority, t.left_out, t.state, t.counter, t.arrived_at,
            t.issued_at, t.first_called_at, t.started_at, t.ended_at, t.steps, t.calls,
            t.service_seconds,
        )
        .where(
            t.branch == branch,
            t.business_date == on,
            t.state != TicketState.CANCELLED.value,
            t.priority.is_not(None),
        )
        .order_by(t.issued_at, t.number)
    )  # fmt: skip


def _offers(branch: str, on: date) -> Select[*tuple[Any, ...]]:
    d = _DIVERSION.c
    return (
        select(
            d.visit, d.service, d.channel, d.accepted_at,
            func.coalesce(_VISIT.c.arrived_at, d.offered_at).label("arrived_at"),
        )
        .outerjoin(_VISIT, _VISIT.c.id == d.visit)
        .where(
            d.branch == branch,
            d.business_date == on,
            d.left_out.is_(False),
            d.offered_at.is_not(None),
        )
        .order_by(d.offered_at, d.id)
    )  # fmt: skip


def _came(tickets: Sequence[_Row], offers: Sequence[_Row], midnight: datetime) -> Iterator[CameIn]:
    of_visits: dict[UUID, list[_Row]] = {}
    for offer in offers:
        of_visits.setdefault(offer.visit, []).append(offer)
    for ticket in tickets:
        offered = of_visits.pop(ticket.visit, [])
        service = ticket.service or STRAIGHT
        of_service = [each for each in offered if each.service == service]
        goes_ahead = ticket.priority not in (Priority.NORMAL.value, Priority.RETURNED.value)
        yield CameIn(
            _since(midnight, ticket.arrived_at),
            service,
            ticket.left_out or goes_ahead,
            _channel(of_service),
            any(each.accepted_at is not None for each in of_service),
            _at_counter(ticket),
        )
    for offered in of_visits.values():
        accepted = [each for each in offered if each.accepted_at is not None]
        if accepted:
            at = _since(midnight, accepted[0].arrived_at)
            yield CameIn(
                at, accepted[-1].service, False, accepted[-1].channel, accepted=True, ticket=None
            )


def _channel(offered: Sequence[_Row]) -> str | None:
    """The accepted one, else the first that was offered."""
    accepted = [each.channel for each in offered if each.accepted_at is not None]
    return next(iter([*accepted, *(each.channel for each in offered)]), None)


def _at_counter(ticket: _Row) -> AtCounter:
    waited = gap = minutes = None
    if ticket.first_called_at is not None:
        waited = max(0.0, (ticket.first_called_at - ticket.issued_at) / _MINUTE)
        recalls = max(0, ticket.calls - 1)
        is_served = ticket.state == TicketState.SERVED.value
        is_no_show = ticket.state == TicketState.NO_SHOW.value
        # nothing in between, as being sent on or put on hold
        if is_served and ticket.steps == 3 + recalls:
            gap = (ticket.started_at - ticket.first_called_at) / _MINUTE
        if is_served:
            minutes = (ticket.service_seconds + 0.5) / 60  # whole seconds, rounded down
        elif is_no_show and ticket.steps == 2 + recalls:
            minutes = (ticket.ended_at - ticket.first_called_at) / _MINUTE
    return AtCounter(
        ticket.queue,
        ticket.counter,
        ticket.state == TicketState.NO_SHOW.value,
        waited,
        gap,
        minutes,
    )


def _since(midnight: datetime, moment: datetime) -> float:
    return (moment - midnight) / _MINUTE


# --- who served -------------------------------------------------------------------------------


class Report(NamedTuple):
    """What a counter said of itself."""

    counter: str
    at: float
    stage: str


def _rows_of_counters(
    connection: Connection, branch: str, days: Sequence[date]
) -> dict[date, list[_Row]]:
    """By day; read in one go, as events have no index by day and there are few of counters."""
    e = _EVENT.c
    query = (
        select(e.business_date, e.counter, e.occurred_at, e.stage)
        .where(
            e.branch == branch,
            e.business_date.between(min(days), max(days)),
            e.kind == Kind.COUNTER.value,
        )
        .order_by(e.terminal, e.epoch, e.seq)
    )
    found: dict[date, list[_Row]] = {}
    for row in connection.execute(query):
        found.setdefault(row.business_date, []).append(row)
    return found


def _reports(rows: Sequence[_Row], midnight: datetime) -> Iterator[Report]:
    for row in rows:
        yield Report(row.counter, _since(midnight, row.occurred_at), row.stage)


def counter_days(reports: Iterator[Report]) -> dict[str, CounterDay]:
    """The days of counters that opened and closed; who closes and opens again was away."""
    opened: dict[str, float] = {}
    closed: dict[str, float] = {}
    left: dict[str, float] = {}
    away: dict[str, list[tuple[float, float]]] = {}
    for counter, at, stage in reports:
        if stage in (CounterOpened.stage, CounterBreakEnded.stage):
            opened.setdefault(counter, at)
            if counter in left:
                since = left.pop(counter)
                away.setdefault(counter, []).append((since, at - since))
        elif stage in (CounterBreakStarted.stage, CounterClosed.stage):
            left.setdefault(counter, at)
            closed[counter] = left[counter] if stage == CounterClosed.stage else at
    return {
        counter: CounterDay(opened[counter], closed[counter], tuple(away.get(counter, ())))
        for counter in opened
        if counter in closed
    }
