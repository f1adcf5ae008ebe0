"""What runs beside the terminal in a process of its own: the synchronisation with the branch.

Its own process, because a round must neither hold the interpreter while a customer strikes a key,
nor weigh on the terminal's memory. A thread of the terminal looks after it.
"""

import logging
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from kiosk.clock import Clock, SystemClock
from kiosk.service_manager import VARIABLES
from kiosk.services.sync.schedule import Ending, Schedule

log = logging.getLogger("kiosk.sync")

# -P: a folder named kiosk where the terminal was started must not be taken for the program
SYNC = (sys.executable, "-P", "-m", "kiosk", "sync", "--watch", "--until-eof")
_NICENESS = 10
"""Keys and pictures come first."""
_LEAVE_SECONDS = 2.0
_STEADY_SECONDS = 60.0
"""Who lived so long has worked: counters wait for the tickets, and it costs little to try again."""
_NANOSECONDS = 1_000_000_000


class BackgroundSync:
    """Keeps `kiosk sync --watch` running until it is stopped.

    The child reads a pipe that only this process can write to. However this process ends, the
    system closes the pipe and the child leaves.

    Args:
        command: Ends when its standard input does.
        environment: Its environment is made of this.
        clock: Says how long it lived.
        rest: Waits before a new start; ends early, with True, when nothing is to be started any
            more. None: real time passes.
    """

    def __init__(
        self,
        command: Sequence[str] = SYNC,
        environment: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
        rest: Callable[[float], bool] | None = None,
    ) -> None:
        self._command = command
        # the child is no service: it must not speak in the name of the terminal's
        kept = {name: value for name, value in environment.items() if name not in VARIABLES}
        self._environment = kept | {"PYTHONIOENCODING": "utf-8:backslashreplace"}
        self._clock = clock or SystemClock()
        self._stopped = threading.Event()
        self._rest = rest or self._stopped.wait
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="background sync", daemon=True)

    def start(self) -> None:
        """Start it; returns at once."""
        # the terminal's log is of warnings, and a change here is one line
        log.setLevel(logging.INFO)
        self._thread.start()

    @property
    def has_started(self) -> bool:
        """Whether it was ever started."""
        return self._thread.ident is not None

    def stop(self) -> None:
        """End it, and wait until it has left."""
        self._stopped.set()
        with self._lock:
            child = self._child
        if child is not None and child.stdin is not None:
            child.stdin.close()
        if self.has_started:
            self._thread.join(_LEAVE_SECONDS)
        if child is not None and child.poll() is None:
            child.kill()

    def bring_now(self) -> None:
        """Wish for a round before its time, as when a customer has taken a ticket.

        Returns at once. Where nothing runs, or it hears nothing, the next round brings it.
        """
        child = self._child
        if child is None or child.stdin is None:
            return
        with suppress(
            OSError, ValueError
        ):  # it is gone, its end is closed, or it is full of wishes
            os.write(child.stdin.fileno(), b"\n")

    def _keep(self) -> None:
        schedule = Schedule(0)
        while not self._stopped.is_set():
            begun = self._clock.monotonic_ns()
            ended = self._run()
            if self._stopped.is_set():
                return
            lived = (self._clock.monotonic_ns() - begun) / _NANOSECONDS
            schedule = Schedule(0) if lived > _STEADY_SECONDS else schedule
            schedule = schedule.after(Ending.TRANSIENT)
            pause = schedule.pause(random.random())  # noqa: S311 (no secret)
            log.warning("ended (%s); it is started again in %.0f s", ended, pause)
            if self._rest(pause):
                return

    def _run(self) -> str:
        """Start the child and keep what it says until it ends; returns how it ended."""
        try:
            child = self._spawn()
        except OSError as error:  # no memory, no processes: that may pass
            return str(error)
        if child is None or child.stderr is None:
            return ""
        with child:  # closes every pipe: a child that has only shut its mouth leaves, too
            for line in child.stderr:
                log.info("%s", line.decode("utf-8", "replace").rstrip())
        return str(child.returncode)

    def _spawn(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._stopped.is_set():
                return None
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=self._environment,
                # keys and hang-ups of the customer's terminal are not for it
                start_new_session=True,
            )
            assert self._child.stdin is not None  # noqa: S101 (tells mypy that it is a pipe)
            os.set_blocking(self._child.stdin.fileno(), False)
            os.setpriority(os.PRIO_PROCESS, self._child.pid, _NICENESS)
            return self._child
