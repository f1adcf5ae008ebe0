"""`kiosk staff`: staff mode on a counter's machine or a laptop, where no customers come."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pydantic import SecretStr
from textual.widgets import Input

from kiosk import i18n
from kiosk.background import BackgroundSync
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.i18n import _
from kiosk.idle import IdleMonitor, IdleState, IdleTimes
from kiosk.lock import held
from kiosk.locked_app import log_into
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.flow import StaffFlow
from kiosk.screens.staff_mode.host import SignedOff
from kiosk.services.ballast import relieved
from kiosk.services.staff.services import StaffServices
from kiosk.staff_app import StaffApp

P = ParamSpec("P")
R = TypeVar("R")

_IDLE = IdleTimes(warn_after=300, countdown=0)
"""Seconds after which whoever went away is signed off: what they did is stored step by step."""
_TICK_SECONDS = 1.0


class StaffModeApp(StaffApp[StaffServices], inherit_bindings=False):
    """Signing in, and then the places of staff mode."""

    def __init__(
        self,
        config: Config,
        load: Callable[[], StaffServices],
        clock: Clock | None = None,
        beside: BackgroundSync | None = None,
    ) -> None:
        """Make the app; see `StaffApp`.

        Args:
            config: How it looks and where it stands.
            load: Builds the services; called on the database thread behind the first screen.
            clock: For tests.
            beside: Brings what happens to the branch; none: something else does.
        """
        super().__init__(config, load, clock)
        self._beside = beside
        self._flow: StaffFlow | None = None
        self._idle = IdleMonitor(self.seconds)

    def on_mount(self) -> None:
        """Ask who it is."""
        self.push_screen(SignInScreen(self, SignInScreen.STAFF_MODE))
        self.set_interval(_TICK_SECONDS, self._tick)

    async def leave(self) -> None:
        """Sign off, and end."""
        if (flow := self._end()) is not None:
            await flow.keep_end(SignedOff.STOPPED)
        self.exit()

    # who works here

    async def begin_work(self, number: str, pin: SecretStr, new: SecretStr | None = None) -> None:
        """Sign somebody in and show them the first place.

        Raises:
            KioskError: Why not.
        """
        services = await self._services_of_today()
        who = await self.call_service(services.sign_in, number, pin, new)
        self._flow = StaffFlow(self, services, who)
        await self._flow.start()

    async def _services_of_today(self) -> StaffServices:
        """The services, built anew where the branch has said something since: nobody works yet."""
        services = await self.services()
        if not await self.call_service(services.terminal.followed.has_changed):
            return services
        newer = await self.call_service(self._load)
        self._services = asyncio.get_running_loop().create_future()
        self._services.set_result(newer)
        await self.call_service(services.close)
        return newer

    def sign_off(self, why: SignedOff = SignedOff.ASKED) -> None:
        """Whoever works here goes."""
        if (flow := self._end()) is not None:
            self.run_worker(flow.keep_end(why), group="end", description="sign off")

    def _end(self) -> StaffFlow | None:
        flow, self._flow = self._flow, None
        if flow is not None:
            flow.end()
        return flow

    def _tick(self) -> None:
        if self._flow is not None and self._idle.state(self.seconds, _IDLE) is IdleState.END:
            self.sign_off(SignedOff.IDLE)
        self.refresh_screens()

    def somebody_is_there(self) -> None:
        """Whoever works here has not gone away."""
        self._idle.touch(self.seconds)

    def takes_language_keys(self) -> bool:
        """A note may have them as characters."""
        return isinstance(self.screen, SignInScreen) or not isinstance(self.focused, Input)

    # what screens need

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the one database thread; it ends even if the step is cancelled."""

        def act() -> R:
            return call(*args, **kwargs)

        return await super().call_service(relieved, self.config.store_path, act)

    def bring_now(self) -> None:
        """Let the branch have what has happened without waiting for the next round."""
        if self._beside is not None:
            self._beside.bring_now()

    def place_text(self) -> str:
        """Bank and branch, and what this is for."""
        return _("{place} · staff mode").format(place=self.place_name())


def run(config: Config) -> int:
    """Run it until it is stopped; returns the exit status.

    Args:
        config: As it is on this machine.

    Raises:
        KioskError: It can't start; the sentence belongs on the console.
    """
    beside = BackgroundSync() if config.sync.in_background else None

    def load() -> StaffServices:
        # slow to import: behind the first screen
        from kiosk.bootstrap import build_staff_mode

        i18n.prepare_languages()
        services = build_staff_mode(config)
        if beside is not None and not beside.has_started:
            beside.start()
        return services

    log_into(config.data_folder / "staff.log")
    # it writes as the machine's terminal does: two at once would end each other's visits
    with held(config.store_path, "terminal", "store_in_use"):
        try:
            return StaffModeApp(config, load, beside=beside).run_to_end()
        finally:
            if beside is not None:
                beside.stop()
