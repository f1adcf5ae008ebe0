"""What stands on the screen, cell by cell, as the terminal would be told to draw it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from PIL import Image
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.screen import Screen

CELL = 4
"""Pixels across a cell; it is twice as tall."""
NONE = ""
"""A colour that is left to the terminal."""
DRAWN = {"▀": (True, False), "▄": (False, True), "█": (True, True)}
"""Block elements: whether the upper and the lower half are in the text's colour."""


@dataclass(frozen=True)
class Cell:
    """One cell; the second one of a wide character is empty."""

    character: str
    text_colour: str
    background: str


class Picture:
    """The screen in front."""

    def __init__(self, screen: Screen[Any]) -> None:
        self.size = screen.size
        strips = screen._compositor.render_strips(screen.size)
        self.rows = [[cell for segment in strip for cell in _cells(segment)] for strip in strips]

    @cached_property
    def lines(self) -> list[str]:
        """The text of each row."""
        return ["".join(cell.character for cell in row) for row in self.rows]

    @property
    def text(self) -> str:
        """All of it; for people who read a failing test."""
        return "\n".join(self.lines)

    def __contains__(self, text: str) -> bool:
        return bool(self.find(text))

    def find(self, text: str, region: Region | None = None) -> list[tuple[int, int]]:
        """Column and row of the first cell, wherever the text stands within one row."""
        found = []
        top, end = region.line_span if region is not None else (0, len(self.rows))
        rows = range(max(0, top), min(len(self.rows), end))
        for y in rows:
            line = self.lines[y]
            start = line.find(text)
            if start < 0:
                continue
            cell_at = [x for x, cell in enumerate(self.rows[y]) for _ in cell.character]
            while start >= 0:
                if region is None or region.contains(cell_at[start], y):
                    found.append((cell_at[start], y))
                start = line.find(text, start + 1)
        return found

    def crop(self, region: Region) -> str:
        """The text in a part of the screen, without its blanks."""
        rows = self.rows[max(0, region.y) : max(0, region.bottom)]
        cells = (cell for row in rows for cell in row[max(0, region.x) : max(0, region.right)])
        return "".join("".join(cell.character for cell in cells).split())

    def cells(self) -> Iterator[tuple[int, int, Cell]]:
        """Column, row and cell of everything that is drawn in the text's colour."""
        for y, row in enumerate(self.rows):
            for x, cell in enumerate(row):
                if cell.character.strip():
                    yield x, y, cell

    def image(self) -> Image.Image:
        """Block elements as pixels; of other characters only the background."""
        width, height = self.size
        image = Image.new("RGB", (width * CELL, height * CELL * 2))
        for y, row in enumerate(self.rows):
            for x, cell in enumerate(row):
                for half, drawn in enumerate(DRAWN.get(cell.character, (False, False))):
                    colour = cell.text_colour if drawn else cell.background
                    top = (2 * y + half) * CELL
                    image.paste(colour or "#000000", (x * CELL, top, (x + 1) * CELL, top + CELL))
        return image


@lru_cache(20_000)
def _cells(segment: Segment) -> tuple[Cell, ...]:
    style = segment.style or Style.null()
    text_colour, background = _colour(style.color), _colour(style.bgcolor)
    if style.reverse:
        text_colour, background = background, text_colour
    cells = []
    for character in segment.text:
        width = cell_len(character)
        cells += [Cell(character, text_colour, background)] if width else []
        cells += [Cell("", text_colour, background)] * (width - 1)
    return tuple(cells)


def _colour(colour: Color | None) -> str:
    return colour.get_truecolor().hex if colour else NONE
