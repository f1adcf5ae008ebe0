"""What the widgets that draw themselves share."""

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


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
