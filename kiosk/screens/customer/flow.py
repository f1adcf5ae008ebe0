"""Which screen follows which: the customer's whole way in one place.

Every step is stored before the screen moves on. Services are plain synchronous code that runs on
the one database thread, so nothing here blocks the event loop.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, ParamSpec, Protocol, TypeVar
from uuid import UUID

from textual.screen import Screen

from kiosk import i18n
from kiosk.config import Branch
from kiosk.errors import KioskError
from kiosk.screens.customer.after_failure import AfterFailureScreen
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.branch import BranchScreen
from kiosk.screens.customer.code import CodeScreen
from kiosk.screens.customer.demo.flow import DemoFlow
from kiosk.screens.customer.disclosure import DisclosureScreen, ProductScreen
from kiosk.screens.customer.done import DoneScreen
from kiosk.screens.customer.failure import FailureScreen
from kiosk.screens.customer.filling import (
    ChoiceFieldScreen,
    EntriesScreen,
    NumberFieldScreen,
)
from kiosk.screens.customer.help import HelpScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.phrases import last_known_phrase, waiting_phrase
from kiosk.screens.customer.question import QuestionScreen
from kiosk.screens.customer.reason import ReasonScreen
from kiosk.screens.customer.route import RouteScreen
from kiosk.screens.customer.slips import Slips, SlipState, route_slip, ticket_slip
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.catalog import Catalog, Menu, Route
from kiosk.services.customer import CustomerServices
from kiosk.services.demo.runs import LeftBecause
from kiosk.services.diversion import Evidence, OfferMade
from kiosk.services.journal import new_id
from kiosk.services.lobby_watch import MachinesNow
from kiosk.services.printing.slip import Slip
from kiosk.services.product import PAGES, PageCode, Product
from kiosk.services.tickets import IssuedTicket, LastKnown, TicketRequest
from kiosk.services.triage import Ask, Circumstances, CounterBecause, Offer, decide
from kiosk.services.visits import EndReason
from kiosk.services.wait import Wait
from kiosk.session import CustomerSession

log = logging.getLogger("kiosk")
P = ParamSpec("P")
R = TypeVar("R")


_TO_THE_COUNTER = (TicketScreen, BranchScreen)
LEFT_BECAUSE = {
    EndReason.FINISHED: LeftBecause.STOPPED,
    EndReason.IDLE: LeftBecause.IDLE,
    EndReason.INTERRUPTED: LeftBecause.INTERRUPTED,
    EndReason.STAFF: LeftBecause.INTERRUPTED,
}
"""What the end of a visit means to a demo."""


@dataclass(frozen=True)
class Status:
    """What changes on the frame of a screen while it stands."""

    ticket: str
    """The number of the visit's ticket; empty: none."""
    waiting: str
    """How many people wait."""
    time: str
    """Hours and minutes in the branch."""
    slips: tuple[SlipState, ...]
    """How far what is printed is."""
    has_handed_over: bool
    """Whether the counter will see what was filled in."""


class Host(Protocol):
    """What the flow needs of the app."""

    @property
    def seconds(self) -> float:
        """The monotonic clock."""

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """The session's screens, the one in front last."""

    async def show_screen(self, screen: Screen[Any]) -> None:
        """Put a screen in front."""

    def drop_screen(self) -> None:
        """Remove the screen in front."""

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the database thread."""

    def bring_now(self) -> None:
        """Let the branch have what has happened at once: a counter may call the ticket."""

    async def end_visit(self, reason: EndReason) -> None:
        """Wipe the session and show the attract screen."""

    def place_name(self) -> str:
        """Bank and branch, in the language in use."""

    def local_moment(self) -> datetime:
        """Day and wall clock in the branch's zone."""

    def local_time(self) -> time:
        """The wall clock in the branch's zone."""

    def is_double_strike(self, key: str) -> bool:
        """Whether the same key was struck a moment ago."""

    def refresh_screens(self) -> None:
        """Show the screen in front anew; the others follow when they come to the front."""


