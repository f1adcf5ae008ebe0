"""Time, injected so that tests can move it."""

import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What the program knows about time."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC. It may jump."""

    def monotonic_ns(self) -> int:
        """Nanoseconds since some start; never goes back while the machine is up."""

    @property
    def boot_id(self) -> str:
        """Which start of the machine the monotonic time belongs to."""


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:  # not Linux: monotonic times of different starts can't be told apart
        return "unknown"


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic_ns(self) -> int:
        """Nanoseconds since the machine's start."""
        return time.monotonic_ns()

    @property
    def boot_id(self) -> str:
        """The kernel's id of this start."""
        return _boot_id()


def sleep(seconds: float) -> None:
    """Wait; a wall clock that jumps makes it neither longer nor shorter."""
    time.sleep(seconds)
