"""What the emulators are put together from."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from kiosk.boxes import (
    FIELD_ROWS,
    PAD_ROWS,
    columns_for_option,
    rows_of_item,
)
from kiosk.widgets.emulator.canvas import HEAVY, ROUND, Area, Canvas
from kiosk.widgets.emulator.view import EntryView, ItemView, OptionView
from kiosk.widgets.text import centre, fit, fold

POINTER, ARROW, TICK = "►", "›", "✓"
EMPTY_PLACE = "□"
DIGIT_ROWS = ("123", "456", "789")
_CURSOR = "_"
_BIG_TICK = ("       ▄█▀", "▀█▄  ▄█▀  ", "  ▀██▀    ")
TICK_ROWS = len(_BIG_TICK)
_BOXED = 2
"""Rows of the lines above and below a label."""


def place_simulated(canvas: Canvas, words: str) -> None:
    """Say in the uppermost line that this is not the real thing."""
    canvas.write_centred(Area(0, 0, canvas.columns, 1), 0, f" {words} ", "simulated")


def write_key(canvas: Canvas, x: int, y: int, key: str) -> None:
    """Write what is struck on a keyboard, if that is one sign."""
    if len(key) == 1:
        canvas.write(x, y, f" {key} ", "key")


def draw_title(canvas: Canvas, area: Area, title: str) -> None:
    """Draw the title of the simulated screen."""
    canvas.fill(area, "title")
    canvas.write_centred(area, area.y, title, "title")


def write_lines(canvas: Canvas, area: Area, lines: Sequence[str], look: str = "text") -> int:
    """Write lines from the top of an area, with a gap between two if there is room.

    Returns:
        The first row that is free.
    """
    folded = [fold(line, area.width) for line in lines]
    gap = 1 if sum(map(len, folded)) + len(folded) <= area.height else 0
    y = area.y
    for line in folded:
        for text in line:
            canvas.write(area.x, y, text, look)
            y += 1
        y += gap
    return y - gap if folded else y


def draw_tick(canvas: Canvas, area: Area) -> None:
    """Draw a tick that is seen from afar in the middle of an area."""
    for y, row in enumerate(_BIG_TICK, area.y):
        canvas.write_centred(area, y, row, "good")


# --- options ------------------------------------------------------------------------------------


def rows_of_buttons(options: Sequence[OptionView], width: int) -> int:
    """How many rows the options take as buttons."""
    room = columns_for_option("phone", width)
    return sum(len(fold(option.label, room)) + _BOXED for option in options)


def draw_options(canvas: Canvas, area: Area, options: Sequence[OptionView], *, low: bool) -> None:
    """Draw options that are touched: buttons if they have room, or else the rows of a list.

    Args:
        canvas: Where to.
        area: All of it may be used.
        options: From the top.
        low: They stand at the bottom of the area.
    """
    room = columns_for_option("phone", area.width)
    labels = [fold(option.label, room) for option in options]
    boxed = [len(label) + _BOXED for label in labels]
    are_boxed = sum(boxed) <= area.height
    heights = boxed if are_boxed else _list_heights(labels, area.height)
    spare = area.height - sum(heights)
    y = area.y + (spare if low else min(1, spare))
    for option, label, height in zip(options, labels, heights, strict=True):
        row = Area(area.x, y, area.width, height)
        (_draw_button if are_boxed else _draw_row)(canvas, row, option, label)
        canvas.touchable(row, option.code)
        y += height


def _list_heights(labels: Sequence[list[str]], height: int) -> list[int]:
    """A row more for the line below each label, as far as there is room."""
    heights = [max(2, len(label)) for label in labels]
    spare = height - sum(heights)
    for at, label in enumerate(labels):
        if len(label) >= heights[at] and spare > 0:
            heights[at] += 1
            spare -= 1
    return heights


def _draw_row(canvas: Canvas, row: Area, option: OptionView, label: Sequence[str]) -> None:
    """A row of a list, with a line below it: the label is in the middle between two lines."""
    has_line = row.height > len(label)
    words = row._replace(height=len(label))
    canvas.fill(words, "pointed" if option.pointed else "option")
    _write_option(canvas, words, option, label)
    if has_line:
        canvas.fill(Area(row.x, row.bottom - 1, row.width, 1), "rule", "─")


def _draw_button(canvas: Canvas, row: Area, option: OptionView, label: Sequence[str]) -> None:
    canvas.fill(row.inside(), "pointed" if option.pointed else "option")
    canvas.frame(row, "edge", HEAVY if option.pointed else ROUND)
    _write_option(canvas, row.inside(across=0), option, label)


def _write_option(canvas: Canvas, area: Area, option: OptionView, label: Sequence[str]) -> None:
    look = "pointed" if option.pointed else "option"
    write_key(canvas, area.x + 1, area.y, option.key)
    for at, text in enumerate(label):
        canvas.write(area.x + 5, area.y + at, text, look)
    if option.pointed:
        canvas.write(area.x, area.y, POINTER, "pointer")
    canvas.write(area.right - 2, area.y, ARROW, look)


# --- what is confirmed --------------------------------------------------------------------------


def draw_items(canvas: Canvas, area: Area, items: Sequence[ItemView]) -> int:
    """Draw what is confirmed, from the top of an area, with lines between if there is room.

    Returns:
        The first row that is free.
    """
    heights = [rows_of_item(item.label, item.value, area.width, cell_len) for item in items]
    has_lines = sum(heights) + len(items) <= area.height
    y = area.y
    for item, height in zip(items, heights, strict=True):
        row = Area(area.x, y, area.width, height)
        _draw_item(canvas, row, item)
        y += height
        if has_lines:
            canvas.fill(Area(area.x, y, area.width, 1), "rule", "─")
            y += 1
    return y


def _draw_item(canvas: Canvas, row: Area, item: ItemView) -> None:
    asked = item.state == "asked"
    if asked:
        canvas.fill(row, "pointed")
    mark = {"open": " ", "asked": POINTER, "confirmed": TICK}[item.state]
    canvas.write(row.x + 1, row.y, mark, "pointed" if asked else "good")
    quiet, strong = ("pointed", "pointed") if asked else ("quiet", "strong")
    room = row.width - 4
    if row.height == 1:
        canvas.write(row.x + 3, row.y, item.label, quiet)
        canvas.write_right(row.right - 1, row.y, item.value, strong)
        return
    label, value = fold(item.label, room), fold(item.value, room)
    for y, text in enumerate(label, row.y):
        canvas.write(row.x + 3, y, text, quiet)
    for y, text in enumerate(value, row.y + len(label)):
        canvas.write_right(row.right - 1, y, text, strong)


# --- what is typed ------------------------------------------------------------------------------


def draw_entry(canvas: Canvas, area: Area, entry: EntryView) -> None:
    """Draw a field and the keypad at the bottom of an area; when all is typed, what goes on."""
    if entry.complete:
        keys = (entry.next, entry.delete)
        draw_field(canvas, area._replace(height=FIELD_ROWS), entry)
        below = area._replace(y=area.y + FIELD_ROWS, height=area.height - FIELD_ROWS)
        draw_options(canvas, below, keys, low=False)
        return
    field_y = area.bottom - PAD_ROWS - FIELD_ROWS
    draw_field(canvas, area._replace(y=field_y, height=FIELD_ROWS), entry)
    draw_pad(canvas, area._replace(y=area.bottom - PAD_ROWS, height=PAD_ROWS), digits_of(entry))


def shown_entry(entry: EntryView) -> str:
    """What stands in the field, with the places that are still empty."""
    places = " ".join([*entry.typed, *EMPTY_PLACE * (entry.length - len(entry.typed))])
    if entry.length or entry.complete:
        return places if entry.length else entry.typed
    return entry.typed + _CURSOR


def draw_field(canvas: Canvas, area: Area, entry: EntryView) -> None:
    """Draw what is typed below its label."""
    look = "pointed" if entry.pointed else "field"
    canvas.write(area.x + 1, area.y, fit(entry.label, area.width - 2), "quiet")
    box = Area(area.x + 1, area.y + 1, area.width - 2, 1)
    canvas.fill(box, look)
    canvas.write(box.x + 1, box.y, POINTER if entry.pointed else "", look)
    canvas.write_right(box.right - 1, box.y, shown_entry(entry), look)
    if entry.code:
        canvas.touchable(area, entry.code)


@dataclass(frozen=True)
class PadKey:
    """A key of a keypad."""

    code: str
    """Empty: there is no key."""
    label: str
    stands_out: bool = False
    pointed: bool = False


def digits_of(entry: EntryView) -> list[list[PadKey]]:
    """The digits, with what corrects and what goes on beside the zero."""
    work = (entry.delete, entry.next)
    delete, following = (PadKey(option.code, option.label) for option in work)
    return [*map(digits_in, DIGIT_ROWS), [delete, *digits_in("0"), following]]


def digits_in(row: str) -> list[PadKey]:
    """Keys with these digits."""
    return [PadKey(f"digit:{digit}", digit) for digit in row]


def draw_pad(canvas: Canvas, area: Area, rows: Sequence[Sequence[PadKey]]) -> None:
    """Draw keys between lines, if they have room for lines.

    Every key has a line above it, and the next one's below: what is written is in the middle.
    """
    height = area.height // len(rows)
    columns = len(rows[0])
    edges = [area.x + area.width * at // columns for at in range(columns + 1)]
    for at, row in enumerate(rows):
        y = area.y + at * height
        for left, right, key in zip(edges, edges[1:], row, strict=False):
            _draw_key(canvas, Area(left, y, right - left, height), key)
        if height > 1:
            canvas.fill(area._replace(y=y, height=1), "pad-line", "─")
        for edge in edges[1:-1]:
            if height > 1:
                canvas.write(edge, y, "┬" if at == 0 else "┼", "pad-line")
            for between in range(y + (height > 1), y + height):
                canvas.write(edge, between, "│", "pad-line")


def _draw_key(canvas: Canvas, area: Area, key: PadKey) -> None:
    look = "pad-word" if len(key.label) > 1 else "pad-digit"
    if key.pointed:
        look = "pointed"
    elif key.stands_out:
        look = "key"
    canvas.fill(area, "pad" if look in ("pad-word", "pad-digit") else look)
    sign = f"{POINTER} {key.label}" if key.pointed else key.label
    canvas.write(area.x + 1, area.y + area.height // 2, centre(sign, area.width - 1), look)
    if key.code:
        canvas.touchable(area, key.code)
