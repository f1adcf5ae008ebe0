"""A scanner types like a keyboard: what it types is no key press of a customer's."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from textual import events

_QUIET_SECONDS: Final = 0.04
"""No hand strikes keys so close together again and again; scanners take 1 to 20 ms for each."""
_SHORTEST: Final = 4
"""Fewer may be two fingers on one keypad."""


class ScanGuard:
    """Holds back what is typed until it is quiet, and then knows what it was.

    A customer waits 40 ms longer for each key, so it stands only where a scanner does.

    Args:
        call_later: Calls behind the keys that have come already.
        strike: Does what a key means.
    """

    def __init__(
        self,
        call_later: Callable[[Callable[[], Awaitable[None]]], object],
        strike: Callable[[events.Key], Awaitable[None]],
    ) -> None:
        self._call_later = call_later
        self._strike = strike
        self._held: list[events.Key] = []
        self._quiet: asyncio.TimerHandle | None = None

    def holds(self, key: events.Key) -> bool:
        """Take a key, if a scanner may have typed it; its meaning comes later, or never."""
        if not (key.is_printable or key.key in ("enter", "tab")):
            return False
        if self._quiet is not None:
            self._quiet.cancel()
        self._held.append(key)
        count = len(self._held)

        async def judge() -> None:
            if len(self._held) == count:  # else more have come meanwhile
                await self._judge()

        self._quiet = asyncio.get_running_loop().call_later(_QUIET_SECONDS, self._call_later, judge)
        return True

    async def _judge(self) -> None:
        held, self._held = self._held, []
        for key in held if len(held) < _SHORTEST else ():
            await self._strike(key)
