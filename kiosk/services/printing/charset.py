"""Characters as a Chinese receipt printer has them: GB18030, in codes of one or two bytes.

Its longer codes hold what cheap printers lack: they would print two wrong characters for each.
"""

import re
import unicodedata

ENCODING = "gb18030"
MISSING, MISSING_WIDE = "?", "〓"
"""What stands for a character that no such printer has."""
_AMOUNT = re.compile(r"¥\s*(\d+(?:[,.]\d+)*)")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NARROW = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "·": "-"}
)
"""On Chinese printers these are as wide as a Han character, which tears Latin words apart."""


def columns_of(text: str) -> int:
    """How many columns printable text takes on paper: what has two bytes is two columns wide."""
    return len(text.encode(ENCODING))


def printable(text: str) -> str:
    """The text in characters that every Chinese receipt printer has; line feeds stay."""
    text = _AMOUNT.sub(r"\1元", text).replace("¥", "元")
    if not _HAN.search(text):
        text = text.translate(_NARROW)
    return "".join(each if each == "\n" else _printable(each) for each in text)


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Mn", "Me"):  # a printer would take some for commands
        return ""
    if columns_of(character) <= 2:
        return character
    for form in ("NFKC", "NFKD"):
        plain = "".join(
            each
            for each in unicodedata.normalize(form, character)
            if not unicodedata.combining(each)
        )
        if plain and plain.isprintable() and all(columns_of(each) <= 2 for each in plain):
            return plain
    return MISSING_WIDE if unicodedata.east_asian_width(character) in "WF" else MISSING
