"""When a session that nobody touches ends. Pure: it is told the time."""

from dataclasses import dataclass
from enum import Enum


class IdleState(Enum):
    """What to do about the silence."""

    ACTIVE = "active"
    WARN = "warn"
    END = "end"


@dataclass(frozen=True)
class IdleTimes:
    """Seconds."""

    warn_after: int
    countdown: int
    """How long the warning stands before the session ends."""


@dataclass
class IdleMonitor:
    """Counts the silence on a monotonic clock, so that a jump of the wall clock ends nothing."""

    last_touch: float
    """Seconds."""

    def touch(self, now: float) -> None:
        """Somebody is there."""
        self.last_touch = now

    def state(self, now: float, times: IdleTimes) -> IdleState:
        """What to do now."""
        silence = now - self.last_touch
        if silence >= times.warn_after + times.countdown:
            return IdleState.END
        return IdleState.WARN if silence >= times.warn_after else IdleState.ACTIVE

    def seconds_left(self, now: float, times: IdleTimes) -> int:
        """Until the session ends, rounded up, for the countdown."""
        left = self.last_touch + times.warn_after + times.countdown - now
        return max(0, -int(-left // 1))
