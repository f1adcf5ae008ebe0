"""A ticket number, or a question mark, that can be read from across the lobby."""

from collections.abc import Iterator

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
_HEIGHT = 7
_HALVES = {"00": " ", "10": "▀", "01": "▄", "11": "█"}


def tall_rows(number: str) -> Iterator[str]:
    """Seven rows; a dot is two cells wide, which makes it square."""
    for row in _dots(number):
        yield row.replace("0", "  ").replace("1", "██")


def short_rows(number: str) -> Iterator[str]:
    """Four rows; a cell holds two dots, one above the other."""
    rows = [*_dots(number), "0" * len(next(_dots(number)))]
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(_HALVES[above + below] for above, below in zip(upper, lower, strict=True))


def _dots(number: str) -> Iterator[str]:
    glyphs = [_GLYPHS[character].split() for character in number]
    for row in range(_HEIGHT):
        yield "0".join(glyph[row] for glyph in glyphs)


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
        rows = list(tall_rows(self.number) if height >= _HEIGHT else short_rows(self.number))
        text = rows[y].center(width)[:width] if y < len(rows) else " " * width
        return Strip([Segment(text, self.plain)], width)
