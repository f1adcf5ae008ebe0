"""Counter tickets: issued on the terminal, with no network at all."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from sqlalchemy import Connection, bindparam, case, exists, func, select

from kiosk.errors import KioskError
from kiosk.models import Diversion, Priority, Ticket, TicketFloor, Visit
from kiosk.models.payloads import TicketCancelled, TicketIssued
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.branch_rules import BranchRules
from kiosk.services.branch_wait import BranchWaits, Newcomer
from kiosk.services.catalog import Move
from kiosk.services.journal import Fact, Journal, Transaction
from kiosk.services.wait import Wait

_TICKET = table_of(Ticket)
_TODAY = (_TICKET.c.branch == bindparam("branch")) & (
    _TICKET.c.business_date == bindparam("business_date")
)
_WAITING = Prepared(
    select(
        _TICKET.c.visit, _TICKET.c.number, _TICKET.c.queue, _TICKET.c.service,
        _TICKET.c.transferable, _TICKET.c.arrived_at,
    ).where(_TICKET.c.id == bindparam("id"), _TICKET.c.state == "waiting")
)  # fmt: skip
_VISIT = table_of(Visit)
_DIVERSION = table_of(Diversion)
_FLOOR = table_of(TicketFloor)
_PRIORITY_OF_VISIT = case(
    (
        exists().where(_VISIT.c.id == bindparam("visit"), _VISIT.c.left_out),
        Priority.SENIOR.value,
    ),
    (
        exists().where(
            _DIVERSION.c.visit == bindparam("visit"), _DIVERSION.c.fell_back_at.is_not(None)
        ),
        Priority.RETURNED.value,
    ),
    else_=Priority.NORMAL.value,
)
_PRIORITY = Prepared(select(_PRIORITY_OF_VISIT))
_BEFORE_ISSUE = Prepared(
    select(
        _PRIORITY_OF_VISIT,
        *(
            select(_TICKET.c[name]).where(_TICKET.c.id == bindparam("id")).scalar_subquery()
            for name in ("number", "queue", "service")
        ),
        # a range, which the index knows, not a LIKE
        select(func.max(_TICKET.c.number))
        .where(_TODAY, _TICKET.c.number.between(bindparam("lowest"), bindparam("highest")))
        .scalar_subquery(),
        select(_FLOOR.c.number)
        .where(_FLOOR.c.business_date == bindparam("business_date"))
        .scalar_subquery(),
    )
)
"""All that must be read before a ticket: one statement costs more than what it finds."""
_DIGITS = 3
HIGHEST_NUMBER = int("9" * _DIGITS)


@dataclass(frozen=True)
class TicketRequest:
    """What a ticket is for. The same id asked for again gives the same ticket."""

    id: UUID
    visit: UUID
    arrived_at: datetime
    """When the customer came; kept through every detour."""
    service: str | None
    """None: the customer went straight to the counter."""
    instead_of: UUID | None = None
    """The visit's ticket for another service, cancelled in the same transaction."""


@dataclass(frozen=True)
class LastKnown:
    """What could be said when the branch was heard of last: told with its time, and no promise."""

    wait: Wait
    at: time
    """In the branch's zone."""


@dataclass(frozen=True)
class IssuedTicket:
    """A ticket as the customer sees it."""

    id: UUID
    number: str
    queue: str
    service: str | None
    wait: Wait | None
    """None where nobody can know."""


@dataclass(frozen=True)
class _BeforeIssue:
    """What the store says before a ticket is issued."""

    priority: Priority
    known: tuple[str, str, str | None] | None
    """Number, queue and service, if the request was granted before."""
    last_count: int
    """In the numbers of the queue's tickets today, or below which none may be."""


