"""What a customer's screen says aloud: the words that stand on it, in the order of reading."""

from textual.screen import Screen
from textual.widget import Widget

from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.block_digits import BlockDigits
from kiosk.widgets.choice_grid import ChoiceGrid
from kiosk.widgets.foot import Foot
from kiosk.widgets.number_pad import NumberPad
from kiosk.widgets.panel import Panel
from kiosk.widgets.words import Words

_ELSEWHERE = ("title", "too-small")
"""Said first, wherever it stands; said instead of everything else."""


def said_aloud(screen: Screen[None]) -> tuple[str, ...]:
    """The screen's texts; a simulated machine is none, but what the coach says of it is."""
    widgets = [each for each in screen.walk_children(Widget) if each.display]
    texts = tuple(text for each in widgets for text in _texts_of(each))
    if not isinstance(screen, CustomerScreen):
        return texts
    if screen.has_class("-too-small"):
        return (screen.too_small_text(),)
    return (screen.title_text(), *texts)


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
