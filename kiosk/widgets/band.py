"""The top of every screen: where the customer is, how many wait, what time it is."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.widgets.drawn import DrawnWidget
from kiosk.widgets.text import fit


class Band(DrawnWidget):
    """One line of text in the bank's colour; the clock on the right."""

    COMPONENT_CLASSES = {"band--name"}

    name_text = reactive("")
    note_text = reactive("")
    """What is not as usual."""
    status_text = reactive("")
    clock_text = reactive("")

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells; the text stands in the middle one."""
        width = self.size.width
        if y != self.size.height // 2:
            return Strip([Segment(" " * width, self.plain)], width)
        parts = [part for part in (self.note_text, self.status_text, self.clock_text) if part]
        right = ""
        while parts and not right:  # the left part is the most important one, the clock the least
            right = "   ".join(parts) + "  "
            if cell_len(self.name_text) + cell_len(right) + 4 > width:
                right = ""
                parts.pop()
        left = fit("  " + self.name_text, width - cell_len(right))
        return Strip(
            [
                Segment(left, self.get_component_rich_style("band--name")),
                Segment(right, self.plain),
            ],
            width,
        )