class Tickets:
    """Issues and takes back tickets, and knows the queue.

    Args:
        journal: Where the events go.
        rules: The branch's, with the catalog that gives each service its queue.
        digit: This terminal's; the second character of its numbers, so that terminals which can't
            see each other never give the same one.
        queue: Knows who waits in the branch.
    """

    def __init__(
        self, journal: Journal, rules: BranchRules, digit: int, queue: BranchQueue
    ) -> None:
        self._journal = journal
        self._catalog = rules.catalog
        self._digit = digit
        self._queue = queue
        self._waits = BranchWaits(rules, journal.origin.branch)

    def wait(
        self,
        service: str | None = None,
        visit: UUID | None = None,
        arrived_at: datetime | None = None,
    ) -> Wait | None:
        """What somebody who took a ticket now would wait, just as the ticket would say it.

        Args:
            service: What it would be for; None: nobody has said so yet.
            visit: Whose; None: anybody.
            arrived_at: When they came; None: now.

        Returns:
            None where nobody can know.
        """
        with self._journal.database.read() as connection:
            newcomer = self._newcomer(connection, service, visit, arrived_at)
            return self._predict(connection, newcomer, self._journal.now())

    def last_known(self, service: str | None = None) -> LastKnown | None:
        """What `wait` said last, while the branch is away and it says nothing; never an argument.

        Args:
            service: What a ticket is for; None: nobody has said so yet.

        Returns:
            None where `wait` knows, or nobody has known for too long.
        """
        with self._journal.database.read() as connection:
            found = self._queue.last_known(connection, self._journal.now())
            if found is None:
                return None
            snapshot, at = found
            newcomer = Newcomer(self._queue_of(service))
            wait = self._waits.wait_for(newcomer, snapshot, connection, at)
        return LastKnown(wait, self._journal.local_time(at))

    def issue(self, request: TicketRequest) -> IssuedTicket:
        """Issue a ticket, exactly once for each request id.

        Raises:
            KioskError: `ticket_numbers_used_up` after 999 tickets of one queue in a day.
        """
        with self._journal.transaction() as transaction:
            connection = transaction.connection
            queue = self._queue_of(request.service)
            before = self._before_issue(connection, request, queue, transaction.now)
            newcomer = Newcomer(queue, before.priority, request.arrived_at)
            wait = self._predict(connection, newcomer, transaction.now, but=request.id)
            if before.known is not None:
                return IssuedTicket(request.id, *before.known, wait)
            if request.instead_of is not None:
                self._cancel(transaction, request.instead_of)
            number = self._number(queue, before.last_count + 1)
            transaction.record(
                Fact(
                    TicketIssued(wait=wait.shown() if wait else None),
                    visit=request.visit,
                    ticket=request.id,
                    ticket_number=number,
                    queue=queue,
                    service=request.service,
                    transferable=self._is_transferable(request.service),
                    arrived_at=request.arrived_at,
                    priority=before.priority.value,
                )
            )
        return IssuedTicket(request.id, number, queue, request.service, wait)

    def cancel(self, ticket: UUID) -> None:
        """Take a ticket back from the customer; one that is gone already stays so."""
        with self._journal.transaction() as transaction:
            self._cancel(transaction, ticket)

    def _cancel(self, transaction: Transaction, ticket: UUID) -> None:
        found = _WAITING.rows(transaction.connection, {"id": ticket})
        if not found:
            return
        visit, number, queue, service, transferable, arrived_at = found[0]
        transaction.record(
            Fact(
                TicketCancelled(),
                visit=visit,
                ticket=ticket,
                ticket_number=number,
                queue=queue,
                service=service,
                transferable=transferable,
                arrived_at=arrived_at,
            )
        )

    @staticmethod
    def _priority(connection: Connection, visit: UUID) -> Priority:
        [(priority,)] = _PRIORITY.rows(connection, {"visit": visit})
        return Priority(priority)

    def _queue_of(self, service: str | None) -> str:
        return self._catalog.service(service).queue if service else self._catalog.queues[0].letter

    def _is_transferable(self, service: str | None) -> bool:
        return service is not None and self._catalog.service(service).move is not Move.NO

    def _newcomer(
        self,
        connection: Connection,
        service: str | None,
        visit: UUID | None,
        arrived_at: datetime | None,
    ) -> Newcomer:
        priority = self._priority(connection, visit) if visit else Priority.NORMAL
        return Newcomer(self._queue_of(service), priority, arrived_at)

    def _predict(
        self, connection: Connection, newcomer: Newcomer, now: datetime, but: UUID | None = None
    ) -> Wait | None:
        """The wait in the queue as it is; a customer's own ticket does not stand before them."""
        snapshot = self._queue.snapshot(connection, now)
        if snapshot is None:
            return None
        if any(each.ticket == but for each in snapshot.waiting):
            others = tuple(each for each in snapshot.waiting if each.ticket != but)
            snapshot = snapshot.model_copy(update={"waiting": others})
        return self._waits.wait_for(newcomer, snapshot, connection, now)

    def _before_issue(
        self, connection: Connection, request: TicketRequest, queue: str, now: datetime
    ) -> "_BeforeIssue":
        bounds = {
            "lowest": self._number(queue, 0),
            "highest": self._number(queue, HIGHEST_NUMBER),
        }
        asked = {"visit": request.visit, "id": request.id, **self._today(now), **bounds}
        [(priority, number, stands_in, service, last, floor)] = _BEFORE_ISSUE.rows(
            connection, asked
        )
        return _BeforeIssue(
            Priority(priority),
            None if number is None else (number, stands_in, service),
            max(int(last[-_DIGITS:]) if last else 0, floor or 0),
        )

    def _number(self, queue: str, count: int) -> str:
        if count > HIGHEST_NUMBER:
            raise KioskError("ticket_numbers_used_up", queue=queue)
        return f"{queue}{self._digit}{count:0{_DIGITS}d}"

    def _today(self, now: datetime) -> dict[str, object]:
        return {
            "branch": self._journal.origin.branch,
            "business_date": self._journal.business_date(now),
        }
