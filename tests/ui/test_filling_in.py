"""Filling in while waiting: as the customer likes, for the counter's eyes, never in an event."""

from pathlib import Path

import pytest
from lobby import HANDS, Hand, Keys, Lobby, lobby
from sqlalchemy import text
from stations import LARGE_CASH, TRANSFER, go, reach
from test_idle_end import warned

from kiosk.screens.customer.filling import ChoiceFieldScreen, EntriesScreen, NumberFieldScreen
from kiosk.screens.customer.help import HelpScreen
from kiosk.screens.customer.idle_warning import IdleWarning
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.widgets.number_pad import NumberPad
from kiosk.widgets.words import Words

pytestmark = pytest.mark.usefixtures("no_terminal")

FILL_IN = (*LARGE_CASH, "fill-in")


def kept(here: Lobby) -> dict[str, str]:
    """What the store keeps for the branch."""
    database = here.database()
    try:
        with database.read() as connection:
            rows = connection.execute(text("SELECT field, value FROM ticket_entry"))
            return {row.field: row.value for row in rows}
    finally:
        database.close()


async def press(here: Lobby, hand: Hand, key: str) -> None:
    """A key of the number pad, struck or touched."""
    if isinstance(hand, Keys):
        await here.drive({"Enter": "enter", ".": "decimal"}.get(key, key))
        return
    x, y = here.picture().find(f" {key} ", here.screen.query_one(NumberPad).region)[0]
    await here.touch(x + 1, y)


def help_line(here: Lobby) -> str:
    return here.screen.query_one("#help", Words).text


@pytest.mark.parametrize("hand_name", HANDS)
@pytest.mark.parametrize("size", [(83, 24), (60, 20)])
async def test_the_whole_way(hand_name: str, size: tuple[int, int], tmp_path: Path) -> None:
    async with lobby(tmp_path, size=size) as here:
        hand = HANDS[hand_name](here)
        await go(here, *FILL_IN, hand=hand)
        here.expect(NumberFieldScreen)
        for key in ("5", "0", "7", ".", "0", "0", "0", "Enter"):
            await press(here, hand, key)
        here.expect(ChoiceFieldScreen)
        await hand.choose("mixed")
        here.expect(EntriesScreen)
        assert "金额：50,000 元" in here.picture()
        assert "要什么面额：大小搭配" in here.picture()
        assert "办完就删除" in here.picture()
        assert kept(here) == {}
        stages = here.stages()
        await hand.choose("hand-over")
        here.expect(TicketScreen)
        assert "窗口叫号时会看到" in here.picture()
        assert kept(here) == {"amount": "5000000", "notes": "mixed"}
        await hand.choose("finish")

        assert here.stages() == [*stages, "visit.ended"]
        told = "".join(str(value) for event in here.events() for value in event.values())
        assert "mixed" not in told
        assert "50000" not in told


async def test_everything_can_be_left_out(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "no-entries")
        assert "什么都没填" in here.picture()
        await Keys(here).choose("ticket")
        here.expect(TicketScreen)
        assert kept(here) == {}
        assert "窗口叫号时会看到" not in here.picture()


async def test_back_leads_back_and_keeps_what_was_typed(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "entries")
        await here.drive("9")
        here.expect(ChoiceFieldScreen)
        await here.drive("9")
        here.expect(NumberFieldScreen)
        assert "50,000 元" in here.picture()
        here.says("Enter 继续")
        await here.drive("decimal", "decimal", "decimal", "decimal", "decimal")
        here.expect(NumberFieldScreen)
        assert "50,000 元" not in here.picture()
        await here.drive("decimal")
        here.expect(TicketScreen)
        assert kept(here) == {}


