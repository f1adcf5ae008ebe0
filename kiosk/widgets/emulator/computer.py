"""A computer with a browser."""

from kiosk.widgets.emulator.canvas import HEAVY, Area, Canvas, Drawing
from kiosk.widgets.emulator.page import draw_page
from kiosk.widgets.emulator.parts import draw_title, place_simulated
from kiosk.widgets.emulator.view import EmulatorView
from kiosk.widgets.text import fit

_BUTTONS = "● ● ●"
_FOOT = "┳━━━━━━┳"


def draw_computer(view: EmulatorView, columns: int, rows: int) -> Drawing:
    """Draw a page in a browser's window on a screen that stands on a foot."""
    canvas = Canvas(columns, rows)
    canvas.frame(Area(0, 0, columns, rows), "case", HEAVY)
    place_simulated(canvas, view.simulated)
    canvas.write_centred(Area(0, 0, columns, 1), rows - 1, _FOOT, "case")
    canvas.write(2, 1, _BUTTONS, "status")
    bar = Area(9, 1, columns - 11, 1)
    canvas.write(bar.x, 1, fit(f" {view.address}", bar.width), "address")
    draw_title(canvas, Area(1, 2, columns - 2, 1), view.title)
    draw_page(canvas, Area(1, 3, columns - 2, rows - 4), view)
    return canvas.drawing()
