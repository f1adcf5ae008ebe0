"""One more language would stand on every screen: nothing stays English, nothing is cut."""

import re
from pathlib import Path

import pytest
from lobby import lobby
from pseudo import Pseudo, marked
from stations import STATIONS, reach
from test_fits import cut, show_as

from kiosk import i18n
from kiosk.screens.customer.base import CustomerScreen
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.reference import ALPHABET
from kiosk.services.visits import EndReason

SIZES = ((83, 24), (60, 20))
STAYS = ("Enter", "English", "EN", "Example Bank", "South Branch", "yuan", "Jiefang Road")
"""Keys, languages in their own script, what is the bank's own, and the word of amounts in demos."""
BY_DAY = (
    "attract", "home", "offer", "route", "ticket", "number-typed", "help", "demo-confirm", "check",
    "away",
)  # fmt: skip
"""At night all of them."""
_ADDRESS = re.compile(r"\S*\b(?:example\.bank|bank\.example)\b\S*")
_REFERENCE = re.compile(rf"\b[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
"""Letters of any kind, some of them side by side."""


async def test_nothing_stays_english_and_nothing_is_cut(
    is_long: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = []
    async with lobby(tmp_path) as here:
        for name in STATIONS if is_long else BY_DAY:
            with pytest.MonkeyPatch.context() as patch:
                screen = await reach(here, name)
                speak_pseudo(patch)
                for size in SIZES:
                    await here.resize(*size)
                    for large in (False, True):
                        await show_as(here, "en", large)
                        picture = here.picture()
                        found = cut(here, picture)
                        if words := untranslated(picture.text):
                            found.append(f"untranslated: {words}")
                        looks = f"{name} {size} {'large' if large else 'normal'}"
                        faults += [f"{looks}: {fault}\n{picture.text}" for fault in found]
                if isinstance(screen, CustomerScreen):
                    await here.app.end_visit(EndReason.FINISHED)
            await here.resize(83, 24)
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def speak_pseudo(patch: pytest.MonkeyPatch) -> None:
    """The program's own texts get longer, the catalog's keep to what its check lets through."""
    patch.setattr(i18n, "_catalog", lambda language: Pseudo())
    patch.setattr(LocalizedText, "in_language", lambda self, locale: marked(self.en))


def untranslated(text: str) -> set[str]:
    """Words in letters that the language does not have."""
    text = _REFERENCE.sub("", _ADDRESS.sub("", text))
    for each in STAYS:
        text = text.replace(each, "")
    return set(re.findall(r"[A-Za-z]{2,}", text))
