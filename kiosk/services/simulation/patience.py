"""How long customers wait before they leave in silence, from who was there when called.

Nobody sees anybody leave: a call after a wait says only whether the customer's patience was longer
or shorter than that. So the chance that nobody comes is taken as `gone + (1 - gone) · P(patience <
wait)`, with a lognormal patience, and its three numbers as those that make what was seen the most
likely (maximum likelihood, by Fisher's scoring).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from kiosk.services.simulation.intervals import SCORE, Bounds, Scale, around, by_factor

_NORMAL: Final = NormalDist()
_ROUNDS: Final = 60
_CLOSE_ENOUGH: Final = 1e-7
_LEAST_SURE: Final = 0.35
"""Standard error of the logarithm of the median or of the sigma, above which nothing is said."""
_WIDTH: Final = 0.5
"""Minutes of waiting that are taken together."""


@dataclass(frozen=True)
class Patience:
    """What was found, each with its interval."""

    gone: Bounds
    median: Bounds
    sigma: Bounds


@dataclass(frozen=True)
class Call:
    """Some calls after about the same wait."""

    waited: float
    count: int
    missed: int


def gathered(calls: Iterable[tuple[float, bool]]) -> list[Call]:
    """Waits until the call, and whether nobody came, by half minutes."""
    found: dict[int, tuple[float, int, int]] = {}
    for waited, is_missed in calls:
        total, count, missed = found.get(int(waited / _WIDTH), (0.0, 0, 0))
        found[int(waited / _WIDTH)] = total + waited, count + 1, missed + is_missed
    return [Call(total / count, count, missed) for total, count, missed in found.values()]


def fit_patience(calls: list[Call], start: tuple[float, float, float]) -> Patience | None:
    """The likeliest patience; None where the waits were too short, or too few missed the call.

    Args:
        calls: As `gathered` gives them.
        start: Where to look first: share gone at once, median and sigma.
    """
    gone, median, sigma = start
    point = [math.log(gone / (1 - gone)), math.log(median), math.log(sigma)]
    likelihood = _likelihood(calls, point)
    for _ in range(_ROUNDS):
        slope, information = _derivatives(calls, point)
        inverse = _inverse(information)
        if inverse is None:
            return None
        step = [sum(row[i] * slope[i] for i in range(3)) for row in inverse]
        size = 1.0
        while size > _CLOSE_ENOUGH:
            tried = [at + size * by for at, by in zip(point, step, strict=True)]
            if all(abs(each) < 12 for each in tried):
                now = _likelihood(calls, tried)
                if now >= likelihood:
                    break
            size /= 2
        else:
            break
        moved = max(map(abs, step)) * size
        point, likelihood = tried, now
        if moved < _CLOSE_ENOUGH:
            break
    return _found(calls, point)


def _found(calls: list[Call], point: list[float]) -> Patience | None:
    inverse = _inverse(_derivatives(calls, point)[1])
    if inverse is None or any(inverse[i][i] <= 0 for i in range(3)):
        return None
    errors = [math.sqrt(inverse[i][i]) for i in range(3)]
    if max(errors[1:]) > _LEAST_SURE:
        return None
    reach = [SCORE * each for each in errors]
    gone = 1 / (1 + math.exp(-point[0]))
    median, sigma = math.exp(point[1]), math.exp(point[2])
    return Patience(
        around(gone, reach[0] * gone * (1 - gone), Scale.SHARE),
        by_factor(median, reach[1]),
        by_factor(sigma, reach[2]),
    )


def _chance(waited: float, point: list[float]) -> tuple[float, tuple[float, float, float]]:
    """That nobody comes after a wait, and how it changes with each number."""
    gone = 1 / (1 + math.exp(-point[0]))
    left = density = score = 0.0
    sigma = math.exp(point[2])
    if waited > 0:
        score = (math.log(waited) - point[1]) / sigma
        left, density = _NORMAL.cdf(score), _NORMAL.pdf(score)
    stays = 1 - gone
    return (
        gone + stays * left,
        (gone * stays * (1 - left), -stays * density / sigma, -stays * density * score),
    )


def _likelihood(calls: list[Call], point: list[float]) -> float:
    total = 0.0
    for call in calls:
        chance = min(1 - 1e-12, max(1e-12, _chance(call.waited, point)[0]))
        total += call.missed * math.log(chance)
        total += (call.count - call.missed) * math.log(1 - chance)
    return total


def _derivatives(calls: list[Call], point: list[float]) -> tuple[list[float], list[list[float]]]:
    """The slope of the likelihood, and its expected curvature."""
    slope, curve = [0.0] * 3, [[0.0] * 3 for _ in range(3)]
    for call in calls:
        chance, by = _chance(call.waited, point)
        spread = max(1e-12, chance * (1 - chance))
        for i in range(3):
            slope[i] += (call.missed - call.count * chance) / spread * by[i]
            for j in range(3):
                curve[i][j] += call.count * by[i] * by[j] / spread
    return slope, curve


def _inverse(matrix: list[list[float]]) -> list[list[float]] | None:
    """Of three rows, by cofactors; None where there is none."""

    def cofactor(i: int, j: int) -> float:
        a, b = (k for k in range(3) if k != i)
        c, d = (k for k in range(3) if k != j)
        sign = -1.0 if (i + j) % 2 else 1.0
        return sign * (matrix[a][c] * matrix[b][d] - matrix[a][d] * matrix[b][c])

    determinant = sum(matrix[0][j] * cofactor(0, j) for j in range(3))
    scale = matrix[0][0] * matrix[1][1] * matrix[2][2]
    if not determinant > 1e-12 * scale:
        return None
    return [[cofactor(j, i) / determinant for j in range(3)] for i in range(3)]
