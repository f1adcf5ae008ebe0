"""A phone with a conversation by text message."""

from rich.cells import cell_len

from kiosk.boxes import columns_for_text, rows_of_lines
from kiosk.widgets.emulator.canvas import Area, Canvas, Drawing
from kiosk.widgets.emulator.page import draw_below, rows_below
from kiosk.widgets.emulator.phone import draw_case
from kiosk.widgets.emulator.view import Bubble, EmulatorView
from kiosk.widgets.text import fold


def draw_sms(view: EmulatorView, columns: int, rows: int) -> Drawing:
    """Draw what was said, and below it what can be sent."""
    canvas = Canvas(columns, rows)
    page = draw_case(canvas, view)
    said = rows_of_lines(view.lines, columns_for_text("sms", page.width), cell_len) + 1
    least = rows_below(view, page.width, page.height - said)
    y = _draw_messages(canvas, page._replace(height=page.height - least), view)
    draw_below(canvas, page._replace(y=y, height=page.bottom - y), view, low=True)
    return canvas.drawing()


def _draw_messages(canvas: Canvas, chat: Area, view: EmulatorView) -> int:
    """Draw what is said now and as many earlier messages as have room, with a gap below each.

    Returns:
        The first row that is free.
    """
    now = [Bubble("\n".join(view.lines), sent=False)] if view.lines else []
    width = columns_for_text("sms", chat.width)
    shown: list[tuple[Bubble, list[str]]] = []
    height = 0
    for message in reversed([*view.bubbles, *now]):
        text = fold(message.text, width)
        if not any(message is each for each in now) and height + len(text) + 1 > chat.height:
            break
        height += len(text) + 1
        shown.insert(0, (message, text))
    y = chat.y
    for message, text in shown:
        _draw_bubble(canvas, chat._replace(y=y), message, text)
        y += len(text) + 1
    return y


def _draw_bubble(canvas: Canvas, chat: Area, message: Bubble, text: list[str]) -> None:
    """The bank's on the left, the learner's on the right, each as wide as its longest line."""
    look = "bubble-sent" if message.sent else "bubble"
    width = max(map(cell_len, text)) + 2
    left = chat.right - 2 - width if message.sent else chat.x + 2
    canvas.fill(Area(left, chat.y, width, len(text)), look)
    for at, line in enumerate(text):
        canvas.write(left + 1, chat.y + at, line, look)
    if message.sent:
        canvas.write(left + width, chat.y + len(text) - 1, "►", "tail-sent")
    else:
        canvas.write(left - 1, chat.y + len(text) - 1, "◄", "tail")
