"""Every text on every screen stands out from what is behind it, in both themes."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pytest
from lobby import lobby
from picture import NONE, Picture
from staff_here import WRONG, sign_in, staff_machine
from stations import DIFFERENT, go, reach

from kiosk.config import LEAST_CONTRAST, Appearance, Config
from kiosk.contrast import contrast_ratio
from kiosk.screens.customer.idle_warning import IdleWarning
from kiosk.screens.staff_mode.places import PLACES
from kiosk.theme import HIGH_CONTRAST, LIGHT
from kiosk.widgets.qr_code import QrCode

pytestmark = pytest.mark.usefixtures("no_terminal")

THEMES: tuple[Literal["light", "high-contrast"], ...] = ("light", "high-contrast")


def pale(picture: Picture, codes: set[tuple[int, int]]) -> set[str]:
    """What can't be read by everybody: text, lines and blocks."""
    faults = set()
    for x, y, cell in picture.cells():
        if (x, y) in codes:
            continue
        if NONE in (cell.text_colour, cell.background):
            faults.add(f"{cell.character!r}: a colour is left to the terminal")
        elif contrast_ratio(cell.text_colour, cell.background) < LEAST_CONTRAST:
            faults.add(f"{cell.character!r}: {cell.text_colour} on {cell.background}")
    return faults


@pytest.mark.parametrize("name", DIFFERENT)
async def test_contrast(name: str, tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        screen = await reach(here, name)
        faults = set()
        codes = {
            (x, y)
            for code in screen.query(QrCode)
            for y in range(code.region.y, code.region.bottom)
            for x in range(code.region.x, code.region.right)
        }
        for theme in (LIGHT, HIGH_CONTRAST):
            if here.app.theme != theme:  # the whole stylesheet anew: a third of a second
                here.app.theme = theme
                await here.settle()
            for key in ("", "down", "right"):  # the second and third time with a cursor
                if key and name != "attract":
                    await here.drive(key)
                picture = here.picture()
                faults |= pale(picture, codes)
                backgrounds = {cell.background for row in picture.rows for cell in row}
                assert NONE not in backgrounds
                assert codes or ("#000000" in backgrounds) == (theme == HIGH_CONTRAST)
        assert not faults


@pytest.mark.parametrize("theme", THEMES)
async def test_contrast_of_what_was_just_touched(
    theme: Literal["light", "high-contrast"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(Config(), appearance=Appearance(theme=theme))
    async with lobby(tmp_path, config=config) as here:
        await go(here)
        screen, before = here.customer_screen, here.picture()
        monkeypatch.setattr(screen, "run_once", lambda call: None)
        monkeypatch.setattr(here.grid(), "set_timer", lambda *_: None)
        await here.drive("1")
        pressed = here.picture()
        assert pressed.rows != before.rows
        assert not pale(pressed, set())


@pytest.mark.parametrize("theme", THEMES)
async def test_contrast_of_the_idle_warning(
    theme: Literal["light", "high-contrast"], tmp_path: Path
) -> None:
    config = replace(Config(), appearance=Appearance(theme=theme))
    async with lobby(tmp_path, config=config, fast_tick=True) as here:
        await go(here)
        here.clock.advance(61)
        await here.until(lambda: isinstance(here.screen, IdleWarning))
        await here.settle()
        assert not pale(here.picture(), set())


async def test_contrast_of_staff_mode(tmp_path: Path) -> None:
    """Each place with work in it, and what its steps ask."""
    async with staff_machine(tmp_path) as here:
        faults: set[str] = set()

        def is_drawn_so() -> bool:
            backgrounds = {cell.background for row in here.picture().rows for cell in row}
            return ("#000000" in backgrounds) == (here.app.theme == HIGH_CONTRAST)

        async def look(*keys: str) -> None:
            await here.drive(*keys)
            picture = here.picture()
            found = pale(picture, set())
            faults.update(f"{here.screen} in {here.app.theme}: {fault}" for fault in found)
            assert is_drawn_so()

        for theme in (LIGHT, HIGH_CONTRAST):
            here.app.theme = theme
            await here.until(is_drawn_so)
            await look()
            await sign_in(here, pin=WRONG)
            await look(*["backspace"] * 5)  # as far as before the number
            await sign_in(here)
            for digit, place in PLACES.items():
                await look("escape", *digit)
                here.expect(place)
            await look("1", ".")  # a list with a cursor
            await look("2", "1")  # out of order
            await look("2", "4", ".")  # one side chosen, and a key that is on
            await look("4")  # noted
            await look("enter", "-")
            await look("3", "1", "1")  # a tick
            await look("enter")  # to be read
            await look("-", "-")
            await look("*")  # to be written
            await look("9", "enter")  # what can't be taken
            await look("escape", "-", "5", "1", "1", "enter")  # out of order in a round
            await look("-", "0")
        assert not faults


async def test_the_accent_colour_is_the_banks(tmp_path: Path) -> None:
    config = replace(Config(), appearance=Appearance(accent="#7a1020"))
    async with lobby(tmp_path, config=config) as here:
        assert here.picture().rows[0][0].background == "#7a1020"


@pytest.mark.parametrize("name", ["attract", "home", "offer", "help"])
async def test_no_halo_and_a_cursor_that_can_be_seen_without_colour(
    name: str, tmp_path: Path
) -> None:
    """A line runs through the middle of its cell: on both sides of it is the page."""
    async with lobby(tmp_path) as here:
        await reach(here, name)
        for key, corner in (("", "┌"), ("down", "┏")):
            if key and name != "attract":
                await here.drive(key)
                assert here.picture().find(corner)
            rows = here.picture().rows
            for row in rows:
                for outside, cell in pairwise(row):
                    if cell.character in ("┌", "└", "┏", "┗"):
                        assert cell.background == outside.background


async def test_colour_alone_says_nothing(tmp_path: Path) -> None:
    """Where the cursor is can be told by its background; both cards look alike without one."""
    async with lobby(tmp_path) as here:
        await reach(here, "offer")
        rows = here.picture().rows
        middle = len(rows[0]) // 2
        for row in rows:
            left = {
                (cell.text_colour, cell.background)
                for cell in row[:middle]
                if cell.character.strip()
            }
            right = {
                (cell.text_colour, cell.background)
                for cell in row[middle:]
                if cell.character.strip()
            }
            # more than the border on both sides
            if len(left) > 1 and len(right) > 1 and row[2].character in "│┌└":
                assert left == right
