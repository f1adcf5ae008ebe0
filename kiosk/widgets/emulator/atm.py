"""A cash machine: a screen with keys on both sides, two slots, and a keypad when it is needed."""

from collections.abc import Sequence

from rich.cells import cell_len

from kiosk.boxes import (
    FIELD_ROWS,
    PAD_LABEL_COLUMNS,
    PAD_ROWS,
    SIDE_KEY_COLUMNS,
    SLOT_ROWS,
    columns_for_option,
    columns_for_slot,
    columns_for_text,
    columns_of_page,
    rows_of_items,
    rows_of_lines,
    rows_of_options,
    rows_of_slots,
)
from kiosk.widgets.emulator.canvas import Area, Canvas, Drawing
from kiosk.widgets.emulator.page import draw_said
from kiosk.widgets.emulator.parts import (
    DIGIT_ROWS,
    POINTER,
    PadKey,
    digits_in,
    draw_field,
    draw_items,
    draw_pad,
    draw_title,
    place_simulated,
    write_key,
)
from kiosk.widgets.emulator.view import EmulatorView, EntryView, OptionView
from kiosk.widgets.text import fold

_SLOTS = ("card_slot", "cash_slot")
_OPENINGS = ("▄" * 8, "▄" * 12)
_SMALL_OPENING = "▄" * 6
_SLOTS_ROWS = 3
_COLUMNS_OF_KEY, _LEAST_PANEL = 5, 34
"""Of a digit on the keypad, and of the least panel that it stands on."""
_TALLEST_OPTION = 3


def draw_atm(view: EmulatorView, columns: int, rows: int) -> Drawing:
    """Draw a cash machine."""
    canvas = Canvas(columns, rows)
    canvas.fill(Area(0, 0, columns, rows), "body")
    place_simulated(canvas, view.simulated)
    canvas.write(2, 1, "ATM", "body-strong")
    canvas.write_right(columns - 2, 1, view.clock, "body")
    box = Area(1, 3, columns - 2, rows - 4)
    panel = _rows_of_panel(view, box)
    screen = Area(
        box.x + SIDE_KEY_COLUMNS, box.y, box.width - 2 * SIDE_KEY_COLUMNS, box.height - panel
    )
    draw_title(canvas, screen._replace(y=2, height=1), view.title)
    _draw_screen(canvas, screen, view, box.width)
    below = box._replace(y=screen.bottom, height=panel)
    if view.entry and not view.entry.complete:
        _draw_keypad(canvas, below, view, view.entry)
    else:
        _draw_slots(canvas, below, view)
    return canvas.drawing()


def _on_screen(view: EmulatorView) -> tuple[OptionView, ...]:
    """What is chosen by the side keys."""
    if view.entry:
        return (view.entry.next, view.entry.delete) if view.entry.complete else ()
    return tuple(option for option in view.options if not option.part)


def _rows_of_panel(view: EmulatorView, box: Area) -> int:
    """Rows below the screen; the slots get one more than they need if the screen has it left."""
    if view.entry and not view.entry.complete:
        return PAD_ROWS
    slots = [option.label for option in view.options if option.part]
    least = rows_of_slots(slots, box.width, cell_len)
    said = rows_of_lines(view.lines, columns_for_text("atm", box.width), cell_len)
    spare = box.height - least - said - _rows_below_text(view, box.width)
    return least if spare < 1 else max(least, _SLOTS_ROWS)


def _rows_below_text(view: EmulatorView, columns: int) -> int:
    """Rows that the screen needs below what it says."""
    items = [(item.label, item.value) for item in view.items]
    rows = rows_of_items(items, columns_of_page("atm", columns), cell_len)
    labels = [option.label for option in _on_screen(view)]
    rows += rows_of_options("atm", labels, columns, cell_len)
    return rows + (FIELD_ROWS if view.entry else 0)


def _draw_screen(canvas: Canvas, screen: Area, view: EmulatorView, columns: int) -> None:
    canvas.fill(screen, "text")
    options = _on_screen(view)
    room = screen.height - _rows_below_text(view, columns)
    y = draw_said(canvas, Area(screen.x + 1, screen.y, screen.width - 2, room), view)
    least = rows_of_options("atm", [option.label for option in options], columns, cell_len)
    if view.items:
        y = draw_items(canvas, screen._replace(y=y, height=screen.bottom - least - y), view.items)
    if view.entry:
        y = max(y, screen.bottom - least - FIELD_ROWS - 1)
        draw_field(canvas, screen._replace(y=y, height=FIELD_ROWS), view.entry)
        y += FIELD_ROWS
    _draw_side_keys(canvas, screen._replace(y=y, height=screen.bottom - y), options)


