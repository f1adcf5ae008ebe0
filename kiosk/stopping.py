"""When a screen that stands in the lobby ends: when it is told to, or when its terminal is gone."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

_STOP_SECONDS = 3.0
"""What a stop may take; whatever was acknowledged is on the disk by then."""
_LOOK_SECONDS = 1.0


def stop_when_told(leave: Callable[[], Awaitable[None]]) -> None:
    """End on a signal, and when the terminal goes away; called on the event loop.

    Who is not in the terminal's foreground, as below a program that was killed itself, hears of its
    end by no signal: standard input just reads as ended, for ever, and Textual reads it again and
    again.

    Args:
        leave: Ends the app properly; called once. After three seconds the process ends anyway.
    """
    loop = asyncio.get_running_loop()
    leaving: list[asyncio.Future[None]] = []

    def stop() -> None:
        if leaving:
            return
        # a terminal that has gone away takes no more output: drawing on it would wait for ever
        backstop = threading.Timer(_STOP_SECONDS, os._exit, [0])
        backstop.daemon = True
        backstop.start()
        leaving.append(asyncio.ensure_future(leave()))

    def look() -> None:
        if os.isatty(sys.__stdin__.fileno() if sys.__stdin__ else -1):
            loop.call_later(_LOOK_SECONDS, look)
        else:
            stop()

    for name in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    # Textual would suspend, which leaves the customer at a shell
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    loop.call_later(_LOOK_SECONDS, look)
