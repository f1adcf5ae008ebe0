"""How long a customer will wait: pure functions over what the terminal knows.

Until counters report their calls, the queue is rolled forward: today's tickets are served first
come, first served, at the usual number of counters and with the catalog's minutes. What is shown
is a range from the 10th to the 90th percentile on a grid of five or ten minutes, rounded outward:
a point would be missed half the time.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.models.payloads import WaitShown

_SERVICE_SPREAD = 0.6
"""Standard deviation of a service time over its mean (typical of bank counters: .5 to .8)."""
_MEAN_SPREAD = 0.2
"""Standard deviation of the error in the configured means."""
_P90 = 1.2816
"""Standard deviations from the mean to the 90th percentile of a normal distribution."""
_FINE_STEP, _COARSE_STEP, _COARSE_FROM = 5, 10, 30
LONGEST = 90
"""Minutes; beyond it only "more than" is said."""


@dataclass(frozen=True)
class QueuedTicket:
    """A ticket that nobody has called yet."""

    issued_at: datetime
    minutes: float
    """How long its service usually takes at a counter."""


@dataclass(frozen=True)
class Wait:
    """What can be said about the wait of somebody who takes a ticket now."""

    ahead: int
    """People before them."""
    low: int
    """Minutes, on the grid; 0: perhaps no wait at all."""
    high: int
    """Minutes, on the grid; 0: a counter is free; above `LONGEST`: nobody can say."""

    def shown(self) -> WaitShown:
        """As an event keeps it."""
        return WaitShown(ahead=self.ahead, low=self.low, high=self.high)


def predict(queue: Sequence[QueuedTicket], counters: int, now: datetime) -> Wait:
    """Roll the queue forward and say what a ticket issued now would wait.

    Args:
        queue: In the order of issue.
        counters: How many are open, at least one.
        now: Aware.
    """
    free_at = [now - timedelta(days=1)] * counters
    ahead, squares = 0, 0.0
    for ticket in queue:
        # a ticket can't be of the future: the clock was set back
        start = max(heapq.heappop(free_at), min(ticket.issued_at, now))
        end = start + timedelta(minutes=ticket.minutes)
        heapq.heappush(free_at, end)
        ahead += start > now
        # a running service is unsure only in what is left of it
        unsure = min(ticket.minutes, (end - now).total_seconds() / 60)
        squares += max(0.0, unsure) ** 2
    wait = (free_at[0] - now).total_seconds() / 60
    if wait <= 0:
        return Wait(0, 0, 0)
    noise = _SERVICE_SPREAD * math.sqrt(squares) / counters
    margin = _P90 * math.hypot(noise, _MEAN_SPREAD * wait)
    return Wait(ahead, round_down(wait - margin), round_up(wait + margin))


def round_down(minutes: float) -> int:
    """The grid's last step that is not above ``minutes``; never negative."""
    step = _FINE_STEP if minutes < _COARSE_FROM else _COARSE_STEP
    return max(0, math.floor(minutes / step) * step)


def round_up(minutes: float) -> int:
    """The grid's first step that is not below ``minutes``; at least one step."""
    step = _FINE_STEP if minutes <= _COARSE_FROM else _COARSE_STEP
    return max(_FINE_STEP, math.ceil(minutes / step) * step)
