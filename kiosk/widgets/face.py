"""What the terminal shows to the lobby: words and, where there is room, a picture of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rich.segment import Segment
from textual.strip import Strip

from kiosk.widgets.drawn import DrawnWidget
from kiosk.widgets.text import centre, fit, fold

T = TypeVar("T")
_GAP = 3
"""Columns between the words and the picture."""
_LEAST_WORDS = 24
"""Columns; on fewer, a title would be broken."""


@dataclass(frozen=True)
class FaceView:
    """One face."""

    title: str = ""
    lines: tuple[str, ...] = ()
    art: tuple[str, ...] = ()
    """Rows of equal width; every character is one cell wide."""
    warns: bool = False
    """Whether the picture is in the colour of what is to be heeded."""


@dataclass(frozen=True)
class _Row:
    text: str = ""
    is_title: bool = False
    art: str = ""
    """Stands at the right."""


class Face(DrawnWidget):
    """Draws one face in the room that it is given; it never asks for more or less."""

    COMPONENT_CLASSES = {"face--title", "face--line", "face--art", "face--warning"}

    def __init__(self) -> None:
        super().__init__()
        self.view = FaceView()
        self._strips: list[Strip] = []

    def show(self, view: FaceView) -> None:
        """Show this one, unless it stands there already."""
        if view != self.view:
            self.view = view
            self.refresh()

    def prepare(self) -> None:
        """Lay the face out once for all its lines."""
        width, height = self.size
        title, line = (self.get_component_rich_style(f"face--{part}") for part in ("title", "line"))
        art = self.get_component_rich_style("face--warning" if self.view.warns else "face--art")
        rows = _lay_out(self.view, width, height)
        self._strips = [Strip.blank(width, self.plain)] * ((height - len(rows)) // 2)
        for row in rows:
            text = fit(row.text, width - len(row.art))
            pieces = [Segment(text, title if row.is_title else line), Segment(row.art, art)]
            self._strips.append(Strip(pieces, width))

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.plain)


def _lay_out(view: FaceView, width: int, height: int) -> list[_Row]:
    """The picture above the words or beside them, or the words alone: whatever has room."""
    every, art = len(view.lines), view.art
    if art and len(art[0]) <= width:
        if words := _words(view, every, width, height - len(art) - 1):
            picture = [_Row(art=row.center(width)) for row in art]
            centred = [replace(row, text=centre(row.text, width)) for row in words]
            return [*picture, _Row(), *centred]
        beside = _words(view, every, width - len(art[0]) - _GAP, height)
        if beside and len(art) <= height:
            return _beside(beside, art)
    fitting = (_words(view, count, width, height) for count in range(every, -1, -1))
    return next(filter(None, fitting), [])


def _words(view: FaceView, count: int, width: int, height: int) -> list[_Row]:
    """The title and so many of the lines, as far apart as can be; none where they have no room."""
    if width < _LEAST_WORDS:
        return []
    title = [_Row(line, is_title=True) for line in fold(view.title, width)]
    lines = [[_Row(line) for line in fold(text, width)] for text in view.lines[:count]]
    close = [row for line in lines for row in line]
    apart = [row for line in lines for row in (_Row(), *line)]
    spaced = [_Row(), *close] if close else []
    fitting = (below for below in (apart, spaced, close) if len(title) + len(below) <= height)
    return next(([*title, *below] for below in fitting), [])


def _beside(words: list[_Row], art: tuple[str, ...]) -> list[_Row]:
    """Words and picture side by side, the middle of one level with the middle of the other."""
    height = max(len(words), len(art))
    left = _in_the_middle(words, height, _Row())
    right = _in_the_middle(art, height, " " * len(art[0]))
    return [_Row(row.text, row.is_title, picture) for row, picture in zip(left, right, strict=True)]


def _in_the_middle(rows: Sequence[T], height: int, blank: T) -> list[T]:
    above = (height - len(rows)) // 2
    return [blank] * above + list(rows) + [blank] * (height - len(rows) - above)
