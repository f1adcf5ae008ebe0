"""Tables of figures: texts on the left, figures on the right, and their units in the head."""

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.widgets.panel import Line, Look, Span, width_of
from kiosk.widgets.text import fit

_GAP = 2
_LEAST_TEXT = 6
"""Cells to which a text may shrink before a column is left out."""


@dataclass(frozen=True)
class Column:
    """What stands at the head."""

    head: str
    is_figure: bool = False
    """Figures stand on the right, one below the other."""
    can_go: bool = False
    """Left out where there is no room, the last one first."""


Row = Sequence[Span]


def table(
    columns: Sequence[Column], rows: Sequence[Row], width: int, cursor: int | None = None
) -> list[Line]:
    """A head and the rows, on so many cells.

    Args:
        columns: From left to right.
        rows: A span for each column.
        width: Cells. Columns that can go make room first; then texts are cut.
        cursor: The row that is chosen.
    """
    shown = [number for number, _ in enumerate(columns)]
    heads: list[Row] = [tuple(Span(column.head, "quiet") for column in columns)]
    widths = [max(width_of((row[at],)) for row in (*heads, *rows)) for at in shown]
    while _needed(widths, shown) > width and (going := _going(columns, shown)) is not None:
        shown.remove(going)
    over = _needed(widths, shown) - width
    for at in shown:
        if over > 0 and not columns[at].is_figure:
            less = min(over, max(0, widths[at] - _LEAST_TEXT))
            widths[at] -= less
            over -= less
    lines = []
    for number, row in enumerate((*heads, *rows)):
        look: Look | None = "cursor" if cursor is not None and number == cursor + 1 else None
        lines.append(_line(columns, row, [(at, widths[at]) for at in shown], look))
    return lines


def _needed(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[at] for at in shown) + _GAP * (len(shown) - 1)


def _going(columns: Sequence[Column], shown: Sequence[int]) -> int | None:
    return next((at for at in reversed(shown) if columns[at].can_go), None)


def _line(
    columns: Sequence[Column],
    row: Row,
    places: Sequence[tuple[int, int]],
    look: Look | None,
) -> Line:
    spans: list[Span] = []
    for at, room in places:
        cell = row[at]
        text = fit(cell.text, room)
        if columns[at].is_figure:
            text = text.rstrip(" ")
            text = " " * (room - width_of((Span(text),))) + text
        gap = " " * _GAP if spans else ""
        spans.append(Span(gap + text, look or cell.look))
    return tuple(spans)
