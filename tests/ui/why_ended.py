"""What ended an app: Textual does not tell of it when its message loop was cancelled."""

import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App


class WhyEnded:
    """Listens to an app from now on.

    Args:
        app: Runs already.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._heard: list[str] = []
        for name in ("_dispatch_message", "_flush_next_callbacks"):
            setattr(app, name, self._listening_to(getattr(app, name)))
        leave = app.exit

        def leave_and_tell(*given: Any, **named: Any) -> None:
            self._heard.append("exit was called:\n" + "".join(traceback.format_stack(limit=8)))
            leave(*given, **named)

        setattr(app, "exit", leave_and_tell)  # noqa: B010 (a method of this app alone)

    def _listening_to(self, act: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def listen(*given: object) -> None:
            try:
                await act(*given)
            except BaseException:  # a cancelled loop says nothing to anybody else
                self._heard.append(traceback.format_exc())
                raise

        return listen

    def __str__(self) -> str:
        """Whatever is known."""
        error = self._app._exception
        shown = traceback.format_exception(error) if error is not None else ()
        return "\n".join(
            ["the app has ended", *self._heard, "".join(shown), f"code {self._app._return_code}"]
        )
