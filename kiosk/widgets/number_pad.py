"""Digits to touch, in the places where cash machines have them, with what corrects and goes on."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.widgets.drawn import TouchedWidget
from kiosk.widgets.text import centre

CORRECT, NEXT = "correct", "next"
_ROWS, _COLUMNS = 3, 5
_LEAST_HEIGHT = 3
_TALLEST = 5
_SHOWN_SECONDS = 0.1
"""How long a touched key stands out."""


@dataclass(frozen=True)
class PadKey:
    """One key of the pad."""

    code: str
    """A digit, `CORRECT` or `NEXT`."""
    key: str
    """What is struck for it on a keyboard."""
    label: str = ""


class NumberPad(TouchedWidget[int]):
    """Three rows of three digits; zero and the two keys of work beside them."""

    COMPONENT_CLASSES = {
        "number-pad--edge",
        "number-pad--digit",
        "number-pad--label",
        "number-pad--pressed",
    }
    _pressed: reactive[int | None] = reactive(None)

    class Pressed(Message):
        """A key was touched."""

        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[PadKey, ...] = ()
        self._strips: list[Strip] = []

    def show(self, correct: PadKey, following: PadKey) -> None:
        """Show the digits with these two keys."""
        digits = [PadKey(str(each), str(each)) for each in range(10)]
        self._keys = (
            *digits[1:4], digits[0],
            *digits[4:7], correct,
            *digits[7:10], following,
        )  # fmt: skip
        self.refresh()

    @property
    def texts(self) -> tuple[str, ...]:
        """What its keys say."""
        return tuple(f"{key.key} {key.label}".rstrip() for key in self._keys)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As low as it may be, where the height is left to it."""
        return _ROWS * _LEAST_HEIGHT

    def touch(self, target: int) -> None:
        """Let the key stand out for a moment, and tell which it was."""
        self._pressed = target
        self.set_timer(_SHOWN_SECONDS, self._release)
        self.post_message(self.Pressed(self._keys[target].code))

    def _release(self) -> None:
        self._pressed = None

    def target_at(self, x: int, y: int) -> int | None:
        """The number of the key at a cell."""
        row = y // self._height()
        column = sum(x >= edge for edge in self._edges()[1:-1])
        number = row * (_COLUMNS - 1) + column
        return number if row < _ROWS and number < len(self._keys) else None

    def _height(self) -> int:
        return max(1, min(_TALLEST, self.size.height // _ROWS))

    def _edges(self) -> list[int]:
        """Where columns begin and end; the last one is as wide as two."""
        width = self.size.width
        return [*(round(width * each / _COLUMNS) for each in range(_COLUMNS - 1)), width]

    def prepare(self) -> None:
        """Draw all lines at once."""
        edges, height = self._edges(), self._height()
        styles = {
            part: self.get_component_rich_style(f"number-pad--{part}")
            for part in ("edge", "digit", "label", "pressed")
        }
        self._strips = []
        for row in range(_ROWS if self._keys else 0):
            first = row * (_COLUMNS - 1)
            boxes = [
                _box(
                    self._keys[first + at],
                    (edges[at + 1] - edges[at], height),
                    {name: style + styles["pressed"] for name, style in styles.items()}
                    if first + at == self._pressed
                    else styles,
                    self.plain,
                )
                for at in range(_COLUMNS - 1)
            ]
            for lines in zip(*boxes, strict=True):
                self._strips.append(Strip([segment for line in lines for segment in line]))

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        if y < len(self._strips):
            return self._strips[y]
        return Strip.blank(self.size.width, self.plain)


def _box(
    key: PadKey, size: tuple[int, int], styles: dict[str, Style], around: Style
) -> list[list[Segment]]:
    """A key, line by line, with an empty cell on either side."""
    width, height = size
    inner = max(1, width - 4)
    edge, label = styles["edge"], styles["label"]
    lines = [[Segment("┌" + "─" * inner + "┐", edge)]]
    for line in range(max(1, height - 2)):
        words = [Segment(" " * inner, label)]
        if line == (height - 2) // 2 or height < _LEAST_HEIGHT:
            words = _words(key, inner, styles)
        lines.append([Segment("│", edge), *words, Segment("│", edge)])
    lines.append([Segment("└" + "─" * inner + "┘", edge)])
    blank = Segment(" ", around)
    return [[blank, *line, blank] for line in lines[:height]]


def _words(key: PadKey, width: int, styles: dict[str, Style]) -> list[Segment]:
    """The struck key, and what it does, in the middle."""
    struck, label = f" {key.key} ", f" {key.label}" if key.label else ""
    room = width - cell_len(struck)
    if room < cell_len(label):  # the words say more than the key
        return [Segment(centre(key.label, width), styles["label"])]
    before = (room - cell_len(label)) // 2
    return [
        Segment(" " * before, styles["label"]),
        Segment(struck, styles["digit"]),
        Segment(label + " " * (room - before - cell_len(label)), styles["label"]),
    ]
