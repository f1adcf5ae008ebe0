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

    def touch(self, target: FootKey) -> None:
        """Tell which key was touched."""
        self.post_message(self.Pressed(target.action))

    def target_at(self, x: int, y: int) -> FootKey | None:
        """The key at a cell."""
        edge = 0
        for key, width in zip(self._keys, self._widths(), strict=True):
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
        for key, text, room in zip(self._keys, self._texts(), self._widths(), strict=True):
            marked = text if key.is_on else key.key
            whole = centre(text, room)
            before, found, after = whole.partition(marked) if marked else (whole, "", "")
            segments += [
                Segment(before, self.plain),
                Segment(found, self.get_component_rich_style("foot--key")),
                Segment(after, self.plain),
            ]
        return Strip(segments, width)

    def _texts(self) -> list[str]:
        """Keys with their labels; from the left as many short ones as the row needs."""
        texts = [f"{key.key} {key.label}".lstrip() for key in self._keys]
        room = self.size.width - _GAP * len(texts)  # each is centred in its share
        for number, key in enumerate(self._keys):
            if key.short and sum(map(cell_len, texts)) > room:
                texts[number] = f"{key.key} {key.short}".lstrip()
        return texts

    def _widths(self) -> list[int]:
        """Each target gets its text and an equal part of what is left."""
        texts = [cell_len(text) for text in self._texts()]
        spare = max(0, self.size.width - sum(texts))
        share, rest = divmod(spare, len(texts))
        return [text + share + (number < rest) for number, text in enumerate(texts)]
