"""Who waits in the branch, as well as this terminal can know it.

The branch's queue comes down with each synchronisation. What this terminal has done since is added
from its own events, so that a ticket counts from the moment it is printed. A queue that is too old
says nothing: then a terminal that is alone in its branch uses its own tickets, and another says
nothing about the wait.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select

from kiosk.models import Event, Kind, Priority, Release, Ticket, Watermark
from kiosk.models.payloads import TicketCancelled, TicketIssued
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.journal import Journal
from kiosk.services.queue_snapshot import QueueSnapshot, WaitingTicket
from kiosk.services.releases import Name

LONGEST_AGE: Final = timedelta(minutes=5)
"""A few rounds of the synchronisation: meanwhile a counter calls about one customer."""

LONGEST_KNOWN: Final = timedelta(minutes=30)
"""Until then a queue that is too old for a promise can be told with its time; after that it is the
queue of other people."""

_EVENT = table_of(Event)
_RELEASE = table_of(Release)
_TICKET = table_of(Ticket)
_WATERMARK = table_of(Watermark)
_OF_QUEUE = (_RELEASE.c.branch == bindparam("branch")) & (_RELEASE.c.name == Name.QUEUE.value)
_NEWEST = Prepared(
    select(
        select(func.max(_RELEASE.c.version)).where(_OF_QUEUE).scalar_subquery(),
        select(func.max(_WATERMARK.c.last_pull_at))
        .where(_WATERMARK.c.epoch == bindparam("epoch"))
        .scalar_subquery(),
    )
)
_BODY = Prepared(
    select(_RELEASE.c.body).where(_OF_QUEUE, _RELEASE.c.version == bindparam("version"))
)
_SINCE = Prepared(
    select(
        _EVENT.c.stage, _EVENT.c.ticket, _EVENT.c.queue, _EVENT.c.service, _EVENT.c.priority,
        _EVENT.c.arrived_at, _EVENT.c.occurred_at,
    )
    .where(
        _EVENT.c.branch == bindparam("branch"),
        _EVENT.c.terminal == bindparam("terminal"),
        _EVENT.c.epoch == bindparam("epoch"),
        _EVENT.c.seq > bindparam("acked_seq"),
        _EVENT.c.kind == Kind.TICKET.value,
    )
    .order_by(_EVENT.c.seq)
)  # fmt: skip
_OWN = Prepared(
    select(
        _TICKET.c.id, _TICKET.c.queue, _TICKET.c.service, _TICKET.c.priority, _TICKET.c.arrived_at,
        _TICKET.c.issued_at,
    )
    .where(
        _TICKET.c.branch == bindparam("branch"),
        _TICKET.c.business_date == bindparam("business_date"),
        _TICKET.c.state == "waiting",
    )
    .order_by(_TICKET.c.issued_at)
)  # fmt: skip


class BranchQueue:
    """Knows who waits.

    Args:
        journal: The terminal's own events.
        sees_all_tickets: No other terminal gives tickets in this branch.
    """

    def __init__(self, journal: Journal, *, sees_all_tickets: bool) -> None:
        self._journal = journal
        self._sees_all_tickets = sees_all_tickets
        self._read: tuple[int, QueueSnapshot] | None = None

    def snapshot(self, connection: Connection, now: datetime) -> QueueSnapshot | None:
        """The queue, in the order of issue, and its counters; None where nobody can know.

        Args:
            connection: To the terminal's store.
            now: Aware.
        """
        [(version, pulled_at)] = _NEWEST.rows(connection, vars(self._journal.origin))
        if version is not None and pulled_at is not None and self._is_fresh(pulled_at, now):
            snapshot = self._of_branch(connection, version)
            if snapshot.epoch == self._journal.origin.epoch:
                return self._with_own(connection, snapshot)
        return self._own(connection, now) if self._sees_all_tickets else None

    def newest(self, connection: Connection) -> QueueSnapshot | None:
        """What the branch said last, however long ago; None where it has said nothing yet.

        Args:
            connection: To the terminal's store.
        """
        [(version, _)] = _NEWEST.rows(connection, vars(self._journal.origin))
        return None if version is None else self._of_branch(connection, version)

    def last_known(
        self, connection: Connection, now: datetime
    ) -> tuple[QueueSnapshot, datetime] | None:
        """The queue when the branch was heard of last, and when that was; for telling only.

        Args:
            connection: To the terminal's store.
            now: Aware.

        Returns:
            None where the branch was heard of just now, or too long ago to mean anything.
        """
        [(version, pulled_at)] = _NEWEST.rows(connection, vars(self._journal.origin))
        if version is None or pulled_at is None or self._is_fresh(pulled_at, now):
            return None
        day = self._journal.business_date
        if not (now - LONGEST_KNOWN <= pulled_at <= now and day(pulled_at) == day(now)):
            return None
        snapshot = self._of_branch(connection, version)
        return (snapshot, pulled_at) if snapshot.epoch == self._journal.origin.epoch else None

    def _is_fresh(self, pulled_at: datetime, now: datetime) -> bool:
        """By this terminal's clock, which is the one that asked."""
        day = self._journal.business_date
        # both ways: a clock that was set back makes no queue younger
        return abs(now - pulled_at) <= LONGEST_AGE and day(pulled_at) == day(now)

    def _of_branch(self, connection: Connection, version: int) -> QueueSnapshot:
        if self._read is None or self._read[0] != version:
            which = {"branch": self._journal.origin.branch, "version": version}
            [(body,)] = _BODY.rows(connection, which)
            self._read = (version, QueueSnapshot.model_validate_json(body))
        return self._read[1]

    def _with_own(self, connection: Connection, snapshot: QueueSnapshot) -> QueueSnapshot:
        queue = {each.ticket: each for each in snapshot.waiting}
        since = {**vars(self._journal.origin), "acked_seq": snapshot.acked_seq}
        for stage, *ticket in _SINCE.rows(connection, since):
            if stage == TicketIssued.stage:
                queue[ticket[0]] = _waiting(*ticket)
            elif stage == TicketCancelled.stage:
                queue.pop(ticket[0], None)
        waiting = sorted(queue.values(), key=lambda each: each.issued_at)
        return snapshot.model_copy(update={"waiting": tuple(waiting)})

    def _own(self, connection: Connection, now: datetime) -> QueueSnapshot:
        today = {
            "branch": self._journal.origin.branch,
            "business_date": self._journal.business_date(now),
        }
        return QueueSnapshot(
            read_at=now,
            epoch=self._journal.origin.epoch,
            acked_seq=0,
            waiting=tuple(_waiting(*row) for row in _OWN.rows(connection, today)),
            counters=(),
            ended=(),
            came=(),
        )


class UnseenQueue(BranchQueue):
    """That of a machine away from its branch: who waits there now says nothing to people here."""

    def snapshot(self, connection: Connection, now: datetime) -> None:
        """None, however fresh it is."""

    def last_known(self, connection: Connection, now: datetime) -> None:
        """None, however fresh it is."""


def _waiting(
    ticket: UUID,
    queue: str,
    service: str | None,
    priority: str,
    arrived_at: datetime,
    issued_at: datetime,
) -> WaitingTicket:
    return WaitingTicket(
        ticket=ticket,
        queue=queue,
        service=service,
        priority=Priority(priority),
        counter=None,
        arrived_at=arrived_at,
        issued_at=issued_at,
    )
