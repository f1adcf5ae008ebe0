"""Text that folds by cells, so that Chinese breaks where it should."""

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.widgets.drawn import DrawnWidget
from kiosk.widgets.text import centre, fold

_STRONG = Style(bold=True)


class Words(DrawnWidget):
    """Some sentences; as tall as they need to be."""

    text: reactive[str] = reactive("", layout=True)

    def __init__(
        self,
        text: str = "",
        *,
        hanging: int = 0,
        first_is_strong: bool = False,
        id: str | None = None,
    ) -> None:
        """Make the widget.

        Args:
            text: What it says; a line feed starts a new paragraph.
            hanging: By how many cells all but the first line of a paragraph move in.
            first_is_strong: Whether the first paragraph stands out.
            id: Textual's.
        """
        super().__init__(id=id)
        self._hanging = hanging
        self._first_is_strong = first_is_strong
        self._drawn: list[str] = []
        self._strong_lines = 0
        self.set_reactive(Words.text, text)

    def lines_in(self, width: int) -> int:
        """How many lines the text folds into on so many cells; none without text."""
        return len(self._lines(width))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text folds into; none without text."""
        return len(self._lines(width))

    def prepare(self) -> None:
        """Fold the text once for all its lines."""
        width = self.size.width
        self._drawn = self._lines(width)
        if self._first_is_strong and self._drawn:
            self._strong_lines = len(fold(self.text.split("\n")[0], width - self._hanging))

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        width = self.size.width
        text = self._drawn[y] if y < len(self._drawn) else ""
        if self.styles.text_align == "center":
            text = centre(text, width)
        style = self.plain + _STRONG if y < self._strong_lines else self.plain
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def _lines(self, width: int) -> list[str]:
        if not self.text or width <= self._hanging:
            return []
        indent = " " * self._hanging
        lines = []
        for paragraph in self.text.split("\n"):
            first, *others = fold(paragraph, width - self._hanging)
            lines += [first, *(indent + other for other in others)]
        return lines
