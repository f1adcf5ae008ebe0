"""The desk of one counter on its branch's database: call, serve, pass on.

Every action is one transaction. It takes the counter's own row first, so that what one counter does
happens one thing after another and no two tickets come into one hand; then the ticket's row, so
that no two counters do something with one ticket. Counters never wait for each other: who looks for
the next ticket passes over those that another one is just taking (SKIP LOCKED; an SQLite file has
one writer at a time). What an action does is an event, and the tables follow it.

The request is the event's id. One that comes again, as its answer was lost, finds itself as the
last thing that the counter did. So an action that others were in the way of, as a batch of a
terminal that takes the same rows the other way round, is done once more by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Boolean,
    Connection,
    Select,
    String,
    bindparam,
    case,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.expression import ColumnElement

from kiosk.clock import Clock
from kiosk.config import Queue
from kiosk.database_errors import CONFLICT
from kiosk.db import Database, minutes_before
from kiosk.errors import KioskError
from kiosk.models import Ticket
from kiosk.models.payloads import (
    CounterBreakEnded,
    CounterBreakStarted,
    CounterClosed,
    CounterOpened,
    Payload,
    TicketCalled,
    TicketExpired,
    TicketFinished,
    TicketHeld,
    TicketNoShow,
    TicketRecalled,
    TicketRequeued,
    TicketResumed,
    TicketStarted,
    TicketStep,
    TicketTransferred,
)
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.branch import require_branch
from kiosk.services.desk_journal import (
    LOCKED_COLUMNS,
    DeskJournal,
    DeskTransaction,
    LockedTicket,
)
from kiosk.services.desk_tickets import (
    TICKET_COLUMNS,
    CounterStatus,
    read_counter,
    read_lobby,
    ticket_by_id,
    ticket_of,
)
from kiosk.services.desk_view import DeskTicket, DeskView, Destination, ToCounter, ToQueue
from kiosk.services.entries import wipe_day
from kiosk.services.queue_order import CallingOrder
from kiosk.services.transitions import (
    CounterAction,
    TicketAction,
    counter_refusal,
    ticket_refusal,
)

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_TICKET = table_of(Ticket)
_LEFT_OVER = (TicketState.WAITING, TicketState.CALLED, TicketState.ON_HOLD)
"""What the end of a day expires. One that is being served is left for its teller to finish."""
_LEFT_OF_DAYS = Prepared(
    select(_TICKET.c.id, _TICKET.c.business_date)
    .where(
        _TICKET.c.branch == bindparam("branch"),
        _TICKET.c.business_date <= bindparam("last_day"),
        or_(*(_TICKET.c.state == each.value for each in _LEFT_OVER)),
    )
    # in one order, as everybody who locks several
    .order_by(_TICKET.c.id)
)


def in_calling_order(order: CallingOrder) -> Sequence[ColumnElement[Any]]:
    """`CallingOrder.key`, as the database reckons it."""
    nothing: ColumnElement[int] = literal_column("0")
    head_start = case(
        *(
            (_TICKET.c.priority == each.value, literal_column(str(order.head_start.get(each, 0))))
            for each in Priority
        ),
        else_=nothing,
    )
    return (minutes_before(_TICKET.c.arrived_at, head_start), _TICKET.c.issued_at, _TICKET.c.number)


def _first_in_line(order: CallingOrder) -> Select[Any]:
    """The ticket that a counter calls next, as `CallingOrder.next_for` would choose it."""
    may_call = case(
        (_TICKET.c.wanted_counter.is_not(None), _TICKET.c.wanted_counter == bindparam("counter")),
        (
            _TICKET.c.wanted_staff.is_not(None),
            _TICKET.c.wanted_staff == bindparam("staff", type_=String),
        ),
        else_=bindparam("serves_all", type_=Boolean)
        | bindparam("queues", type_=String).contains(_TICKET.c.queue),
    )
    return (
        select(*LOCKED_COLUMNS)
        .where(
            _TICKET.c.branch == bindparam("branch"),
            _TICKET.c.business_date == bindparam("business_date"),
            _TICKET.c.state == TicketState.WAITING.value,
            may_call,
        )
        .order_by(*in_calling_order(order))
        .limit(1)
        .with_for_update(key_share=True, skip_locked=True)
    )


@dataclass(frozen=True)
class _Turn:
    """One action: the counter's row is held, and nobody else acts as this counter."""

    request: UUID
    branch: str
    transaction: DeskTransaction
    status: CounterStatus
    is_done: bool
    """The counter did just this, as its last action: the answer got lost."""

    def require(self, action: CounterAction | TicketAction) -> None:
        """Refuse what the counter's state does not allow."""
        if code := counter_refusal(action, self.status.state):
            raise KioskError(code, counter=self.status.number, staff=self.status.staff)

    def require_empty_hand(self) -> None:
        """Refuse to take or leave anything while a ticket is in hand."""
        if (ticket := self.transaction.in_hand) is not None:
            raise KioskError("desk_busy", ticket=ticket.number, counter=self.status.number)

    def in_hand(self) -> LockedTicket:
        """The ticket in hand, locked."""
        if (ticket := self.transaction.in_hand) is None:
            raise KioskError("desk_empty", counter=self.status.number)
        return ticket

    def locked(self, ticket: UUID) -> LockedTicket:
        """A ticket by its id, locked: it is as it stands now."""
        locked = self.transaction.lock(ticket)
        if locked is None:
            raise KioskError("ticket_unknown", ticket=ticket, branch=self.branch)
        return locked

    def step(self, ticket: LockedTicket, action: TicketAction, payload: TicketStep) -> LockedTicket:
        """Do something with a locked ticket, if the counter's state and its own allow it."""
        self.require(action)
        if code := ticket_refusal(action, ticket.state):
            raise KioskError(code, ticket=ticket.number, counter=ticket.counter)
        return self.transaction.step(ticket, payload, staff=self.status.staff, id=self.request)

    def say(self, action: CounterAction, payload: Payload) -> None:
        """Do something with the counter, if its state allows it."""
        self.require(action)
        self.transaction.say(payload, str(self.status.staff), id=self.request)

    def require_counter(self, number: int, ticket: LockedTicket) -> None:
        """Refuse to pass a ticket on to a counter that the branch does not have."""
        today = ticket.business_date
        if read_counter(self.transaction.connection, self.branch, number, today) is None:
            raise KioskError(
                "transfer_unknown_counter",
                branch=self.branch,
                counter=number,
                ticket=ticket.number,
            )


