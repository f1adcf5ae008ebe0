"""The counter's screens at every size and in every language: whole, and to be read by everybody."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from counter_world import CounterHere, counter
from staff_looks import cut
from test_colours import pale

from kiosk.config import Config
from kiosk.languages import Language
from kiosk.models.states import Priority
from kiosk.theme import HIGH_CONTRAST, LIGHT

pytestmark = pytest.mark.usefixtures("no_terminal")

ACCENT = Config().appearance.accent
SIZES = ((83, 24), (60, 20))
LANGUAGES: tuple[Language, ...] = ("zh_CN", "en", "zh_TW")
FULL = {"direction": "buy", "currency": "other", "amount": "123456700", "purpose": "business"}
"""As much as a customer can fill in of the packaged catalog."""


async def _nobody(here: CounterHere) -> None:
    """The counter is open and nobody is there."""


async def _many(here: CounterHere) -> None:
    desk = here.desk
    desk.issue("A1002", minutes_ago=125, priority=Priority.DISABLED, service="foreign_exchange")
    desk.issue("A1001", minutes_ago=131, service="foreign_exchange")
    here.entered["A1001"] = here.entered["A1002"] = FULL
    desk.issue("B1003", minutes_ago=12, wanted_counter=3, service="large_withdrawal")
    desk.issue("B1004", minutes_ago=12, wanted_staff="1001", priority=Priority.APPOINTMENT)
    desk.issue("B1005", minutes_ago=12, wanted_counter=12)
    for number in range(10, 40):
        desk.issue(f"C10{number}", minutes_ago=45 - number)
    await here.look()


async def _called(here: CounterHere) -> None:
    await _many(here)
    await here.drive("1", "2", "2")


async def _serving(here: CounterHere) -> None:
    await _many(here)
    await here.drive("1", "6", "1", "5")
    await here.drive("1", "3")
    here.clock.advance(minutes=118)
    await here.look()


async def _away(here: CounterHere) -> None:
    await _serving(here)
    here.desk.is_away = True
    await here.drive("7", "1", "1", "enter")


async def _break(here: CounterHere) -> None:
    await here.drive("*", "6", "0", "enter")


async def _call_list(here: CounterHere) -> None:
    await _many(here)
    await here.drive("0", "9")


async def _services(here: CounterHere) -> None:
    await _serving(here)
    await here.drive("4")


async def _where(here: CounterHere) -> None:
    await _serving(here)
    await here.drive("7")


async def _minutes(here: CounterHere) -> None:
    await here.drive("*")


LOOKS: dict[str, Callable[[CounterHere], Awaitable[None]]] = {
    "nobody": _nobody,
    "many": _many,
    "called": _called,
    "serving": _serving,
    "away": _away,
    "break": _break,
    "call list": _call_list,
    "services": _services,
    "where": _where,
    "minutes": _minutes,
}


@pytest.mark.parametrize("name", LOOKS)
async def test_nothing_is_cut(name: str, tmp_path: Path) -> None:
    faults = []
    async with counter(tmp_path) as here:
        await LOOKS[name](here)
        assert here.app.teller is not None
        for size in SIZES:
            await here.resize(*size)
            for language in LANGUAGES:
                await here.speak(language)
                found = cut(here)
                faults += [f"{name} {size} {language}: {each}\n{here.text}" for each in found]
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


async def test_the_sign_in_is_whole(tmp_path: Path) -> None:
    faults = []
    async with counter(tmp_path, sign_in=False) as here:
        here.desk.is_away = True
        await here.sign_in()
        for size in SIZES:
            await here.resize(*size)
            for language in LANGUAGES:
                await here.speak(language)
                faults += [f"{size} {language}: {each}\n{here.text}" for each in cut(here)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", LOOKS)
async def test_contrast(name: str, tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await LOOKS[name](here)
        for theme in (LIGHT, HIGH_CONTRAST):
            here.app.theme = theme
            await here.settle()
            picture = here.picture()
            assert picture.rows[-1][-1].background == (
                "#ffe600" if theme == HIGH_CONTRAST else ACCENT
            )
            assert not pale(picture, set())


async def test_contrast_of_the_sign_in(tmp_path: Path) -> None:
    async with counter(tmp_path, sign_in=False) as here:
        await here.type("1001")
        await here.drive("enter")
        await here.type("739165")
        await here.drive("enter")
        await here.type("7")
        for theme in (LIGHT, HIGH_CONTRAST):
            here.app.theme = theme
            await here.settle()
            assert not pale(here.picture(), set())


async def test_a_window_that_is_too_small_says_so(tmp_path: Path) -> None:
    async with counter(tmp_path) as here:
        await here.resize(40, 12)
        here.expect("This window is too small.")
        await here.resize(83, 24)
        here.expect_not("too small")


async def test_what_can_be_done_shows_without_colour(tmp_path: Path) -> None:
    """The key of what can be done is drawn the other way round."""
    async with counter(tmp_path) as here:
        picture = here.picture()
        (x, y), (off_x, off_y) = picture.find("* ")[-1], picture.find("1 ")[-1]
        usable, not_usable = picture.rows[y][x], picture.rows[off_y][off_x]
        assert (usable.text_colour, usable.background) == (
            not_usable.background,
            not_usable.text_colour,
        )
