"""Laying out text by the cells that a terminal draws: a Han character is two wide."""

import re
from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

_NEVER_FIRST = "，。、；：！？）》”’…,.;:!?)%"
_COMMA = re.compile(r"(?:[，、；]|[,;](?=\s))(?![”’）》])")
"""Not the one inside 50,000."""
_WORD_OR_WIDE = re.compile(r"[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]+|\s+|.")


def _pieces(text: str) -> Iterator[str]:
    """Parts that must not be torn: words, wide characters with the punctuation after them."""
    held = ""
    for piece in _WORD_OR_WIDE.findall(text):
        if held and piece[0] not in _NEVER_FIRST:
            yield held
            held = ""
        held += piece
    if held:
        yield held


def fold(text: str, width: int) -> list[str]:
    """Break text into lines of at most ``width`` cells.

    Words stay whole where they fit, Chinese breaks anywhere but before a closing mark, and a line
    feed breaks always.
    """
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for piece in _pieces(paragraph):
            if line and cell_len(line) + cell_len(piece.rstrip()) > width:
                head, line = _break(line, piece.rstrip(), width)
                lines.append(head)
            line += piece if line else piece.lstrip()
            while cell_len(line.rstrip()) > width:  # a word longer than the line
                head = _cut(line, width)
                lines.append(head)
                line = line[len(head) :]
        lines.append(line.rstrip())
    return lines


def fold_evenly(text: str, width: int) -> list[str]:
    """Fold text into as few lines as there can be, none of them much longer than another."""
    lines = fold(text, width)
    if len(lines) == 1:
        return lines
    for narrower in range(width // 2, width):
        if len(even := fold(text, narrower)) == len(lines):
            return even
    return lines


def shorten(text: str, width: int, rows: int) -> list[str]:
    """Fold text into at most so many lines; what is too long ends after one of its clauses.

    Returns:
        The lines; none if not even the first clause has room.
    """
    lines = fold(text, width)
    commas = [found.start() for found in _COMMA.finditer(text)]
    while len(lines) > rows and commas:
        lines = fold(text[: commas.pop()] + "…", width)
    return lines if len(lines) <= rows else []


def _break(line: str, following: str, width: int) -> tuple[str, str]:
    """Where a full line ends: after its last comma, if little would move down."""
    comma = max((found.end() for found in _COMMA.finditer(line)), default=0)
    rest = line[comma:].lstrip()
    if comma and 3 * cell_len(rest) < width and cell_len(rest + following) <= width:
        return line[:comma].rstrip(), rest
    return line.rstrip(), ""


def _cut(text: str, width: int) -> str:
    head = ""
    for character in text:
        if head and cell_len(head + character) > width:
            break
        head += character
    return head


def fit(text: str, width: int) -> str:
    """The text on exactly ``width`` cells; what does not fit gives way to an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(_cut(text, max(width - 1, 1)) + "…", width)


def centre(text: str, width: int) -> str:
    """The text in the middle of exactly ``width`` cells."""
    room = width - cell_len(text)
    return fit(text, width) if room <= 0 else set_cell_size(" " * (room // 2) + text, width)
