"""A day's shape in character cells: bars, a line across them, and points for what was measured."""

import re
from collections.abc import Sequence
from math import ceil
from typing import Final

from kiosk.widgets.panel import Line, Look, Span

_BARS, _LINE, _POINTS = 12, 10, 9
"""Colours of plotext's: they only tell here which part a cell belongs to."""
_LOOKS: Final[dict[str, Look]] = {
    str(_BARS): "ink", str(_LINE): "attention", str(_POINTS): "strong",
}  # fmt: skip
_PIECE = re.compile(r"(?:\x1b\[(?:0|38;5;(\d+))m)?([^\x1b]*)")
_LEAST_TICKS = 9
"""Cells between two labels."""

_MOST_TICKS = 5
"""Above 0."""


def plot_lines(
    labels: Sequence[str],
    bars: Sequence[float],
    line: Sequence[float],
    width: int,
    height: int,
    points: Sequence[float | None] = (),
) -> list[Line]:
    """Bars and a line over the same places, on so many cells.

    Args:
        labels: What stands below each place; as many of them are shown as have room.
        bars: How tall each bar is.
        line: How high the line stands at each place.
        width: Cells.
        height: Rows.
        points: One at each place, or None.
    """
    from textual_plotext.plot import Plot  # slow to import, and one place needs it

    plot = Plot()
    # it would look for a terminal of its own; one that is served in a browser has none
    plot._limit_size(False, False)  # type: ignore[attr-defined]  # private: not in the stubs
    plot.theme("clear")
    plot.plotsize(width, height)
    places = [float(number) for number in range(len(labels))]
    plot.bar(places, list(bars), width=0.5, marker="sd", color=_BARS)
    plot.plot(places, list(line), marker="hd", color=_LINE)
    seen = [(place, each) for place, each in zip(places, points, strict=False) if each is not None]
    if seen:
        plot.scatter(*map(list, zip(*seen, strict=True)), marker="●", color=_POINTS)
    top = max(1, *map(ceil, (*bars, *line, *(each for _place, each in seen))))
    whole = range(0, top + 1, -(-top // _MOST_TICKS))  # there is no half of a person
    plot.ylim(0, top)
    plot.yticks(list(whole), [str(each) for each in whole])
    step = max(1, -(-len(labels) * _LEAST_TICKS // width))
    plot.xticks(places[::step], list(labels[::step]))
    return [_line(text) for text in plot.build().splitlines()]


def _line(text: str) -> Line:
    return tuple(
        Span(piece, _LOOKS.get(colour or "", "quiet"))
        for colour, piece in _PIECE.findall(text)
        if piece
    )