async def test_a_number_that_can_not_be_is_refused_kindly(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "number-typed")
        assert help_line(here) == "大约就行，到窗口再定。"
        await here.drive("0", "0", "0")  # one more than the largest amount has
        assert "50,000 元" not in here.picture()
        assert help_line(here) == "请再看一下：20,001 至 1,000,000 元。"
        await here.drive("enter")
        here.expect(NumberFieldScreen)
        assert help_line(here) == "请再看一下：20,001 至 1,000,000 元。"
        await here.drive("decimal")
        assert help_line(here) == "大约就行，到窗口再定。"
        await here.drive("enter")
        here.expect(ChoiceFieldScreen)


async def test_nothing_begins_with_zero(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *FILL_IN)
        await here.drive("0", "0")
        here.expect(NumberFieldScreen)
        await here.drive("enter")  # still nothing: left out
        here.expect(ChoiceFieldScreen)


async def test_what_was_handed_over_can_be_changed_and_taken_back(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await reach(here, "ticket-filled-in")
        await hand.choose("fill-in")
        assert "50,000 元" in here.picture()
        await here.drive("decimal", "decimal", "9", "9", "enter")
        assert "刚才选的是这个" in here.picture()
        await hand.choose("any")
        assert kept(here) == {"amount": "5000000", "notes": "hundreds"}
        await hand.choose("hand-over")
        assert kept(here) == {"amount": "5009900", "notes": "any"}
        await hand.choose("fill-in")
        await here.drive("enter")
        await hand.choose("any")
        await hand.choose("throw-away")
        here.expect(TicketScreen)
        # the branch may have it already: it has to hear that it is gone
        assert kept(here) == {"amount": "", "notes": ""}
        await hand.choose("fill-in")
        assert "50,099 元" not in here.picture()


async def test_it_goes_with_the_ticket(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "ticket-filled-in")
        await Keys(here).choose("give-back")
        assert kept(here) == {}
        await Keys(here).choose(LARGE_CASH[1])
        await Keys(here).choose("fill-in")
        assert "50,000 元" not in here.picture()


async def test_another_service_takes_nothing_along(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await reach(here, "ticket-filled-in")
        await here.drive("9")
        await hand.choose("coins_and_damaged")
        assert kept(here) == {}
        assert "窗口叫号时会看到" not in here.picture()
        await hand.choose("fill-in")
        await hand.choose("damaged")
        assert "50,000 元" not in here.picture()


async def test_a_hand_that_trembles_types_nothing_and_skips_nothing(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *LARGE_CASH)
        await here.drive("3")
        here.expect(NumberFieldScreen)
        await here.drive("3", apart=0.2)
        assert "20,001 至 1,000,000 元" in here.picture()
        await here.drive("3")
        await here.drive(*"3000", apart=0.1)  # a quick hand types the same digit twice
        assert "33,000 元" in here.picture()
        await here.drive("enter")
        await here.drive("enter", apart=0.2)
        here.expect(ChoiceFieldScreen)


async def test_help_and_the_ticket_are_one_step_away(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "number-typed")
        await here.drive("plus")
        here.expect(HelpScreen)
        await here.drive("1")
        assert "50,000 元" in here.picture()
        x, y = here.picture().find("您的号：")[0]
        await here.touch(x, y)
        here.expect(TicketScreen)


@pytest.mark.parametrize("codes", [(), ("cash", "deposit", "yes")], ids=["no-service", "no-fields"])
async def test_nobody_is_asked_where_there_is_nothing_to_fill_in(
    codes: tuple[str, ...], tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *codes)
        await here.drive("0")
        here.expect(TicketScreen)
        assert "fill-in" not in here.choices()


async def test_the_warning_tells_what_stays(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await reach(here, "ticket-filled-in")
        here.clock.advance(61)
        await warned(here)
        here.expect(IdleWarning)
        assert "您填给窗口的内容也保留着" in "".join(here.picture().text.split())


async def test_a_declined_offer_s_ticket_can_be_filled_in(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4], "counter", "fill-in")
        here.expect(NumberFieldScreen)
