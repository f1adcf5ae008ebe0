"""A ticket number, or a question mark, that can be read from across the lobby."""

import math
from dataclasses import dataclass

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.widgets.drawn import DrawnWidget

_GLYPHS = {
    "0": "01110 10001 10001 10001 10001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "B": "11110 10001 10001 11110 10001 10001 11110",
    "C": "01110 10001 10000 10000 10000 10001 01110",
    "D": "11110 10001 10001 10001 10001 10001 11110",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "F": "11111 10000 10000 11110 10000 10000 10000",
    "?": "01110 10001 00001 00110 00100 00000 00100",
}
"""Five dots wide, seven high: the queue letters, the digits, and the sign for help."""
DOTS_WIDE, DOTS_HIGH = 5, 7
_HALVES = {"00": " ", "10": "▀", "01": "▄", "11": "█"}


@dataclass(frozen=True)
class Scale:
    """How large a dot is drawn, and so the whole number."""

    columns: int
    """Cells across a dot."""
    half_rows: int
    """Halves of a cell from its top to its bottom; as many as columns make it square."""
    gap: int
    """Cells between two characters."""

    @property
    def rows(self) -> int:
        """Rows of cells that a number takes."""
        return math.ceil(DOTS_HIGH * self.half_rows / 2)

    def width_of(self, characters: int) -> int:
        """Columns of cells that so many characters take."""
        return characters * DOTS_WIDE * self.columns + max(characters - 1, 0) * self.gap


TALL = Scale(2, 2, 2)
"""Seven rows."""
SHORT = Scale(1, 1, 1)
"""Four rows; a cell holds two dots, one above the other."""


def block_rows(number: str, scale: Scale) -> list[str]:
    """The rows of cells that draw a number."""
    # a newer program may have given other letters
    glyphs = [_GLYPHS.get(character, _GLYPHS["?"]).split() for character in number]
    dots = [
        ("0" * scale.gap).join(_wide(glyph[y], scale) for glyph in glyphs) for y in range(DOTS_HIGH)
    ]
    halves = [row for row in dots for _ in range(scale.half_rows)]
    halves += ["0" * len(dots[0])] * (len(halves) % 2)
    return [
        "".join(_HALVES[above + below] for above, below in zip(upper, lower, strict=True))
        for upper, lower in zip(halves[::2], halves[1::2], strict=True)
    ]


def _wide(dots: str, scale: Scale) -> str:
    return "".join(dot * scale.columns for dot in dots)


class BlockDigits(DrawnWidget):
    """A number drawn in blocks, as tall as the widget's height lets it be."""

    number: reactive[str] = reactive("")

    def __init__(self, number: str) -> None:
        super().__init__()
        self.set_reactive(BlockDigits.number, number)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is; the number stands in the middle."""
        return container.width

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        width, height = self.size
        rows = block_rows(self.number, TALL if height >= TALL.rows else SHORT)
        text = rows[y].center(width)[:width] if y < len(rows) else " " * width
        return Strip([Segment(text, self.plain)], width)
