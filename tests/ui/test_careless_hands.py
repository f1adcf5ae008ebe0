"""Hands that tremble, cards that lie on the keys, people who change their minds."""

from pathlib import Path

import pytest
from lobby import HANDS, foot_position, label_position, lobby
from stations import LARGE_CASH, TRANSFER, go
from test_idle_end import warned

from kiosk import i18n
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.help import HelpScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.question import QuestionScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.report import Share


@pytest.mark.parametrize(
    ("language", "name"), [("zh_CN", "简体中文"), ("en", "English"), ("zh_TW", "繁體中文")]
)
async def test_a_touched_language_is_the_visit_s(language: str, name: str, tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await here.touch(*label_position(here, name))
        here.expect(HomeScreen)
        assert i18n.language() == language
        assert here.events()[-1]["language"] == language


@pytest.mark.parametrize(
    ("key", "screen", "stage"),
    [
        ("0", TicketScreen, "ticket.issued"),
        ("8", HelpScreen, "help.asked"),
        ("*", HomeScreen, "visit.left_out"),
    ],
)
async def test_the_touched_foot_of_the_attract_screen_is_obeyed(
    key: str, screen: type, stage: str, tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await here.touch(*foot_position(here, key))
        assert isinstance(here.screen, screen)
        assert here.stages() == ["visit.started", stage]


async def test_a_trembling_finger_accepts_nothing(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:3])
        question = here.expect(QuestionScreen)
        spot = label_position(here, question.choices()[0].label)
        await here.touch(*spot)
        here.expect(OfferScreen)
        await here.touch(*spot, apart=0.2)
        here.expect(OfferScreen)
        assert "diversion.accepted" not in here.stages()
        await here.touch(*spot, apart=0.5)
        assert "diversion.accepted" in here.stages()


async def test_a_double_tap_on_the_attract_screen_starts_and_chooses_nothing(
    tmp_path: Path,
) -> None:
    async with lobby(tmp_path) as here:
        spot = label_position(here, "简体中文")
        await here.touch(*spot)
        await here.touch(*spot, apart=0.2)
        here.expect(HomeScreen)


async def test_a_button_that_starts_nothing_does_not_stay_pressed(tmp_path: Path) -> None:
    """The key that ended the visit trembles on the first screen, where it is a language's."""
    async with lobby(tmp_path) as here:
        before = here.picture().lines[3:]
        await go(here, *LARGE_CASH)
        await here.drive("1")
        here.expect(AttractScreen)
        await here.drive("1", apart=0.2)
        here.expect(AttractScreen)
        assert here.picture().lines[3:] == before


async def test_many_keys_at_once_uncover_the_screen_and_no_more(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, TRANSFER[0])
        menu = here.expect(MenuScreen)
        here.clock.advance(61)
        await warned(here)
        for key in "123":
            here.strike(key)
        await here.settle()
        assert here.screen is menu or len(here.app.screen_stack) > 2
        assert here.app.is_running


async def test_the_help_sign_stands_while_nobody_touches_it(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, TRANSFER[0])
        await here.drive("8")
        here.clock.advance(300)
        await here.settle()
        here.expect(HelpScreen)


async def test_a_ticket_over_a_ticket_is_one_ticket(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here)
        await here.drive("0", "8", "0")
        here.expect(TicketScreen)
        await here.drive("2")  # given back
        here.expect(HomeScreen)
        assert here.stages()[-1] == "ticket.cancelled"
        await here.drive("0")
        here.expect(TicketScreen)
        assert here.stages().count("ticket.issued") == 2


async def test_another_service_has_its_own_ticket_in_place_of_the_first(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here)
        await here.drive("0", "9")
        hand = HANDS["keys"](here)
        for code in LARGE_CASH:
            await hand.choose(code)
        here.expect(TicketScreen)
        assert here.stages()[-2:] == ["ticket.cancelled", "ticket.issued"]
        assert here.events()[-1]["service"] == LARGE_CASH[1]
        assert here.report().tickets == 1


@pytest.mark.parametrize("foot", ["0", "80"])
async def test_every_way_from_the_channel_to_the_counter_is_falling_back(
    foot: str, tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER)
        await here.drive(*foot)
        here.expect(TicketScreen)
        ticket = here.events()[-1]
        assert (ticket["service"], ticket["transferable"]) == (TRANSFER[1], 1)
        assert "diversion.fell_back" in here.stages()
        assert here.report().fall_back == Share(1, 1)


async def test_back_from_the_channel_and_to_the_counter_is_falling_back(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER)
        await here.drive("9")
        await HANDS["keys"](here).choose("counter")
        here.expect(TicketScreen)
        assert here.report().fall_back == Share(1, 1)
        assert here.report().declined == 0


async def test_a_detour_over_the_counter_that_ends_well_is_a_diversion(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER)
        await here.drive("0")
        here.expect(TicketScreen)
        here.clock.advance(seconds=30)
        await HANDS["keys"](here).choose("give-back")
        await HANDS["keys"](here).choose("done")
        report = here.report()
        assert (report.accepted, report.completed, report.fell_back, report.tickets) == (1, 1, 0, 0)


async def test_the_same_service_again_is_another_offer(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER, "done", "another")
        hand = HANDS["keys"](here)
        for code in (*TRANSFER[:-1], "counter"):
            await hand.choose(code)
        report = here.report()
        assert (report.offered, report.completed, report.declined, report.tickets) == (2, 1, 1, 1)


async def test_who_is_done_leaves_no_ticket_in_the_queue(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:-1], "counter")
        here.expect(TicketScreen)
        await here.drive("9")
        hand = HANDS["keys"](here)
        await hand.choose("channel")
        await hand.choose("done")
        assert here.stages()[-1] == "ticket.cancelled"
        assert here.report().tickets == 0


async def test_nothing_is_recorded_for_a_visit_that_has_ended(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *LARGE_CASH)
        here.clock.advance(1)
        here.strike("1")  # finished
        here.strike("0")
        here.strike("8")
        await here.settle()
        here.expect(AttractScreen)
        ended = here.stages().index("visit.ended")
        assert here.stages()[ended:] in (["visit.ended"], ["visit.ended", "visit.started"])


async def test_a_visit_that_a_crash_left_open_is_ended_at_the_next_start(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, TRANSFER[0])
        here.app._flow = None  # as if the power had gone
    async with lobby(tmp_path) as here:
        assert here.stages()[-1] == "visit.ended"
        assert here.events()[-1]["reason"] == "interrupted"
