"""Quantiles that keep their word: corrected by how the last ones of their kind came true.

A cell holds the last tickets of one band of predicted waits, one priority class (everybody, or one
that goes ahead) and one kind of day. For each level it knows the factor that would have made just
that share of them come true (windowed split conformal prediction). Factors apply to the wait plus
two minutes, or short waits, where seconds make large ratios, would rule them.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEVELS = (0.1, 0.5, 0.9)
_BANDS = (5.0, 15.0, 30.0)
"""Minutes."""
_CUSHION = 2.0
"""Minutes."""
_WINDOW = 400
_ENOUGH = 30
"""Fewer tell too little of the outer levels."""

Quantiles = tuple[float, float, float]
"""Minutes, at each of `LEVELS`."""


@dataclass(frozen=True)
class Cell:
    """How the last predictions of one kind came true."""

    ratios: tuple[Quantiles, ...] = ()
    """Realised over predicted, at each level; the newest last."""
    factors: Quantiles = (1.0, 1.0, 1.0)

    def after(self, predicted: Quantiles, waited: float) -> "Cell":
        """With one more that came true, or did not."""
        low, median, high = predicted
        realised = waited + _CUSHION
        newest = (
            realised / (low + _CUSHION),
            realised / (median + _CUSHION),
            realised / (high + _CUSHION),
        )
        ratios = (*self.ratios[-_WINDOW + 1 :], newest)
        if len(ratios) < _ENOUGH:
            return Cell(ratios, self.factors)
        lows, medians, highs = zip(*ratios, strict=True)
        return Cell(
            ratios,
            (_quantile(lows, 0.1), _quantile(medians, 0.5), _quantile(highs, 0.9)),
        )


def cell_of(mean: float, priority: int, *, is_peak_day: bool) -> str:
    """The name of the cell of a predicted wait, in minutes."""
    who = "ahead" if priority else "usual"
    return f"{bisect_right(_BANDS, mean)} {who}{' peak' if is_peak_day else ''}"


def calibrated(raw: Quantiles, cell: str, cells: Mapping[str, Cell]) -> Quantiles:
    """Apply a cell's factors.

    A kind of day that is still too rare borrows from the other days; where nothing is known, the
    quantiles stay what they are. They come out in order.
    """
    known = cells.get(cell)
    if known is None or len(known.ratios) < _ENOUGH:
        known = cells.get(cell.removesuffix(" peak"), Cell())
    low, median, high = (
        max(0.0, (each + _CUSHION) * factor - _CUSHION)
        for each, factor in zip(raw, known.factors, strict=True)
    )
    return min(low, median), median, max(median, high)


def _quantile(values: Sequence[float], level: float) -> float:
    """The value that the next one stays below with this chance, if all come from one source."""
    ordered = sorted(values)
    position = level * (len(ordered) + 1) - 1
    below = min(len(ordered) - 1, max(0, math.floor(position)))
    above = min(len(ordered) - 1, below + 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
