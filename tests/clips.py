"""A folder of recorded clips, for the tests of the voice."""

from pathlib import Path

from kiosk.announcing import recorded_words
from kiosk.languages import LANGUAGES, Language
from kiosk.services.voice.clips import CHARACTERS, MAP


def record(folder: Path, *languages: Language) -> Path:
    """A folder of clips that has every word."""
    folder.mkdir(exist_ok=True)
    lines = []
    for language in languages or LANGUAGES:
        lines.append(f"[{language}]")
        for number, word in enumerate([*CHARACTERS, *recorded_words()[language]]):
            name = f"{language}-{number}.wav"
            (folder / name).write_bytes(b"RIFF")
            lines.append(f'"{word}" = "{name}"')
    (folder / MAP).write_text("\n".join(lines), encoding="utf-8")
    return folder
