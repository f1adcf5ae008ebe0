"""Which screen of the experience zone follows which; the flow hands over to it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

from kiosk.errors import KioskError
from kiosk.screens.customer.demo.base import RunScreen
from kiosk.screens.customer.demo.check import CheckScreen
from kiosk.screens.customer.demo.finish import FinishScreen
from kiosk.screens.customer.demo.group import GroupScreen
from kiosk.screens.customer.demo.intro import IntroScreen
from kiosk.screens.customer.demo.lesson import Lesson
from kiosk.screens.customer.demo.practice import PracticeScreen
from kiosk.screens.customer.demo.stop import StopScreen
from kiosk.screens.customer.demo.zone import ZoneScreen
from kiosk.services.customer import CustomerServices
from kiosk.services.demo.costs import costs_of
from kiosk.services.demo.practice import Practice, Reaction
from kiosk.services.demo.runs import DemoRun, LeftBecause, Way
from kiosk.services.demo.script import Demo, DemoGroup
from kiosk.services.diversion import OfferMade
from kiosk.services.journal import new_id
from kiosk.session import CustomerSession

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow, Host

P = ParamSpec("P")
R = TypeVar("R")


class Walk(Protocol):
    """The screen of a run."""

    @property
    def place(self) -> str:
        """The screen of the script, or the question, that is in front."""

    @property
    def wrong_keys(self) -> int:
        """There."""


class DemoFlow:
    """One customer's way through demos. A run is evidence of what was taught, never of more."""

    def __init__(
        self, flow: "Flow", host: "Host", services: CustomerServices, session: CustomerSession
    ) -> None:
        self._flow = flow
        self._host = host
        self._services = services
        self._session = session
        self._run: DemoRun | None = None
        """The one that is under way."""
        self._walk: Walk | None = None
        """Its screen."""
        self._began = 0.0

    @property
    def seconds(self) -> float:
        """The monotonic clock."""
        return self._host.seconds

    # to a demo

    async def show_zone(self) -> None:
        """Show what can be practised."""
        await self._host.show_screen(ZoneScreen(self._flow))

    async def show_group(self, group: DemoGroup) -> None:
        """Show the demos of a group."""
        await self._host.show_screen(GroupScreen(self._flow, group))

    async def open(self, demo: Demo) -> None:
        """Say what a demo teaches."""
        costs = costs_of(self._services.catalog, demo)
        await self._host.show_screen(IntroScreen(self._flow, Lesson(demo, costs)))

    def of_offer(self, made: OfferMade) -> Demo | None:
        """The demo of exactly what is offered, if there is one."""
        return self._services.catalog.demo_of(made.service, made.channel)

    async def open_for(self, made: OfferMade, band: str | None, *, is_accepted: bool) -> None:
        """Say what the demo of an offer teaches, with the amount that the customer said."""
        demo = self.of_offer(made)
        if demo is not None:
            costs = costs_of(self._services.catalog, demo, band)
            lesson = Lesson(demo, costs, band, made, is_accepted)
            await self._host.show_screen(IntroScreen(self._flow, lesson))

    # through it

    async def begin(self, lesson: Lesson, way: Way) -> None:
        """Begin a run."""
        walk: PracticeScreen | CheckScreen
        if way is Way.CHECK:
            walk = CheckScreen(self._flow, lesson)
        else:
            practice = Practice(lesson.demo, lesson.costs.money, self.seconds)
            walk = PracticeScreen(self._flow, lesson, practice, way)
        run = self.run_of(lesson, way)
        # known before it is stored: the visit may end meanwhile, and the run with it
        self._run, self._walk, self._began = run, walk, self.seconds
        try:
            await self._call(self._services.demo_runs.start, run, walk.place)
        except KioskError:
            self._run = None
            raise
        self._drop_to_intro()
        await self._host.show_screen(walk)

    def run_of(self, lesson: Lesson, way: Way) -> DemoRun:
        """A new run."""
        demo, offer = lesson.demo, lesson.offer
        return DemoRun(
            new_id(),
            demo.code,
            demo.version,
            way,
            self._session.visit,
            demo.service,
            demo.channel,
            offer=offer.id if offer else None,
            amount_band=lesson.band,
        )

    async def pass_on(self, practice: Practice, reaction: Reaction) -> None:
        """Go on to another screen of the script."""
        before, now = practice.standing.screen, self.seconds
        await self._step(
            before, reaction.standing.screen, practice.seconds(now), practice.wrong_keys
        )
        practice.take(reaction, now)

    async def pass_question(self, check: CheckScreen, following: str, seconds: int) -> None:
        """Go on to another question."""
        await self._step(check.place, following, seconds, check.wrong_keys)

    async def _step(self, before: str, following: str, seconds: int, wrong_keys: int) -> None:
        if self._run is not None:
            await self._call(
                self._services.demo_runs.step, self._run, before, following, seconds, wrong_keys
            )

    async def finish(self, lesson: Lesson, score: tuple[int, int] | None = None) -> None:
        """Bring a run to its end; of a check, with how many answers were right of how many."""
        run, self._run = self._run, None
        if run is None:
            return
        right, questions = score or (None, None)
        try:
            await self._call(self._services.demo_runs.finish, run, self._lasted(), right, questions)
        except KioskError:
            self._run = run
            raise
        self._drop_to_intro()
        await self._host.show_screen(FinishScreen(self._flow, lesson, run.way, score))

    # away from it

    async def ask_stop(self, lesson: Lesson) -> None:
        """Ask whether to stop."""
        await self._host.show_screen(StopScreen(self._flow, lesson))

    async def stop(self) -> None:
        """Stop, and show where the demo was opened from."""
        await self.leave(LeftBecause.STOPPED)
        self.show_others()

    async def go_back(self) -> None:
        """Go back from the first screen."""
        await self.leave(LeftBecause.BACK)
        self._drop_to_intro()

    def show_others(self) -> None:
        """Show where the demo was opened from."""
        while any(isinstance(screen, IntroScreen) for screen in self._host.screen_stack):
            self._host.drop_screen()

    async def take_ticket(self, lesson: Lesson) -> None:
        """Give a ticket, as the screen would that the demo was opened from."""
        if lesson.offer is not None and not lesson.is_accepted:
            await self._flow.decline(lesson.offer)
        else:
            await self._flow.take_ticket(lesson.demo.service)

    def drop_run(self) -> None:
        """Remove the screens of a run that was left: who comes back begins anew.

        The step that called this may run on one of them: whatever it still does must follow at
        once.
        """
        while any(isinstance(screen, RunScreen) for screen in self._host.screen_stack):
            self._host.drop_screen()

    async def leave(self, because: LeftBecause) -> None:
        """Note that the run was broken off, if one is under way."""
        run, walk = self._run, self._walk
        if run is None or walk is None:
            return
        self._run = None
        try:
            await self._call(
                self._services.demo_runs.leave,
                run,
                walk.place,
                self._lasted(),
                walk.wrong_keys,
                because,
            )
        except KioskError:
            self._run = run
            raise

    def _lasted(self) -> int:
        return round(self.seconds - self._began)

    def _drop_to_intro(self) -> None:
        while not isinstance(self._host.screen_stack[-1], IntroScreen):
            self._host.drop_screen()

    async def _call(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._host.call_service(call, *args, **kwargs)
