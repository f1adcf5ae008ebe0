"""The counter ticket: exactly one, whatever the hand does."""

from pathlib import Path

import pytest
from lobby import Keys, Lobby, foot_position, label_position, lobby
from stations import LARGE_CASH, TRANSFER, go, reach

from kiosk.screens.customer.after_failure import AfterFailureScreen
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.done import DoneScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.reason import ReasonScreen
from kiosk.screens.customer.route import RouteScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.report import Share


def number_of(here: Lobby) -> str:
    return str(here.events()[-1]["ticket_number"])


async def test_one_ticket_however_often_the_key_is_struck(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, LARGE_CASH[0])
        here.clock.advance(1)
        for _ in range(10):
            here.strike("0")
        await here.settle()
        here.expect(TicketScreen)
        await here.drive("0", "0", "0")
        here.clock.advance(1)
        for _ in range(5):
            here.clock.advance(0.5)  # no double strikes: every one counts
            here.strike("0")
        await here.settle()
        here.expect(TicketScreen)
        assert here.stages().count("ticket.issued") == 1


@pytest.mark.parametrize("where", ["foot", "button"])
async def test_one_ticket_however_fast_it_is_touched(where: str, tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, LARGE_CASH[0])
        label = here.choices()[LARGE_CASH[1]].label
        spot = foot_position(here, "0") if where == "foot" else label_position(here, label)
        here.clock.advance(1)
        for _ in range(8):
            here.tap(*spot)
        await here.settle()
        here.expect(TicketScreen)
        for _ in range(4):
            await here.touch(*foot_position(here, "0"))
        assert here.stages().count("ticket.issued") == 1
        assert here.report().tickets == 1


async def test_the_attract_screen_starts_one_visit_with_one_ticket(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        for _ in range(6):
            here.strike("0")
        await here.settle()
        here.expect(TicketScreen)
        assert here.stages() == ["visit.started", "ticket.issued"]


async def test_the_ticket_is_shown_again_from_everywhere(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *LARGE_CASH)
        number = number_of(here)
        await here.drive("9")
        here.expect(MenuScreen)
        assert number in here.picture()
        await here.drive("9")
        here.expect(HomeScreen)
        await here.drive("0")
        here.expect(TicketScreen)
        assert here.stages().count("ticket.issued") == 1


async def test_given_back_and_taken_anew(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, *LARGE_CASH)
        first = number_of(here)
        await hand.choose("give-back")
        here.expect(MenuScreen)
        assert here.stages()[-1] == "ticket.cancelled"
        assert first not in here.picture()
        assert here.report().tickets == 0
        await hand.choose(LARGE_CASH[1])
        here.expect(TicketScreen)
        assert number_of(here) > first
        assert here.report().tickets == 1


async def test_declining_takes_a_ticket_and_may_say_why(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, *TRANSFER[:4], "counter")
        here.expect(TicketScreen)
        await hand.choose("why")
        here.expect(ReasonScreen)
        await hand.choose("no_smartphone")
        here.expect(TicketScreen)
        assert "why" not in here.choices()
        await hand.choose("finish")
        assert here.stages() == [
            "visit.started", "intent.stated", "diversion.offered", "diversion.declined",
            "ticket.issued", "diversion.declined", "visit.ended",
        ]  # fmt: skip
        report = here.report()
        assert (report.offered, report.accepted, report.declined, report.tickets) == (1, 0, 1, 1)
        assert report.decline_reasons == (("no_smartphone", 1),)
        assert report.diversion_share == Share(0, 1)
        assert report.acceptance == Share(0, 1)


async def test_declining_with_the_foot_is_declining(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4])
        await here.drive("0")
        here.expect(TicketScreen)
        assert here.report().declined == 1
        assert here.report().decline_reasons == (("", 1),)


async def test_falling_back_keeps_the_time_of_arrival(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, *TRANSFER)
        here.clock.advance(40)
        await hand.choose("failed")
        await hand.choose("no_code")
        here.expect(AfterFailureScreen)
        await hand.choose("ticket")
        here.expect(TicketScreen)
        issued = here.events()[-1]
        assert issued["stage"] == "issued"
        assert issued["arrived_at"] == here.events()[0]["occurred_at"]
        assert issued["transferable"] == 1
        fell_back = here.events()[-2]
        assert (fell_back["stage"], fell_back["reason"]) == ("fell_back", "no_code")
        report = here.report()
        assert (report.accepted, report.completed, report.fell_back) == (1, 0, 1)
        assert (report.tickets, report.tickets_transferable) == (1, 1)
        assert report.diversion_share == Share(0, 1)


async def test_a_ticket_after_all_is_falling_back(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER)
        here.expect(RouteScreen)
        await here.drive("0")
        here.expect(TicketScreen)
        assert here.stages()[-2:] == ["diversion.fell_back", "ticket.issued"]
        assert here.events()[-1]["arrived_at"] == here.events()[0]["occurred_at"]


async def test_going_back_and_forth_makes_no_second_offer(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, *TRANSFER)
        for _ in range(2):
            await here.drive("9", "9", "9")
            await hand.choose("upto_5k")
            await hand.choose("yes")
            here.expect(OfferScreen)
            await hand.choose("channel")
            here.expect(RouteScreen)
        await hand.choose("done")
        assert here.stages().count("diversion.offered") == 1
        report = here.report()
        assert (report.offered, report.accepted, report.completed) == (1, 1, 1)
        assert report.tickets == 0


async def test_done_and_something_else(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, *TRANSFER, "done")
        here.expect(DoneScreen)
        await hand.choose("another")
        here.expect(HomeScreen)
        await hand.choose(LARGE_CASH[0])
        await hand.choose(LARGE_CASH[1])
        await hand.choose("finish")
        here.expect(AttractScreen)
        report = here.report()
        assert (report.visits, report.completed, report.tickets) == (1, 1, 1)
        assert report.diversion_share == Share(1, 1)
        assert report.diversion_ratio == Share(1, 1)


async def test_who_gets_another_ticket_reads_that_the_first_is_gone(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "ticket-second")
        assert "A1002" in here.customer_screen.flow.status().ticket
        assert "原来的 A1001 号已作废。" in here.picture()
        await here.drive("9", "0")
        assert "A1001" not in here.picture()


async def test_who_is_done_without_the_counter_reads_that_the_ticket_is_gone(
    tmp_path: Path,
) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, *TRANSFER[:4], "counter")
        await here.drive("9")
        await hand.choose("channel")
        await hand.choose("done")
        here.expect(DoneScreen)
        assert "B1001" in here.picture()
        await hand.choose("another")
        assert "B1001" not in here.picture()


async def test_a_double_strike_is_one_strike(tmp_path: Path) -> None:
    """A trembling hand strikes the first choice twice; the second strike is for no screen."""
    async with lobby(tmp_path) as here:
        await go(here)
        await here.drive("1")
        menu = here.expect(MenuScreen)
        await here.drive("1", apart=0.3)
        assert here.screen is menu
        await here.drive("1", apart=0.5)
        assert here.screen is not menu


@pytest.mark.parametrize("where", ["foot", "button"])
async def test_a_finger_that_slides_off_chooses_nothing(where: str, tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, LARGE_CASH[0])
        menu = here.expect(MenuScreen)
        first, second = list(here.choices().values())[:2]
        if where == "foot":
            spots = foot_position(here, "0"), foot_position(here, "8")
        else:
            spots = label_position(here, first.label), label_position(here, second.label)
        here.tap(*spots[0], release_at=spots[1])
        await here.settle()
        assert here.screen is menu
        assert here.stages() == ["visit.started"]
