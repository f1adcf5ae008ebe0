"""A language that nobody speaks: marked, so that what is not translated stands out, and longer."""

import gettext
import re

LONGER = 0.2
"""How much longer than English a text is."""
_MARKS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀćďéƒǵĥíĵķĺḿńóṕɋŕśťúṽẃẋýźÁɃĆĎÉƑǴĤÍĴĶĹḾŃÓṔɊŔŚŤÚṼẂẊÝŹ",
)
_FIELD = re.compile(r"(\{[^{}]*\})")


def marked(text: str) -> str:
    """The same text, as wide, in letters that no program writes; placeholders stay."""
    parts = _FIELD.split(text)
    return "".join(part if _FIELD.match(part) else part.translate(_MARKS) for part in parts)


def pseudo(text: str) -> str:
    """Marked and longer; what is long is so by whole words, which can go on another line."""
    more = round(LONGER * len(text))
    words = " ".join(["ĺóńǵ"] * ((more + 2) // 5)) if more > 4 else "ŋ" * more
    return marked(text) + (" " if more > 4 else "") + words


class Pseudo(gettext.NullTranslations):
    """Its catalog."""

    def gettext(self, message: str) -> str:
        return pseudo(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return pseudo(msgid1 if n == 1 else msgid2)
