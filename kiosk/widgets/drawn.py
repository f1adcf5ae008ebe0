"""What the widgets that draw themselves share."""

from typing import Generic, TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

T = TypeVar("T")


class DrawnWidget(Widget):
    """Draws its lines of cells itself.

    Textual works a style out anew whenever it is asked for; asked for in every line, that was a
    third of the time that a screen took to appear.
    """

    plain = Style()
    """The widget's own style, for the lines that are being drawn."""

    def prepare(self) -> None:
        """Work out what all lines need."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines."""
        self.plain = self.rich_style
        self.prepare()
        return super().render_lines(crop)


class TouchedWidget(DrawnWidget, Generic[T]):
    """Draws targets, and knows which of them was touched."""

    _held: T | None = None

    def target_at(self, x: int, y: int) -> T | None:
        """The target at a cell of the widget; None between targets."""
        raise NotImplementedError

    def touch(self, target: T) -> None:
        """A target was touched."""
        raise NotImplementedError

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Remember what the finger is on."""
        self._held = self.target_at(event.x, event.y)

    def on_click(self, event: events.Click) -> None:
        """A finger that slid to another target touched none."""
        target = self.target_at(event.x, event.y)
        if target is not None and target == self._held:
            event.stop()
            self.touch(target)
