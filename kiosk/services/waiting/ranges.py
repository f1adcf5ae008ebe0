"""What is said of a wait: a range on a coarse grid, and a promise that is kept.

A point would be missed by more than two and a half minutes half the time. Nobody minds being called
early, and every minute beyond what was said costs trust; so ranges are rounded outward, a promise
keeps its clock time, and it is changed once and clearly rather than often and a little.
"""

import math
from dataclasses import dataclass, replace

_FINE_STEP, _COARSE_STEP, _COARSE_FROM = 5, 10, 30
LONGEST = 90
"""Minutes; nobody can say more than "more than" beyond it."""
_LONG, _FURTHEST = 60, 120
"""Minutes; of a wait that begins and ends so late, the end says nothing, and is not said."""

_LATER = 6.0
"""Minutes that the end must move later, twice in a row, to be told."""
_MUCH_LATER = 24.0
"""Minutes that the end must move later to be told at once."""
_EARLIER = 12.0
"""Minutes that the beginning must move earlier, twice in a row, to be told."""


@dataclass(frozen=True)
class Range:
    """What is shown, in minutes on the grid."""

    low: int
    """0: perhaps no wait at all."""
    high: int | None
    """0: a counter is free; None: more than `low` is all that can be said."""


NO_WAIT = Range(0, 0)


def range_of(low: float, high: float) -> Range:
    """Round a wait outward on the grid: every 5 minutes, every 10 from 30 on.

    Args:
        low: Minutes; 1 of 10 is called earlier.
        high: Minutes; 1 of 10 is called later. 0: a counter is free.
    """
    if high <= 0:
        return NO_WAIT
    start, end = round_down(low), round_up(high)
    if start >= LONGEST:
        return Range(LONGEST, None)
    if start >= _LONG and end > _FURTHEST:
        return Range(start, None)
    if end == start:
        end = round_up(end + 0.1)
    return Range(start, end)


def round_down(minutes: float) -> int:
    """The grid's last step that is not above ``minutes``; never negative."""
    step = _FINE_STEP if minutes < _COARSE_FROM else _COARSE_STEP
    return max(0, math.floor(minutes / step) * step)


def round_up(minutes: float) -> int:
    """The grid's first step that is not below ``minutes``; at least one step."""
    step = _FINE_STEP if minutes <= _COARSE_FROM else _COARSE_STEP
    return max(_FINE_STEP, math.ceil(minutes / step) * step)


@dataclass(frozen=True)
class Promise:
    """What a waiting customer was told, as clock times on the scale of the state."""

    low: float
    high: float
    is_doubted: bool = False
    """The last prediction left it; if the next one does too, it is changed."""

    def range_at(self, now: float) -> Range:
        """What is shown of it at a moment: time passes, the promise stays."""
        # the customer has not been called, so there is a wait
        return range_of(self.low - now, max(self.high - now, 1.0))


def promise(now: float, low: float, high: float) -> Promise:
    """Promise the clock times of a prediction, in minutes from now."""
    return Promise(now + low, now + high)


def reconsider(made: Promise, now: float, low: float, high: float) -> Promise:
    """Hold a promise against a new prediction, in minutes from now; keep it if that can be.

    It is changed when the end moves clearly later, or the beginning clearly earlier, twice in a
    row; at once when it moves much later; and when it has been broken.
    """
    later = now + high - made.high
    earlier = made.low - (now + low)
    is_broken = now >= made.high
    if is_broken or later > _MUCH_LATER:
        return promise(now, low, high)
    if later > _LATER or earlier > _EARLIER:
        return promise(now, low, high) if made.is_doubted else replace(made, is_doubted=True)
    return replace(made, is_doubted=False)
