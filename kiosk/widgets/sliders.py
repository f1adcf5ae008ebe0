"""Values that are set by touching less, more, or a place on a track; each has a key, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from kiosk.widgets.drawn import TouchedWidget
from kiosk.widgets.text import fit

What = Literal["choose", "less", "more"]
_LESS, _MORE = " − ", " + "
_GAP = "  "
_LEAST_TRACK = 6
"""On fewer cells nothing can be aimed at: there is none then."""


@dataclass(frozen=True)
class Slider:
    """One line."""

    key: str
    label: str
    value: str = ""
    share: float | None = None
    """How far it is; None: there is nothing to slide, the line leads somewhere."""
    is_chosen: bool = False


@dataclass(frozen=True)
class Aim:
    """What was touched of a line."""

    row: int
    what: What | float
    """Of the track, how far."""


class Sliders(TouchedWidget[Aim]):
    """Some lines below each other, their values in one column."""

    COMPONENT_CLASSES = {
        "sliders--key", "sliders--chosen", "sliders--step", "sliders--track", "sliders--value",
    }  # fmt: skip

    class Touched(Message):
        """Something was touched."""

        def __init__(self, aim: Aim) -> None:
            super().__init__()
            self.aim = aim

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._sliders: tuple[Slider, ...] = ()

    def show(self, sliders: Sequence[Slider]) -> None:
        """Show these."""
        if (new := tuple(sliders)) != self._sliders:
            is_as_tall = len(new) == len(self._sliders)
            self._sliders = new
            self.refresh(layout=not is_as_tall)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row for each."""
        return len(self._sliders)

    def touch(self, target: Aim) -> None:
        """Tell what was touched."""
        self.post_message(self.Touched(target))

    def target_at(self, x: int, y: int) -> Aim | None:
        """What stands at a cell."""
        if y >= len(self._sliders):
            return None
        if self._sliders[y].share is None:
            return Aim(y, "choose")
        less, more, track, end = self._edges()
        if less <= x < less + len(_LESS):
            return Aim(y, "less")
        if more <= x < more + len(_MORE):
            return Aim(y, "more")
        if track <= x < end:
            return Aim(y, (x - track) / (end - track - 1))
        return Aim(y, "choose")

    def _edges(self) -> tuple[int, int, int, int]:
        """Where less, more and the track begin, and where the track ends."""
        labels = self._cells([f" {each.key}  {each.label}" for each in self._sliders])
        values = self._cells([each.value for each in self._sliders])
        steps = len(_LESS) + values + 2 + len(_MORE)
        less = min(labels, self.size.width - steps - 2 * len(_GAP)) + len(_GAP)
        more = less + len(_LESS) + values + 2
        track = more + len(_MORE) + len(_GAP)
        end = self.size.width
        return less, more, track, end if end - track >= _LEAST_TRACK else track

    def _cells(self, texts: Sequence[str]) -> int:
        return max(map(cell_len, texts), default=0)

    def prepare(self) -> None:
        """Look the styles up once for all lines."""
        self._styles = {
            name: self.get_component_rich_style(f"sliders--{name}")
            for name in ("key", "chosen", "step", "track", "value")
        }

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        width = self.size.width
        if y >= len(self._sliders):
            return Strip([]).adjust_cell_length(width, self.plain)
        slider, styles = self._sliders[y], self._styles
        less, more, track, end = self._edges()
        words = fit(slider.label, less - len(_GAP) - 4)
        label = styles["chosen"] if slider.is_chosen else self.plain
        segments = [
            Segment(f" {slider.key} ", styles["key"]),
            Segment(f" {words}", label),
            Segment(" " * (less - 4 - cell_len(words)), self.plain),
        ]
        if slider.share is not None:
            room = more - less - len(_LESS) - 1 - cell_len(slider.value)
            segments += [
                Segment(_LESS, styles["step"]),
                Segment(" " * room, self.plain),
                Segment(slider.value, styles["value"]),
                Segment(" ", self.plain),
                Segment(_MORE, styles["step"]),
                Segment(_GAP, self.plain),
                *_track(slider.share, end - track, styles["value"], styles["track"]),
            ]
        return Strip(segments).adjust_cell_length(width, self.plain)


def _track(share: float, cells: int, reached: Style, rest: Style) -> list[Segment]:
    """A line with a knob on it; none where there is no room."""
    before = min(cells - 1, round(share * (cells - 1)))
    if cells < 1:
        return []
    return [
        Segment("━" * before, reached),
        Segment("●", reached),
        Segment("─" * (cells - 1 - before), rest),
    ]
