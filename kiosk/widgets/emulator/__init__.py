"""Simulated channels to practise with; they know no service, only what they are told to show."""

from functools import partial

from kiosk.boxes import EmulatorKind
from kiosk.widgets.emulator.atm import draw_atm
from kiosk.widgets.emulator.base import Draw, Emulator
from kiosk.widgets.emulator.call import draw_call
from kiosk.widgets.emulator.canvas import Drawing
from kiosk.widgets.emulator.computer import draw_computer
from kiosk.widgets.emulator.phone import draw_phone
from kiosk.widgets.emulator.sms import draw_sms
from kiosk.widgets.emulator.view import Bubble, EmulatorView, EntryView, ItemView, OptionView

__all__ = [
    "Bubble",
    "Emulator",
    "EmulatorView",
    "EntryView",
    "ItemView",
    "OptionView",
    "columns_of",
    "draw",
    "emulator_for",
]

_DRAW: dict[EmulatorKind, Draw] = {
    "phone": draw_phone,
    "computer": draw_computer,
    "sms": draw_sms,
    "call": draw_call,
    "atm": draw_atm,
}
_WIDE: tuple[EmulatorKind, ...] = ("computer", "atm")


def draw(kind: EmulatorKind, view: EmulatorView, columns: int, rows: int) -> Drawing:
    """What the emulator of this kind draws on so many cells, on fewer rows if it were too tall."""
    tallest = 2 * columns // 3 if kind in _WIDE else columns
    return _DRAW[kind](view, columns, min(rows, tallest))


def emulator_for(kind: EmulatorKind, *, id: str | None = None) -> Emulator:
    """The widget that looks like this channel."""
    return Emulator(kind, partial(draw, kind), id=id)


def columns_of(kind: EmulatorKind, screen_width: int) -> int:
    """How wide an emulator is on a screen, with its frame."""
    least = screen_width < 80
    if kind in _WIDE:
        return 36 if least else 50
    return 30 if least else 40
