"""The widget that shows a simulated channel, whichever it is."""

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from kiosk.widgets.drawn import TouchedWidget
from kiosk.widgets.emulator.canvas import Drawing, Target
from kiosk.widgets.emulator.view import EmulatorView

Draw = Callable[[EmulatorView, int, int], Drawing]
"""Draws a view on so many columns and rows."""
_SHOWN_SECONDS = 0.1
"""How long a touched target stands out."""
_LOOKS = (
    "page", "case", "simulated", "status", "title", "text", "strong", "quiet", "good", "rule",
    "edge", "option", "key", "pointer", "pointed", "field", "pad", "pad-digit", "pad-word",
    "pad-line", "address", "bubble", "bubble-sent", "tail", "tail-sent", "speaker", "body",
    "body-strong", "slot",
)  # fmt: skip


class Emulator(TouchedWidget[Target]):
    """A phone, a computer, a conversation, a call or a machine, to practise with."""

    COMPONENT_CLASSES = {f"emulator--{look}" for look in (*_LOOKS, "pressed")}
    _pressed: reactive[tuple[Target, ...]] = reactive(())

    class Pressed(Message):
        """Something was touched."""

        def __init__(self, code: str) -> None:
            super().__init__()
            self.code = code

    def __init__(self, kind: str, draw: Draw, *, id: str | None = None) -> None:
        super().__init__(id=id, classes=f"-{kind}")
        self._draw = draw
        self._view: EmulatorView | None = None
        self._drawing = Drawing()
        self._drawn: tuple[EmulatorView | None, Size] = (None, Size())
        self._strips: list[Strip] = []
        self._styles: dict[str, Style] = {}

    def show(self, view: EmulatorView) -> None:
        """Show this, unless it stands there already."""
        if view != self._view:
            self._view = view
            self.refresh()
            # what has gone stands out no more: it need not be drawn once more when its time is over
            self._pressed = tuple(each for each in self._pressed if each in self.drawing.targets)

    def flash(self, code: str) -> None:
        """Let a target stand out for a moment, as when it is touched."""
        self._pressed = tuple(each for each in self.drawing.targets if each.code == code)
        if self._pressed:
            self.set_timer(_SHOWN_SECONDS, self._release)

    def touch(self, target: Target) -> None:
        """Let the target stand out for a moment, and tell what it means."""
        self.flash(target.code)
        self.post_message(self.Pressed(target.code))

    def target_at(self, x: int, y: int) -> Target | None:
        """What is touched at a cell."""
        return self.drawing.target_at(x, y)

    @property
    def drawing(self) -> Drawing:
        """What is shown, and where it can be touched."""
        if self._drawn != (self._view, self.size):
            self._drawn = (self._view, self.size)
            width, height = self.size
            self._drawing = (
                self._draw(self._view, width, height) if self._view and self.size else Drawing()
            )
        return self._drawing

    def notify_style_update(self) -> None:
        """Other colours."""
        self._styles.clear()
        super().notify_style_update()

    def prepare(self) -> None:
        """Turn what was drawn into lines of cells."""
        # what stood out does so only if it still is where it was
        pressed = [each.area for each in self._pressed if each in self.drawing.targets]
        self._strips = []
        for y, row in enumerate(self.drawing.rows):
            strip = Strip([Segment(run.text, self._style(run.look)) for run in row])
            for area in pressed:
                if area.y <= y < area.bottom:
                    strip = self._press(strip, area.x, area.right)
            self._strips.append(strip)

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        if y < len(self._strips):
            return self._strips[y].adjust_cell_length(self.size.width, self.plain)
        return Strip.blank(self.size.width, self.plain)

    def _release(self) -> None:
        self._pressed = ()

    def _style(self, look: str) -> Style:
        if look not in self._styles:
            self._styles[look] = self.get_component_rich_style(f"emulator--{look}")
        return self._styles[look]

    def _press(self, strip: Strip, left: int, right: int) -> Strip:
        """The same line with some cells as of a target that is touched."""
        before, held, after = strip.divide([left, right, strip.cell_length])
        style = self._style("pressed")
        return Strip.join([before, Strip([Segment(held.text, style)]), after])
