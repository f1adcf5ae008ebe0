"""The app that staff practise with: who it is, the end of it. No domain logic."""

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pydantic import SecretStr

from kiosk import i18n
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.i18n import _
from kiosk.idle import IdleMonitor, IdleState, IdleTimes
from kiosk.lock import held
from kiosk.locked_app import log_into
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.practise.flow import PractiseFlow
from kiosk.screens.sign_in import SignInScreen
from kiosk.services.ballast import relieved
from kiosk.services.journal import new_id
from kiosk.services.staff_practice import PracticeServices
from kiosk.services.visits import EndReason
from kiosk.session import CustomerSession
from kiosk.staff_app import StaffApp

log = logging.getLogger("kiosk")
P = ParamSpec("P")
R = TypeVar("R")

SIGN_IN = "sign-in"
_IDLE = IdleTimes(warn_after=300, countdown=0)
"""Seconds after which whoever went away is signed off."""
_TICK_SECONDS = 1.0


class PractiseApp(StaffApp[PracticeServices], inherit_bindings=False):
    """Signing in, and then the customers' screens without a customer."""

    DEFAULT_MODE = SIGN_IN

    def __init__(
        self, config: Config, load: Callable[[], PracticeServices], clock: Clock | None = None
    ) -> None:
        """Make the app; see `StaffApp`."""
        super().__init__(config, load, clock)
        self.add_mode(SIGN_IN, lambda: SignInScreen(self, SignInScreen.PRACTICE))
        self._flow: PractiseFlow | None = None
        self._sessions = 0
        self._idle = IdleMonitor(self.seconds)

    def on_mount(self) -> None:
        """Watch whether somebody is there."""
        self.set_interval(_TICK_SECONDS, self._tick)

    async def leave(self) -> None:
        """Note a demo that is still open, and end."""
        await self._end(EndReason.INTERRUPTED)
        self.exit()

    # who practises

    async def begin_work(self, number: str, pin: SecretStr, new: SecretStr | None = None) -> None:
        """Sign somebody in and show them what can be practised.

        Raises:
            KioskError: Why not.
        """
        services = await self.services()
        who = await self.call_service(services.sign_in, number, pin, new)
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

    def somebody_is_there(self) -> None:
        """Whoever practises has not gone away."""
        self._idle.touch(self.seconds)

    def takes_language_keys(self) -> bool:
        """The customers' screens have them themselves."""
        return isinstance(self.screen, SignInScreen)

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
    # it writes as the machine's terminal does: two at once would end each other's demos
    with held(config.store_path, "terminal", "store_in_use"):
        return PractiseApp(config, load).run_to_end()
