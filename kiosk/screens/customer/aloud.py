"""What a customer's screen says aloud: the words that stand on it, in the order of reading."""

from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.widgets.block_digits import BlockDigits
from kiosk.widgets.choice_grid import ChoiceGrid
from kiosk.widgets.foot import Foot
from kiosk.widgets.number_pad import NumberPad
from kiosk.widgets.panel import Panel
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.base import CustomerScreen

_ELSEWHERE = ("title", "too-small")
"""Said first, wherever it stands; said instead of everything else."""


def said_aloud(screen: "CustomerScreen") -> tuple[str, ...]:
    """The screen's texts; a simulated machine is none, but what the coach says of it is."""
    if screen.has_class("-too-small"):
        return (screen.too_small_text(),)
    widgets = [each for each in screen.walk_children(Widget) if each.display]
    return (screen.title_text(), *(text for each in widgets for text in _texts_of(each)))


def _texts_of(widget: Widget) -> tuple[str, ...]:
    match widget:
        case Words() if widget.id not in _ELSEWHERE and widget.text:
            return (widget.text,)
        case BlockDigits() if widget.number:
            return (widget.number,)
        case Panel():
            lines = ("".join(span.text for span in line) for line in widget.lines)
            return (" ".join(lines),)  # they were folded
        case ChoiceGrid():
            return widget.texts_on_page
        case NumberPad():
            return widget.texts
        case Foot():
            return widget.texts
    return ()
