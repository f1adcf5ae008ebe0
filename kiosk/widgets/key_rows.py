"""Every key of a screen with what it does, always in the same place."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from kiosk.widgets.drawn import TouchedWidget
from kiosk.widgets.text import fit

_MOST_IN_A_ROW = 5


@dataclass(frozen=True)
class RowKey:
    """A key and what it does."""

    key: str
    """As it is written on the screen."""
    label: str
    action: str
    can_be_used: bool = True
    """What can't be used now keeps its place, without the mark of a key."""


class KeyRows(TouchedWidget[RowKey]):
    """Rows of keys; each of them can be pressed with the mouse, too."""

    COMPONENT_CLASSES = {"key-rows--key", "key-rows--label", "key-rows--unused"}

    class Pressed(Message):
        """A key was pressed with the mouse."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[RowKey, ...] = ()

    def show(self, keys: Sequence[RowKey]) -> None:
        """Show these keys, row by row from the left."""
        if (new := tuple(keys)) != self._keys:
            is_as_tall = len(new) == len(self._keys)
            self._keys = new
            self.refresh(layout=not is_as_tall)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are."""
        return -(-len(self._keys) // _MOST_IN_A_ROW)

    def touch(self, target: RowKey) -> None:
        """Tell which key was pressed."""
        self.post_message(self.Pressed(target.action))

    def target_at(self, x: int, y: int) -> RowKey | None:
        """The key at a cell."""
        place = y * _MOST_IN_A_ROW + x * _MOST_IN_A_ROW // self.size.width
        return self._keys[place] if place < len(self._keys) else None

    def render_line(self, y: int) -> Strip:
        """Draw one row of keys."""
        width = self.size.width
        edges = [-(-width * each // _MOST_IN_A_ROW) for each in range(_MOST_IN_A_ROW + 1)]
        segments = []
        for place, key in enumerate(self._keys[y * _MOST_IN_A_ROW : (y + 1) * _MOST_IN_A_ROW]):
            room = edges[place + 1] - edges[place]
            used = "label" if key.can_be_used else "unused"
            mark = "key" if key.can_be_used else "unused"
            segments += [
                Segment(f" {key.key} ", self.get_component_rich_style(f"key-rows--{mark}")),
                Segment(
                    fit(f" {key.label}", room - len(key.key) - 2),
                    self.get_component_rich_style(f"key-rows--{used}"),
                ),
            ]
        return Strip(segments).adjust_cell_length(width, self.plain)
