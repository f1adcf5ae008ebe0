"""One call, as large as it can be drawn: the number, and the counter in a box."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.screens.board.arrangement import BETWEEN, MARGIN
from kiosk.services.board_view import Call
from kiosk.widgets.block_digits import SHORT, Scale, block_rows
from kiosk.widgets.drawn import DrawnWidget
from kiosk.widgets.text import centre, fit

_SIGN = " ►►►  "
"""Before the sentence of a new call; safe in the fonts of a kiosk."""


class CallRow(DrawnWidget):
    """A call, perhaps with its sentence above it; empty without one."""

    COMPONENT_CLASSES = {
        "call-row--box", "call-row--marked", "call-row--marked-box",
    }  # fmt: skip

    call: reactive[Call | None] = reactive(None)
    sentence: reactive[str] = reactive("")
    """Stands above the newest call; it is what the voice says."""
    scale: reactive[Scale] = reactive(SHORT)
    is_marked: reactive[bool] = reactive(False)
    """It is a new one: drawn the other way round, with signs before the sentence."""
    has_sign: reactive[bool] = reactive(False)

    def __init__(self, *, has_sentence: bool = False, id: str | None = None) -> None:
        """Make the widget.

        Args:
            has_sentence: Whether its first row is for the sentence.
            id: Textual's.
        """
        super().__init__(id=id)
        self._has_sentence = has_sentence
        self._lines: list[Strip] = []

    @property
    def rows(self) -> int:
        """What it takes at its scale."""
        return self.scale.rows + self._has_sentence

    def prepare(self) -> None:
        """Draw all of it once for all its lines."""
        width = self.size.width
        page, box = self.plain, self.get_component_rich_style("call-row--box")
        if self.is_marked:
            page = self.get_component_rich_style("call-row--marked")
            box = self.get_component_rich_style("call-row--marked-box")
        lines = []
        if self._has_sentence and self.call is None:  # nothing else stands here: in the middle
            lines = [Strip([Segment(" " * width, page)], width)] * (self.size.height // 2)
            lines.append(Strip([Segment(centre(self.sentence, width), page)], width))
        elif self._has_sentence:
            sign = _SIGN if self.has_sign else " " * cell_len(_SIGN)
            text = fit((sign if self.is_marked else " " * MARGIN) + self.sentence, width)
            lines.append(Strip([Segment(text, page)], width))
        if self.call is not None:
            numbers = block_rows(self.call.number, self.scale)
            counters = block_rows(str(self.call.counter), self.scale)
            for number, counter in zip(numbers, counters, strict=True):
                left = Segment(" " * MARGIN + number + " " * BETWEEN, page)
                right = Segment(" " * MARGIN + counter + " " * MARGIN, box)
                lines.append(Strip([left, right]).adjust_cell_length(width, page))
        self._lines = lines
        self._blank = Strip([Segment(" " * width, page)], width)

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        return self._lines[y] if y < len(self._lines) else self._blank
