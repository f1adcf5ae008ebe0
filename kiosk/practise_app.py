"""The app that staff practise with: who it is, the end of it. No domain logic."""

import asyncio
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pydantic import SecretStr
from textual import events

from kiosk import i18n
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.i18n import _
from kiosk.idle import IdleMonitor, IdleState, IdleTimes
from kiosk.lock import held
from kiosk.locked_app import LockedApp, log_into
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.practise.flow import PractiseFlow
from kiosk.screens.sign_in import LANGUAGE_KEYS, SignInScreen
from kiosk.services.ballast import relieved
from kiosk.services.journal import new_id
from kiosk.services.staff_practice import PracticeServices
from kiosk.services.visits import EndReason
from kiosk.session import CustomerSession

log = logging.getLogger("kiosk")
P = ParamSpec("P")
R = TypeVar("R")

SIGN_IN = "sign-in"
_IDLE = IdleTimes(warn_after=300, countdown=0)
"""Seconds after which whoever went away is signed off."""
_TICK_SECONDS = 1.0


class PractiseApp(LockedApp, inherit_bindings=False):
    """Signing in, and then the customers' screens without a customer."""

    DEFAULT_MODE = SIGN_IN

    def __init__(
        self, config: Config, load: Callable[[], PracticeServices], clock: Clock | None = None
    ) -> None:
        """Make the app.

        Args:
            config: How it looks and where it stands.
            load: Builds the services; called on the database thread behind the first screen.
            clock: For tests.
        """
        super().__init__(config, clock)
        self.add_mode(SIGN_IN, lambda: SignInScreen(self, SignInScreen.PRACTICE))
        self.failure: KioskError | None = None
        """Why it could not start."""
        self._load = load
        self._services: asyncio.Future[PracticeServices] | None = None
        self._flow: PractiseFlow | None = None
        self._sessions = 0
        self._idle = IdleMonitor(self.seconds)

    def on_mount(self) -> None:
        """Ask who it is; the rest loads behind that."""
        self._services = asyncio.ensure_future(self._load_services())
        self._services.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.set_interval(_TICK_SECONDS, self._tick)

    async def _load_services(self) -> PracticeServices:
        try:
            return await self.call_service(self._load)
        except KioskError as error:
            self.failure = error
            self.exit(return_code=1)
            raise

    async def leave(self) -> None:
        """Note a demo that is still open, and end."""
        await self._end(EndReason.INTERRUPTED)
        self.exit()

    async def on_unmount(self) -> None:
        """Let the last write finish and give back the store."""
        if self._services is not None and self._services.done() and not self._services.exception():
            await self.call_service(self._services.result().close)
        self.database_thread.shutdown(wait=False)

    # who practises

    async def begin_work(self, number: str, pin: SecretStr) -> None:
        """Sign somebody in and show them what can be practised.

        Raises:
            KioskError: Why not.
        """
        assert self._services is not None  # noqa: S101 (set before the first screen)
        services = await asyncio.shield(self._services)
        who = await self.call_service(services.sign_in, number, pin)
        session = CustomerSession(new_id(), i18n.language(), self.clock.now())
        flow = self._flow = PractiseFlow(self, services, session, who)
        self._sessions += 1
        mode = f"practice-{self._sessions}"
        self.add_mode(mode, flow.home)
        await self.draw_once(lambda: self.switch_mode(mode))

    async def end_visit(self, reason: EndReason) -> None:
        """Sign off.

        The work is done by the app itself: a step of the flow dies with the screen that it runs on.
        """
        self.call_later(self._spawn_end, reason)

    def _spawn_end(self, reason: EndReason) -> None:
        self.run_worker(self._end(reason), group="end", description="sign off")

    async def _end(self, reason: EndReason) -> None:
        flow, self._flow = self._flow, None
        if flow is None:
            return
        mode = self.current_mode
        try:
            await flow.end(reason)
        except KioskError as error:
            log.error("the end of a demo could not be stored: %s", error)
        await self.draw_once(lambda: self.switch_mode(SIGN_IN))
        await self.remove_mode(mode)

    async def _tick(self) -> None:
        if self._flow is not None:
            if self._idle.state(self.seconds, _IDLE) is IdleState.END:
                await self.end_visit(EndReason.IDLE)
            elif isinstance(self.screen, CustomerScreen):
                self.screen.tick()
        self.refresh_screens()

    async def on_event(self, event: events.Event) -> None:
        """Notice that somebody is there; before they have signed in, some keys are the app's."""
        if isinstance(event, events.Key | events.MouseDown):
            self._idle.touch(self.seconds)
        if not (isinstance(event, events.Key) and self._takes_key(event.key)):
            await super().on_event(event)

    def _takes_key(self, key: str) -> bool:
        if not isinstance(self.screen, SignInScreen):
            return False
        if key in LANGUAGE_KEYS:
            self.switch_language()
            return True
        return self.screen.takes_key(key)

    # what screens need

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the one database thread; it ends even if the step is cancelled."""

        def act() -> R:
            return call(*args, **kwargs)

        return await super().call_service(relieved, self.config.store_path, act)

    def bring_now(self) -> None:
        """Nobody waits for what is recorded here."""

    def place_text(self) -> str:
        """Bank and branch, and what this is for."""
        return _("{place} · practice").format(place=self.place_name())

    def switch_language(self) -> None:
        """The next language."""
        i18n.use_language(i18n.language_after(i18n.language()))
        self.refresh_screens()


def run(config: Config) -> int:
    """Run it until it is stopped; returns the exit status.

    Args:
        config: As it is on this machine.

    Raises:
        KioskError: It can't start; the sentence belongs on the console.
    """

    def load() -> PracticeServices:
        # slow to import: behind the first screen
        from kiosk.bootstrap import build_practice

        i18n.prepare_languages()
        return build_practice(config)

    log_into(config.data_folder / "practice.log")
    app = PractiseApp(config, load)
    # it writes as the machine's terminal does: two at once would end each other's demos
    with held(config.store_path, "terminal", "store_in_use"):
        app.run()
    # what is said after it, is said as by every command
    i18n.use_language(i18n.language_of_environment())
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
