"""What the counter's screens need of their app."""

from collections.abc import Callable, Coroutine
from datetime import time
from typing import Any, ParamSpec, Protocol, TypeVar

from pydantic import SecretStr

from kiosk.clock import Clock

P = ParamSpec("P")
R = TypeVar("R")


class Host(Protocol):
    """The app."""

    counter: int
    """The counter's number."""
    clock: Clock

    @property
    def seconds(self) -> float:
        """The monotonic clock."""

    def local_time(self) -> time:
        """The wall clock in the branch's zone."""

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the database thread."""

    def work_on(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with something, whatever screen is in front."""

    def is_double_strike(self, key: str) -> bool:
        """Whether the same key was struck a moment ago."""

    def refresh_screens(self) -> None:
        """Show the screen in front anew; the others follow when they come to the front."""

    async def begin_work(self, number: str, pin: SecretStr) -> None:
        """Sign somebody in and show them the desk; raises why not."""

    def sign_off(self) -> None:
        """Close the counter and lock the screen."""

    def switch_language(self) -> None:
        """The next language."""

    def put_on_clipboard(self, text: str) -> None:
        """Hand something to the other programs of the machine."""
