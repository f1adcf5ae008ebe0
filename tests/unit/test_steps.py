"""Tickets in the hands of counters: whoever's events arrive first, the queue and the figures agree.

Histories are played by a terminal and several counters, on every kind of branch database; then all
that was derived is dropped, and the same events come in other cuts and another order of origins.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, select, update
from sync_world import FakeClock, World

from kiosk import projections
from kiosk.models import Branch, CounterNow, Event, HourlyFigures, Kind, Ticket, TicketState
from kiosk.models import Counter as CounterRow
from kiosk.models.payloads import (
    CounterBreakEnded,
    CounterBreakStarted,
    CounterClosed,
    CounterOpened,
    TicketCalled,
    TicketCancelled,
    TicketExpired,
    TicketFinished,
    TicketHeld,
    TicketIssued,
    TicketNoShow,
    TicketRecalled,
    TicketRequeued,
    TicketResumed,
    TicketStarted,
    TicketStep,
    TicketTransferred,
    VisitLeftOut,
    VisitStarted,
    WaitShown,
)
from kiosk.models.tables import table_of
from kiosk.projections.check import differences
from kiosk.services.counters import enrol_counter
from kiosk.services.desk_journal import DeskJournal, LockedTicket
from kiosk.services.journal import Fact, Journal, Origin, new_id

EVENT, TICKET, FIGURES = table_of(Event), table_of(Ticket), table_of(HourlyFigures)
NOW = table_of(CounterNow)
COUNTERS = (3, 4)
STAFF = "s1"
SERVED: TicketStep = TicketFinished(services=("cash",))
TO_B: TicketStep = TicketTransferred(to_queue="B")
TO_4: TicketStep = TicketTransferred(to_counter="4")
TO_STAFF: TicketStep = TicketTransferred(to_staff="s2")
NEXT: dict[str, tuple[TicketStep, ...]] = {
    "waiting": (TicketCalled(),),
    "called": (
        TicketStarted(), TicketStarted(), TicketRecalled(), TicketNoShow(), TicketHeld(), TO_STAFF,
    ),
    "serving": (SERVED, TicketHeld(), TO_B, TO_4),
    "on_hold": (TicketResumed(), TicketResumed(), TO_B),
    "no_show": (TicketRequeued(),),
}  # fmt: skip
SAID = (
    CounterOpened(), CounterBreakStarted(minutes=15), CounterBreakStarted(), CounterBreakEnded(),
    CounterClosed(),
)  # fmt: skip


@dataclass
class Hall:
    """A branch with the journals of a terminal, of two counters and of the branch itself."""

    world: World
    facts: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    """What the terminal said of each ticket."""

    def __post_init__(self) -> None:
        branch, clock = self.world.branch, self.world.clock
        self.terminal = Journal(
            branch, Origin("0001", "T1", 1), clock, self.world.config.zone, "release-1"
        )
        self.branch, *counters = (
            DeskJournal(branch, "0001", each, clock, self.world.config.zone, "release-1")
            for each in (None, *COUNTERS)
        )
        self.counters = dict(zip(COUNTERS, counters, strict=True))

    def issue(self) -> UUID:
        visit, ticket, now = new_id(), new_id(), self.world.clock.now()
        self.terminal.record(
            Fact(VisitStarted(), visit=visit, language="en", arrived_at=now),
        )
        self.facts[ticket] = {
            "visit": visit, "ticket": ticket, "ticket_number": f"A1{len(self.facts) + 1:03}",
            "queue": "A", "service": "cash", "transferable": True, "arrived_at": now,
        }  # fmt: skip
        issued = TicketIssued(wait=WaitShown(ahead=0, low=0, high=5))
        self.terminal.record(Fact(issued, priority="normal", **self.facts[ticket]))
        return ticket

    def step(self, counter: int, ticket: UUID, *payloads: TicketStep) -> LockedTicket:
        with self.counters[counter].transaction() as transaction:
            locked = transaction.lock(ticket)
            assert locked is not None
            for payload in payloads:
                locked = transaction.step(locked, payload, staff=STAFF)
        return locked

    def expire(self, ticket: UUID) -> None:
        with self.branch.transaction() as transaction:
            locked = transaction.lock(ticket)
            assert locked is not None
            transaction.step(locked, TicketExpired())

    def row(self, ticket: UUID) -> Any:
        with self.world.branch.read() as connection:
            return connection.execute(select(TICKET).where(TICKET.c.id == ticket)).one()

    def clear(self) -> None:
        with self.world.branch.write() as connection:
            for table in (EVENT, *projections.TABLES):
                connection.execute(delete(table))
            for model in (Branch, CounterRow):
                connection.execute(update(table_of(model)).values(last_seq=0))
        self.facts.clear()
        self.world.clock.time = FakeClock().time


@pytest.fixture(scope="module")
def whole_hall(kept_world: World) -> Hall:
    for number in COUNTERS:
        enrol_counter(kept_world.branch, "0001", number)
    return Hall(kept_world)


@pytest.fixture
def hall(whole_hall: Hall) -> Hall:
    whole_hall.clear()
    return whole_hall


class _TakeBack(Exception):  # noqa: N818 (nothing went wrong)
    pass


@contextmanager
def scratch(hall: Hall) -> Iterator[Connection]:
    try:
        with hall.world.branch.write() as connection:
            yield connection
            raise _TakeBack
    except _TakeBack:
        pass


def state_of(connection: Connection) -> dict[str, list[str]]:
    """Every derived row; figures that are all zero say what a missing row says."""
    state = {}
    for table in projections.TABLES:
        found = [tuple(row) for row in connection.execute(select(table))]
        if table is FIGURES:
            found = [row for row in found if any(row[5:])]
        state[table.name] = sorted(map(repr, found))
    return state


def figures(hall: Hall) -> Counter[str]:
    """All cells together, without what is nought."""
    with hall.world.branch.read() as connection:
        found: Counter[str] = Counter()
        for row in connection.execute(select(*list(FIGURES.columns)[5:])).mappings():
            found.update(dict(row))
    return +found


# --- histories ------------------------------------------------------------------------------------

MOVES = st.lists(
    st.tuples(
        st.sampled_from(["step"] * 8 + ["issue", "cancel", "expire", "left_out", "say"]),
        st.integers(0, 2), st.sampled_from(COUNTERS), st.integers(0, 11),
        st.sampled_from([0, 1, 61, 3_600, -120]),
    ),
    min_size=4, max_size=22,
)  # fmt: skip


def play(hall: Hall, moves: list[tuple[str, int, int, int, int]]) -> dict[UUID, str]:
    """Live through a history; returns what the state of each ticket must be."""
    tickets = [hall.issue(), hall.issue()]
    states = dict.fromkeys(tickets, "waiting")
    stepped: set[UUID] = set()
    for what, which, counter, choice, seconds in moves:
        hall.world.clock.advance(seconds=seconds)
        ticket = tickets[which % len(tickets)]
        state = states[ticket]
        if what == "issue":
            tickets.append(hall.issue())
            states[tickets[-1]] = "waiting"
        elif what == "cancel":
            hall.terminal.record(Fact(TicketCancelled(), **hall.facts[ticket]))
            if ticket not in stepped:
                states[ticket] = "cancelled"
        elif what == "left_out":
            hall.terminal.record(Fact(VisitLeftOut(), visit=hall.facts[ticket]["visit"]))
        elif what == "say":
            with hall.counters[counter].transaction() as transaction:
                transaction.say(SAID[choice % len(SAID)], STAFF)
        elif what == "expire" and state in {"waiting", "called", "on_hold"}:
            hall.expire(ticket)
            stepped.add(ticket)
            states[ticket] = "expired"
        elif what == "step" and state in NEXT:
            payload = NEXT[state][choice % len(NEXT[state])]
            hall.step(counter, ticket, payload)
            stepped.add(ticket)
            states[ticket] = payload.to_state.value
    return states


def batches(connection: Connection, draw: Callable[[int], int]) -> list[projections.EventRange]:
    """The events of each origin, cut as it comes and mixed with those of others."""
    origin = (EVENT.c.branch, EVENT.c.terminal, EVENT.c.epoch)
    found = connection.execute(select(*origin, func.max(EVENT.c.seq)).group_by(*origin)).all()
    left = {(branch, code, epoch): (1, last) for branch, code, epoch, last in sorted(found)}
    made = []
    while left:
        of = list(left)[draw(len(left))]
        first, last = left.pop(of)
        end = min(last, first + draw(6))
        made.append(projections.EventRange(*of, first, end))
        if end < last:
            left[of] = (end + 1, last)
    return made


@settings(max_examples=20, deadline=None)
@given(moves=MOVES, data=st.data())
def test_whatever_arrives_first_the_tables_are_the_same(
    whole_hall: Hall, moves: list[tuple[str, int, int, int, int]], data: st.DataObject
) -> None:
    hall = whole_hall
    hall.clear()
    expected = play(hall, moves)
    with scratch(hall) as connection:
        kept = state_of(connection)
        rows = connection.execute(select(TICKET)).all()
        assert {row.id: row.state for row in rows} == expected
        assert all(
            min(row.waiting_seconds, row.service_seconds, row.hold_seconds) >= 0 for row in rows
        )
        served = Counter(row.state for row in rows)
        wanted = connection.execute(select(EVENT.c.id).where(EVENT.c.step.is_not(None))).all()
        assert sum(row.steps for row in rows) == len(wanted)
        for table in projections.TABLES:
            connection.execute(delete(table))
        for events in batches(connection, lambda n: data.draw(st.integers(0, n - 1))):
            projections.apply(connection, events, list(Kind))
        assert state_of(connection) == kept
    with scratch(hall) as connection:
        assert differences(connection) == {}
    counted = figures(hall)
    for state in ("served", "no_show", "expired"):
        assert counted[state] == served[state]
    assert counted["tickets"] == len(rows) - served["cancelled"]
    ended = [row for row in rows if row.state in {"served", "no_show", "expired"}]
    called = [row for row in ended if row.first_called_at is not None]
    assert counted["waited"] == len(called)
    assert counted["waiting_seconds"] == sum(row.waiting_seconds for row in called)
    assert counted["service_seconds"] == sum(
        row.service_seconds for row in ended if row.state == "served"
    )


# --- single rules ---------------------------------------------------------------------------------


def test_a_ticket_goes_through_two_hands_with_its_number_and_its_times(hall: Hall) -> None:
    clock, ticket = hall.world.clock, hall.issue()
    began = hall.row(ticket)
    for counter, seconds, payload in (
        (3, 300, TicketCalled()),
        (3, 30, TicketRecalled()),
        (3, 30, TicketStarted()),
        (3, 120, TicketHeld()),
        (3, 40, TicketResumed()),
        (3, 60, TO_4),
        (4, 100, TicketCalled()),
        (4, 20, TicketStarted()),
        (4, 200, SERVED),
    ):
        clock.advance(seconds=seconds)
        hall.step(counter, ticket, payload)
    row = hall.row(ticket)
    assert (row.state, row.counter, row.staff, row.calls) == ("served", "4", STAFF, 1)
    assert (row.wanted_counter, row.steps, row.queue) == ("4", 9, "A")
    assert (row.waiting_seconds, row.service_seconds, row.hold_seconds) == (400, 380, 40)
    assert (row.number, row.arrived_at) == (began.number, began.arrived_at)
    assert (row.first_called_at - began.issued_at).total_seconds() == 300
    assert row.finished_at == row.ended_at == row.state_since == clock.now()
    assert figures(hall) == {
        "visits": 1, "tickets": 1, "tickets_transferable": 1, "served": 1, "waited": 1,
        "waiting_seconds": 400, "service_seconds": 380,
    }  # fmt: skip


def test_calls_are_counted_anew_with_each_call(hall: Hall) -> None:
    ticket = hall.issue()
    hall.step(3, ticket, TicketCalled(), TicketRecalled(), TicketRecalled())
    assert hall.row(ticket).calls == 3
    hall.step(3, ticket, TicketNoShow())
    assert (hall.row(ticket).calls, hall.row(ticket).state) == (3, "no_show")
    hall.step(4, ticket, TicketRequeued())
    assert (hall.row(ticket).counter, hall.row(ticket).ended_at) == (None, None)
    hall.step(4, ticket, TicketCalled())
    assert hall.row(ticket).calls == 1


def test_a_cancellation_counts_only_while_nobody_has_called(hall: Hall) -> None:
    early, late = hall.issue(), hall.issue()
    hall.step(3, late, TicketCalled())
    for ticket in (early, late):
        hall.terminal.record(Fact(TicketCancelled(), **hall.facts[ticket]))
    assert (hall.row(early).state, hall.row(late).state) == ("cancelled", "called")
    assert hall.row(late).cancelled_at is not None
    assert figures(hall)["tickets"] == 1


def test_a_clock_that_is_behind_makes_no_time_negative(hall: Hall) -> None:
    ticket = hall.issue()
    hall.world.clock.advance(seconds=-600)
    hall.step(3, ticket, TicketCalled(), TicketStarted(), SERVED)
    row = hall.row(ticket)
    assert (row.waiting_seconds, row.service_seconds) == (0, 0)


def test_a_ticket_that_is_closed_the_next_morning_stands_with_its_own_day(hall: Hall) -> None:
    ticket = hall.issue()
    day = hall.row(ticket).business_date
    hall.world.clock.advance(seconds=20 * 3_600)
    hall.expire(ticket)
    with hall.world.branch.read() as connection:
        dates = select(EVENT.c.business_date, EVENT.c.terminal).where(EVENT.c.stage == "expired")
        assert connection.execute(dates).all() == [(day, "@branch")]
    assert hall.row(ticket).business_date == day
    assert figures(hall)["expired"] == 1


def test_a_counter_says_what_it_does_and_what_it_has_in_hand(hall: Hall) -> None:
    ticket, clock = hall.issue(), hall.world.clock
    with hall.counters[3].transaction() as transaction:
        transaction.say(CounterOpened(), STAFF)
    hall.step(3, ticket, TicketCalled())

    def now() -> Any:
        with hall.world.branch.read() as connection:
            return connection.execute(select(NOW)).one()

    assert (now().number, now().state, now().staff, now().ticket) == (3, "open", STAFF, ticket)
    assert (now().since, now().back_at) == (clock.now(), None)
    hall.step(3, ticket, TicketStarted(), TicketHeld())
    assert now().ticket is None
    with hall.counters[3].transaction() as transaction:
        transaction.say(CounterBreakStarted(minutes=15), STAFF)
    assert now().state == "break"
    assert (now().back_at - clock.now()).total_seconds() == pytest.approx(900, abs=0.001)
    with hall.counters[3].transaction() as transaction:
        transaction.say(CounterBreakEnded(), STAFF)
        transaction.say(CounterClosed(), STAFF)
    assert (now().state, now().back_at) == ("closed", None)


def test_what_expires_is_in_nobody_s_hand(hall: Hall) -> None:
    ticket = hall.issue()
    with hall.counters[3].transaction() as transaction:
        transaction.say(CounterOpened(), STAFF)
    hall.step(3, ticket, TicketCalled())
    hall.expire(ticket)
    with hall.world.branch.read() as connection:
        assert connection.execute(select(NOW.c.ticket)).scalar() is None
    assert (hall.row(ticket).state, hall.row(ticket).counter) == ("expired", "3")


def test_each_counter_numbers_its_own_events(hall: Hall) -> None:
    one, other = hall.issue(), hall.issue()
    hall.step(3, one, TicketCalled())
    hall.step(4, other, TicketCalled(), TicketStarted())
    hall.step(3, one, TicketStarted())
    hall.expire(hall.issue())
    with hall.world.branch.read() as connection:
        found = connection.execute(
            select(EVENT.c.terminal, EVENT.c.seq, EVENT.c.step)
            .where(EVENT.c.step.is_not(None))
            .order_by(EVENT.c.terminal, EVENT.c.seq)
        ).all()
    assert found == [
        ("@3", 1, 1), ("@3", 2, 2), ("@4", 1, 1), ("@4", 2, 2), ("@branch", 1, 1),
    ]  # fmt: skip


def test_what_fails_in_the_middle_leaves_nothing(hall: Hall) -> None:
    ticket = hall.issue()
    with suppress(_TakeBack), hall.counters[3].transaction() as transaction:
        locked = transaction.lock(ticket)
        assert locked is not None
        transaction.step(locked, TicketCalled(), staff=STAFF)
        raise _TakeBack
    assert (hall.row(ticket).state, hall.row(ticket).steps) == ("waiting", 0)
    assert hall.step(3, ticket, TicketCalled()).state is TicketState.CALLED


def test_no_step_leaves_out_who_took_it(hall: Hall) -> None:
    ticket = hall.issue()
    with hall.counters[3].transaction() as transaction:
        locked = transaction.lock(ticket)
        assert locked is not None
        with pytest.raises(ValueError, match="staff"):
            transaction.step(locked, TicketCalled())
