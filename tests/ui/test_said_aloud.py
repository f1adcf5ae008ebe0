"""What is said of a customer's screen is what stands on it, and nothing of it is left unsaid."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from lobby import lobby, shared_catalog
from stations import AWAY_FROM, STATIONS, reach
from test_fits import show_as

from kiosk.config import Config
from kiosk.languages import LANGUAGES, Language
from kiosk.recording import words_to_record
from kiosk.screens.customer.aloud import said_aloud
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.services.visits import EndReason
from kiosk.services.voice.clips import Clips, audible
from kiosk.services.voice.reader import Reader
from kiosk.services.voice.speaker import Speaker
from kiosk.widgets.band import Band
from kiosk.widgets.emulator.base import Emulator

BY_DAY = ("home", "offer", "route", "ticket", "number", "help", "away")
"""At night all of them."""


async def test_every_screen_can_be_said(is_long: bool, tmp_path: Path) -> None:
    config = Config()
    recorded = words_to_record(shared_catalog(), AWAY_FROM)
    clips = Clips({each: dict.fromkeys(words, Path()) for each, words in recorded.items()})
    faults = []
    async with lobby(tmp_path, config=config) as here:
        for name in STATIONS if is_long else BY_DAY:
            screen = await reach(here, name)
            if not isinstance(screen, CustomerScreen):
                continue
            for language in LANGUAGES:
                await show_as(here, language, large=False)
                below = screen.query_one(Band).region.bottom
                shown = audible(" ".join(here.picture().lines[below:]))
                said = said_aloud(screen)
                unsaid = Counter(shown) - Counter(audible(" ".join(said)))
                if unsaid and not screen.query(Emulator):  # of a machine, only the coach speaks
                    faults.append(f"{name} {language}: {unsaid} is not said")
                for text in said:
                    try:
                        words = clips.covering(language, text)
                    except LookupError as error:
                        faults.append(f"{name} {language}: {error} of {text!r}")
                    else:
                        assert "".join(audible(each) or each for each in words) == audible(text)
            await here.app.end_visit(EndReason.FINISHED)
            await here.settle()
    assert not faults, "\n".join(faults)


class Heard:
    """Takes down what is to be said."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, ...]] = []
        self.hushed = 0

    def read(self, language: Language, texts: Sequence[str]) -> None:
        self.texts.append((language, *texts))

    def hush(self) -> None:
        self.hushed += 1


def test_numbers_keep_what_parts_them() -> None:
    words = {each: Path() for each in (*"0123456789", ".", "–", ":", "yuan", "minutes")}
    clips = Clips({"en": words})
    assert clips.covering("en", "1,015.50 yuan.") == [*"1015", ".", *"50", "yuan"]
    assert clips.covering("en", "10 – 20 minutes, 9:05") == [
        *"10",
        "–",
        *"20",
        "minutes",
        "9",
        ":",
        *"05",
    ]
    with pytest.raises(LookupError):
        clips.covering("en", "10 hours")


async def test_a_screen_is_said_and_then_what_is_new(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        heard = Heard()
        here.app._reader = cast("Reader", heard)
        await here.drive("enter")
        home = here.expect(HomeScreen)
        assert heard.texts == [("zh_CN", *said_aloud(home))]
        heard.texts.clear()
        await here.drive("#")
        assert heard.texts == [("en", *said_aloud(home))]
        hushed = heard.hushed
        await here.drive("5")
        assert heard.hushed > hushed
        assert heard.texts[-1][1] == here.customer_screen.title_text()
        heard.texts.clear()
        await here.app.end_visit(EndReason.FINISHED)
        await here.settle()
        assert heard.texts == []


async def test_who_does_not_look_hears_that_the_time_is_nearly_over(tmp_path: Path) -> None:
    recorded = words_to_record(shared_catalog())
    clips = Clips({each: dict.fromkeys(words, Path()) for each, words in recorded.items()})
    async with lobby(tmp_path, fast_tick=True) as here:
        heard = Heard()
        here.app._reader = cast("Reader", heard)
        await here.drive("2", "0")
        heard.texts.clear()
        here.clock.advance(here.config.idle.warn_after + 1)
        await here.until(lambda: bool(heard.texts))
        language, *texts = heard.texts.pop()
        assert texts[0] == "Are you still there?"
        assert texts[1].startswith("In 2")
        assert len(texts) == 4
        for text in texts:
            clips.covering(language, text)
        await here.drive("enter")
        assert heard.texts == [("en", *said_aloud(here.customer_screen))]


@pytest.mark.parametrize(("plugged", "heard"), [("true", 1), ("false", 0), ("no-such-program", 0)])
def test_it_speaks_to_headphones_alone(plugged: str, heard: int, tmp_path: Path) -> None:
    class Said:
        """A speaker that takes down what it is given."""

        def __init__(self) -> None:
            self.words: list[object] = []

        def say(self, call: object) -> None:
            self.words.append(call)

        def hush(self) -> None:
            """Nothing is being said."""

    said = Said()
    clips = Clips({"en": {"Call": tmp_path, "staff": tmp_path}})
    reader = Reader(cast("Speaker", said), clips, [plugged])
    reader.read("en", ["Call staff", "staff"])
    reader._thread.shutdown()
    assert said.words == [{"en": ("Call", "staff", "staff")}] * heard
