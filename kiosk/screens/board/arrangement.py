"""How large everything on the board can be drawn; pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from kiosk.widgets.block_digits import SHORT, Scale

LARGE_CALLS = 3
"""Calls that are read from afar."""
MARGIN = 1
"""Cells before a number, and on both sides of a counter in its box."""
BETWEEN = 2
"""Cells between a number and its counter, and between the calls and what stands beside them."""
_LARGEST_DOT = 6
_ROWS_FOR_HEADING = 30
_LEAST_PANEL = 18
"""Columns in which a queue can be told."""
_NEWEST_SHARE = 0.46
"""Of all rows: the newest call is what people look for, but not the only one."""
_LEAST_SHARE = 0.35
"""Of the newest call's rows: the others must not look as if they were over."""


@dataclass(frozen=True)
class Arrangement:
    """Rows from top to bottom: band, newest call with its sentence, the other calls, foot."""

    band_rows: int
    newest: Scale
    others: Scale
    first_gap_rows: int
    """Between the newest call and the others."""
    gap_rows: int
    """Between the others."""
    is_beside: bool
    """Whether the panel stands beside the other calls; else below them, all the way across."""
    panel_columns: int
    panel_rows: int


@dataclass(frozen=True)
class _Room:
    """What there is for calls and panel, and what a call is made of."""

    columns: int
    rows: int
    characters: int
    digits: int

    def columns_of(self, scale: Scale) -> int:
        """A call takes the number, and the counter in its box."""
        box = scale.width_of(self.digits) + 2 * MARGIN
        return MARGIN + scale.width_of(self.characters) + BETWEEN + box

    def beside(self, scale: Scale) -> int:
        """Columns that are left beside a call."""
        return self.columns - self.columns_of(scale) - BETWEEN - MARGIN

    def largest(self, most_columns: int, most_rows: float) -> Scale:
        """The largest scale that fits, or the smallest of all."""
        fitting = (
            scale
            for scale in _scales()
            if self.columns_of(scale) <= most_columns and scale.rows <= most_rows
        )
        return next(fitting, SHORT)


def arrange(columns: int, rows: int, characters: int = 5, digits: int = 1) -> Arrangement:
    """Draw the newest call as large as it can be, and then the others.

    Args:
        columns: Of the terminal.
        rows: Of the terminal.
        characters: Of the longest ticket number.
        digits: Of the highest counter.
    """
    band_rows = 3 if rows >= _ROWS_FOR_HEADING else 1
    room = _Room(columns, rows - band_rows - 2, characters, digits)
    is_beside = room.beside(SHORT) >= _LEAST_PANEL
    for newest in _scales():
        if room.columns_of(newest) > columns or newest.rows > rows * _NEWEST_SHARE:
            continue
        found = _with_newest(room, newest, band_rows, is_beside=is_beside)
        if found is not None:
            return found
    return Arrangement(band_rows, SHORT, SHORT, 0, 0, False, columns - 2 * MARGIN, 1)


def _with_newest(
    room: _Room, newest: Scale, band_rows: int, *, is_beside: bool
) -> Arrangement | None:
    """What is left for the others; None if that is too little beside so large a one."""
    count = LARGE_CALLS - 1
    rows = room.rows - newest.rows - (0 if is_beside else 1)
    panel_columns = _LEAST_PANEL + BETWEEN + MARGIN if is_beside else 0
    others = room.largest(room.columns - panel_columns, min(rows // count - 1, newest.rows))
    gaps = count if is_beside else count + 1  # one above the panel, too
    gap_rows = min((rows - count * others.rows) // gaps, 1)
    if gap_rows < 0 or others.rows < newest.rows * _LEAST_SHARE:
        return None
    if is_beside:
        columns, panel_rows = room.beside(others), rows - gap_rows
        return Arrangement(band_rows, newest, others, gap_rows, gap_rows, True, columns, panel_rows)
    panel_rows = rows + 1 - count * others.rows - gaps * gap_rows
    first_gap_rows = gap_rows
    if gap_rows == 0 and panel_rows > 1:  # the rows of the others end with half an empty one
        first_gap_rows, panel_rows = 1, panel_rows - 1
    columns = room.columns - 2 * MARGIN
    return Arrangement(
        band_rows, newest, others, first_gap_rows, gap_rows, False, columns, panel_rows
    )


def _scales() -> Iterator[Scale]:
    """The largest first; a number may be drawn narrow, never wide."""
    for dot in range(_LARGEST_DOT, 0, -1):
        for half_rows in (dot + 1, dot):
            for gap in dict.fromkeys((dot, max(dot - 1, 1))):
                yield Scale(dot, half_rows, gap)
