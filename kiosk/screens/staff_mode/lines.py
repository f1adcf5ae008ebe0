"""Lines as every place writes them: a key before what it does, a sentence on several rows."""

from kiosk.widgets.panel import Line, Look, Span, width_of
from kiosk.widgets.text import fit, fold

MARGINS = 4
"""Cells that stay free beside what a place writes, left and right together."""
KEY_CELLS = 4
"""Of a key before what it does."""
MORE_KEY, DOT_KEY, STAR_KEY = "plus", "full_stop", "asterisk"
"""By Textual's names."""


def keyed(key: str, words: Line, width: int, *, is_open: bool = True) -> Line:
    """A key and what it does, on at most so many cells.

    Args:
        key: As it is written on the screen.
        words: What it does.
        width: Cells.
        is_open: What can't be used now keeps its place, without the mark of a key.
    """
    return cut((Span(f" {key} ", "key" if is_open else "quiet"), Span(" "), *words), width)


def cut(line: Line, width: int) -> Line:
    """A line on at most so many cells; what does not fit gives way to an ellipsis."""
    found: list[Span] = []
    room = width
    for span in line:
        if room <= 0:
            break
        cells = width_of((span,))
        found.append(span if cells <= room else Span(fit(span.text, room), span.look))
        room -= cells
    return tuple(found)


def folded(text: str, width: int, look: Look = "ink") -> list[Line]:
    """A sentence on as many lines as it needs."""
    return [(Span(line, look),) for line in fold(text, width)]
