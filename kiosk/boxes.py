"""How much room a simulated screen has: what an emulator draws and what a script may hold.

The rows that are counted here are the rows that are drawn, so that a script that passes the check
stands on the smallest terminal with every word of it.
"""

from collections.abc import Iterable, Sequence
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
LEAST_DIAL_ROWS = 4
"""Of a telephone's keys, where what is said needs the room."""
SLOT_ROWS = 1
"""The opening of a machine's slot; its label is below it."""
SIDE_KEY_COLUMNS = 3
"""On either side of a machine's screen."""
ADDRESS_COLUMNS = 24
"""Of a browser's address on the least box; a longer one ends in an ellipsis."""
PAD_LABEL_COLUMNS = 8
"""The words on the keys beside the zero."""

_MARGINS = 2
_AROUND_OPTION = 8
"""Margins, the digit, the arrow, and blanks between them."""
_AROUND_ITEM = 4
"""Margins, the mark and a blank."""
_AROUND_SPEECH = 6
"""Margins and the loudspeaker."""
_AROUND_DIALLED = 3
"""The digit, and a blank on either side of the label."""
_AROUND_BUBBLE = 6
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
    return columns_of_page(kind, columns) - _MARGINS


def columns_of_page(kind: EmulatorKind, columns: int) -> int:
    """How wide the page is: a machine's is between its side keys."""
    return columns - (2 * SIDE_KEY_COLUMNS if kind == "atm" else 0)


def columns_for_option(kind: EmulatorKind, columns: int) -> int:
    """How wide the label of an option can be; longer ones have more lines."""
    if kind == "call":
        return columns - dial_columns(columns) - _AROUND_DIALLED
    if kind == "atm":
        return columns_of_page(kind, columns) // 2 - 1
    return columns - _AROUND_OPTION


def dial_columns(columns: int) -> int:
    """How wide a telephone's keys are; what they mean stands beside them."""
    return columns // 2 + 1


def columns_for_slot(columns: int) -> int:
    """How wide the label below a machine's slot can be."""
    return columns // 2 - _AROUND_SLOT_LABEL


def rows_of_lines(lines: Iterable[str], columns: int, measure: Measure) -> int:
    """How many rows the lines take, one below the other."""
    return sum(len(fold(line, columns, measure)) for line in lines)


def rows_of_option(kind: EmulatorKind, label: str, columns: int, measure: Measure) -> int:
    """How many rows an option takes in a box of so many columns, at least."""
    return max(LEAST_TARGET, len(fold(label, columns_for_option(kind, columns), measure)))


def rows_of_options(
    kind: EmulatorKind, labels: Sequence[str], columns: int, measure: Measure
) -> int:
    """How many rows all options take; on a machine there is one at either end of a row."""
    rows = [rows_of_option(kind, label, columns, measure) for label in labels]
    beside = 2 if kind == "atm" else 1
    return sum(max(rows[at : at + beside]) for at in range(0, len(rows), beside))


def rows_of_item(label: str, value: str, columns: int, measure: Measure) -> int:
    """How many rows take a label and its value: beside each other, if they can be."""
    room = columns - _AROUND_ITEM
    if measure(label) + 1 + measure(value) <= room:
        return 1
    return rows_of_lines((label, value), room, measure)


def rows_of_items(items: Iterable[tuple[str, str]], columns: int, measure: Measure) -> int:
    """How many rows take all labels and values."""
    return sum(rows_of_item(label, value, columns, measure) for label, value in items)


def rows_of_slots(labels: Iterable[str], columns: int, measure: Measure) -> int:
    """How many rows a machine's slots take, with what is written below them."""
    room = columns_for_slot(columns)
    return SLOT_ROWS + max((len(fold(label, room, measure)) for label in labels), default=1)


def least_rows(kind: EmulatorKind, texts: ScreenTexts, columns: int, measure: Measure) -> int:
    """How many rows of its box a screen needs, with everything as low as it may be."""
    rows = rows_of_lines(texts.lines, columns_for_text(kind, columns), measure)
    rows += rows_of_items(texts.items, columns_of_page(kind, columns), measure)
    options = rows_of_options(kind, texts.options, columns, measure)
    entry = FIELD_ROWS + PAD_ROWS if texts.has_entry else 0
    if kind == "sms" and texts.lines:
        rows += 1  # between the last message and what can be sent
    if kind == "call":  # what its keys mean stands beside them
        return rows + (entry or max(options, LEAST_DIAL_ROWS))
    if kind == "atm":
        return rows + options + (entry or rows_of_slots(texts.slots, columns, measure))
    return rows + options + entry


def least_coach_rows(kind: EmulatorKind, task: str, says: tuple[str, ...], measure: Measure) -> int:
    """How many of its rows the coach needs for a task with one of the things that it may say.

    Args:
        kind: The emulator beside it.
        task: What is to be done.
        says: The story, the hint, and what is said to a press that is not right.
        measure: How wide a text is.
    """
    longest = max(len(fold(text, least_coach_columns(kind), measure)) for text in says)
    return len(fold(task, least_coach_columns(kind) + 2, measure)) + longest


def least_coach_columns(kind: EmulatorKind) -> int:
    """How wide is what the coach says; to a wrong press it is a block of colour with a margin."""
    return _LEAST_COLUMNS - LEAST_BOXES[kind].columns - FRAME_COLUMNS - COACH_MARGINS - 2


def least_check_rows(question: str, answers: tuple[str, ...], measure: Measure) -> int:
    """How many rows a question takes with its answers and the button that stops."""
    in_band = measure(question) <= _BAND_COLUMNS
    above = 0 if in_band else len(fold(question, _BAND_COLUMNS, measure))
    lines = max(len(fold(answer, _ANSWER_COLUMNS, measure)) for answer in answers)
    return above + (len(answers) + 1) * (lines + _AROUND_ANSWER)
