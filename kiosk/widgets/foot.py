"""The bottom of every screen: the same keys in the same places, each of them a target to touch."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

from kiosk.widgets.drawn import TouchedWidget
from kiosk.widgets.text import centre


@dataclass(frozen=True)
class FootKey:
    """One target of the foot."""

    key: str
    """Empty: it can only be touched."""
    label: str
    action: str
    short: str = ""
    """What it says where the row has no room for the label."""
    can_go: bool = False
    """Another key does the same: where the row has no room, this one is not shown."""
    is_on: bool = False
    """Whether what it does is done already: all of it is drawn as its key is."""


_GAP = 2
"""Cells between two keys, at least."""


class Foot(TouchedWidget[FootKey]):
    """A row of keys that is the same on every screen."""

    COMPONENT_CLASSES = {"foot--key"}

    class Pressed(Message):
        """A key of the foot was touched."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[FootKey, ...] = ()

    def show(self, keys: Sequence[FootKey]) -> None:
        """Show these keys, from left to right."""
        self._keys = tuple(keys)
        self.refresh()

    @property
    def texts(self) -> tuple[str, ...]:
        """What its keys say in full, each behind its key."""
        return tuple(f"{key.key} {key.label}".lstrip() for key in self._keys)

    def touch(self, target: FootKey) -> None:
        """Tell which key was touched."""
        self.post_message(self.Pressed(target.action))

    def target_at(self, x: int, y: int) -> FootKey | None:
        """The key at a cell."""
        shown = self._shown()
        edge = 0
        for (key, _text), width in zip(shown, self._widths(shown), strict=True):
            edge += width
            if x < edge:
                return key
        return None

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells; the texts stand in the first, the styles move it down."""
        width = self.size.width
        if not self._keys or y:
            return Strip([Segment(" " * width, self.plain)], width)
        segments = []
        shown = self._shown()
        for (key, text), room in zip(shown, self._widths(shown), strict=True):
            marked = text if key.is_on else key.key
            whole = centre(text, room)
            before, found, after = whole.partition(marked) if marked else (whole, "", "")
            segments += [
                Segment(before, self.plain),
                Segment(found, self.get_component_rich_style("foot--key")),
                Segment(after, self.plain),
            ]
        return Strip(segments, width)

    def _shown(self) -> list[tuple[FootKey, str]]:
        """Keys with what they say: first those go that can, then labels from the left get short."""
        shown = [(key, f"{key.key} {key.label}".lstrip()) for key in self._keys]
        if self._is_too_long(shown):
            shown = [each for each in shown if not each[0].can_go]
        for number, (key, _text) in enumerate(shown):
            if key.short and self._is_too_long(shown):
                shown[number] = key, f"{key.key} {key.short}".lstrip()
        return shown

    def _is_too_long(self, shown: Sequence[tuple[FootKey, str]]) -> bool:
        """Whether they have no room; each is centred in its share."""
        cells = sum(cell_len(text) for _key, text in shown)
        return cells > self.size.width - _GAP * len(shown)

    def _widths(self, shown: Sequence[tuple[FootKey, str]]) -> list[int]:
        """Each target gets its text and an equal part of what is left."""
        texts = [cell_len(text) for _key, text in shown]
        spare = max(0, self.size.width - sum(texts))
        share, rest = divmod(spare, len(texts))
        return [text + share + (number < rest) for number, text in enumerate(texts)]
