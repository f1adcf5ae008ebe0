"""How a call is said: one sentence for the eyes and the ears.

The words that are spoken are taken from the sentence that stands on the board, so the two can't
differ: whoever changes the words must record them, or the board stays silent.
"""

import string
from collections.abc import Mapping

from kiosk.i18n import N_, translated
from kiosk.languages import LANGUAGES, Language

CALL = N_("Ticket {ticket}, please go to counter {counter}")
_MARKS = string.punctuation + string.whitespace + "，。！：、"


def call_sentence(number: str, counter: int, language: Language) -> str:
    """The call, as the board shows it."""
    return translated(CALL, language).format(ticket=number, counter=counter)


def call_words(number: str, counter: int, language: Language) -> tuple[str, ...]:
    """The call in the pieces that are recorded: words between the numbers, and the numbers."""
    given = {"ticket": number, "counter": str(counter)}
    words: list[str] = []
    for between, name, _, _ in string.Formatter().parse(translated(CALL, language)):
        words += [between.strip(_MARKS), given[name] if name else ""]
    return tuple(filter(None, words))


def recorded_words() -> Mapping[Language, tuple[str, ...]]:
    """What the clips of each language must hold, besides letters and digits."""
    numbers = ("A1", 1)
    return {
        language: tuple(word for word in call_words(*numbers, language) if word not in ("A1", "1"))
        for language in LANGUAGES
    }
