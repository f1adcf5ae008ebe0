"""A page of an app or of a web site: what it says from the top, what can be touched below."""

from rich.cells import cell_len

from kiosk.boxes import FIELD_ROWS, PAD_ROWS, rows_of_items, rows_of_lines, rows_of_options
from kiosk.widgets.emulator.canvas import Area, Canvas
from kiosk.widgets.emulator.parts import (
    TICK_ROWS,
    draw_entry,
    draw_items,
    draw_options,
    draw_tick,
    rows_of_buttons,
    write_lines,
)
from kiosk.widgets.emulator.view import EmulatorView


def draw_page(canvas: Canvas, page: Area, view: EmulatorView) -> None:
    """Draw all of the view in an area."""
    said = rows_of_lines(view.lines, page.width - 2, cell_len)
    room = page.height - rows_below(view, page.width, page.height - said)
    has_air = not view.is_result and said > 0 and room >= said + len(view.lines) + 1
    text = Area(page.x + 1, page.y + has_air, page.width - 2, room - has_air)
    y = draw_said(canvas, text, view)
    draw_below(canvas, page._replace(y=y, height=page.bottom - y), view)


def rows_below(view: EmulatorView, width: int, height: int) -> int:
    """Rows for what is below the text: with buttons, if there is so much height."""
    entry = FIELD_ROWS + PAD_ROWS if view.entry else 0
    others = entry + _rows_of_items(view, width)
    buttons = rows_of_buttons(view.options, width)
    return others + (buttons if others + buttons <= height else _least_options(view, width))


def _rows_of_items(view: EmulatorView, width: int) -> int:
    return rows_of_items(((item.label, item.value) for item in view.items), width, cell_len)


def _least_options(view: EmulatorView, width: int) -> int:
    return rows_of_options("phone", [option.label for option in view.options], width, cell_len)


def draw_said(canvas: Canvas, text: Area, view: EmulatorView) -> int:
    """Draw what the page says; of a result, with a sign that is seen from afar.

    Returns:
        The first row that is free.
    """
    if not view.is_result:
        return write_lines(canvas, text, view.lines)
    rows = rows_of_lines(view.lines, text.width, cell_len)
    if (spare := text.height - rows - TICK_ROWS) > 0:
        above = min(1, spare - 1)
        draw_tick(canvas, text._replace(y=text.y + above))
        below = above + TICK_ROWS + 1
        text = text._replace(y=text.y + below, height=text.height - below)
    return write_lines(canvas, text, view.lines, "strong")


def draw_below(canvas: Canvas, below: Area, view: EmulatorView, *, low: bool = False) -> None:
    """Draw what is confirmed, typed or chosen; `low`: what is chosen at the bottom."""
    if view.items:
        options = rows_below(view, below.width, below.height) - _rows_of_items(view, below.width)
        y = draw_items(canvas, below._replace(height=below.height - options), view.items)
        below = below._replace(y=y, height=below.bottom - y)
    if view.entry:
        draw_entry(canvas, below, view.entry)
    elif view.options:
        draw_options(canvas, below, view.options, low=low or bool(view.items))
