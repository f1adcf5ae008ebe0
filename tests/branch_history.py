"""Days of a simulated branch: as the fit should read them, and as events in a branch database.

The branch does with customers what a terminal does: who goes ahead is offered nothing.
"""

from collections import Counter as Tally
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from support import FakeClock

from kiosk import projections
from kiosk.db import Database
from kiosk.models import Event, Evidence, Priority, TicketState
from kiosk.models.branch import counter_origin
from kiosk.models.payloads import (
    CounterBreakEnded,
    CounterBreakStarted,
    CounterClosed,
    CounterOpened,
    DiversionAccepted,
    DiversionCompleted,
    DiversionDeclined,
    DiversionFellBack,
    DiversionOffered,
    TicketCalled,
    TicketFinished,
    TicketIssued,
    TicketNoShow,
    TicketStarted,
    VisitEnded,
    VisitLeftOut,
    VisitStarted,
)
from kiosk.models.tables import table_of
from kiosk.services.journal import Fact, Journal, Origin
from kiosk.services.simulation.channels import lobby_of
from kiosk.services.simulation.days import Day, Teller, WalkIn, day_of
from kiosk.services.simulation.engine import Ticket, live_through
from kiosk.services.simulation.observed import AtCounter, CameIn, CounterDay, ObservedDay
from kiosk.services.simulation.scenario import Counter, Scenario

_EVENT = table_of(Event)
_WORKING_DAYS = 5


@dataclass(frozen=True)
class Came:
    """A walk-in with what became of them."""

    walk_in: WalkIn
    offered: bool
    accepted: bool
    ticket: Ticket | None


@dataclass(frozen=True)
class Lived:
    """A day that happened."""

    on: date
    came: tuple[Came, ...]
    counters: dict[str, CounterDay]


