"""What the counter's screens need of their app."""

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, Protocol, TypeVar

from kiosk.clock import Clock
from kiosk.screens.sign_in import SignInHost

P = ParamSpec("P")
R = TypeVar("R")


class Host(SignInHost, Protocol):
    """The app."""

    counter: int
    """The counter's number."""
    clock: Clock

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the database thread."""

    def work_on(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with something, whatever screen is in front."""

    def is_double_strike(self, key: str) -> bool:
        """Whether the same key was struck a moment ago."""

    def refresh_screens(self) -> None:
        """Show the screen in front anew; the others follow when they come to the front."""

    def sign_off(self) -> None:
        """Close the counter and lock the screen."""

    def put_on_clipboard(self, text: str) -> None:
        """Hand something to the other programs of the machine."""
