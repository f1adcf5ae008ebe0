"""A QR code that a phone can read from the screen, whatever the theme."""

import segno
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

_QUIET_ZONE = 4
"""Light modules on every side (ISO/IEC 18004)."""
_COLOURS = {0: "#ffffff", 1: "#000000"}


class QrCode(Widget):
    """Two modules to a cell, drawn with the upper half block in fixed colours."""

    def __init__(self, link: str) -> None:
        super().__init__()
        code = segno.make(link, error="m", micro=False)
        rows = [list(row) for row in code.matrix_iter(border=_QUIET_ZONE)]
        if len(rows) % 2:
            rows.append([0] * len(rows[0]))
        self._strips = [
            Strip(
                [
                    Segment("▀", Style(color=_COLOURS[upper], bgcolor=_COLOURS[lower]))
                    for upper, lower in zip(rows[line], rows[line + 1], strict=True)
                ]
            ).simplify()
            for line in range(0, len(rows), 2)
        ]

    @property
    def columns(self) -> int:
        """Cells across: one for each module."""
        return self._strips[0].cell_length

    @property
    def rows(self) -> int:
        """Cells down: two modules to a cell."""
        return len(self._strips)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """One cell for each module across."""
        return self.columns

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Two modules to a cell."""
        return self.rows

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)
