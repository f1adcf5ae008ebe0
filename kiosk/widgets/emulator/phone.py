"""A phone with the bank's app."""

from rich.cells import cell_len

from kiosk.boxes import FIELD_ROWS, PAD_ROWS, rows_of_lines
from kiosk.widgets.emulator.canvas import Area, Canvas, Drawing
from kiosk.widgets.emulator.parts import (
    TICK_ROWS,
    draw_entry,
    draw_items,
    draw_options,
    draw_tick,
    least_items_height,
    least_options_height,
    place_simulated,
    write_lines,
)
from kiosk.widgets.emulator.view import EmulatorView

_SIGNAL, _BATTERY = "▂▄▆█", "▐██▌"


def draw_phone(view: EmulatorView, columns: int, rows: int) -> Drawing:
    """Draw the app's screen on a phone."""
    canvas = Canvas(columns, rows)
    draw_case(canvas, view)
    title = Area(1, 2, columns - 2, 1)
    canvas.fill(title, "title")
    canvas.write_centred(title, title.y, view.title, "title")
    draw_page(canvas, Area(1, 3, columns - 2, rows - 4), view)
    return canvas.drawing()


def draw_case(canvas: Canvas, view: EmulatorView) -> None:
    """Draw the phone around its screen, and its status bar."""
    canvas.frame(Area(0, 0, canvas.columns, canvas.height), "case")
    place_simulated(canvas, view.simulated)
    canvas.write(3, 1, view.clock, "status")
    canvas.write_right(canvas.columns - 3, 1, f"{_SIGNAL}  {_BATTERY}", "status")


def draw_page(canvas: Canvas, page: Area, view: EmulatorView) -> None:
    """Draw a page of an app: what it says from the top, what can be touched below."""
    room = page.height - _least_below(view, page.width)
    text = Area(page.x + 1, page.y, page.width - 2, room)
    if view.is_result:
        y = _draw_result(canvas, text, view)
    else:
        y = write_lines(canvas, text, view.lines)
    if view.items:
        least = least_options_height(view.options, page.width)
        y = draw_items(canvas, page._replace(y=y, height=page.bottom - y - least), view.items)
    below = page._replace(y=y, height=page.bottom - y)
    if view.entry:
        draw_entry(canvas, below, view.entry)
    elif view.options:
        draw_options(canvas, below, view.options, low=bool(view.items))


def _least_below(view: EmulatorView, width: int) -> int:
    """Rows that are needed below the text."""
    entry = FIELD_ROWS + PAD_ROWS if view.entry else 0
    items = least_items_height(view.items, width)
    return entry + items + least_options_height(view.options, width)


def _draw_result(canvas: Canvas, text: Area, view: EmulatorView) -> int:
    """A sign that is seen from afar, and what came of it."""
    rows = rows_of_lines(view.lines, text.width, cell_len)
    if rows + TICK_ROWS + 1 <= text.height:
        above = min(1, text.height - rows - TICK_ROWS - 1)
        draw_tick(canvas, text._replace(y=text.y + above))
        below = above + TICK_ROWS + 1
        text = text._replace(y=text.y + below, height=text.height - below)
    return write_lines(canvas, text, view.lines, "strong")
