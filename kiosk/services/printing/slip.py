"""What a slip says, before anybody asks how wide the paper is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A paragraph; an empty one is an empty line."""

    text: str
    size: int = 1
    """How many times as wide and as tall as plain type, 1 to 8; less where a word has no room."""
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True)
class Row:
    """Words on the left, and on the right what stands against them."""

    text: str
    figure: str
    bold: bool = False


@dataclass(frozen=True)
class Code:
    """A QR code."""

    link: str


Slip = Sequence[Text | Row | Code]