def _once_more(action: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Do an action again when the engine undid it for others that were in its way."""

    @wraps(action)
    def done(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return action(*args, **kwargs)
        except KioskError as error:
            if error.code != CONFLICT:
                raise
        return action(*args, **kwargs)

    return done


class BranchDesk:
    """What a teller can do at a counter; see `kiosk.services.desk_view.Desk`.

    Args:
        database: The branch database, as this counter's login where there are logins.
        branch: The branch's code.
        counter: The counter's number.
        zone: The branch's: tickets are called on the business day on which they were issued.
        clock: Gives the times.
        policy: The order of calling, and how often a ticket is called.
        release: The release of the catalog in use; it stands in every event.
    """

    def __init__(
        self,
        database: Database,
        branch: str,
        counter: int,
        zone: ZoneInfo,
        clock: Clock,
        policy: Queue,
        release: str,
    ) -> None:
        self._database = database
        self._branch = branch
        self._counter = counter
        self._journal = DeskJournal(database, branch, counter, clock, zone, release)
        self._order = CallingOrder.configured(policy.head_start)
        self._call_limit = policy.call_limit
        self._first_in_line = Prepared(_first_in_line(self._order))

    def view(self) -> DeskView:
        """Read what the screen shows."""
        now = self._journal.now()
        with self._database.read() as connection:
            today = self._journal.business_date(now)
            lobby = read_lobby(connection, self._branch, today)
            status = read_counter(connection, self._branch, self._counter, today)
            if status is None:
                raise KioskError(
                    "counter_unknown",
                    counter=self._counter, branch=self._branch, database=self._database.name,
                )  # fmt: skip
            in_hand = None
            if status.ticket is not None:  # of whichever day
                in_hand = ticket_by_id(connection, self._branch, status.ticket)
        line = self._order.in_line(lobby.in_state(TicketState.WAITING))
        mine = status.caller
        return DeskView(
            counter=self._counter,
            state=status.state,
            staff=status.staff,
            since=status.since,
            back_at=status.back_at,
            now=now,
            ticket=in_hand,
            call_limit=self._call_limit,
            waiting=tuple(each for each in line if mine.may_call(each.ticket)),
            elsewhere=tuple(each for each in line if not mine.may_call(each.ticket)),
            on_hold=_by_since(lobby.in_state(TicketState.ON_HOLD)),
            no_shows=_by_since(lobby.in_state(TicketState.NO_SHOW))[::-1],
        )

    @_once_more
    def open(self, request: UUID, staff: str) -> None:
        """Begin work at the counter, as this person."""
        with self._turn(request) as turn:
            status = turn.status
            # who signs in again, as after a crash, goes on where they were
            if turn.is_done or (status.state is not CounterState.CLOSED and status.staff == staff):
                return
            turn.require(CounterAction.OPEN)
            turn.transaction.say(CounterOpened(), staff, id=request)

    def start_break(self, request: UUID, minutes: int | None) -> None:
        """Go away for a while."""
        self._leave(request, CounterAction.START_BREAK, CounterBreakStarted(minutes=minutes))

    @_once_more
    def end_break(self, request: UUID) -> None:
        """Come back."""
        with self._turn(request) as turn:
            if not turn.is_done:
                turn.say(CounterAction.END_BREAK, CounterBreakEnded())

    def close(self, request: UUID) -> None:
        """End work at the counter."""
        self._leave(request, CounterAction.CLOSE, CounterClosed())

    @_once_more
    def call_next(self, request: UUID) -> DeskTicket | None:
        """Call the ticket that is next for this counter; None when nobody waits for it."""
        with self._turn(request) as turn:
            if turn.is_done:
                return desk_ticket(turn.in_hand())
            turn.require(TicketAction.CALL)
            turn.require_empty_hand()
            ticket = self._first_for(turn)
            if ticket is None:
                return None
            return desk_ticket(turn.step(ticket, TicketAction.CALL, TicketCalled()))

    def call(self, request: UUID, ticket: UUID) -> DeskTicket:
        """Call a chosen ticket that waits, whoever it waits for."""
        return self._take(request, ticket, TicketAction.CALL, TicketCalled())

    @_once_more
    def recall(self, request: UUID) -> DeskTicket:
        """Call the ticket in hand once more."""
        with self._turn(request) as turn:
            if turn.is_done:
                return desk_ticket(turn.in_hand())
            ticket = turn.in_hand()
            if ticket.state is TicketState.CALLED and ticket.calls >= self._call_limit:
                raise KioskError("call_limit_reached", ticket=ticket.number, calls=ticket.calls)
            return desk_ticket(turn.step(ticket, TicketAction.RECALL, TicketRecalled()))

    def start(self, request: UUID) -> None:
        """The customer of the ticket in hand is here: begin to serve."""
        self._do(request, TicketAction.START, TicketStarted())

    def finish(self, request: UUID, services: Sequence[str]) -> None:
        """End the service of the ticket in hand."""
        self._do(request, TicketAction.FINISH, TicketFinished(services=tuple(services)))

    def no_show(self, request: UUID) -> None:
        """Nobody came to the ticket in hand."""
        self._do(request, TicketAction.NO_SHOW, TicketNoShow())

    def hold(self, request: UUID) -> None:
        """Put the ticket in hand aside, so that another can be called."""
        self._do(request, TicketAction.HOLD, TicketHeld())

    def resume(self, request: UUID, ticket: UUID) -> DeskTicket:
        """Go on with a ticket that is on hold, wherever it was put there."""
        return self._take(request, ticket, TicketAction.RESUME, TicketResumed())

    @_once_more
    def transfer(self, request: UUID, destination: Destination) -> None:
        """Pass the ticket in hand on; it keeps its number and when its customer came."""
        with self._turn(request) as turn:
            if turn.is_done:
                return
            ticket = turn.in_hand()
            if isinstance(destination, ToCounter):
                turn.require_counter(destination.counter, ticket)
            turn.step(ticket, TicketAction.TRANSFER, _transferred(destination))

    @_once_more
    def requeue(self, request: UUID, ticket: UUID) -> None:
        """Put a ticket whose customer came late back into the queue, where it would have been."""
        with self._turn(request) as turn:
            if not turn.is_done:
                turn.step(turn.locked(ticket), TicketAction.REQUEUE, TicketRequeued())

    @_once_more
    def _do(self, request: UUID, action: TicketAction, payload: TicketStep) -> None:
        """One action on the ticket in hand."""
        with self._turn(request) as turn:
            if not turn.is_done:
                turn.step(turn.in_hand(), action, payload)

    @_once_more
    def _take(
        self, request: UUID, ticket: UUID, action: TicketAction, payload: TicketStep
    ) -> DeskTicket:
        """Take a chosen ticket into the hand, which must be empty."""
        with self._turn(request) as turn:
            if turn.is_done:
                return desk_ticket(turn.in_hand())
            turn.require(action)
            turn.require_empty_hand()
            return desk_ticket(turn.step(turn.locked(ticket), action, payload))

    @_once_more
    def _leave(self, request: UUID, action: CounterAction, payload: Payload) -> None:
        """Leave the counter; nobody leaves a customer behind."""
        with self._turn(request) as turn:
            if not turn.is_done:
                turn.require(action)
                turn.require_empty_hand()
                turn.say(action, payload)

    @contextmanager
    def _turn(self, request: UUID) -> Iterator[_Turn]:
        with self._journal.transaction() as transaction:
            status = transaction.status
            assert status is not None  # noqa: S101 (it is a counter's journal)
            is_done = transaction.last_event == request
            yield _Turn(request, self._branch, transaction, status, is_done)

    def _first_for(self, turn: _Turn) -> LockedTicket | None:
        """The next ticket for this counter, locked."""
        queues = turn.status.queues
        return turn.transaction.lock_first(
            self._first_in_line,
            {
                "branch": self._branch,
                "business_date": self._journal.business_date(turn.transaction.now),
                "counter": str(self._counter),
                "staff": turn.status.staff,
                "serves_all": queues is None,
                "queues": "".join(sorted(queues or ())),
            },
        )


def desk_ticket(locked: LockedTicket) -> DeskTicket:
    """A ticket as it stands after a step, without reading it again."""
    return ticket_of(getattr(locked, column.name) for column in TICKET_COLUMNS)


def _transferred(destination: Destination) -> TicketTransferred:
    if isinstance(destination, ToQueue):
        return TicketTransferred(to_queue=destination.queue)
    if isinstance(destination, ToCounter):
        return TicketTransferred(to_counter=str(destination.counter))
    return TicketTransferred(to_staff=destination.staff)


def _by_since(tickets: list[DeskTicket]) -> tuple[DeskTicket, ...]:
    return tuple(sorted(tickets, key=lambda each: (each.state_since, each.number)))


def close_day(
    database: Database,
    branch: str,
    zone: ZoneInfo,
    clock: Clock,
    release: str,
    day: date | None = None,
    *,
    force: bool = False,
) -> int:
    """Expire what is left of a branch's day, and of those before it.

    A ticket that is being served is left for its teller to finish. Nobody who may still be called
    loses their place to a timer that is wrong: an expired ticket does not come back.

    Args:
        database: The branch database, as its owner.
        branch: The branch's code.
        zone: The branch's.
        clock: Gives the times.
        release: The release of the catalog in use; it stands in every event.
        day: The business day; None: today's.
        force: Also while a counter is open that may call one of today's.

    Returns:
        How many tickets expired.

    Raises:
        KioskError: `not_a_branch_database`, `branch_unknown`, `day_in_future`, `day_not_over`.
    """
    journal = DeskJournal(database, branch, None, clock, zone, release)
    with journal.transaction() as transaction:
        require_branch(transaction.connection, database, branch)
        today = journal.business_date(transaction.now)
        last = day or today
        if last > today:
            raise KioskError("day_in_future", day=last, today=today)
        rows = _LEFT_OF_DAYS.rows(transaction.connection, {"branch": branch, "last_day": last})
        if not force and any(business_date == today for _, business_date in rows):
            _require_all_closed(transaction.connection, branch, today)
        expired = 0
        for ticket, _ in rows:
            locked = transaction.lock(ticket)
            # a counter may have begun to serve it meanwhile
            if locked is not None and locked.state in _LEFT_OVER:
                transaction.step(locked, TicketExpired())
                expired += 1
        if wipe_day(transaction.connection, branch, last):
            transaction.wipes_entries = True
    return expired


def _require_all_closed(connection: Connection, branch: str, today: date) -> None:
    callers = read_lobby(connection, branch, today).callers
    if callers:
        at_work = ", ".join(str(each.counter) for each in callers)
        raise KioskError("day_not_over", branch=branch, counters=at_work)
