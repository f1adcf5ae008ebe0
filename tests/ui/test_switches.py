"""Language and large type on every screen: what was entered, the focus and the page stay."""

import re
from pathlib import Path

import pytest
from lobby import Keys, lobby
from stations import DIFFERENT, TRANSFER, go, reach

from kiosk import i18n
from kiosk.config import LANGUAGES
from kiosk.screens.customer.demo.practice import PracticeScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.widgets.choice_grid import ChoiceGrid

IN_A_VISIT = [name for name in DIFFERENT if name != "attract"]


PRESSURE = re.compile(
    r"立即|仅需|僅需|推荐|推薦|大家都在用|您输入有误|您輸入有誤|确定|提交"
    r"|recommend|hurry|only \d|best choice|everybody uses|\bOK\b|submit",
    re.IGNORECASE,
)


@pytest.mark.parametrize("name", IN_A_VISIT)
async def test_a_switch_changes_nothing_else(name: str, tmp_path: Path) -> None:
    """Once through the languages, then large type and back; no pressure in any of them."""
    async with lobby(tmp_path) as here:
        screen = await reach(here, name)
        here.clock.advance(1)
        before, stages, depth = here.picture(), here.stages(), len(here.app.screen_stack)
        focused, codes = here.app.focused, list(here.choices())
        if here.screen.query(ChoiceGrid) and not isinstance(screen, PracticeScreen):
            assert here.grid().cursor is None
            await here.drive("enter")  # nothing is preselected
        assert here.screen is screen

        shown = {i18n.language(): before.text}
        for expected in (*LANGUAGES[1:], LANGUAGES[0]):
            await here.drive("#", apart=0.5)
            assert i18n.language() == expected
            shown.setdefault(expected, here.picture().text)
        assert here.picture().text == before.text
        assert len(set(shown.values())) == len(LANGUAGES)
        assert not PRESSURE.search("".join(shown.values()))
        assert here.stages() == stages

        await here.drive("*")
        way_back = here.picture().find("* 换回普通字")
        assert way_back
        x, y = way_back[0]
        marked = {cell.background for cell in here.picture().rows[y][x : x + 12]}
        assert marked == {here.picture().rows[y][0].text_colour}  # all of it stands out
        # the code on a page of its own takes the place of the ticket, which the foot has too
        # and where words are few there is more to turn
        instead = {"code": "ticket", "read-on": "read"}
        assert [instead.get(each, each) for each in here.choices()] == codes
        await here.drive("*")
        assert here.picture().lines[2:] == before.lines[2:]
        assert here.stages() == [*stages, "visit.left_out"]

        assert here.screen is screen
        assert here.app.focused is focused
        assert len(here.app.screen_stack) == depth


async def test_earlier_screens_follow(tmp_path: Path) -> None:
    """The screens behind are in the new language when the customer comes back to them."""
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4])
        here.expect(OfferScreen)
        await here.drive("#")
        assert i18n.language() == "en"
        for _ in range(4):
            await here.drive("9")
            label = next(iter(here.choices().values())).label
            assert label in here.picture()


async def test_an_answer_survives_the_switch(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, *TRANSFER[:3])
        await here.drive("#", "#")
        await hand.choose("yes")
        assert "5,000" in here.picture()
        assert '"amount": "upto_5k"' in here.events()[-1]["payload"]


async def test_large_type_once_is_no_persuasion_for_good(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here)
        await here.drive("*", "*")
        await hand.choose(TRANSFER[0])
        await hand.choose(TRANSFER[1])
        here.expect(TicketScreen)
        assert here.stages().count("visit.left_out") == 1
        assert here.report().offered == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_starting_in_a_language(language: str, tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await here.drive(str(LANGUAGES.index(language) + 1))
        assert i18n.language() == language
        assert here.events()[0]["language"] == language
