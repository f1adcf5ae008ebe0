"""The recorded clips of a folder: which file says which word, in which language."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import KioskError
from kiosk.languages import LANGUAGES

MAP = "clips.toml"
CHARACTERS = "ABCDEF0123456789"
"""What ticket and counter numbers are made of."""
POINT_TO_AND_COLON = (".", "–", "-", ":")
"""Between digits: 15.50 without the point would be another amount."""
_AUDIBLE = re.compile(r"[^\W_]|[*#]|(?<=[0-9])[.–:-](?=[0-9])")
_GAP = re.compile(r"(?<=[0-9])\s*(–)\s*(?=[0-9])")
_ADDRESS = re.compile(r"[\w.-]+\.[a-z]+/\S*")
"""For the eyes and for phones: nobody could keep one in mind that was spelled."""
_NUMBER = re.compile(r"[A-F]?[0-9]+")


@dataclass(frozen=True)
class Clip:
    """A piece of a sentence that one file says."""

    word: str
    file: Path | None
    """None: the map does not have it."""

    @property
    def is_there(self) -> bool:
        """Whether it can be played."""
        return self.file is not None and self.file.is_file()


class Clips:
    """Finds files for words.

    Args:
        words: Language → word → file.
    """

    def __init__(self, words: Mapping[str, Mapping[str, Path]]) -> None:
        self._words = words

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that are spoken."""
        return tuple(language for language in LANGUAGES if language in self._words)

    def of(self, language: str, words: Iterable[str]) -> list[Clip]:
        """The clips that say some words; a number without a clip of its own is spelled."""
        known = self._words[language]
        return [
            Clip(piece, known.get(piece))
            for word in words
            for piece in ([word] if word in known or not _NUMBER.fullmatch(word) else word)
        ]

    def covering(self, language: str, text: str) -> list[str]:
        """Words with clips that say all of a text, one after the other; as few as can be.

        Raises:
            LookupError: From where on nothing is recorded.
        """
        known: dict[str, list[tuple[str, str]]] = {}
        for word in self._words.get(language, {}):
            if sound := word if word in POINT_TO_AND_COLON else audible(word):
                known.setdefault(sound[0], []).append((sound, word))
        whole = audible(text)
        ways: list[list[str] | None] = [None] * len(whole) + [[]]
        for start in range(len(whole) - 1, -1, -1):
            for sound, word in known.get(whole[start], ()):
                after = ways[start + len(sound)] if whole.startswith(sound, start) else None
                best = ways[start]
                if after is not None and (best is None or len(after) + 1 < len(best)):
                    ways[start] = [word, *after]
        if (found := ways[0]) is None:
            ends = [start for start, way in enumerate(ways) if way is not None]
            raise LookupError(whole[: ends[0]])
        return found


def audible(text: str) -> str:
    """What of a text is said: letters, digits, what parts two numbers, and the signs of keys."""
    return "".join(_AUDIBLE.findall(_GAP.sub(r"\1", _ADDRESS.sub(" ", text))))


def load_clips(folder: Path) -> Clips:
    """Read the map of a folder.

    Raises:
        KioskError: `clips_unreadable`, `clips_not_toml`, `clips_no_language`, `clips_no_file`.
    """
    path = folder / MAP
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise KioskError("clips_unreadable", path=path, reason=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KioskError("clips_not_toml", path=path, reason=error) from error
    return Clips({name: _files(path, name, table) for name, table in content.items()})


def _files(path: Path, language: str, table: object) -> dict[str, Path]:
    if language not in LANGUAGES or not isinstance(table, dict):
        raise KioskError("clips_no_language", path=path, key=language, known=", ".join(LANGUAGES))
    return {word: _file(path, f"{language}.{word}", name) for word, name in table.items()}


def _file(path: Path, key: str, name: object) -> Path:
    folder = path.parent
    if isinstance(name, str) and (folder / name).resolve().is_relative_to(folder.resolve()):
        return folder / name
    raise KioskError("clips_no_file", path=path, key=key, value=name)