class Flow:
    """One customer's way through the screens."""

    def __init__(
        self,
        host: Host,
        services: CustomerServices,
        session: CustomerSession,
        wait: Wait | None,
        last_known: LastKnown | None,
    ) -> None:
        self._host = host
        self._services = services
        self.session = session
        self.issued: IssuedTicket | None = None
        """The visit's live ticket."""
        self.ended = False
        """The visit is being wiped: nothing may be recorded for it any more."""
        self.slips = Slips(services.printing, self._show_news)
        """What is printed for the visit."""
        self._wait = wait
        self.last_known = last_known
        """What could be said of the queue some time ago, where nobody knows it now."""
        self._offers: dict[tuple[str, str], OfferMade] = {}
        """What was offered and not yet brought to an end, by service and channel."""
        self._references: dict[UUID, str] = {}
        """Of the offers that were accepted."""
        self._accepted: OfferMade | None = None
        """The channel that the customer is trying."""
        self._filled_in: dict[str, str] = {}
        """Field → value: what was filled in for the ticket, handed over or not."""
        self._handed_over = False
        self._waits_for_staff = False
        """A call for help of theirs is not over."""
        self.demos = DemoFlow(self, host, services, session)
        """The way through the experience zone."""

    @property
    def catalog(self) -> Catalog:
        """What the bank offers."""
        return self._services.catalog

    @property
    def branch(self) -> Branch | None:
        """Where customers are told to come to; None: they are there."""
        return self._services.away_from

    @property
    def _channels_out_of_reach(self) -> frozenset[str]:
        """What stands in the branch, seen from elsewhere."""
        away = self.branch is not None
        return frozenset(each.code for each in self.catalog.channels if away and each.in_branch)

    # what every screen shows

    def place(self) -> str:
        """Bank and branch."""
        return self._host.place_name()

    def status(self) -> Status:
        """What the frame says besides its texts."""
        return Status(
            ticket=self.issued.number if self.issued else "",
            waiting=waiting_phrase(self._wait) or last_known_phrase(self.last_known),
            time=i18n.format_time(self._host.local_time()),
            slips=self.slips.news,
            has_handed_over=self._handed_over,
        )

    def is_double_strike(self, key: str) -> bool:
        """Whether the same key was struck a moment ago: trembling hands strike twice."""
        return self._host.is_double_strike(key)

    # steps

    def home(self) -> CustomerScreen:
        """The first screen of the visit."""
        return HomeScreen(self)

    async def guarded(self, call: Callable[[], Awaitable[None]]) -> None:
        """Run a step; what the terminal can't do is said, and the counter stays open."""
        if self.ended:
            return
        try:
            await call()
        except KioskError as error:
            log.error("a step failed: %s", error)
            if not isinstance(self._host.screen_stack[-1], FailureScreen):
                await self._host.show_screen(FailureScreen(self))

    async def show_menu(self, menu: Menu) -> None:
        """Show the services of one group."""
        await self._host.show_screen(MenuScreen(self, menu))

    async def choose_service(self, service: str) -> None:
        """Take note of what the customer came for and show what can be done."""
        await self._call(self._services.visits.state_intent, self.session.visit, service)
        if self.catalog.service(service).opens:
            await self._host.show_screen(ProductScreen(self, service))
        else:
            await self.proceed(service, {})

    async def show_disclosure(self, service: str, product: Product, at: int = 0) -> None:
        """Show a page about a product; after the last one, what can be done."""
        if at < len(PAGES):
            await self._host.show_screen(DisclosureScreen(self, service, product, at))
        else:
            await self.proceed(service, {})

    async def note_read(self, product: Product, page: PageCode) -> None:
        """Record that a page was read, and which text it was."""
        disclosure, locale = product.disclosure, self.session.language
        await self._call(
            self._services.disclosures.read,
            self.session.visit,
            locale,
            product.code,
            page,
            disclosure.version,
            disclosure.digest(page, locale),
        )

    async def proceed(self, service: str, answers: Mapping[str, str]) -> None:
        """Ask, offer or give a ticket: whatever the answers so far lead to."""
        offered = await self._call(self._services.lobby.offered)
        circumstances = Circumstances(
            self._host.local_time(),
            channels_down=offered.channels_down | self._channels_out_of_reach,
            no_persuasion=self.session.left_out,
        )
        step = decide(self.catalog, service, answers, circumstances)
        if isinstance(step, Ask):
            await self._host.show_screen(QuestionScreen(self, service, answers, step.question))
        elif isinstance(step, Offer):
            machines = offered.machines_of(step.route.channel)
            await self._show_offer(service, answers, step, machines)
        else:
            await self.take_ticket(service, because=step.because)

    async def accept(self, made: OfferMade, offer: Offer, band: str | None) -> None:
        """Show how to do it on the channel.

        Args:
            made: The offer, as it is recorded.
            offer: What was offered.
            band: The customer's amount band, if it was asked for.
        """
        reference = await self._call(self._services.diversions.accept, made)
        self._accepted, self._references[made.id] = made, reference
        self.slips.print_once(
            made.id,
            lambda: route_slip(
                self.catalog,
                offer.route,
                reference,
                self.place(),
                self._host.local_moment(),
                large=self.session.large_type,
            ),
        )
        await self._host.show_screen(RouteScreen(self, made, offer, band))

    async def decline(self, made: OfferMade) -> None:
        """Give a ticket to a customer who prefers the counter."""
        if self._accepted != made:  # whoever has tried the channel falls back
            await self._call(self._services.diversions.decline, made)
        await self.take_ticket(made.service, declined=made)

    def reference(self, made: OfferMade) -> str | None:
        """The number of what the customer does by an offer; None as long as it is not accepted."""
        return self._references.get(made.id)

    async def show_code(self, route: Route, made: OfferMade) -> None:
        """Show the QR code on a page of its own."""
        await self._host.show_screen(CodeScreen(self, route, self.reference(made)))

    async def complete(self, made: OfferMade) -> None:
        """Note that the customer says it is done."""
        await self._call(self._services.diversions.complete, made, Evidence.CUSTOMER_SAID)
        self._close(made)
        given_back = ""
        if self.issued and self.issued.service == made.service:
            given_back = self.issued.number
            await self._cancel(self.issued.id)  # nobody needs it any more
        await self._host.show_screen(DoneScreen(self, given_back, self.reference(made)))

    async def ask_why_failed(self, made: OfferMade) -> None:
        """Ask what went wrong; the answer is a code, or none."""

        async def note(reason: str | None) -> None:
            await self._call(self._services.diversions.fall_back, made, reason)
            self._close(made)
            self._host.drop_screen()
            await self._host.show_screen(AfterFailureScreen(self, made.service))

        await self._host.show_screen(
            ReasonScreen(
                self, ReasonScreen.FAILURE, self.catalog.failure_reasons, note, made.service
            )
        )

    async def ask_why_declined(self, made: OfferMade) -> None:
        """Ask why the counter was preferred; nobody has to answer."""

        async def note(reason: str | None) -> None:
            if reason is not None:  # that they declined is known already
                await self._call(self._services.diversions.decline, made, reason)
            self._host.drop_screen()
            if isinstance(screen := self._host.screen_stack[-1], (TicketScreen, BranchScreen)):
                screen.thank()

        await self._host.show_screen(
            ReasonScreen(
                self, ReasonScreen.DECLINE, self.catalog.decline_reasons, note, made.service
            )
        )

    async def take_ticket(
        self,
        service: str | None = None,
        *,
        because: CounterBecause | None = None,
        declined: OfferMade | None = None,
    ) -> None:
        """Issue the visit's ticket, or show it again; the time of arrival is kept.

        Away from the branch there is none: then say where that is and what to bring.
        """
        await self.demos.leave(LeftBecause.TICKET)
        if any(isinstance(screen, _TO_THE_COUNTER) for screen in self._host.screen_stack):
            self._drop_to_ticket()
            return
        if (tried := self._accepted) is not None:
            await self._call(self._services.diversions.fall_back, tried)
            self._close(tried)
            service = service or tried.service
        if self.branch is not None:
            self.demos.drop_run()
            screen = BranchScreen(self, self.branch, service, because, declined)
            await self._host.show_screen(screen)
            return
        before = self.issued
        issued = self.issued = await self._issue(service)
        if before and before.id != issued.id:
            self._forget_entries()
        self._wait = issued.wait
        if issued.wait is None:
            self.last_known = await self._call(self._services.tickets.last_known, service)
        self.slips.print_once(issued.id, lambda: self._ticket_slip(issued, is_copy=False))
        replaced = before.number if before and before.id != self.issued.id else ""
        self.demos.drop_run()
        await self._host.show_screen(TicketScreen(self, self.issued, because, declined, replaced))

    def may_fill_in(self, ticket: IssuedTicket) -> bool:
        """Whether there is something to fill in for the visit's ticket."""
        return (
            self.issued is not None
            and self.issued.id == ticket.id
            and bool(ticket.service and self.catalog.service(ticket.service).fields)
        )

    @property
    def has_handed_over(self) -> bool:
        """Whether the counter will see something."""
        return self._handed_over

    async def fill_in(self) -> None:
        """Ask for the first thing that the counter may know before; each can be left out."""
        if self.issued and self.issued.service:
            await self._show_field(self.issued.service, 0)

    async def enter(self, service: str, at: int, value: str) -> None:
        """Remember an answer and ask for the next one; after the last, show what there is.

        Args:
            service: Of the ticket.
            at: Which of its fields.
            value: Empty: left out.
        """
        fields = self.catalog.service(service).fields
        self._filled_in.pop(fields[at].code, None)
        if value:
            self._filled_in[fields[at].code] = value
        if at + 1 < len(fields):
            await self._show_field(service, at + 1)
        else:
            await self._host.show_screen(EntriesScreen(self, service, self._filled_in))

    async def fill_in_again(self) -> None:
        """Go through the fields once more, with what was filled in."""
        self._drop_to_ticket()
        await self.fill_in()

    async def hand_over(self, values: Mapping[str, str]) -> None:
        """Keep what the counter shall see, or take it back, and show the ticket."""
        if self.issued and (values or self._handed_over):
            await self._call(self._services.entries.keep, self.issued.id, dict(values))
            self._host.bring_now()
        self._filled_in, self._handed_over = dict(values), bool(values)
        self._drop_to_ticket()
        self._show_news()

    async def _show_field(self, service: str, at: int) -> None:
        field = self.catalog.service(service).fields[at]
        kind = NumberFieldScreen if field.is_typed else ChoiceFieldScreen
        before = self._filled_in.get(field.code, "")
        await self._host.show_screen(kind(self, service, at, before))

    def _drop_to_ticket(self) -> None:
        while not isinstance(self._host.screen_stack[-1], _TO_THE_COUNTER):
            self._host.drop_screen()

    async def print_again(self, ticket: IssuedTicket) -> None:
        """Print the ticket once more, as the customer asks for it."""
        self.slips.print_again(ticket.id, lambda: self._ticket_slip(ticket, is_copy=True))
        self._show_news()

    def _ticket_slip(self, ticket: IssuedTicket, *, is_copy: bool) -> Slip:
        return ticket_slip(
            self.catalog,
            ticket,
            self.place(),
            self._host.local_moment(),
            large=self.session.large_type,
            is_copy=is_copy,
        )

    def _show_news(self) -> None:
        if not self.ended:
            self._host.refresh_screens()

    async def _issue(self, service: str | None) -> IssuedTicket:
        """One live ticket a visit: another service takes the place of the first."""
        before = self.issued
        if before and service and before.service != service:
            self.session.ticket = None
        if self.session.ticket is None:
            self.session.ticket = new_id()
        request = TicketRequest(
            self.session.ticket,
            self.session.visit,
            self.session.arrived_at,
            service,
            instead_of=before.id if before and before.id != self.session.ticket else None,
        )
        issued = await self._call(self._services.tickets.issue, request)
        self._host.bring_now()
        return issued

    async def give_ticket_back(self, ticket: UUID) -> None:
        """Cancel the ticket and go on from the screen before."""
        await self._cancel(ticket)
        await self.back()

    async def _cancel(self, ticket: UUID) -> None:
        await self._call(self._services.tickets.cancel, ticket)
        self._host.bring_now()
        self.session.ticket = None
        self.issued = None
        self._forget_entries()

    def _forget_entries(self) -> None:
        """They were for a ticket that is gone."""
        self._filled_in, self._handed_over = {}, False

    def _close(self, made: OfferMade) -> None:
        """The offer has come to its end: the same service again is another transaction."""
        self._accepted = None
        self._offers.pop((made.service, made.channel), None)

    async def call_staff(self, where: str, service: str | None) -> None:
        """Note that help is wanted and make the screen a sign that staff can see."""
        if isinstance(self._host.screen_stack[-1], HelpScreen):
            return
        call, visit = new_id(), self.session.visit
        await self._call(self._services.visits.ask_help, call, visit, where, service)
        self._waits_for_staff = True
        self._host.bring_now()
        await self._host.show_screen(HelpScreen(self, service, call))

    async def no_help_needed(self, call: UUID) -> None:
        """Take the sign down, and let staff know: nobody waits for them any more."""
        await self._call(self._services.visits.no_help_needed, call, self.session.visit)
        self._waits_for_staff = False
        self._host.bring_now()
        await self.back()

    async def who_comes(self, call: UUID) -> str | None:
        """Look who comes to the customer, and let the branch tell what it has heard meanwhile.

        Args:
            call: For help.

        Returns:
            None: nobody does yet; empty: somebody whose name is not known here.
        """
        name = await self._call(self._services.lobby.who_comes, call)
        if name is None:
            self._host.bring_now()
        return name

    async def back(self) -> None:
        """Show the screen before this one; before the first is the attract screen."""
        if len(self._host.screen_stack) > 1:
            self._host.drop_screen()
        else:
            await self.finish()

    async def start_over(self) -> None:
        """Show the first screen: the customer has something else to do."""
        while len(self._host.screen_stack) > 1:
            self._host.drop_screen()

    async def finish(self) -> None:
        """End the visit because the customer says so."""
        await self._host.end_visit(EndReason.FINISHED)

    async def end(self, reason: EndReason) -> None:
        """Note that the visit is over, and a demo with it that is still open."""
        self.ended = True
        try:
            await self.demos.leave(LEFT_BECAUSE[reason])
        except KioskError as error:
            log.error("the end of a demo could not be stored: %s", error)
        session = self.session
        await self._call(self._services.visits.end, session.visit, session.language, reason)
        if self._waits_for_staff:  # with it, their call is over
            self._host.bring_now()

    async def switch_language(self) -> None:
        """Show the same screen in the next language."""
        self.session.language = i18n.language_after(self.session.language)
        i18n.use_language(self.session.language)
        self._host.refresh_screens()

    async def switch_large_type(self) -> None:
        """Turn large type on or off; once on, the visit stays out of diversion figures."""
        if not self.session.large_type and not self.session.left_out:
            await self._call(self._services.visits.leave_out, self.session.visit)
            self.session.left_out = True
        self.session.large_type = not self.session.large_type
        self._host.refresh_screens()

    async def _show_offer(
        self,
        service: str,
        answers: Mapping[str, str],
        offer: Offer,
        machines: MachinesNow | None,
    ) -> None:
        session = self.session
        self._wait = await self._call(
            self._services.tickets.wait, service, session.visit, session.arrived_at
        )
        key = (service, offer.route.channel)
        if key not in self._offers:  # going back and forth makes no second offer
            made = OfferMade(new_id(), self.session.visit, *key)
            await self._call(self._services.diversions.offer, made, dict(answers), self._wait)
            self._offers[key] = made
        await self._host.show_screen(
            OfferScreen(self, self._offers[key], offer, answers, self._wait, machines)
        )

    async def _call(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._host.call_service(call, *args, **kwargs)
