"""What was estimated from a branch's events, and what was not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kiosk.services.simulation.intervals import Bounds

_DIGITS: Final = 5


class Reason(StrEnum):
    """Why a value could not be estimated."""

    NOT_IN_EVENTS = "not_in_events"
    """No event says anything about it."""
    TOO_FEW = "too_few"
    """There were too few to say anything."""
    OFFERED_NOTHING = "offered_nothing"
    """Who is 60+ or uses large type is offered nothing: all of them are taken to the counters."""
    WAITS_TOO_SHORT = "waits_too_short"
    """Too few waited long enough to leave."""
    NO_COUNTERS = "no_counters"
    """No counter told when it opened and closed."""
    NOBODY_STAYS = "nobody_stays"
    """A group of services would have nobody until closing: one counter is taken to stay."""


@dataclass(frozen=True)
class Estimate:
    """A value of a scenario, with its 95 % interval."""

    name: str
    """As in a scenario's `assumptions`; entries of lists are counted from 1."""
    value: float
    low: float
    high: float
    count: int
    """From how many: people, calls, services or days."""


@dataclass(frozen=True)
class Assumed:
    """A value that nobody measured."""

    name: str
    reason: Reason


@dataclass
class Findings:
    """Collects them."""

    estimates: list[Estimate] = field(default_factory=list)
    assumed: list[Assumed] = field(default_factory=list)

    def take(
        self,
        name: str,
        bounds: Bounds | None,
        count: int,
        otherwise: float,
        reason: Reason = Reason.TOO_FEW,
    ) -> float:
        """A value as it is estimated; where it is not, what is assumed instead."""
        if bounds is None:
            self.assume(name, reason)
            return otherwise
        value, low, high = map(rounded, bounds)
        self.estimates.append(Estimate(name, value, low, high, count))
        return value

    def take_all(
        self, name: str, found: Sequence[Bounds | None], counts: Sequence[int]
    ) -> tuple[float, ...] | None:
        """The values of a list; None, and assumed, where one of them can't be estimated."""
        if None in found:
            self.assume(name, Reason.TOO_FEW)
            return None
        return tuple(
            self.take(f"{name}.{number}", bounds, count, 0.0)
            for number, (bounds, count) in enumerate(zip(found, counts, strict=True), 1)
        )

    def assume(self, name: str, reason: Reason) -> None:
        """Say that a value stays what it is without events."""
        self.assumed.append(Assumed(name, reason))


def rounded(value: float) -> float:
    """To as many digits as anybody reads."""
    return float(f"{value:.{_DIGITS}g}")


OnDay = Callable[[int, int], None]
"""Is told how many days are done, of how many."""
