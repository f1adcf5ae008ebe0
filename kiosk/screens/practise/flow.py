"""Which screen follows which when staff practise: the customers' own, without a customer."""

from collections.abc import Sequence
from dataclasses import replace

from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.demo.flow import DemoFlow
from kiosk.screens.customer.demo.lesson import Lesson
from kiosk.screens.customer.flow import LEFT_BECAUSE, Flow, Host
from kiosk.screens.practise.drill import DrillEndScreen, DrillScreen
from kiosk.screens.practise.home import PractiseHomeScreen
from kiosk.screens.practise.note import NoteScreen
from kiosk.services.demo.runs import DemoRun, Way
from kiosk.services.diversion import OfferMade
from kiosk.services.objection import Objection
from kiosk.services.sign_in import SignedIn
from kiosk.services.staff_practice import PracticeServices
from kiosk.services.triage import CounterBecause
from kiosk.services.visits import EndReason
from kiosk.session import CustomerSession


class _PractiseDemoFlow(DemoFlow):
    """The demos, gone through by a member of staff."""

    def __init__(self, flow: "PractiseFlow", host: Host, services: PracticeServices) -> None:
        super().__init__(flow, host, services.terminal, flow.session)
        self._staff = flow.who.number

    def run_of(self, lesson: Lesson, way: Way) -> DemoRun:
        """A run of theirs, and of no visit."""
        return replace(super().run_of(lesson, way), visit=None, staff=self._staff)


class PractiseFlow(Flow):
    """A member of staff's way. There is no visit: nothing is recorded that would belong to one."""

    def __init__(
        self, host: Host, services: PracticeServices, session: CustomerSession, who: SignedIn
    ) -> None:
        super().__init__(host, services.terminal, session, None, None)
        self.who = who
        self.demos = _PractiseDemoFlow(self, host, services)
        self._drills = services.drills

    def place(self) -> str:
        """Bank and branch, and that this is practice."""
        return _("{place} · practice").format(place=super().place())

    def home(self) -> CustomerScreen:
        """What can be practised."""
        return PractiseHomeScreen(self)

    # objections

    async def drill(self, objections: Sequence[Objection]) -> None:
        """Practise what customers say."""
        await self.start_over()
        await self._host.show_screen(DrillScreen(self, objections))

    async def note_drill(self, objection: Objection, *, could_say: bool) -> None:
        """Record how it went, as they say themselves."""

        def note() -> None:
            self._drills.note(self.who.number, objection.code, could_say=could_say)

        await self._call(note)

    async def end_drill(self, objections: Sequence[Objection], missed: Sequence[Objection]) -> None:
        """Show how it went."""
        await self.start_over()
        await self._host.show_screen(DrillEndScreen(self, objections, missed))

    # what only happens to customers

    async def choose_service(self, service: str) -> None:
        """Say that nothing is done here."""
        await self._say_practice()

    async def take_ticket(
        self,
        service: str | None = None,
        *,
        because: CounterBecause | None = None,
        declined: OfferMade | None = None,
    ) -> None:
        """Say that nothing is done here."""
        await self._say_practice()

    async def call_staff(self, where: str, service: str | None) -> None:
        """Say that nothing is done here."""
        await self._say_practice()

    async def _say_practice(self) -> None:
        if not isinstance(self._host.screen_stack[-1], NoteScreen):
            await self._host.show_screen(NoteScreen(self))

    async def switch_large_type(self) -> None:
        """Turn large type on or off."""
        self.session.large_type = not self.session.large_type
        self._host.refresh_screens()

    async def finish(self) -> None:
        """Back to what can be practised; from there, sign off."""
        if len(self._host.screen_stack) > 1:
            await self.start_over()
        else:
            await self._host.end_visit(EndReason.FINISHED)

    async def end(self, reason: EndReason) -> None:
        """Note that a demo that is still open was left."""
        self.ended = True
        await self.demos.leave(LEFT_BECAUSE[reason])
