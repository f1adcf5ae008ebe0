"""A phone during a call: what is said as text, and the keys to answer with."""

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from kiosk.boxes import (
    FIELD_ROWS,
    LEAST_DIAL_ROWS,
    PAD_ROWS,
    columns_for_option,
    columns_for_text,
    dial_columns,
    rows_of_items,
    rows_of_lines,
    rows_of_option,
    rows_of_options,
)
from kiosk.widgets.emulator.canvas import Area, Canvas, Drawing
from kiosk.widgets.emulator.parts import PadKey, draw_field, draw_items, draw_pad, write_lines
from kiosk.widgets.emulator.phone import draw_case
from kiosk.widgets.emulator.view import EmulatorView, OptionView
from kiosk.widgets.text import fold

_SIGNS = "● 00:42 [■■■]"
"""How long it has taken, and the battery."""
_SPEAKER = "■◄)"
_KEYS = ("123", "456", "789", "*0#")


def draw_call(view: EmulatorView, columns: int, rows: int) -> Drawing:
    """Draw a call: what is said above, keys below, and beside them what they mean."""
    canvas = Canvas(columns, rows)
    page = draw_case(canvas, view, _SIGNS)
    meant = _meant(view)
    items = [(item.label, item.value) for item in view.items]
    field = FIELD_ROWS if view.entry else 0
    others = field + rows_of_items(items, page.width, cell_len)
    said = rows_of_lines(view.lines, columns_for_text("call", page.width), cell_len)
    least = max(LEAST_DIAL_ROWS, _rows_of(meant, page.width))
    keys = least if said + others + PAD_ROWS > page.height else max(least, PAD_ROWS)
    y = _draw_speech(canvas, page._replace(height=page.height - others - keys), view.lines)
    below = page._replace(y=page.bottom - keys - field, height=field)
    draw_items(canvas, page._replace(y=y, height=below.y - y), view.items)
    if view.entry:
        draw_field(canvas, below, view.entry)
    _draw_keys(canvas, page._replace(y=below.bottom, height=keys), view, meant)
    return canvas.drawing()


def _meant(view: EmulatorView) -> tuple[OptionView, ...]:
    """What keys mean now: an option is dialled by its place, as the voice says it."""
    if view.entry:
        return (view.entry.next, view.entry.delete)
    return tuple(replace(option, key=str(at)) for at, option in enumerate(view.options, 1))


def _rows_of(meant: Sequence[OptionView], columns: int) -> int:
    return rows_of_options("call", [option.label for option in meant], columns, cell_len)


def _draw_speech(canvas: Canvas, area: Area, lines: Sequence[str]) -> int:
    if not lines:
        return area.y
    width = columns_for_text("call", area.width)
    canvas.write(area.x + 1, area.y, _SPEAKER, "speaker")
    return write_lines(canvas, Area(area.right - 1 - width, area.y, width, area.height), lines)


def _draw_keys(canvas: Canvas, area: Area, view: EmulatorView, meant: Sequence[OptionView]) -> None:
    """The telephone's keys on the right, what they mean on the left."""
    rows = PAD_ROWS if area.height >= PAD_ROWS else LEAST_DIAL_ROWS
    columns = dial_columns(area.width)
    pad = Area(area.right - columns, area.bottom - rows, columns, rows)
    draw_pad(canvas, pad, _dial_keys(view, meant))
    beside = area._replace(width=area.width - columns - 1)
    heights = [rows_of_option("call", option.label, area.width, cell_len) for option in meant]
    spare = min(len(meant), area.height - sum(heights))
    y = area.y
    for at, option in enumerate(meant):
        height = heights[at] + (at < spare)
        _draw_meaning(canvas, beside._replace(y=y, height=height), option, area.width)
        y += height


def _dial_keys(view: EmulatorView, meant: Sequence[OptionView]) -> list[list[PadKey]]:
    """Those of the menu stand out; a number ends with #, as with every bank."""
    keys = {sign: PadKey(f"digit:{sign}", sign) for row in _KEYS for sign in row}
    if view.entry:
        keys["*"] = PadKey(view.entry.delete.code, "*")
        keys["#"] = PadKey(view.entry.next.code, "#")
    else:
        for option in meant:
            keys[option.key] = PadKey(
                option.code, option.key, stands_out=True, pointed=option.pointed
            )
    return [[keys[sign] for sign in row] for row in _KEYS]


def _draw_meaning(canvas: Canvas, row: Area, option: OptionView, columns: int) -> None:
    """What a key means; it is touched like the key."""
    look = "pointed" if option.pointed else "option"
    label = fold(option.label, columns_for_option("call", columns))
    canvas.fill(row._replace(height=len(label)), look)
    if len(option.key) == 1:
        canvas.write(row.x, row.y, option.key, "key")
    for at, text in enumerate(label):
        canvas.write(row.x + 2, row.y + at, text, look)
    if option.pointed:
        canvas.write(row.x + 1, row.y, "►", look)
    canvas.touchable(row, option.code)
