"""Staff mode on a customer terminal: opened by a chord of keys, left to a fresh attract screen."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from pydantic import SecretStr
from textual.screen import Screen
from textual.widgets import Input

from kiosk.screens.sign_in import LANGUAGE_KEYS, SignInScreen
from kiosk.screens.staff_mode.flow import StaffFlow
from kiosk.screens.staff_mode.host import SignedOff, StaffModeHost
from kiosk.services.staff.services import StaffServices

SIGN_IN_SECONDS = 30
"""Whoever opens the sign-in and does not sign in gives the terminal back."""
SILENCE_SECONDS = 120
"""Whoever goes away is signed off: what they did is stored step by step."""


class TerminalApp(StaffModeHost, Protocol):
    """The customer terminal's app, as staff mode needs it."""

    @property
    def current_mode(self) -> str:
        """Textual's name of the mode in front."""

    def add_mode(self, mode: str, base_screen: Callable[[], Screen[None]]) -> None:
        """Make a mode."""

    def switch_mode(self, mode: str) -> Awaitable[None]:
        """Put a mode in front."""

    def remove_mode(self, mode: str) -> Awaitable[None]:
        """Take a mode away with all its screens."""

    async def load_staff(self) -> StaffServices:
        """Build what staff work with."""

    async def make_way(self) -> None:
        """End the customer's visit, if there is one; nothing else comes to the front by that."""

    async def come_back(self) -> None:
        """Show what is there for customers: the visit, or the attract screen."""


class StaffAtTerminal:
    """Who of the staff is at the terminal, and how they come and go.

    Args:
        app: Has the modes, and the customer's visit.
    """

    def __init__(self, app: TerminalApp) -> None:
        self._app = app
        self._mode = ""
        self._openings = 0
        self._flow: StaffFlow | None = None
        self._services: StaffServices | None = None
        self._touched_at = 0.0

    @property
    def is_open(self) -> bool:
        """Whether staff have the terminal, or are about to sign in."""
        return bool(self._mode)

    async def open(self) -> None:
        """Ask who it is. A customer's visit stays below until somebody has signed in."""
        if self._mode:
            return
        self._openings += 1
        mode = self._mode = f"staff-{self._openings}"
        self.touch()
        self._app.add_mode(
            mode, lambda: SignInScreen(self._app, SignInScreen.STAFF_MODE, self._app.sign_off)
        )
        await self._app.draw_once(lambda: self._app.switch_mode(mode))

    async def begin_work(self, number: str, pin: SecretStr, new: SecretStr | None = None) -> None:
        """Sign somebody in, and show them the first place.

        Raises:
            KioskError: Why not.
        """
        mode = self._mode
        if self._services is None:
            self._services = await self._app.load_staff()
        services = self._services
        who = await self._app.call_service(services.sign_in, number, pin, new)
        if self._mode != mode:  # they went away meanwhile
            return
        await self._app.make_way()
        if self._mode != mode:
            return
        self._flow = StaffFlow(self._app, services, who)
        self.touch()
        await self._flow.start()

    async def close(self, why: SignedOff) -> None:
        """Sign off, or give up signing in."""
        if not self._mode:
            return
        mode, self._mode = self._mode, ""
        flow, self._flow = self._flow, None
        services, self._services = self._services, None
        if flow is not None:
            flow.ended = True
        await self._app.come_back()
        await self._app.remove_mode(mode)
        if flow is not None:
            await flow.keep_end(why)
        if services is not None:
            await self._app.call_service(services.close)

    def touch(self) -> None:
        """Somebody is there."""
        self._touched_at = self._app.seconds

    def watch(self) -> None:
        """About a second has passed."""
        silence = self._app.seconds - self._touched_at
        if silence >= (SIGN_IN_SECONDS if self._flow is None else SILENCE_SECONDS):
            self._app.sign_off(SignedOff.IDLE)
        else:
            self._app.refresh_screens()

    def takes_key(self, screen: Screen[object], key: str) -> bool:
        """Whether a key was for no field of the screen in front, and has done its work."""
        if not self._mode:
            return False
        is_sign_in = isinstance(screen, SignInScreen)
        if key in LANGUAGE_KEYS and (is_sign_in or not isinstance(screen.focused, Input)):
            self._app.switch_language()
            return True
        return isinstance(screen, SignInScreen) and screen.takes_key(key)
