"""The languages of the terminal; docs/languages.md says where else each of them has a place."""

from typing import Literal

Language = Literal["zh_CN", "en", "zh_TW"]
LANGUAGES: tuple[Language, ...] = ("zh_CN", "en", "zh_TW")
"""In the order of the language switch; the first is the one that a terminal starts in."""
