"""What the coach says beside the emulator, laid out so that all of it has room."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.widgets.panel import Line, Look, Span
from kiosk.widgets.text import fit, fold


@dataclass(frozen=True)
class CoachWords:
    """Everything that the coach may say at once."""

    progress: str
    story: str
    task: str
    question: str = ""
    """About one item of a confirmation; it can do without the task."""
    hint: str = ""
    note: str = ""
    """To a press that was not right."""


@dataclass(frozen=True)
class _Piece:
    text: str
    look: Look


def coach_lines(words: CoachWords, width: int, height: int) -> list[Line]:
    """The coach's lines on so many cells.

    Where not all of it has room, first the gaps go, then the task beside a question, then the story
    as long as there is something newer to say.
    """
    for pieces, gap in _choices(words):
        lines = _laid_out(pieces, width, gap)
        if len(lines) <= height:
            return lines
    return lines[:height]


def _choices(words: CoachWords) -> Iterator[tuple[list[_Piece], int]]:
    progress, story = _Piece(words.progress, "quiet"), _Piece(words.story, "quiet")
    task, question = _Piece(words.task, "strong"), _Piece(words.question, "strong")
    asked = question if words.question else task
    news = _Piece(words.hint, "ink"), _Piece(words.note, "cursor")
    yield [progress, story, task, question, *news], 1
    yield [progress, story, task, question, *news], 0
    yield [progress, story, asked, *news], 0
    yield [progress, asked, *news], 0


def _laid_out(pieces: Sequence[_Piece], width: int, gap: int) -> list[Line]:
    lines: list[Line] = []
    for piece in pieces:
        if piece.text:
            lines += [()] * (gap if lines else 0)
            lines += [(Span(text, piece.look),) for text in _texts(piece, width)]
    return lines


def _texts(piece: _Piece, width: int) -> list[str]:
    if piece.look != "cursor":
        return fold(piece.text, width)
    # a block of colour, with a margin
    return [fit(f" {text}", width) for text in fold(piece.text, width - 2)]
