"""A phone, and the bank's app on it."""

from kiosk.widgets.emulator.canvas import Area, Canvas, Drawing
from kiosk.widgets.emulator.page import draw_page
from kiosk.widgets.emulator.parts import draw_title, place_simulated
from kiosk.widgets.emulator.view import EmulatorView

_SIGNS = "●●●● [■■■]"
"""Of the network and the battery."""
_HOME = " ━━━━━━ "


def draw_phone(view: EmulatorView, columns: int, rows: int) -> Drawing:
    """Draw the app's screen on a phone."""
    canvas = Canvas(columns, rows)
    draw_page(canvas, draw_case(canvas, view), view)
    return canvas.drawing()


def draw_case(canvas: Canvas, view: EmulatorView, signs: str = _SIGNS) -> Area:
    """Draw the phone around its screen, its status bar and the title.

    Returns:
        What is left for a page.
    """
    columns, rows = canvas.columns, canvas.height
    canvas.frame(Area(0, 0, columns, rows), "case")
    place_simulated(canvas, view.simulated)
    canvas.write_centred(Area(0, 0, columns, 1), rows - 1, _HOME, "case")
    canvas.write(3, 1, view.clock, "status")
    canvas.write_right(columns - 3, 1, signs, "status")
    draw_title(canvas, Area(1, 2, columns - 2, 1), view.title)
    return Area(1, 3, columns - 2, rows - 4)