def _draw_side_keys(canvas: Canvas, room: Area, options: Sequence[OptionView]) -> None:
    """Options at the bottom of the screen, in turn on the left and on the right."""
    label_columns = columns_for_option("atm", room.width + 2 * SIDE_KEY_COLUMNS)
    folded = [fold(option.label, label_columns) for option in options]
    firsts = range(0, len(options), 2)
    heights = [max(2, *map(len, folded[at : at + 2])) for at in firsts]
    spare = room.height - sum(heights)
    if spare >= len(heights):
        heights = [max(height, _TALLEST_OPTION) for height in heights]
    y = room.bottom - sum(heights)
    half = room.width // 2
    for first, height in zip(firsts, heights, strict=True):
        left = Area(room.x, y, half, height)
        right = Area(room.x + half, y, room.width - half, height)
        _draw_option(canvas, left, options[first], folded[first], on_left=True)
        if first + 1 < len(options):
            _draw_option(canvas, right, options[first + 1], folded[first + 1], on_left=False)
        y += height


def _draw_option(
    canvas: Canvas, half: Area, option: OptionView, label: Sequence[str], *, on_left: bool
) -> None:
    """A key beside the screen, and on the screen what it means."""
    x = half.x - SIDE_KEY_COLUMNS if on_left else half.right
    key = Area(x, half.y, SIDE_KEY_COLUMNS, min(half.height, max(2, len(label))))
    canvas.fill(key, "key")
    canvas.write(
        key.x, key.y, f"{option.key:1} {POINTER}" if on_left else f"◄ {option.key:1}", "key"
    )
    look = "pointed" if option.pointed else "option"
    if option.pointed:
        canvas.fill(half._replace(height=key.height), look)
    for at, text in enumerate(label):
        if on_left:
            canvas.write(half.x + 1, half.y + at, text, look)
        else:
            canvas.write_right(half.right - 1, half.y + at, text, look)
    whole = half._replace(x=min(x, half.x), width=half.width + SIDE_KEY_COLUMNS)
    canvas.touchable(whole, option.code)


# --- the machine below its screen -----------------------------------------------------------------


def _draw_slots(canvas: Canvas, panel: Area, view: EmulatorView) -> None:
    """The card's on the left, the money's on the right; touched where something is to be done."""
    half = panel.width // 2
    for at, (part, name) in enumerate(zip(_SLOTS, (view.card_slot, view.cash_slot), strict=True)):
        slot = panel._replace(x=panel.x + at * half, width=half)
        option = next((each for each in view.options if each.part == part), None)
        look = "body"
        if option:
            look = "pointed" if option.pointed else "slot"
        canvas.fill(slot, look)
        canvas.write_centred(slot, slot.y, _OPENINGS[at], look)
        if option:
            _write_slot_option(canvas, slot, option, look, columns_for_slot(panel.width))
        else:
            canvas.write_centred(slot, slot.y + SLOT_ROWS, name, look)


def _write_slot_option(
    canvas: Canvas, slot: Area, option: OptionView, look: str, width: int
) -> None:
    y = slot.y + SLOT_ROWS
    write_key(canvas, slot.x + 1, y, option.key)
    for row, text in enumerate(fold(option.label, width), y):
        canvas.write(slot.x + 5, row, text, look)
    if option.pointed:
        canvas.write(slot.x, y, POINTER, look)
    canvas.touchable(slot, option.code)


def _draw_keypad(canvas: Canvas, panel: Area, view: EmulatorView, entry: EntryView) -> None:
    """Digits, beside them the two keys of work, and the slots."""
    blank = PadKey("", "")
    pad = panel._replace(width=_COLUMNS_OF_KEY * panel.width // _LEAST_PANEL * 3)
    draw_pad(canvas, pad, [*map(digits_in, DIGIT_ROWS), [blank, *digits_in("0"), blank]])
    height = panel.height // 2
    words = Area(pad.right + 1, panel.y + 1, PAD_LABEL_COLUMNS + 1, height - 1)
    slot = words._replace(x=words.right + 1, width=panel.right - words.right - 1)
    for at, option in enumerate((entry.delete, entry.next)):
        key = words._replace(y=words.y + at * height)
        canvas.fill(key, "key")
        canvas.write_centred(key, key.y + 1, option.label, "key")
        canvas.touchable(key, option.code)
    for at, name in enumerate((view.card_slot, view.cash_slot)):
        canvas.write_centred(slot, slot.y + at * height, _SMALL_OPENING, "body")
        canvas.write_centred(slot, slot.y + at * height + 1, name, "body")
