"""Lines of text that were laid out already."""

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.widgets.drawn import DrawnWidget
from kiosk.widgets.text import fit


class Lines(DrawnWidget):
    """One line below the other; the rest is empty."""

    lines: reactive[tuple[str, ...]] = reactive(())

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        width = self.size.width
        text = self.lines[y] if y < len(self.lines) else ""
        return Strip([Segment(fit(text, width), self.plain)], width)
