"""A progress bar for what takes long, and nothing at all for what does not."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

_PATIENCE_SECONDS = 1.0


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a callback `(done, total)`; it draws once a second has passed, on a terminal only."""
    with ExitStack() as stack:
        if sys.stdout.isatty():
            yield _LateBar(stack, title)
        else:
            yield _silent


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


class _LateBar:
    def __init__(self, stack: ExitStack, title: str) -> None:
        self._stack = stack
        self._title = title
        self._started = time.monotonic()
        self._draw: Callable[[int, int], None] | None = None

    def __call__(self, done: int, total: int) -> None:
        if self._draw is None and time.monotonic() - self._started >= _PATIENCE_SECONDS:
            from kiosk.cli.bar import Bar  # Rich is slow to import, and most runs are over by now

            self._draw = self._stack.enter_context(Bar(self._title)).draw
        if self._draw is not None:
            self._draw(done, total)
