"""Breaking text into lines, whatever the characters are drawn on: a screen or paper."""

import re
from collections.abc import Callable, Iterator

Measure = Callable[[str], int]
"""How wide a text is."""
_NEVER_FIRST = "，。、；：！？）》」』】”’…,.;:!?)%"
_NEVER_LAST = "（《「『【“‘("
_COMMA = re.compile(r"(?:[，、；]|[,;](?=\s))(?![”’）》」』】])")
"""Not the one inside 50,000."""
_WORD_OR_WIDE = re.compile(r"(?:[^\s\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]|\xa0)+|\s+|.")
"""A space that does not break belongs to the word."""


def pieces(text: str) -> Iterator[str]:
    """Parts that must not be torn: words, wide characters with the marks that belong to them."""
    held = ""
    for piece in _WORD_OR_WIDE.findall(text):
        if held and piece[0] not in _NEVER_FIRST and held[-1] not in _NEVER_LAST:
            yield held
            held = ""
        held += piece
    if held:
        yield held


def fold(text: str, width: int, measure: Measure) -> list[str]:
    """Break text into lines that are at most ``width`` wide.

    Words stay whole where they fit, Chinese breaks anywhere but before a closing mark, and a line
    feed breaks always.
    """
    width = max(width, 1)  # a window can be narrower than what is beside the text
    lines = []
    for paragraph in text.split("\n"):
        if measure(paragraph) <= width:
            lines.append(paragraph.strip())
            continue
        line, taken = "", 0
        for piece in pieces(paragraph):
            bare = piece.rstrip()
            needed = measure(bare)
            if line and taken + needed > width:
                head, line = _break(line, bare, width, measure)
                lines.append(head)
                taken = measure(line)
            added = piece if line else piece.lstrip()
            line += added
            taken += needed if added == bare else measure(added)
            while taken > width and measure(line.rstrip()) > width:  # a word longer than the line
                head = cut(line, width, measure)
                lines.append(head)
                line = line[len(head) :]
                taken = measure(line)
        lines.append(line.rstrip())
    return lines


def commas_in(text: str) -> list[int]:
    """Where the text's clauses end."""
    return [found.start() for found in _COMMA.finditer(text)]


def cut(text: str, width: int, measure: Measure) -> str:
    """As much of the text as has room, at least one character."""
    head = ""
    for character in text:
        if head and measure(head + character) > width:
            break
        head += character
    return head


def _break(line: str, following: str, width: int, measure: Measure) -> tuple[str, str]:
    """Where a full line ends: after its last comma, if little would move down."""
    comma = max((found.end() for found in _COMMA.finditer(line)), default=0)
    rest = line[comma:].lstrip()
    if comma and 3 * measure(rest) < width and measure(rest + following) <= width:
        return line[:comma].rstrip(), rest
    return line.rstrip(), ""
