"""Lines of text of which some can be touched."""

from collections.abc import Mapping, Sequence

from textual.message import Message

from kiosk.widgets.drawn import TouchedWidget
from kiosk.widgets.panel import Line, Panel


class TouchPanel(Panel, TouchedWidget[str]):
    """A panel whose lines do what their keys do."""

    class Pressed(Message):
        """A line was touched."""

        def __init__(self, panel: "TouchPanel", action: str) -> None:
            super().__init__()
            self.panel = panel
            self.action = action

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._actions: Mapping[int, str] = {}

    def show(self, lines: Sequence[Line], actions: Mapping[int, str] | None = None) -> None:
        """Show these lines.

        Args:
            lines: What stands there.
            actions: What a line does, by its number from the top.
        """
        super().show(lines)
        self._actions = actions or {}

    def target_at(self, x: int, y: int) -> str | None:
        """What the line at a cell does."""
        return self._actions.get(y)

    def touch(self, target: str) -> None:
        """Tell what was touched."""
        self.post_message(self.Pressed(self, target))
