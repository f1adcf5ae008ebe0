"""The languages of the terminal; everything else about them is in `kiosk.i18n`."""

from typing import Literal

Language = Literal["zh_CN", "en", "zh_TW"]
LANGUAGES: tuple[Language, ...] = ("zh_CN", "en", "zh_TW")
"""In the order of the language switch; the first is the one that a terminal starts in."""
