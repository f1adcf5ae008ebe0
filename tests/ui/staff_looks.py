"""Whether a screen of staff can be seen whole: at every size, in every language."""

from typing import Any, Protocol

from picture import Picture
from textual.screen import Screen

from kiosk.config import LANGUAGES
from kiosk.languages import Language
from kiosk.screens.pick import PickScreen
from kiosk.widgets.foot import Foot
from kiosk.widgets.key_rows import KeyRows
from kiosk.widgets.panel import Panel, width_of
from kiosk.widgets.words import Words

SIZES = ((83, 24), (60, 20), (120, 40))


class Here(Protocol):
    """The hands of a test."""

    @property
    def screen(self) -> Screen[Any]: ...

    def picture(self) -> Picture: ...

    async def resize(self, columns: int, rows: int) -> None: ...

    async def speak(self, language: Language) -> None: ...


def cut(here: Here) -> list[str]:
    """What can't be seen whole."""
    picture, faults = here.picture(), []
    for words in here.screen.query(Words):
        if words.display and words.text:
            whole = "".join(words.text.split())
            if (shown := picture.crop(words.region)) != whole:
                faults.append(f"#{words.id} shows {shown!r} of {whole!r}")
    is_list = isinstance(here.screen, PickScreen)  # that one moves with the cursor
    for panel in here.screen.query(Panel):
        if not panel.display:
            continue
        if not is_list:
            faults += [
                f"#{panel.id} has {width_of(line)} cells for {line}"
                for line in panel.lines
                if width_of(line) > panel.size.width
            ]
            if len(panel.lines) > panel.size.height:
                faults.append(f"#{panel.id}: {len(panel.lines)} lines on {panel.size.height}")
        if not panel.region.height:
            faults.append(f"#{panel.id} is not there")
    for keys in (*here.screen.query(KeyRows), *here.screen.query(Foot)):
        if "…" in picture.crop(keys.region) or keys.region.bottom != here.screen.size.height:
            faults.append(f"the keys are cut: {picture.crop(keys.region)}")
    for foot in here.screen.query(Foot):
        keys_shown = foot._shown()
        if foot._is_too_long(keys_shown):
            faults.append(f"the foot has no room for {[text for _key, text in keys_shown]}")
    if is_list and "…" in picture.text:
        faults.append("the list is cut")
    return faults


async def cut_anywhere(here: Here) -> list[str]:
    """What can't be seen whole of the screen in front, at any size and in any language."""
    faults = []
    for size in SIZES:
        await here.resize(*size)
        for language in LANGUAGES:
            await here.speak(language)
            shown = here.picture().text
            faults += [f"{size} {language}: {each}\n{shown}" for each in cut(here)]
    await here.resize(83, 24)
    await here.speak("en")
    return faults
