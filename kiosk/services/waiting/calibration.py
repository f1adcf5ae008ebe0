"""Quantiles that keep their word: corrected by how the last ones of their kind came true.

A cell holds the last tickets of one band of predicted waits, one priority class (everybody, or one
that goes ahead) and one kind of day; another, applied after it, those who need the same skills, as
all in one queue do: whoever waits for the same counters is told the same. For each
level a cell knows the factor that would have made just that share of them come true (windowed split
conformal prediction). Factors apply to the wait plus two minutes, or short waits, where seconds
make large ratios, would rule them.
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
_DIGITS = 4
"""Of a ratio: they make up nearly all of what is stored."""
_PEAK = " peak"
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
        realised = max(0.0, waited) + _CUSHION  # a clock may have been set back
        newest = (
            round(realised / (low + _CUSHION), _DIGITS),
            round(realised / (median + _CUSHION), _DIGITS),
            round(realised / (high + _CUSHION), _DIGITS),
        )
        ratios = (*self.ratios[-_WINDOW + 1 :], newest)
        if len(ratios) < _ENOUGH:
            return Cell(ratios, self.factors)
        lows, medians, highs = zip(*ratios, strict=True)
        return Cell(
            ratios,
            (_quantile(lows, 0.1), _quantile(medians, 0.5), _quantile(highs, 0.9)),
        )


def cells_of(
    mean: float, priority: int, needs: frozenset[str], *, is_peak_day: bool
) -> tuple[str, str]:
    """The names of the two cells that correct a wait predicted in minutes, in their order.

    The first is of its kind; the second, of the skills that are needed, corrects what is left where
    those of the counters are not what they are thought to be.
    """
    who = "ahead" if priority else "usual"
    kind = f"{bisect_right(_BANDS, mean)} {who}{_PEAK if is_peak_day else ''}"
    return kind, f"needs {' '.join(sorted(needs))}"


_UNKNOWN = Cell()


@dataclass(frozen=True)
class Step:
    """A correction, and what it was applied to: its cell learns from that."""

    cell: str
    before: Quantiles


def calibrated(
    raw: Quantiles, names: Sequence[str], cells: Mapping[str, Cell]
) -> tuple[Quantiles, tuple[Step, ...]]:
    """Apply the factors of some cells, one after the other; the quantiles come out in order.

    The median is corrected by the first cell alone: it fills in a day or two, those of rare
    skills in a month, and what they say of the middle is of days gone by.

    A kind of day that is still too rare borrows from the other days; a cell that knows nothing
    changes nothing.
    """
    steps: list[Step] = []
    quantiles, median = raw, raw[1]
    for name in names:
        steps.append(Step(name, quantiles))
        known = cells.get(name)
        if known is None or len(known.ratios) < _ENOUGH:
            known = cells.get(name.removesuffix(_PEAK), _UNKNOWN)
        quantiles = _times(quantiles, known.factors)
        median = quantiles[1] if len(steps) == 1 else median
    low, _, high = quantiles
    return (min(low, median), median, max(median, high)), tuple(steps)


def _times(quantiles: Quantiles, factors: Quantiles) -> Quantiles:
    low, median, high = (
        max(0.0, (each + _CUSHION) * factor - _CUSHION)
        for each, factor in zip(quantiles, factors, strict=True)
    )
    return low, median, high


def _quantile(values: Sequence[float], level: float) -> float:
    """The value that the next one stays below with this chance, if all come from one source."""
    ordered = sorted(values)
    position = level * (len(ordered) + 1) - 1
    below = min(len(ordered) - 1, max(0, math.floor(position)))
    above = min(len(ordered) - 1, below + 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
