"""A desk without a database: the real rules in memory, and a branch that can go away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from support import FakeClock

from kiosk.config import HeadStart
from kiosk.errors import KioskError
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.services.desk_view import (
    DeskTicket,
    DeskView,
    Destination,
    ToCounter,
    ToQueue,
    ToStaff,
)
from kiosk.services.queue_order import Caller, CallingOrder
from kiosk.services.transitions import (
    CounterAction,
    TicketAction,
    counter_refusal,
    ticket_refusal,
)

AWAY = KioskError("database_unreachable", database="postgresql://db.branch.bank/branch")


@dataclass(frozen=True)
class Asked:
    """What was asked of the desk and was done."""

    action: str
    request: UUID
    arguments: tuple[object, ...]


class FakeDesk:
    """Implements `kiosk.services.desk_view.Desk`."""

    def __init__(self, clock: FakeClock, counter: int = 3) -> None:
        self.clock = clock
        self.counter = counter
        self.state = CounterState.CLOSED
        self.staff: str | None = None
        self.since: datetime | None = None
        self.back_at: datetime | None = None
        self.in_hand: UUID | None = None
        self.queues: frozenset[str] | None = None
        self.tickets: dict[UUID, DeskTicket] = {}
        self.done: list[Asked] = []
        """Each thing that was done, once."""
        self.tries: list[UUID] = []
        """The requests as they came, lost ones too."""
        self.is_away = False
        self.loses_answers = False
        """Does what it is asked for, and the answer never comes."""
        self.views = 0

    # for tests

    def issue(
        self,
        number: str,
        *,
        minutes_ago: float = 5,
        service: str | None = "cross_bank_transfer",
        priority: Priority = Priority.NORMAL,
        wanted_counter: int | None = None,
        wanted_staff: str | None = None,
    ) -> DeskTicket:
        at = self.clock.now() - timedelta(minutes=minutes_ago)
        ticket = DeskTicket(
            id=uuid4(),
            number=number,
            queue=number[0],
            priority=priority,
            arrived_at=at,
            issued_at=at,
            wanted_counter=wanted_counter,
            wanted_staff=wanted_staff,
            service=service,
            state=TicketState.WAITING,
            state_since=at,
        )
        self.tickets[ticket.id] = ticket
        return ticket

    def named(self, number: str) -> DeskTicket:
        return next(each for each in self.tickets.values() if each.number == number)

    @property
    def actions(self) -> list[str]:
        return [each.action for each in self.done]

    # the desk

    def view(self) -> DeskView:
        self._reach()
        self.views += 1
        order = CallingOrder.configured(HeadStart())
        here = Caller(self.counter, self.staff, self.queues)
        waiting = [each for each in self.tickets.values() if each.state is TicketState.WAITING]
        return DeskView(
            counter=self.counter,
            state=self.state,
            staff=self.staff,
            since=self.since,
            back_at=self.back_at,
            now=self.clock.now(),
            ticket=self.tickets[self.in_hand] if self.in_hand else None,
            call_limit=3,
            waiting=order.in_line(each for each in waiting if here.may_call(each)),
            elsewhere=order.in_line(each for each in waiting if not here.may_call(each)),
            on_hold=self._in(TicketState.ON_HOLD),
            no_shows=self._in(TicketState.NO_SHOW)[::-1],
        )

    def _in(self, state: TicketState) -> tuple[DeskTicket, ...]:
        found = [each for each in self.tickets.values() if each.state is state]
        return tuple(sorted(found, key=lambda each: each.state_since))

    def open(self, request: UUID, staff: str) -> None:
        def act() -> None:
            self._turn(CounterAction.OPEN, CounterState.OPEN)
            self.staff = staff

        self._once("open", request, act, staff)

    def start_break(self, request: UUID, minutes: int | None) -> None:
        def act() -> None:
            self._require_empty()
            self._turn(CounterAction.START_BREAK, CounterState.BREAK)
            self.back_at = self.clock.now() + timedelta(minutes=minutes) if minutes else None

        self._once("start_break", request, act, minutes)

    def end_break(self, request: UUID) -> None:
        self._once(
            "end_break", request, lambda: self._turn(CounterAction.END_BREAK, CounterState.OPEN)
        )

    def close(self, request: UUID) -> None:
        def act() -> None:
            self._require_empty()
            self._turn(CounterAction.CLOSE, CounterState.CLOSED)
            self.staff = None

        self._once("close", request, act)

    def call_next(self, request: UUID) -> DeskTicket | None:
        def act() -> DeskTicket | None:
            self._require_empty()
            waiting = self.view().waiting
            return self._call(waiting[0].ticket.id) if waiting else None

        found: DeskTicket | None = self._once("call_next", request, act)
        return found

    def call(self, request: UUID, ticket: UUID) -> DeskTicket:
        def act() -> DeskTicket:
            self._require_empty()
            return self._call(ticket)

        found: DeskTicket = self._once("call", request, act, ticket)
        return found

    def recall(self, request: UUID) -> DeskTicket:
        def act() -> DeskTicket:
            ticket = self._own()
            if ticket.calls >= 3:
                raise KioskError("call_limit_reached", ticket=ticket.number, calls=3)
            now = self.clock.now()
            return self._move(ticket.id, TicketAction.RECALL, TicketState.CALLED,
                              calls=ticket.calls + 1, called_at=now)  # fmt: skip

        found: DeskTicket = self._once("recall", request, act)
        return found

    def start(self, request: UUID) -> None:
        self._once("start", request, lambda: self._step(TicketAction.START, TicketState.SERVING))

    def finish(self, request: UUID, services: Sequence[str]) -> None:
        def act() -> None:
            self._step(TicketAction.FINISH, TicketState.SERVED, keeps=False)

        self._once("finish", request, act, *services)

    def no_show(self, request: UUID) -> None:
        def act() -> None:
            self._step(TicketAction.NO_SHOW, TicketState.NO_SHOW, keeps=False)

        self._once("no_show", request, act)

    def hold(self, request: UUID) -> None:
        def act() -> None:
            self._step(TicketAction.HOLD, TicketState.ON_HOLD, keeps=False)

        self._once("hold", request, act)

    def resume(self, request: UUID, ticket: UUID) -> DeskTicket:
        def act() -> DeskTicket:
            self._require_empty()
            resumed = self._move(ticket, TicketAction.RESUME, TicketState.SERVING)
            self.in_hand = ticket
            return resumed

        found: DeskTicket = self._once("resume", request, act, ticket)
        return found

    def transfer(self, request: UUID, destination: Destination) -> None:
        def act() -> None:
            wanted: dict[str, Any] = {"wanted_counter": None, "wanted_staff": None}
            match destination:
                case ToQueue(queue):
                    wanted["queue"] = queue
                case ToCounter(counter):
                    wanted["wanted_counter"] = counter
                case ToStaff(staff):
                    wanted["wanted_staff"] = staff
            ticket = self._own()
            self._move(ticket.id, TicketAction.TRANSFER, TicketState.WAITING, **wanted)
            self.in_hand = None

        self._once("transfer", request, act, destination)

    def requeue(self, request: UUID, ticket: UUID) -> None:
        def act() -> None:
            self._move(ticket, TicketAction.REQUEUE, TicketState.WAITING)

        self._once("requeue", request, act, ticket)

    # the rules

    def _reach(self) -> None:
        if self.is_away:
            raise AWAY

    def _once(self, action: str, request: UUID, act: Callable[[], Any], *arguments: object) -> Any:
        self.tries.append(request)
        self._reach()
        if all(each.request != request for each in self.done):
            result = act()
            self.done.append(Asked(action, request, arguments))
        else:
            result = None
        if self.loses_answers:
            raise AWAY
        return result

    def _require_empty(self) -> None:
        if self.in_hand is not None:
            raise KioskError("desk_busy", ticket=self._own().number, counter=self.counter)

    def _own(self) -> DeskTicket:
        if self.in_hand is None:
            raise KioskError("desk_empty", counter=self.counter)
        return self.tickets[self.in_hand]

    def _turn(self, action: CounterAction, state: CounterState) -> None:
        if code := counter_refusal(action, self.state):
            raise KioskError(code, counter=self.counter, staff=self.staff)
        self.state, self.since, self.back_at = state, self.clock.now(), None

    def _step(self, action: TicketAction, state: TicketState, *, keeps: bool = True) -> None:
        self._move(self._own().id, action, state)
        if not keeps:
            self.in_hand = None

    def _call(self, ticket: UUID) -> DeskTicket:
        now = self.clock.now()
        called = self._move(ticket, TicketAction.CALL, TicketState.CALLED, calls=1, called_at=now)
        self.in_hand = ticket
        return called

    def _move(
        self, ticket: UUID, action: TicketAction, state: TicketState, **changes: Any
    ) -> DeskTicket:
        if code := counter_refusal(action, self.state):
            raise KioskError(code, counter=self.counter, staff=self.staff)
        before, now = self.tickets[ticket], self.clock.now()
        if code := ticket_refusal(action, before.state):
            raise KioskError(code, ticket=before.number, counter=self.counter)
        waited, served = before.waited(now), before.served_for(now)
        after = replace(
            before,
            state=state,
            state_since=now,
            waiting_seconds=int(waited.total_seconds()),
            service_seconds=int(served.total_seconds()),
            counter=self.counter,
            staff=self.staff,
            **changes,
        )
        self.tickets[ticket] = after
        return after
