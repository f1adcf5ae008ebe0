"""Rules that hold whatever people do: hypothesis plays the branch, on a file and on a server."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from desk_world import BRANCH, Hall
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from sqlalchemy import delete, insert, select
from sync_world import branch_of

from kiosk.errors import KioskError
from kiosk.models import Ticket
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.models.tables import table_of
from kiosk.services.desk import BranchDesk, in_calling_order
from kiosk.services.desk_view import Destination, ToCounter, ToQueue, ToStaff
from kiosk.services.journal import new_id
from kiosk.services.queue_order import CallingOrder, Candidate

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
_TICKET = table_of(Ticket)


# --- the order in the database is the order in Python -------------------------------------------

moments = st.builds(
    lambda minutes, odd: NINE + timedelta(minutes=minutes, microseconds=odd),
    st.integers(0, 30),
    st.sampled_from([0, 0, 0, 1, 999, 999_499, 999_500, 999_999]),
)
"""Close together, and on both sides of where a database might round."""
orders = st.builds(
    CallingOrder,
    st.dictionaries(st.sampled_from(Priority), st.integers(0, 30)),
)


@st.composite
def lines(draw: st.DrawFn) -> list[Candidate]:
    return [
        Candidate(
            new_id(), f"A{number:04d}", "A", draw(st.sampled_from(Priority)), draw(moments),
            draw(moments),
        )
        for number in range(draw(st.integers(2, 8)))
    ]  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def shared_hall(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("hall")
    made = Hall(folder, branch_of(request.param, request)(folder))
    yield made
    made.close()


@settings(max_examples=60, deadline=None)
@given(order=orders, line=lines())
def test_the_database_puts_them_in_the_same_order(
    shared_hall: Hall, order: CallingOrder, line: list[Candidate]
) -> None:
    with shared_hall.database.write() as connection:
        connection.execute(delete(_TICKET))
        connection.execute(insert(_TICKET), [row_of(each) for each in line])
        found = connection.execute(select(_TICKET.c.number).order_by(*in_calling_order(order)))
        numbers = list(found.scalars())
    assert numbers == [each.ticket.number for each in order.in_line(line)]


def row_of(ticket: Candidate) -> dict[str, Any]:
    return {
        "id": ticket.id, "visit": new_id(), "branch": BRANCH, "terminal": "T1",
        "business_date": NINE.date(), "local_hour": 9, "queue": ticket.queue,
        "number": ticket.number, "transferable": True, "left_out": False,
        "priority": ticket.priority.value, "state": "waiting", "state_since": ticket.issued_at,
        "steps": 0, "calls": 0, "arrived_at": ticket.arrived_at, "issued_at": ticket.issued_at,
        "waiting_seconds": 0, "service_seconds": 0, "hold_seconds": 0,
    }  # fmt: skip


# --- a branch's day, played ---------------------------------------------------------------------

STAFF = ("s1", "s2")
DESTINATIONS: list[Destination] = [ToQueue("B"), ToCounter(1), ToCounter(2), ToStaff("s2")]
QUEUES = {1: None, 2: "A"}
ENDED = (TicketState.SERVED, TicketState.CANCELLED, TicketState.EXPIRED)


class BranchDay(RuleBasedStateMachine):
    """Two counters, customers, a terminal, a clock that jumps, answers that get lost."""

    @initialize()
    def begin(self) -> None:
        self._folder = TemporaryDirectory()
        self.hall = Hall(Path(self._folder.name))
        self.desks: dict[int, BranchDesk] = {}
        for number, queues in QUEUES.items():
            self.hall.enrol(number, queues)
            self.desks[number] = self.hall.desk(number)
            # without them, most of a day would be refused
            self.desks[number].open(new_id(), f"s{number}")
        self.tickets: list[UUID] = []
        self.ended: dict[UUID, TicketState] = {}
        self.arrived: dict[UUID, datetime] = {}
        self.numbers: dict[UUID, str] = {}
        for _ in range(3):
            self.somebody_comes("A", Priority.NORMAL, 0)

    def teardown(self) -> None:
        if hasattr(self, "hall"):
            assert self.hall.differing() == {}
            self.hall.close()
            self._folder.cleanup()

    @rule(minutes=st.integers(-10, 30))
    def time_passes(self, minutes: int) -> None:
        self.hall.clock.advance(minutes=minutes)

    @rule(queue=st.sampled_from("AB"), priority=st.sampled_from(Priority), ago=st.integers(0, 30))
    def somebody_comes(self, queue: str, priority: Priority, ago: int) -> None:
        arrived = self.hall.clock.now() - timedelta(minutes=ago)
        ticket = self.hall.customer(queue, priority, arrived)
        self.tickets.append(ticket)
        self.arrived[ticket] = arrived
        self.numbers[ticket] = self.hall.ticket(ticket).number

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def somebody_gives_back(self, data: st.DataObject) -> None:
        self.hall.give_back(data.draw(st.sampled_from(self.tickets)))

    @rule(number=st.sampled_from([*QUEUES]))
    def next_is_called(self, number: int) -> None:
        desk = self.desks[number]
        view = desk.view()
        request = new_id()
        try:
            called = desk.call_next(request)
        except KioskError:
            assert view.state is not CounterState.OPEN or view.ticket is not None
            return
        assert view.ticket is None
        first = view.waiting[0].ticket.id if view.waiting else None
        assert (called.id if called else None) == first
        if called:
            assert desk.call_next(request) == called == desk.view().ticket

    @rule(number=st.sampled_from([*QUEUES]), data=st.data(), twice=st.booleans())
    def something_is_done(self, number: int, data: st.DataObject, twice: bool) -> None:
        desk = self.desks[number]
        request = new_id()
        staff = data.draw(st.sampled_from(STAFF))
        ticket = data.draw(st.sampled_from([*self.tickets, new_id()]))
        where = data.draw(st.sampled_from(DESTINATIONS))
        actions: list[Callable[[], object]] = [
            lambda: desk.open(request, staff), lambda: desk.open(request, staff),
            lambda: desk.start_break(request, 5), lambda: desk.end_break(request),
            lambda: desk.close(request), lambda: desk.call(request, ticket),
            lambda: desk.recall(request), lambda: desk.start(request),
            lambda: desk.start(request), lambda: desk.finish(request, []),
            lambda: desk.no_show(request), lambda: desk.hold(request),
            lambda: desk.resume(request, ticket), lambda: desk.requeue(request, ticket),
            lambda: desk.transfer(request, where),
        ]  # fmt: skip
        action = data.draw(st.sampled_from(actions))
        before = self._told()
        try:
            action()
        except KioskError:
            assert self._told() == before, "refused, and changed something"
            return
        if twice:
            after = self._told()
            action()
            assert self._told() == after, "done twice"

    @rule()
    def the_day_ends(self) -> None:
        left = (TicketState.WAITING, TicketState.CALLED, TicketState.ON_HOLD)
        expected = [each for each in self.tickets if self.hall.state(each) in left]
        assert self.hall.end_of_day() <= len(expected)

    def _told(self) -> list[tuple[object, ...]]:
        return self.hall.world.rows("SELECT count(*), max(seq) FROM event")

    @invariant()
    def a_ticket_is_in_one_hand_and_a_hand_holds_one(self) -> None:
        if not hasattr(self, "hall"):
            return
        hands = self.hall.world.rows(
            "SELECT counter, count(*) FROM ticket WHERE state IN ('called', 'serving')"
            " GROUP BY counter"
        )
        assert all(count == 1 for _, count in hands), hands
        assert all(counter is not None for counter, _ in hands)

    @invariant()
    def what_was_given_out_stays(self) -> None:
        if not hasattr(self, "hall"):
            return
        for ticket in self.tickets:
            now = self.hall.ticket(ticket)
            assert now.number == self.numbers[ticket]
            assert now.arrived_at == self.arrived[ticket]
            assert min(now.waiting_seconds, now.service_seconds, now.calls) >= 0
            if ticket in self.ended:
                assert now.state is self.ended[ticket], "an end that was none"
            if now.state in ENDED:
                self.ended[ticket] = now.state


BranchDay.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestBranchDay = BranchDay.TestCase
