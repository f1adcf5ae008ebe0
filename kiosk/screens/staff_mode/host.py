"""What staff mode needs of its app."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, ParamSpec, Protocol, TypeVar

from textual.message import Message
from textual.screen import Screen

from kiosk.clock import Clock
from kiosk.screens.sign_in import SignInHost

P = ParamSpec("P")
R = TypeVar("R")


class SignedOff(StrEnum):
    """Why somebody works here no longer."""

    ASKED = "asked"
    IDLE = "idle"
    STOPPED = "stopped"


class StaffModeHost(SignInHost, Protocol):
    """The app."""

    clock: Clock

    @property
    def screen_stack(self) -> list[Screen[Any]]:
        """The screens, the one in front last; the first one is where staff sign in."""

    def post_message(self, message: Message) -> bool:
        """Send something to the screen in front."""

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the database thread."""

    async def draw_once(self, change: Callable[[], Awaitable[None]]) -> None:
        """Change which screen is in front, and draw that one when all of it is in its place."""

    async def show_screen(self, screen: Screen[Any]) -> None:
        """Put a screen in front."""

    def drop_screen(self) -> None:
        """Remove the screen in front."""

    def bring_now(self) -> None:
        """Let the branch have what has happened without waiting for the next round."""

    def is_double_strike(self, key: str) -> bool:
        """Whether the same key was struck a moment ago."""

    def refresh_screens(self) -> None:
        """Show the screen in front anew; the others follow when they come to the front."""

    def sign_off(self, why: SignedOff = SignedOff.ASKED) -> None:
        """Who works here goes."""
