"""Lines of text in several looks, drawn anew only when they say something new."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip

from kiosk.widgets.drawn import DrawnWidget

Look = Literal["ink", "strong", "quiet", "attention", "key", "cursor"]


@dataclass(frozen=True)
class Span:
    """A piece of a line."""

    text: str
    look: Look = "ink"


Line = tuple[Span, ...]
_LOOKS: tuple[Look, ...] = ("ink", "strong", "quiet", "attention", "key", "cursor")


def width_of(line: Line) -> int:
    """Cells."""
    return sum(cell_len(span.text) for span in line)


class Panel(DrawnWidget):
    """Some lines; whoever fills them sees to it that they fit."""

    COMPONENT_CLASSES = {f"panel--{look}" for look in _LOOKS}

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines, unless they stand there already."""
        if (new := tuple(lines)) != self.lines:
            is_as_tall = len(new) == len(self.lines)
            self.lines = new
            self.refresh(layout=not is_as_tall)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A row for each line."""
        return len(self.lines)

    def prepare(self) -> None:
        """Look the styles up once for all lines."""
        self._styles = {look: self.get_component_rich_style(f"panel--{look}") for look in _LOOKS}

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        width = self.size.width
        line = self.lines[y] if y < len(self.lines) else ()
        strip = Strip([Segment(span.text, self._styles[span.look]) for span in line])
        return strip.adjust_cell_length(width, self.plain)
