"""Posters: what is shown on the terminal while nobody stands there."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StrictStr

from kiosk.services.catalog_parts import (
    Code,
    LocalizedText,
    Part,
    ShortName,
    Step,
    at_most,
    distinct,
    reference,
    refuse,
)

DEFAULT_SET: Final = "default"
"""What is shown where nobody chose."""
MAX_ART_COLUMNS: Final = 30
MAX_ART_ROWS: Final = 8
MAX_POSTERS_OF_A_SET: Final = 12
"""With a quarter of a minute for each, more would hardly ever be seen."""
_FIRST_ART, _LAST_ART = "\u2500", "\u259f"
"""Box drawing and block elements: each is one cell, and they join."""


def _drawable(rows: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse art that would not stand as it was drawn."""
    problems = []
    if len(rows) > MAX_ART_ROWS:
        problems.append(("", f"{len(rows)} rows; there is room for {MAX_ART_ROWS}"))
    for number, row in enumerate(rows):
        place = f"[{number}]"
        if strange := sorted({each for each in row if not _is_art(each)}):
            told = ", ".join(f"U+{ord(each):04X}" for each in strange)
            problems.append((place, f"{told}: only spaces, box drawing and block elements"))
        if len(row) > MAX_ART_COLUMNS:
            problems.append((place, f"{len(row)} cells wide; there is room for {MAX_ART_COLUMNS}"))
        elif len(row) != len(rows[0]):
            problems.append((place, f"{len(row)} cells wide, but the first row has {len(rows[0])}"))
    if problems:
        raise refuse(*problems)
    return rows


def _is_art(character: str) -> bool:
    return character == " " or _FIRST_ART <= character <= _LAST_ART


class Poster(Part):
    """A picture in characters, and the words beside it."""

    code: Code
    kind: Literal["product", "safety"]
    title: Annotated[LocalizedText, at_most(12, 30)]
    lines: Annotated[tuple[Step, ...], Field(min_length=1, max_length=3)]
    art: Annotated[tuple[StrictStr, ...], AfterValidator(_drawable)] = ()
    """Rows of equal width; the same in every language."""


PosterCode = Annotated[Code, reference("posters", "poster")]


class PosterSet(Part):
    """Posters that are shown one after the other."""

    code: Code
    name: ShortName
    """For staff."""
    posters: Annotated[
        tuple[PosterCode, ...],
        AfterValidator(distinct),
        Field(min_length=1, max_length=MAX_POSTERS_OF_A_SET),
    ]
