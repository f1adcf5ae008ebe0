"""How service times spread: lognormal around the mean of their service."""

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

_STEP = 0.1
_STEPS = 80
_NORMAL = NormalDist()


@dataclass(frozen=True)
class ServiceTime:
    """Unit-mean service times, and what is left of one that has been running."""

    spread: float
    """Standard deviation over the mean; 0: every service takes exactly its mean."""
    left: tuple[float, ...]
    """Expected rest after 0, 0.1, 0.2, … of the mean."""
    variance_left: tuple[float, ...]

    def rest(self, elapsed: float) -> tuple[float, float]:
        """Mean and variance of what is left; all in units of the mean, and its square.

        A service that lasts is likely one of the long ones: the expected end never moves earlier
        while it lasts.
        """
        if not self.left:
            return max(0.0, 1.0 - elapsed), 0.0
        position = max(0.0, elapsed) / _STEP
        step = int(position)
        if step >= _STEPS - 1:
            return self.left[-1], self.variance_left[-1]
        part = position - step
        left, variance = self.left, self.variance_left
        return (
            left[step] + part * (left[step + 1] - left[step]),
            variance[step] + part * (variance[step + 1] - variance[step]),
        )


@lru_cache(maxsize=8)
def service_time(spread: float) -> ServiceTime:
    """The distribution of a given spread."""
    if spread <= 0:
        return ServiceTime(0.0, (), ())
    rests = [_rest_after(step * _STEP, spread) for step in range(_STEPS)]
    return ServiceTime(spread, tuple(mean for mean, _ in rests), tuple(var for _, var in rests))


def _rest_after(elapsed: float, spread: float) -> tuple[float, float]:
    """By the partial moments of the lognormal distribution."""
    square = math.log(1 + spread * spread)
    sigma = math.sqrt(square)
    if elapsed <= 0:
        return 1.0, spread * spread
    at = (math.log(elapsed) + square / 2) / sigma
    beyond = _beyond(at)
    if beyond < 1e-12:  # so far out that the quotients are noise
        return _rest_after(elapsed - _STEP, spread)
    first = _beyond(at - sigma) / beyond
    second = math.exp(square) * _beyond(at - 2 * sigma) / beyond
    return first - elapsed, max(0.0, second - first * first)


def _beyond(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2))


def gamma_quantile(mean: float, variance: float, level: float) -> float:
    """The quantile of a gamma distribution (Wilson and Hilferty's approximation).

    Args:
        mean: Positive.
        variance: Of the same.
        level: Between 0 and 1.
    """
    if variance <= 0:
        return mean
    shape = mean * mean / variance
    root = 1 - 1 / (9 * shape) + _score(level) / (3 * math.sqrt(shape))
    return mean * root**3 if root > 0 else 0.0


@lru_cache(maxsize=16)
def _score(level: float) -> float:
    return _NORMAL.inv_cdf(level)
