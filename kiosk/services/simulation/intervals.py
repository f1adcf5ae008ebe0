"""How sure a figure is: 95 % intervals from how much it differs between days.

Customers of one day share its pace and its weather, so that they say less than as many from many
days. Each figure is worked out once more without each single day (jackknife); how far these lie
apart says how far it may lie from the truth.
"""

import math
from collections.abc import Callable, Sequence
from enum import Enum
from statistics import NormalDist, fmean
from typing import Final, NamedTuple

from kiosk.services.simulation.measures import student

SCORE: Final = NormalDist().inv_cdf(0.975)
"""Standard errors to each side, where each one stands for itself."""

Sums = tuple[float, ...]
"""What a day adds to a figure."""


class Bounds(NamedTuple):
    """A figure, and between what it lies 19 times in 20."""

    value: float
    low: float
    high: float


class Scale(Enum):
    """On which a figure's chance is symmetric: what can't be negative has a longer way up."""

    PLAIN = "plain"
    POSITIVE = "positive"
    SHARE = "share"


def over_days(
    days: Sequence[Sums], figure: Callable[[Sums], float], scale: Scale = Scale.PLAIN
) -> Bounds | None:
    """A figure of sums over days, with its interval.

    Args:
        days: What each day adds.
        figure: The figure of the sums of some days.
        scale: On which its chance is symmetric.

    Returns:
        None where there is nothing to divide by, with all days or without one of them.
    """
    if len(days) < 2:
        return None
    whole = tuple(map(math.fsum, zip(*days, strict=True)))
    try:
        value = figure(whole)
        without = [figure(tuple(map(float.__sub__, whole, map(float, day)))) for day in days]
    except ZeroDivisionError:
        return None
    mean, count = fmean(without), len(days)
    square = math.fsum((each - mean) ** 2 for each in without) * (count - 1) / count
    return around(value, math.sqrt(square) * student(count - 1), scale)


def around(value: float, reach: float, scale: Scale) -> Bounds:
    """An interval that reaches so far to each side, on its scale."""
    if scale is Scale.POSITIVE:
        if value > reach:
            return by_factor(value, reach / value)
        return Bounds(max(0.0, value), 0.0, max(0.0, value) + reach)
    if scale is Scale.SHARE:
        if 0 < value < 1:
            odds = value / (1 - value)
            factor = math.exp(reach / (value * (1 - value)))
            return Bounds(value, _share(odds / factor), _share(odds * factor))
        return Bounds(min(1.0, max(0.0, value)), 0.0, 1.0)
    return Bounds(value, value - reach, value + reach)


def by_factor(value: float, reach: float) -> Bounds:
    """An interval of a positive figure, that reaches so far on the scale of its logarithm."""
    return Bounds(value, value / math.exp(reach), value * math.exp(reach))


def root_of(square: Bounds | None) -> Bounds | None:
    """The interval of a figure whose square has this one."""
    return square and Bounds(*(math.sqrt(max(0.0, each)) for each in square))


def share_of(found: int, count: int) -> Bounds:
    """Of so many, each by themselves (Wilson): also where it was none of them, or all."""
    square = SCORE**2
    middle = (found + square / 2) / (count + square)
    reach = SCORE * math.sqrt(found * (count - found) / count + square / 4) / (count + square)
    return Bounds(found / count, max(0.0, middle - reach), min(1.0, middle + reach))


def share_over_days(days: Sequence[Sums]) -> Bounds | None:
    """A share; each day adds how many there were of it, and of how many."""
    found, count = (round(math.fsum(column)) for column in zip(*days, strict=True))
    if not count:
        return None
    if found in (0, count):
        return share_of(found, count)
    return over_days(days, lambda sums: sums[0] / sums[1], Scale.SHARE) or share_of(found, count)


def _share(odds: float) -> float:
    return odds / (1 + odds)
