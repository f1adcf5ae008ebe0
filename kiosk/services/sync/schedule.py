"""When the next round comes: what is known of the rounds before, and a throw of the dice.

Nothing here reads a clock or waits. Many thousand terminals start at once after a power cut, and
lose their branch at once in an outage: the dice keep them from coming back at once.
"""

from dataclasses import dataclass
from enum import Enum

from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code

LEAST_PAUSE = 1.0
"""Seconds: whatever happens, a round does not follow the other without a breath."""
FIRST_BACK_OFF = 5.0
LONGEST_BACK_OFF = 15 * 60.0
SLOW = 15 * 60.0
"""Seconds between rounds while a person must act: the person may do it on the branch's side."""
_DOUBLINGS = 10
"""From the first back-off to far above the longest; a year of failures makes no larger number."""


class Ending(Enum):
    """How a round ended, as far as the next one depends on it."""

    WELL = "well"
    """The branch has everything, or another process is bringing it."""
    TRANSIENT = "transient"
    """A later round may do."""
    FINAL = "final"
    """The same will fail again until a person acts."""


def ending_of(error: KioskError | None) -> Ending:
    """How a round ended that was stopped by ``error``, or by nothing."""
    if error is None or error.code == "sync_running":
        return Ending.WELL
    return Ending.TRANSIENT if exit_code(error) == ExitCode.TRY_AGAIN else Ending.FINAL


@dataclass(frozen=True)
class Schedule:
    """The pace of the rounds.

    Args:
        every: Seconds from one round to the next when all is well.
        failures: Transient failures in a row.
        is_refused: Whether the last round ended with a final refusal.
    """

    every: float
    failures: int = 0
    is_refused: bool = False

    @property
    def slow(self) -> float:
        """About how many seconds lie between rounds while a person must act."""
        return max(self.every, SLOW)

    def after(self, ending: Ending) -> "Schedule":
        """The pace once a round has ended."""
        if ending is Ending.TRANSIENT:
            return Schedule(self.every, failures=min(self.failures + 1, _DOUBLINGS))
        return Schedule(self.every, is_refused=ending is Ending.FINAL)

    def first_pause(self, chance: float) -> float:
        """Seconds until the first round of all.

        Args:
            chance: From 0 to 1, evenly spread.
        """
        return LEAST_PAUSE + chance * (self.every - LEAST_PAUSE)

    def pause(self, chance: float) -> float:
        """Seconds until the next round.

        Args:
            chance: From 0 to 1, evenly spread.
        """
        if self.failures:
            longest = min(FIRST_BACK_OFF * 2.0 ** (self.failures - 1), LONGEST_BACK_OFF)
            return LEAST_PAUSE + chance * (longest - LEAST_PAUSE)
        usual = self.slow if self.is_refused else self.every
        return usual * (0.5 + chance)
