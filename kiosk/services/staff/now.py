"""What goes on in the branch just now: who waits for what, what counters and terminals do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from kiosk.clock import Clock
from kiosk.models import Terminal, Visit
from kiosk.models.tables import table_of
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.journal import Journal
from kiosk.services.lobby_watch import BranchToAsk
from kiosk.services.queue_snapshot import CounterAtWork, QueueSnapshot, WaitingTicket, read_queue

_TERMINAL, _VISIT = table_of(Terminal), table_of(Visit)
_NO_TERMINAL = (0, 0)
"""Nobody's own events need to be added to what the branch itself knows."""
_FORGOTTEN = timedelta(minutes=30)
"""A visit that is open for longer is one whose end has not come yet."""


@dataclass(frozen=True)
class Waiting:
    """Who waits for one service."""

    service: str | None
    """None: it was not said."""
    count: int
    longest: timedelta


@dataclass(frozen=True)
class TerminalNow:
    """What a terminal does."""

    code: str
    in_use_since: datetime | None
    """Since when a customer is at it; None: nobody is."""


@dataclass(frozen=True)
class Lobby:
    """Queue, counters and terminals at one moment."""

    at: datetime
    waiting: tuple[Waiting, ...]
    """Who waits longest comes first."""
    counters: tuple[CounterAtWork, ...]
    """None, as long as no counter has reported today."""
    terminals: tuple[TerminalNow, ...]
    is_whole: bool
    """Of the whole branch, just now; else as this terminal heard of it."""

    @property
    def count(self) -> int:
        """How many wait."""
        return sum(each.count for each in self.waiting)


class Lobbies:
    """Reads the lobby: of the whole branch where this machine may, else as its store knows it.

    Args:
        journal: The terminal's own.
        branch: The branch database; None where it can't be used. Shared with who asks it, too: one
            that is away keeps nobody waiting twice.
        zone: The branch's.
        clock: For tests.
    """

    def __init__(
        self, journal: Journal, branch: BranchToAsk | None, zone: ZoneInfo, clock: Clock
    ) -> None:
        self._journal = journal
        self._branch = branch
        self._zone = zone
        self._clock = clock
        self._queue = BranchQueue(journal, sees_all_tickets=False)

    def read(self) -> Lobby:
        """How it is now.

        Raises:
            KioskError: What keeps the store from being read.
        """
        branch, now = self._journal.origin.branch, self._clock.now()

        def of_branch(connection: Connection) -> Lobby:
            return lobby_of_branch(connection, branch, self._zone, now)

        if self._branch is not None and (whole := self._branch.read(of_branch)) is not None:
            return whole
        with self._journal.database.read() as connection:
            today = self._journal.business_date(now)
            return lobby_of_terminal(connection, branch, self._queue, today, now)


def lobby_of_branch(connection: Connection, branch: str, zone: ZoneInfo, now: datetime) -> Lobby:
    """What the branch database knows.

    Args:
        connection: To it.
        branch: The branch's code.
        zone: The branch's: today is a business day there.
        now: Aware.
    """
    snapshot = read_queue(connection, branch, zone, now, _NO_TERMINAL)
    today = now.astimezone(zone).date()
    return _lobby(connection, branch, snapshot, today, now, is_whole=True)


def lobby_of_terminal(
    connection: Connection, branch: str, queue: BranchQueue, today: date, now: datetime
) -> Lobby:
    """What a terminal's store knows: the branch's queue as it came down last.

    Args:
        connection: To the store.
        branch: The branch's code.
        queue: Knows who waits.
        today: A business day.
        now: Aware.
    """
    snapshot = queue.snapshot(connection, now)
    return _lobby(connection, branch, snapshot, today, now, is_whole=False)


def _lobby(
    connection: Connection,
    branch: str,
    snapshot: QueueSnapshot | None,
    today: date,
    now: datetime,
    *,
    is_whole: bool,
) -> Lobby:
    return Lobby(
        at=snapshot.read_at if snapshot else now,
        waiting=_waiting(snapshot.waiting if snapshot else (), now),
        counters=snapshot.counters if snapshot else (),
        terminals=_terminals(connection, branch, today, now),
        is_whole=is_whole,
    )


def _waiting(tickets: Sequence[WaitingTicket], now: datetime) -> tuple[Waiting, ...]:
    by_service = sorted(tickets, key=lambda each: each.service or "")
    found = []
    for service, group in groupby(by_service, key=lambda each: each.service):
        arrivals = [each.arrived_at for each in group]
        longest = max(now - min(arrivals), timedelta())
        found.append(Waiting(service, len(arrivals), longest))
    return tuple(sorted(found, key=lambda each: (-each.longest, each.service or "")))


def _terminals(
    connection: Connection, branch: str, today: date, now: datetime
) -> tuple[TerminalNow, ...]:
    v = _VISIT.c
    open_visits = (
        select(v.terminal, func.max(v.arrived_at).label("since"))
        .where(
            v.branch == branch,
            v.business_date == today,
            v.ended_at.is_(None),
            v.language.is_not(None),  # else staff left out a customer in the lobby
            v.arrived_at > now - _FORGOTTEN,
        )
        .group_by(v.terminal)
        .subquery()
    )
    rows = connection.execute(
        select(_TERMINAL.c.code, open_visits.c.since)
        .outerjoin(open_visits, open_visits.c.terminal == _TERMINAL.c.code)
        .where(_TERMINAL.c.branch == branch)
        .order_by(_TERMINAL.c.code)
    )
    return tuple(TerminalNow(code, since) for code, since in rows)
