"""A counter's desk as its screen sees it: what stands on it, and what a teller can do.

Pure and light, so that a screen can be drawn, and tested, without a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from kiosk.models.states import CounterState, TicketState
from kiosk.services.queue_order import Candidate, InLine


@dataclass(frozen=True)
class ToQueue:
    """Passed on to whoever serves a queue."""

    queue: str
    """Its letter."""


@dataclass(frozen=True)
class ToCounter:
    """Passed on to one counter."""

    counter: int


@dataclass(frozen=True)
class ToStaff:
    """Passed on to one person, at whichever counter."""

    staff: str
    """The staff code."""


Destination = ToQueue | ToCounter | ToStaff


@dataclass(frozen=True, kw_only=True)
class DeskTicket(Candidate):
    """A ticket as the counters know it; times are aware."""

    service: str | None
    """None: the customer went straight to the counter."""
    state: TicketState
    state_since: datetime
    """When its state began; of one that was called, the last call or recall."""
    counter: int | None = None
    """Where it was called or put on hold last."""
    staff: str | None = None
    """By whom."""
    first_called_at: datetime | None = None
    called_at: datetime | None = None
    """Of the last call or recall."""
    calls: int = 0
    """The last call, and the recalls since."""
    waiting_seconds: int = 0
    """Of all its waits that ended with a call."""
    service_seconds: int = 0
    """Of all the time that it was served until its state began."""

    def waited(self, now: datetime) -> timedelta:
        """How long it has waited in all; never negative, whatever clocks did."""
        return self._with_now(self.waiting_seconds, TicketState.WAITING, now)

    def served_for(self, now: datetime) -> timedelta:
        """How long it has been served in all, without the time on hold."""
        return self._with_now(self.service_seconds, TicketState.SERVING, now)

    def in_state_for(self, now: datetime) -> timedelta:
        """How long its state has lasted: since the last call, the start, or since it is on hold."""
        return _span(self.state_since, now)

    def _with_now(self, before: int, state: TicketState, now: datetime) -> timedelta:
        lasting = self.in_state_for(now) if self.state is state else timedelta()
        return timedelta(seconds=before) + lasting


def _span(begin: datetime, end: datetime) -> timedelta:
    """Clocks differ from machine to machine, and may be set back: less than nothing is nothing."""
    return max(end - begin, timedelta())


WaitingHere = InLine[DeskTicket]
"""A ticket in its place in a line."""


@dataclass(frozen=True)
class DeskView:
    """All that a counter's screen shows of the branch, at one moment."""

    counter: int
    state: CounterState
    staff: str | None
    """Who works here; None when it is closed."""
    since: datetime | None
    """Since when the counter has been in its state; None if it never was opened."""
    back_at: datetime | None
    """When a break is planned to end."""
    now: datetime
    """When this was read, by this machine's clock."""
    ticket: DeskTicket | None
    """The one in hand: called or being served here."""
    call_limit: int
    """After so many calls that nobody came to, a no-show is due; the teller decides."""
    waiting: tuple[WaitingHere, ...]
    """Whom this counter calls, in the order of calling."""
    elsewhere: tuple[WaitingHere, ...]
    """Who waits for other counters, in the order of calling; they can be called all the same."""
    on_hold: tuple[DeskTicket, ...]
    """Of the whole branch, the longest first: any counter may resume them."""
    no_shows: tuple[DeskTicket, ...]
    """Of today, the latest first: they may go back into the queue."""

    @property
    def is_no_show_due(self) -> bool:
        """Whether the ticket in hand was called as often as it should be."""
        ticket = self.ticket
        return (
            ticket is not None
            and ticket.state is TicketState.CALLED
            and ticket.calls >= self.call_limit
        )


class Desk(Protocol):
    """What a teller can do at a counter.

    Each action is one transaction: it is done whole, or refused with nothing changed. ``request``
    names one press of a key: asked again with the same one, after an answer that got lost, an
    action is not done again and returns what it did.

    All of them raise `KioskError`: a `database_…` code when the branch database is away (nothing
    is lost: ask again with the same request); `counter_unknown`; `counter_closed`, `counter_open`,
    `counter_on_break`; and those about a ticket `ticket_…` when it does not stand where the action
    needs it (see `kiosk.services.transitions`), or `desk_empty` without a ticket in hand.
    """

    def view(self) -> DeskView:
        """Read what the screen shows."""

    def open(self, request: UUID, staff: str) -> None:
        """Begin work at the counter, as this person."""

    def start_break(self, request: UUID, minutes: int | None) -> None:
        """Go away for a while; raises `desk_busy` with a ticket in hand.

        Args:
            request: Names this press of a key.
            minutes: How long it is planned to last, at least one; None: nobody said.
        """

    def end_break(self, request: UUID) -> None:
        """Come back."""

    def close(self, request: UUID) -> None:
        """End work at the counter; raises `desk_busy` with a ticket in hand."""

    def call_next(self, request: UUID) -> DeskTicket | None:
        """Call the ticket that is next for this counter; None when nobody waits for it.

        Raises:
            KioskError: `desk_busy` with a ticket in hand.
        """

    def call(self, request: UUID, ticket: UUID) -> DeskTicket:
        """Call a chosen ticket of today that waits, whoever it waits for.

        Raises:
            KioskError: `desk_busy` with a ticket in hand; `ticket_unknown`.
        """

    def recall(self, request: UUID) -> DeskTicket:
        """Call the ticket in hand once more.

        Raises:
            KioskError: `call_limit_reached`: a no-show is due.
        """

    def start(self, request: UUID) -> None:
        """The customer of the ticket in hand is here: begin to serve."""

    def finish(self, request: UUID, services: Sequence[str]) -> None:
        """End the service of the ticket in hand.

        Args:
            request: Names this press of a key.
            services: Codes of what was really done; none: nothing could be done.
        """

    def no_show(self, request: UUID) -> None:
        """Nobody came to the ticket in hand."""

    def hold(self, request: UUID) -> None:
        """Put the ticket in hand aside, so that another can be called."""

    def resume(self, request: UUID, ticket: UUID) -> DeskTicket:
        """Go on with a ticket that is on hold, wherever it was put there.

        Raises:
            KioskError: `desk_busy` with a ticket in hand; `ticket_unknown`.
        """

    def transfer(self, request: UUID, destination: Destination) -> None:
        """Pass the ticket in hand on; it keeps its number and when its customer came.

        Raises:
            KioskError: `transfer_unknown_counter` when the branch has no such counter.
        """

    def requeue(self, request: UUID, ticket: UUID) -> None:
        """Put a ticket whose customer came late back into the queue, where it would have been.

        Raises:
            KioskError: `ticket_unknown`.
        """
