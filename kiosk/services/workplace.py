"""What somebody who has signed in at a counter works with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from kiosk.config import Queue
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.services.catalog import Catalog
from kiosk.services.desk_view import Desk, DeskView
from kiosk.services.entries import Entered
from kiosk.services.journal import new_id
from kiosk.services.queue_order import Standing
from kiosk.services.sign_in import SignedIn, SignInCall

__all__ = [
    "CounterServices",
    "CounterState",
    "Entries",
    "Priority",
    "Standing",
    "TicketState",
    "Workplace",
]
"""With the words of the tables that a view uses: screens never import those."""

Entries = tuple[Entered, ...]
"""What a customer filled in at the terminal."""


@dataclass(frozen=True)
class Workplace:
    """All that the screen of a counter needs while one person works there."""

    who: SignedIn
    desk: Desk
    catalog: Catalog
    queue: Queue
    """Norms and head starts, as the branch has set them."""
    zone: tzinfo
    counters: tuple[int, ...]
    """The branch's others, to which a ticket may be passed on."""
    colleagues: tuple[SignedIn, ...]
    """The others who may work at a counter."""
    entries: Callable[[UUID], Entries]
    """What the customer of a ticket filled in."""

    def read(self) -> tuple[DeskView, Entries]:
        """What stands on the desk, with what the customer in hand filled in.

        Raises:
            KioskError: What keeps the branch database from being read.
        """
        view = self.desk.view()
        return view, self.entries(view.ticket.id) if view.ticket else ()

    def begin(self) -> str | None:
        """Open the counter, whatever whoever was here before left behind.

        A program that was killed has signed nobody off: the same person goes on, of another the
        ticket in hand is put on hold. Said again after a fault, it goes on where it stopped.

        Returns:
            The number of a ticket that was put on hold; None: there was none.

        Raises:
            KioskError: What keeps the branch database from being written.
        """
        view, held = self.desk.view(), None
        if view.state is not CounterState.CLOSED and view.staff != self.who.number:
            if view.ticket is not None:
                held = view.ticket.number
                self.desk.hold(new_id())
            self.desk.close(new_id())
        if view.state is CounterState.CLOSED or view.staff != self.who.number:
            self.desk.open(new_id(), self.who.number)
        return held


@dataclass(frozen=True)
class CounterServices:
    """What the screen of a counter works with."""

    sign_in: SignInCall
    """See `SignIn.sign_in`."""
    workplace: Callable[[SignedIn], Workplace]
    """Reads what the branch says now; raises what keeps its database from being read."""
    close: Callable[[], None]
