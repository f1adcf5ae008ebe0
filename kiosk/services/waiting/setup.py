"""What a branch configured: how long services take, what they need, and who goes first."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.services.waiting.state import HeadStarts, Order

UNKNOWN_MINUTES = 6.0
"""A service nobody named takes as long as the mean of all."""

_SHORTEST = 0.5
"""Minutes: nothing at a counter takes no time, whatever was configured."""


@dataclass(frozen=True)
class ServiceSetup:
    """A service at the counter."""

    minutes: float
    """From call to finish, until the branch's own are learned."""
    needs: frozenset[str] = frozenset()
    """Skills that a counter must have."""


@dataclass(frozen=True)
class Setup:
    """What holds before anything is learned."""

    services: Mapping[str, ServiceSetup]
    order: Order = field(default_factory=HeadStarts)
    spread: float = 0.7
    """Standard deviation of a service time over its mean (bank counters: .5 to .8)."""
    no_show_minutes: float = 0.8
    """Three calls, and nobody comes."""
    absence_minutes: float = 8.0
    """A break of which nobody said how long it is lasts so much longer."""

    def minutes_of(self, service: str) -> float:
        """From call to finish."""
        known = self.services.get(service)
        return max(_SHORTEST, known.minutes) if known else UNKNOWN_MINUTES

    def needs_of(self, service: str) -> frozenset[str]:
        """Skills that a counter must have."""
        known = self.services.get(service)
        return known.needs if known else frozenset()
