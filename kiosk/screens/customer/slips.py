"""What is printed for a customer, in the words of the screens, and what became of it."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from enum import Enum
from uuid import UUID

from kiosk.i18n import _, format_time, language
from kiosk.screens.customer.phrases import (
    ahead_phrase,
    bring_phrase,
    code_phrase,
    reference_phrase,
    wait_phrase,
)
from kiosk.services.catalog import Catalog, Route
from kiosk.services.printing.printing import Outcome, Printing
from kiosk.services.printing.slip import Code, Slip, Text
from kiosk.services.tickets import IssuedTicket

_NUMBER_SIZE = 6
_LARGE = 2


class SlipState(Enum):
    """How far a slip is; none of it keeps the customer waiting."""

    PRINTING = "printing"
    PRINTED = "printed"
    SENT = "sent"
    """A printer that says nothing took it."""
    FAILED = "failed"


_STATES = {
    Outcome.PRINTED: SlipState.PRINTED,
    Outcome.SENT: SlipState.SENT,
    Outcome.FAILED: SlipState.FAILED,
}


class Slips:
    """The slips of one visit: each is printed once, unless the customer asks for it again.

    Args:
        printing: None where no printer is configured.
        tell: Called on the event loop when there is news of a slip.
    """

    def __init__(self, printing: Printing | None, tell: Callable[[], None]) -> None:
        self._printing = printing
        self._tell = tell
        self._states: dict[UUID, SlipState] = {}

    @property
    def news(self) -> tuple[SlipState, ...]:
        """How far each slip is."""
        return tuple(self._states.values())

    def state(self, of: UUID) -> SlipState | None:
        """How far the slip of a ticket or an offer is; none: there is none."""
        return self._states.get(of)

    def print_once(self, of: UUID, make: Callable[[], Slip]) -> None:
        """Print the slip of a ticket or an offer, if there is a printer and it was not yet."""
        if self._printing is not None and of not in self._states:
            self._start(self._printing, of, make())

    def print_again(self, of: UUID, make: Callable[[], Slip]) -> None:
        """Print it because the customer asks."""
        if self._printing is not None and self._states.get(of) is not SlipState.PRINTING:
            self._start(self._printing, of, make())

    def _start(self, printing: Printing, of: UUID, slip: Slip) -> None:
        self._states[of] = SlipState.PRINTING
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()

        def pass_on(done: "Future[Outcome]") -> None:
            with suppress(RuntimeError):  # the terminal has ended meanwhile
                loop.call_soon_threadsafe(self._take, of, done.result(), context=context)

        printing.start(slip).add_done_callback(pass_on)

    def _take(self, of: UUID, outcome: Outcome) -> None:
        self._states[of] = _STATES[outcome]
        self._tell()


def remember_phrase(state: SlipState | None) -> str:
    """What to do with the number, as far as it is on paper."""
    match state:
        case None:
            return _("Please remember the number and sit down; it will be called.")
        case SlipState.PRINTING:
            return _("Your slip is being printed. Your number will be called.")
        case SlipState.PRINTED:
            return _("Please take your slip and sit down; your number will be called.")
        case SlipState.SENT:
            return _("Please take your slip. If none comes out, remember the number.")
        case SlipState.FAILED:
            return _("No slip came out. Please take a photo or remember the number.")


def ticket_slip(
    catalog: Catalog,
    ticket: IssuedTicket,
    place: str,
    printed_at: datetime,
    *,
    large: bool,
    is_copy: bool,
) -> Slip:
    """The counter ticket.

    Args:
        catalog: Has the names.
        ticket: The number and what goes with it.
        place: Bank and branch.
        printed_at: The wall clock in the branch.
        large: For a customer in large type.
        is_copy: The customer asked for it once more.
    """
    service = catalog.service(ticket.service) if ticket.service else None
    queue = catalog.queue(ticket.queue).name.in_language(language())
    main = [
        service.name.in_language(language()) if service else "",
        ahead_phrase(ticket.wait),
        wait_phrase(ticket.wait),
        bring_phrase(catalog, service.bring) if service else "",
        _("Please sit down; your number will be called."),
    ]
    copy: Slip = [Text(_("Printed again"), centred=True)] if is_copy else []
    return [
        Text(place, bold=True, centred=True),
        Text(_("Your counter ticket"), centred=True),
        Text(ticket.number, size=_NUMBER_SIZE, bold=True, centred=True),
        Text(queue, centred=True),
        *copy,
        Text(""),
        *_paragraphs(main, large=large),
        Text(""),
        Text(_moment(printed_at)),
        Text(_("Nobody from the bank asks for your password or for a code from a message.")),
    ]


def route_slip(
    catalog: Catalog,
    route: Route,
    reference: str,
    place: str,
    printed_at: datetime,
    *,
    large: bool,
) -> Slip:
    """How to do it on a channel: the steps, the code and what it opens, the safety line.

    Args:
        catalog: Has the names.
        route: The way.
        reference: Of what the customer is about to do.
        place: Bank and branch.
        printed_at: The wall clock in the branch.
        large: For a customer in large type.
    """
    title = _("{service}: {channel}").format(
        service=catalog.service(route.service).name.in_language(language()),
        channel=catalog.channel(route.channel).name.in_language(language()),
    )
    steps = [
        f"{number}. {step.in_language(language())}" for number, step in enumerate(route.steps, 1)
    ]
    code: Slip = []
    if (link := route.link_for(reference)) and route.plain_link:
        code = [Code(link), Text(code_phrase(route.plain_link), centred=True)]
    return [
        Text(place, bold=True, centred=True),
        Text(title, size=_LARGE if large else 1, bold=True, centred=True),
        Text(""),
        *_paragraphs(steps, large=large),
        Text(""),
        *code,
        Text(route.safety.in_language(language())),
        Text(""),
        Text(reference_phrase(reference)),
        Text(_moment(printed_at)),
    ]


def _paragraphs(texts: list[str], *, large: bool) -> list[Text]:
    return [Text(text, size=_LARGE if large else 1) for text in texts if text]


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d} {format_time(moment)}"
