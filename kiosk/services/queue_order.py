"""Who is called next, and why: pure, so that it can be tested, explained and predicted with.

First come, first served, but a class of tickets counts as come some minutes earlier (its head
start). So nobody starves: whoever comes later than the head start after a ticket stands behind it,
however many there are. Among equals it is the order of issue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from kiosk.config import HeadStart
from kiosk.models.states import Priority


@dataclass(frozen=True)
class Candidate:
    """A ticket that waits."""

    id: UUID
    number: str
    queue: str
    """After transfers: not always the number's letter."""
    priority: Priority
    arrived_at: datetime
    """When the customer came; aware, kept through every detour."""
    issued_at: datetime
    wanted_counter: int | None = None
    """The only counter that calls it: somebody passed it on to there."""
    wanted_staff: str | None = None
    """The only person who calls it, at whichever counter."""


T = TypeVar("T", bound=Candidate)


@dataclass(frozen=True)
class Caller:
    """A counter, with who works at it."""

    counter: int
    staff: str | None = None
    queues: frozenset[str] | None = None
    """Letters of the queues that it serves; None: all."""

    def may_call(self, ticket: Candidate) -> bool:
        """Whether a ticket's turn comes here: what was passed on to a counter goes there alone."""
        if ticket.wanted_counter is not None:
            return ticket.wanted_counter == self.counter
        if ticket.wanted_staff is not None:
            return ticket.wanted_staff == self.staff
        return self.queues is None or ticket.queue in self.queues


class Reason(StrEnum):
    """Why one ticket goes before another."""

    CAME_EARLIER = "came_earlier"
    HEAD_START = "head_start"
    """Its customer came at the same time or later, but its class counts as come earlier."""
    ISSUED_EARLIER = "issued_earlier"
    LOWER_NUMBER = "lower_number"


class Standing(StrEnum):
    """Why a ticket stands where it stands in a line."""

    FIRST_COME = "first_come"
    """Everybody behind it came later, or at the same time."""
    HEAD_START = "head_start"
    """Somebody behind it came earlier: its class goes ahead."""


@dataclass(frozen=True)
class InLine(Generic[T]):
    """A ticket in its place."""

    ticket: T
    standing: Standing
    """Why it stands there."""


@dataclass(frozen=True)
class Ahead(Generic[T]):
    """A ticket that is called before the one that is asked about."""

    ticket: T
    reason: Reason


@dataclass(frozen=True)
class Explanation(Generic[T]):
    """Why a ticket stands where it stands."""

    ticket: T
    place: int
    """1: it is the next one, wherever it can be called."""
    ahead: tuple[Ahead[T], ...]
    """In the order in which they are called; they compete with it for a counter."""
    counters: tuple[int, ...]
    """The counters that may call it; none: nobody does, for now."""


@dataclass(frozen=True)
class CallingOrder:
    """The order in which tickets are called; every counter of a branch has the same."""

    head_start: Mapping[Priority, int]
    """Minutes by which a class counts as come earlier; a class that is missing has none."""

    @classmethod
    def configured(cls, head_start: HeadStart) -> "CallingOrder":
        """The order that the configuration, or the branch's settings, ask for."""
        return cls({Priority(name): minutes for name, minutes in vars(head_start).items()})

    def counts_from(self, ticket: Candidate) -> datetime:
        """The moment from which a ticket counts."""
        return ticket.arrived_at - timedelta(minutes=self.head_start.get(ticket.priority, 0))

    def key(self, ticket: Candidate) -> tuple[datetime, datetime, str]:
        """Who has the smallest is called first. No two tickets of a day have the same."""
        return (self.counts_from(ticket), ticket.issued_at, ticket.number)

    def in_line(self, waiting: Iterable[T]) -> tuple[InLine[T], ...]:
        """Tickets in the order in which they are called."""
        line: list[InLine[T]] = []
        earliest_behind: datetime | None = None
        for ticket in sorted(waiting, key=self.key, reverse=True):
            goes_ahead = earliest_behind is not None and earliest_behind < ticket.arrived_at
            line.append(InLine(ticket, Standing.HEAD_START if goes_ahead else Standing.FIRST_COME))
            if earliest_behind is None or ticket.arrived_at < earliest_behind:
                earliest_behind = ticket.arrived_at
        return tuple(reversed(line))

    def next_for(self, caller: Caller, waiting: Iterable[T]) -> T | None:
        """The ticket that a counter calls next; None when nobody waits for it."""
        return min(filter(caller.may_call, waiting), key=self.key, default=None)

    def explain(self, ticket: T, waiting: Iterable[T], callers: Sequence[Caller]) -> Explanation[T]:
        """Say who is called before a ticket, and why.

        Args:
            ticket: One that waits.
            waiting: Everybody who waits; whether the ticket is among them makes no difference.
            callers: The counters that are at work; where none of them may call it, it competes with
                its own queue.
        """
        able = [caller for caller in callers if caller.may_call(ticket)]
        # as long as nobody can say which counter it will be, its own queue goes to the same one
        likely = able or [Caller(0, None, frozenset({ticket.queue}))]
        competing = [
            other
            for other in waiting
            if other.id != ticket.id
            and self.key(other) < self.key(ticket)
            and any(caller.may_call(other) for caller in likely)
        ]
        ahead = tuple(
            Ahead(other, self._reason(other, ticket)) for other in sorted(competing, key=self.key)
        )
        return Explanation(ticket, len(ahead) + 1, ahead, tuple(each.counter for each in able))

    def _reason(self, first: Candidate, second: Candidate) -> Reason:
        if first.arrived_at < second.arrived_at:
            return Reason.CAME_EARLIER
        if self.counts_from(first) < self.counts_from(second):
            return Reason.HEAD_START
        if first.issued_at < second.issued_at:
            return Reason.ISSUED_EARLIER
        return Reason.LOWER_NUMBER
