"""Cells to draw on, and which of them can be touched."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.cells import cell_len

from kiosk.widgets.text import fit

ROUND, HEAVY = tuple("╭─╮│╰╯"), tuple("┏━┓┃┗┛")
"""Lines of a frame: corners, level and upright."""


class Area(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.y + self.height

    @property
    def right(self) -> int:
        """The first column beside it."""
        return self.x + self.width

    def contains(self, x: int, y: int) -> bool:
        """Whether a cell lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inside(self, across: int = 1, down: int = 1) -> "Area":
        """What is left of it without so many cells on each side."""
        return Area(self.x + across, self.y + down, self.width - 2 * across, self.height - 2 * down)


class Run(NamedTuple):
    """A piece of a row in one look."""

    text: str
    look: str


class Target(NamedTuple):
    """Where something is touched, and what that means."""

    area: Area
    code: str


@dataclass(frozen=True)
class Drawing:
    """What an emulator shows, ready for the screen."""

    rows: tuple[tuple[Run, ...], ...] = ()
    targets: tuple[Target, ...] = ()

    def target_at(self, x: int, y: int) -> Target | None:
        """What is touched at a cell; None between targets."""
        return next((each for each in self.targets if each.area.contains(x, y)), None)


@dataclass
class Canvas:
    """Cells that hold a character and its look; the second one of a wide character is empty."""

    columns: int
    height: int
    targets: list[Target] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._characters = [[" "] * self.columns for _ in range(self.height)]
        self._looks = [["page"] * self.columns for _ in range(self.height)]

    def fill(self, area: Area, look: str, character: str = " ") -> None:
        """Put one character everywhere in an area."""
        for y in range(max(0, area.y), min(self.height, area.bottom)):
            self._characters[y][area.x : area.right] = [character] * area.width
            self._looks[y][area.x : area.right] = [look] * area.width

    def write(self, x: int, y: int, text: str, look: str) -> None:
        """Write one line of text; what does not fit on the canvas is left out."""
        if not 0 <= y < self.height:
            return
        characters, looks = self._characters[y], self._looks[y]
        is_plain = text.isascii()
        for character in text:
            width = 1 if is_plain else cell_len(character)
            if width == 0 or x + width > self.columns:
                continue
            characters[x], looks[x] = character, look
            if width == 2:
                characters[x + 1], looks[x + 1] = "", look
            x += width

    def write_right(self, right: int, y: int, text: str, look: str) -> None:
        """Write one line of text that ends before a column."""
        self.write(right - cell_len(text), y, text, look)

    def write_centred(self, area: Area, y: int, text: str, look: str) -> None:
        """Write one line of text in the middle of an area."""
        text = fit(text, min(cell_len(text), area.width))
        self.write(area.x + (area.width - cell_len(text)) // 2, y, text, look)

    def frame(self, area: Area, look: str, lines: tuple[str, ...] = ROUND) -> None:
        """Draw lines around an area, on its outermost cells."""
        left_top, level, right_top, upright, left_bottom, right_bottom = lines
        right, bottom = area.right - 1, area.bottom - 1
        for y in (area.y, bottom):
            self.fill(area._replace(y=y, height=1), look, level)
        for x in (area.x, right):
            self.fill(Area(x, area.y + 1, 1, area.height - 2), look, upright)
        for x, y, corner in (
            (area.x, area.y, left_top),
            (right, area.y, right_top),
            (area.x, bottom, left_bottom),
            (right, bottom, right_bottom),
        ):
            self.write(x, y, corner, look)

    def touchable(self, area: Area, code: str) -> None:
        """Make an area a target."""
        self.targets.append(Target(area, code))

    def drawing(self) -> Drawing:
        """All that was drawn."""
        rows = tuple(tuple(self._runs(y)) for y in range(self.height))
        return Drawing(rows, tuple(self.targets))

    def _runs(self, y: int) -> Iterator[Run]:
        """A row's cells, those beside each other in one look together."""
        characters, looks = self._characters[y], self._looks[y]
        first = 0
        for x in range(1, self.columns + 1):
            if x == self.columns or looks[x] != looks[first]:
                yield Run("".join(characters[first:x]), looks[first])
                first = x
