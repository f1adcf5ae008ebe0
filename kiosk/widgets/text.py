"""Laying out text by the cells that a terminal draws: a Han character is two wide."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from kiosk import folding


def fold(text: str, width: int) -> list[str]:
    """Break text into lines of at most ``width`` cells."""
    return folding.fold(text, width, cell_len)


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
    commas = folding.commas_in(text)
    while len(lines) > rows and commas:
        lines = fold(text[: commas.pop()] + "…", width)
    return lines if len(lines) <= rows else []


def portions(paragraphs: Sequence[str], width: int, rows: int, *, most: int = 0) -> list[list[str]]:
    """Fold paragraphs into portions that are seen one after the other: few, and about as long.

    Args:
        paragraphs: At least one.
        width: Cells.
        rows: Of one portion.
        most: Paragraphs of one portion; 0: as many as have room.

    Returns:
        The lines of each portion, with a blank one between two paragraphs.
    """
    folded = [fold(paragraph, width) for paragraph in paragraphs]
    longest = max(map(len, folded))
    filled = _filled(folded, rows, most)
    for fewer in range(longest, rows):
        if len(even := _filled(folded, fewer, most)) == len(filled):
            return even
    return filled


def _filled(folded: Sequence[list[str]], rows: int, most: int) -> list[list[str]]:
    found: list[list[str]] = []
    count = 0
    for lines in folded:
        if found and count != most and len(found[-1]) + 1 + len(lines) <= rows:
            found[-1] += ["", *lines]
        else:
            # one that is longer than a portion goes through several
            found += [lines[at : at + rows] for at in range(0, len(lines), rows)]
            count = 0
        count += 1
    return found


def fit(text: str, width: int) -> str:
    """The text on exactly ``width`` cells; what does not fit gives way to an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(folding.cut(text, max(width - 1, 1), cell_len) + "…", width)


def centre(text: str, width: int) -> str:
    """The text in the middle of exactly ``width`` cells."""
    room = width - cell_len(text)
    return fit(text, width) if room <= 0 else set_cell_size(" " * (room // 2) + text, width)
