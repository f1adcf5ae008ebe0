"""How much room a simulated screen has: what an emulator draws and what a script may hold.

The rows that are counted here are the rows that are drawn, so that a script that passes the check
stands on the smallest terminal with every word of it.
"""

from dataclasses import dataclass
from typing import Literal

from kiosk.folding import Measure, fold

EmulatorKind = Literal["phone", "computer", "sms", "call", "atm"]


@dataclass(frozen=True)
class Box:
    """Cells inside the frame, below its title."""

    columns: int
    rows: int


LEAST_BOXES: dict[EmulatorKind, Box] = {
    "phone": Box(28, 12),
    "computer": Box(34, 12),
    "sms": Box(28, 12),
    "call": Box(28, 12),
    "atm": Box(34, 12),
}
"""By kind of emulator, on a terminal of 60×20."""
FRAME_COLUMNS, FRAME_ROWS = 2, 4
"""What an emulator needs beside its box: lines, the status bar, the title."""

LEAST_TARGET = 2
"""Rows of whatever is touched."""
FIELD_ROWS = 2
"""A label, and what was typed."""
PAD_ROWS = 4 * LEAST_TARGET
"""Four rows of keys."""
DIAL_ROWS, LEAST_DIAL_ROWS = PAD_ROWS, 4
"""Of a telephone; the smaller ones where what is said needs the room."""
SLOT_ROWS = 1
"""The opening of a slot; its label is below it."""
ADDRESS_COLUMNS = 26
"""Of a browser's address on the least box; a longer one ends in an ellipsis."""
PAD_LABEL_COLUMNS = 8
"""The words on the keys beside the zero."""

_MARGINS = 2
_AROUND_OPTION = 8
"""Margins, the digit, the arrow, and blanks between them."""
_AROUND_VALUE = 4
_AROUND_SPEECH = 6
"""Margins and the loudspeaker."""
_AROUND_BUBBLE = 6
_SIDE_KEYS = 6
"""On both sides of a machine's screen."""
_AROUND_SLOT_LABEL = 6


COACH_MARGINS = 2
"""Cells beside the coach's words."""
COACH_ROWS = 12
"""For the coach's words on the least screen, below the line that says which step this is."""
CHECK_ROWS = 16
"""For a question and its answers on the least screen."""
_LEAST_COLUMNS = 60
_BAND_COLUMNS, _ANSWER_COLUMNS = 56, 50
_AROUND_ANSWER = 2
"""Rows of the lines above and below it."""


@dataclass(frozen=True)
class ScreenTexts:
    """Every text of one simulated screen below its title, with all values filled in."""

    lines: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    """Options that are touched on a slot of a machine."""
    items: tuple[tuple[str, str], ...] = ()
    """Labels and values that are confirmed."""
    has_entry: bool = False


def columns_for_text(kind: EmulatorKind, columns: int) -> int:
    """How wide a line can be in a box of so many columns."""
    if kind == "sms":
        return columns - _AROUND_BUBBLE
    if kind == "call":
        return columns - _AROUND_SPEECH
    return columns - _MARGINS - (_SIDE_KEYS if kind == "atm" else 0)


def columns_for_option(kind: EmulatorKind, columns: int) -> int:
    """How wide the label of an option can be; longer ones have more lines."""
    if kind == "call":
        return columns - _AROUND_SPEECH
    if kind == "atm":
        return (columns - _SIDE_KEYS) // 2 - 1
    return columns - _AROUND_OPTION


def columns_for_slot(columns: int) -> int:
    """How wide the label below a machine's slot can be."""
    return columns // 2 - _AROUND_SLOT_LABEL


def rows_of_lines(lines: tuple[str, ...], columns: int, measure: Measure) -> int:
    """How many rows the lines take, one below the other."""
    return sum(len(fold(line, columns, measure)) for line in lines)


def rows_of_option(label: str, columns: int, measure: Measure) -> int:
    """How many rows an option takes, at least."""
    return max(LEAST_TARGET, len(fold(label, columns, measure)))


def rows_of_item(label: str, value: str, columns: int, measure: Measure) -> int:
    """How many rows take a label and its value: beside each other, if they can be."""
    room = columns - _AROUND_VALUE
    if measure(label) + 1 + measure(value) <= room:
        return 1
    return rows_of_lines((label, value), room, measure)


def least_rows(kind: EmulatorKind, texts: ScreenTexts, columns: int, measure: Measure) -> int:
    """How many rows of its box a screen needs, with everything as low as it may be."""
    text_columns = columns_for_text(kind, columns)
    rows = rows_of_lines(texts.lines, text_columns, measure)
    sheet_columns = text_columns + _MARGINS if kind == "atm" else columns
    rows += sum(rows_of_item(label, value, sheet_columns, measure) for label, value in texts.items)
    label_columns = columns_for_option(kind, columns)
    options = [rows_of_option(label, label_columns, measure) for label in texts.options]
    if kind == "atm":
        return rows + _rows_of_machine(options, texts, columns, measure)
    if kind == "call":
        rows += rows_of_lines(texts.options, label_columns, measure)
        return rows + (FIELD_ROWS if texts.has_entry else 0) + LEAST_DIAL_ROWS
    if kind == "sms" and texts.lines:
        rows += 1  # between the last message and what can be sent
    return rows + sum(options) + (FIELD_ROWS + PAD_ROWS if texts.has_entry else 0)


def rows_of_slots(labels: tuple[str, ...], columns: int, measure: Measure) -> int:
    """How many rows a machine's slots take."""
    room = columns_for_slot(columns)
    return SLOT_ROWS + max((len(fold(label, room, measure)) for label in labels), default=1)


def _rows_of_machine(options: list[int], texts: ScreenTexts, columns: int, measure: Measure) -> int:
    """Options stand in pairs at the side keys; below the screen are the slots, or the keypad."""
    pairs = sum(max(options[at : at + 2]) for at in range(0, len(options), 2))
    if texts.has_entry:
        return pairs + FIELD_ROWS + PAD_ROWS
    return pairs + rows_of_slots(texts.slots, columns, measure)


def least_coach_rows(kind: EmulatorKind, task: str, says: tuple[str, ...], measure: Measure) -> int:
    """How many of its rows the coach needs for a task with one of the things that it may say.

    Args:
        kind: The emulator beside it.
        task: What is to be done.
        says: The story, the hint, and what is said to a press that is not right.
        measure: How wide a text is.
    """
    columns = _LEAST_COLUMNS - LEAST_BOXES[kind].columns - FRAME_COLUMNS - COACH_MARGINS
    # what is said to a wrong press is a block of colour with a margin
    longest = max(len(fold(text, columns - 2, measure)) for text in says)
    return len(fold(task, columns, measure)) + longest


def least_check_rows(question: str, answers: tuple[str, ...], measure: Measure) -> int:
    """How many rows a question takes with its answers and the button that stops."""
    in_band = measure(question) <= _BAND_COLUMNS
    above = 0 if in_band else len(fold(question, _BAND_COLUMNS, measure))
    lines = max(len(fold(answer, _ANSWER_COLUMNS, measure)) for answer in answers)
    return above + (len(answers) + 1) * (lines + _AROUND_ANSWER)