def lived(
    scenario: Scenario, first: date, count: int, seed: int, peak_days: Sequence[int] = ()
) -> Iterator[Lived]:
    """Consecutive working days from a Monday on.

    Args:
        scenario: Where customers of a priority class accept nothing.
        first: A Monday.
        count: How many working days.
        seed: Of the chances.
        peak_days: The days of the month that are peak days; the scenario has such.
    """
    assert scenario.customers.priority_acceptance == 0
    every = scenario.peak_days.every if scenario.peak_days else None
    used: set[int] = set()
    for number in range(count):
        on = first + timedelta(days=number // _WORKING_DAYS * 7 + number % _WORKING_DAYS)
        wanted = next(
            each
            for each in range(10**6)
            if each not in used
            and each % _WORKING_DAYS == on.weekday()
            and (every is not None and each % every == every // 2) == (on.day in peak_days)
        )
        used.add(wanted)
        yield live(scenario, day_of(scenario, wanted, seed), on)


def live(scenario: Scenario, day: Day, on: date) -> Lived:
    """Let a day happen."""
    services = {each.code: each for each in scenario.services}
    lobby, result = lobby_of(scenario, day), live_through(scenario, day)
    tickets = {
        id(each.walk_in): ticket for each, ticket in zip(lobby.coming, result.tickets, strict=True)
    }
    came = []
    for walk_in in day.walk_ins:
        service = services[walk_in.service]
        offered = bool(service.channel) and walk_in.can_channel and not walk_in.is_priority
        accepted = offered and walk_in.acceptance_draw < service.acceptance
        came.append(Came(walk_in, offered, accepted, tickets.get(id(walk_in))))
    last = max(scenario.closes, result.ended_at)
    counters = {
        each.name: _counter(
            each,
            day.tellers[each.name],
            [t for t in result.tickets if t.counter == each.name],
            scenario.opens,
            last,
        )
        for each in scenario.counters
    }
    return Lived(on, tuple(came), counters)


def _counter(
    counter: Counter, teller: Teller, tickets: list[Ticket], opens: float, last: float
) -> CounterDay:
    """When it was left: at once, or after the service that ran, or the absence."""
    plans = [(each.start, each.minutes, True) for each in counter.breaks]
    plans += [(start, minutes, False) for start, minutes in teller.absences]
    away: list[tuple[float, float]] = []
    for start, minutes, is_planned in sorted(plans):
        if not is_planned and any(begin <= start < begin + long for begin, long in away):
            continue
        running = [each.ended for each in tickets if each.called <= start < each.ended]
        before = [begin + long for begin, long in away]
        away.append((max([start, *running, *before]), minutes))
    closed = max([last, *(begin + long for begin, long in away)])
    return CounterDay(opens, closed, tuple(away))


def as_observed(day: Lived, scenario: Scenario) -> ObservedDay:
    """What the fit should read of it."""
    services = {each.code: each for each in scenario.services}
    came = [
        CameIn(
            each.walk_in.at,
            each.walk_in.service,
            each.walk_in.is_priority,
            services[each.walk_in.service].channel if each.offered else None,
            each.accepted,
            each.ticket
            and _at_counter(each.ticket, scenario, services[each.walk_in.service].group),
        )
        for each in day.came
    ]
    return ObservedDay(day.on, tuple(came), day.counters)


def _at_counter(ticket: Ticket, scenario: Scenario, queue: str) -> AtCounter:
    minutes = ticket.ended - ticket.called
    gap = None
    if not ticket.is_no_show:
        gap = scenario.customers.call_gap
        minutes = (int(60 * (minutes - gap)) + 0.5) / 60
    return AtCounter(queue, ticket.counter, ticket.is_no_show, ticket.waited, gap, minutes)


# --- as events --------------------------------------------------------------------------------


class History:
    """Writes days into a branch database, through the real projections."""

    def __init__(self, database: Database, branch: str, zone: ZoneInfo, scenario: Scenario) -> None:
        self._database, self._branch, self._zone, self._scenario = database, branch, zone, scenario
        self._seq: Tally[str] = Tally()
        self._ids = 0

    def write(self, days: Sequence[Lived]) -> int:
        """Bring days there; returns the number of events."""
        said: dict[str, list[tuple[datetime, Fact]]] = {}
        for day in days:
            for origin, moment, fact in self._events(day):
                said.setdefault(origin, []).append((moment, fact))
        with self._database.write() as connection:
            for origin, facts in sorted(said.items()):
                facts.sort(key=lambda each: each[0])
                journal = Journal(
                    None, Origin(self._branch, origin, 1), FakeClock(), self._zone, "r"  # type: ignore[arg-type]
                )  # fmt: skip
                first = self._seq[origin] + 1
                rows = [
                    journal.row(fact, number, moment)
                    for number, (moment, fact) in enumerate(facts, first)
                ]
                connection.execute(insert(_EVENT), rows)
                self._seq[origin] += len(rows)
                events = projections.EventRange(self._branch, origin, 1, first, self._seq[origin])
                projections.apply(connection, events, {str(row["kind"]) for row in rows})
        return self._seq.total()

    def _events(self, day: Lived) -> Iterator[tuple[str, datetime, Fact]]:
        self._midnight = datetime.combine(day.on, time(), self._zone).astimezone(UTC)
        for number, came in enumerate(day.came):
            yield from self._customer(came, number)
        for name, counter in day.counters.items():
            origin, who = counter_origin(int(name)), {"counter": name, "staff": f"s{name}"}
            yield origin, self._at(counter.opened), self._fact(CounterOpened(), **who)
            for start, minutes in counter.away:
                yield origin, self._at(start), self._fact(CounterBreakStarted(), **who)
                yield origin, self._at(start + minutes), self._fact(CounterBreakEnded(), **who)
            yield origin, self._at(counter.closed), self._fact(CounterClosed(), **who)

    def _customer(self, came: Came, number: int) -> Iterator[tuple[str, datetime, Fact]]:
        walk_in, visit = came.walk_in, self._id()
        at = self._at(walk_in.at)
        of_visit: dict[str, Any] = {"visit": visit}
        arrived = self._fact(VisitStarted(), language="zh_CN", arrived_at=at, **of_visit)
        yield "T1", at, arrived
        if walk_in.is_priority:
            yield "T1", at, self._fact(VisitLeftOut(), **of_visit)
        if came.offered:
            yield from self._offer(came, of_visit)
        if came.ticket is not None:
            yield from self._ticket(came, came.ticket, of_visit, number)
        ended = self._at(came.ticket.issued if came.ticket else walk_in.at + 1)
        yield "T1", ended, self._fact(VisitEnded(), language="zh_CN", reason="finished", **of_visit)

    def _offer(self, came: Came, of_visit: dict[str, Any]) -> Iterator[tuple[str, datetime, Fact]]:
        at, service = self._at(came.walk_in.at), self._scenario.service(came.walk_in.service)
        of_offer = of_visit | {
            "offer": self._id(), "service": service.code, "channel": service.channel,
        }  # fmt: skip
        yield "T1", at, self._fact(DiversionOffered(answers={}, wait=None), **of_offer)
        if not came.accepted:
            yield "T1", at, self._fact(DiversionDeclined(), **of_offer)
            return
        yield "T1", at, self._fact(DiversionAccepted(), **of_offer)
        if came.ticket is not None:
            back = self._at(came.ticket.issued)
            yield "T1", back, self._fact(DiversionFellBack(), **of_offer)
        else:
            evidence = Evidence.CUSTOMER_SAID.value
            yield "T1", at, self._fact(DiversionCompleted(), evidence=evidence, **of_offer)

    def _ticket(
        self, came: Came, ticket: Ticket, of_visit: dict[str, Any], number: int
    ) -> Iterator[tuple[str, datetime, Fact]]:
        service = self._scenario.service(ticket.service)
        of_ticket = of_visit | {
            "ticket": self._id(), "queue": service.group, "service": service.code,
            "ticket_number": f"{service.group}{1 + number // 999}{number % 999 + 1:03}",
        }  # fmt: skip
        priority = Priority.RETURNED if ticket.came_back else Priority.NORMAL
        issued = self._fact(
            TicketIssued(wait=None), transferable=bool(service.channel),
            arrived_at=self._at(came.walk_in.at),
            priority=(Priority.SENIOR if ticket.is_priority else priority).value, **of_ticket,
        )  # fmt: skip
        yield "T1", self._at(ticket.issued), issued
        gap = 0.0 if ticket.is_no_show else self._scenario.customers.call_gap
        steps: list[tuple[Any, float, TicketState, float]] = [
            (TicketCalled, ticket.called, TicketState.WAITING, ticket.waited)
        ]
        if ticket.is_no_show:
            missed = ticket.ended - ticket.called
            steps.append((TicketNoShow, ticket.ended, TicketState.CALLED, missed))
        else:
            begun = ticket.called + gap
            steps.append((TicketStarted, begun, TicketState.CALLED, gap))
            steps.append((TicketFinished, ticket.ended, TicketState.SERVING, ticket.ended - begun))
        for step, (payload, at, was, minutes) in enumerate(steps, 1):
            more = {"services": ()} if payload is TicketFinished else {}
            said = payload(was=was, seconds=int(60 * minutes), calls=1, **more)
            fact = self._fact(
                said, counter=ticket.counter, staff=f"s{ticket.counter}", step=step, **of_ticket
            )
            yield counter_origin(int(ticket.counter)), self._at(at), fact

    def _at(self, minutes: float) -> datetime:
        return self._midnight + timedelta(minutes=minutes)

    def _fact(self, payload: Any, **columns: Any) -> Fact:
        return Fact(payload, id=self._id(), **columns)

    def _id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)
