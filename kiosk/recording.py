"""What must be recorded so that every screen of customers can be said aloud."""

import string
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from babel.messages.pofile import read_po
from pydantic import BaseModel

from kiosk.announcing import recorded_words
from kiosk.i18n import NATIVE_NAMES, SOURCE_LANGUAGE
from kiosk.languages import LANGUAGES, Language
from kiosk.paths import resource
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.reference import ALPHABET
from kiosk.services.voice.clips import CHARACTERS, POINT_TO_AND_COLON, audible

if TYPE_CHECKING:
    from kiosk.config import Branch
    from kiosk.services.catalog import Catalog

_KEYS = ("*", "#", "Enter")
_OF_CUSTOMERS = ("kiosk/screens/customer/", "kiosk/screens/entries.py", "kiosk/demo_words.py")
"""Whose messages stand on customers' screens."""


def words_to_record(
    catalog: "Catalog", away_from: "Branch | None" = None
) -> dict[Language, tuple[str, ...]]:
    """Language → every piece of a text, letters, digits, and the names of keys.

    Args:
        catalog: What the terminal shows besides its own words.
        away_from: The branch that customers are sent to, where the terminal is not in it.
    """
    return {each: tuple(dict.fromkeys(_words(catalog, away_from, each))) for each in LANGUAGES}


def _words(catalog: "Catalog", away_from: "Branch | None", language: Language) -> Iterator[str]:
    yield from (*CHARACTERS, *ALPHABET, *POINT_TO_AND_COLON, *_KEYS, *recorded_words()[language])
    texts = [*_messages(language), *_texts(catalog, language), *NATIVE_NAMES.values()]
    if away_from is not None:
        told = away_from.name, away_from.address, away_from.hours
        texts += [each.in_language(language) for each in told]
    yield from (piece for text in texts for piece in _pieces(text) if audible(piece))


def _pieces(text: str) -> Iterator[str]:
    """What stands between placeholders."""
    for between, _name, _format, _conversion in string.Formatter().parse(text):
        yield " ".join(between.split())


def _messages(language: Language) -> Iterator[str]:
    name = "kiosk.pot" if language == SOURCE_LANGUAGE else f"{language}/LC_MESSAGES/kiosk.po"
    with (resource("locales") / name).open("rb") as file:
        for message in read_po(file):
            found = message.id if language == SOURCE_LANGUAGE else message.string
            if found and any(where.startswith(_OF_CUSTOMERS) for where, _ in message.locations):
                yield from (found,) if isinstance(found, str) else tuple(found)


def _texts(part: object, language: Language) -> Iterator[str]:
    """Every text of the catalog, wherever it stands."""
    if isinstance(part, LocalizedText):
        yield part.in_language(language)
    elif isinstance(part, BaseModel):
        for _name, value in part:
            yield from _texts(value, language)
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value, language)
    elif isinstance(part, tuple | list):
        for value in part:
            yield from _texts(value, language)
