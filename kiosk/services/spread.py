"""How a figure is spread: its mean beside its median and its 90th percentile, and of how many."""

import math
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Of some durations, in minutes."""

    count: int
    mean: float | None
    """None: no data."""
    median: float | None
    p90: float | None
    """9 of 10 are no longer."""


NO_DATA = Spread(0, None, None, None)


def spread_of(minutes: Collection[float]) -> Spread:
    """The mean, and the shortest that half and nine tenths do not exceed (nearest rank)."""
    if not minutes:
        return NO_DATA
    ordered = sorted(minutes)
    return Spread(
        len(ordered), math.fsum(ordered) / len(ordered), _rank(ordered, 0.5), _rank(ordered, 0.9)
    )


def _rank(ordered: list[float], share: float) -> float:
    return ordered[math.ceil(share * len(ordered)) - 1]
