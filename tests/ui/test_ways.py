"""The three ways of a walk-in customer, by keys alone and by touches alone."""

from pathlib import Path

import pytest
from lobby import HANDS, Lobby, lobby
from stations import LARGE_CASH, TRANSFER

from kiosk import i18n
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.done import DoneScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.question import QuestionScreen
from kiosk.screens.customer.route import RouteScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.report import Share

pytestmark = pytest.mark.parametrize("hand_name", HANDS)


async def test_transfer_by_mobile_bank(hand_name: str, tmp_path: Path) -> None:
    """Back, another language and the idle warning on the way; nothing is lost, nothing doubled."""
    async with lobby(tmp_path, fast_tick=True) as here:
        hand = HANDS[hand_name](here)
        await hand.start()
        here.expect(HomeScreen)
        await hand.choose("transfer")
        here.expect(MenuScreen)
        await hand.choose("cross_bank_transfer")
        here.expect(QuestionScreen)
        await hand.choose("upto_5k")
        here.expect(QuestionScreen)
        await hand.foot("9")
        assert "upto_5k" in here.choices()
        await hand.choose("upto_5k")
        await hand.foot("#")
        assert i18n.language() == "en"
        await hand.choose("yes")
        here.expect(OfferScreen)
        await be_silent_and_touch(here)
        offer = here.expect(OfferScreen)
        assert "Transfer to another bank" in here.picture()
        assert [choice.code for choice in offer.choices()] == ["channel", "counter", "demo"]
        await hand.choose("channel")
        here.expect(RouteScreen)
        await hand.choose("done")
        here.expect(DoneScreen)
        await hand.choose("finish")
        here.expect(AttractScreen)

        assert here.stages() == [
            "visit.started", "intent.stated", "diversion.offered", "diversion.accepted",
            "diversion.completed", "visit.ended",
        ]  # fmt: skip
        started, intent, offered, accepted, completed, ended = here.events()
        assert {event["visit"] for event in here.events()} == {started["visit"]}
        assert started["language"] == "zh_CN"
        assert ended["language"] == "en"
        assert ended["reason"] == "finished"
        for event in (intent, offered, accepted, completed):
            assert event["service"] == "cross_bank_transfer"
        for event in (offered, accepted, completed):
            assert (event["offer"], event["channel"]) == (offered["offer"], "mobile")
        assert '"amount": "upto_5k"' in offered["payload"]
        assert "3000" not in "".join(map(str, offered.values()))
        assert completed["evidence"] == "customer_said"
        report = here.report()
        assert (report.visits, report.offered, report.accepted, report.completed) == (1, 1, 1, 1)
        assert (report.declined, report.fell_back, report.tickets) == (0, 0, 0)
        assert report.diversion_share == Share(1, 1)
        assert report.diversion_ratio == Share(1, 0)


async def test_large_cash_goes_to_the_counter(hand_name: str, tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        hand = HANDS[hand_name](here)
        await hand.start()
        await hand.choose(LARGE_CASH[0])
        await hand.foot("9")
        here.expect(HomeScreen)
        await hand.choose(LARGE_CASH[0])
        await hand.foot("#")
        await be_silent_and_touch(here)
        here.expect(MenuScreen)
        arrived_at = here.clock.now()
        await hand.choose(LARGE_CASH[1])
        ticket = here.expect(TicketScreen)
        assert "Cash is counted before you" in here.picture()
        assert "ID card" in here.picture()
        number = here.events()[-1]["ticket_number"]
        assert number == "A1001"
        assert ticket.service == "large_withdrawal"
        await hand.choose("finish")
        here.expect(AttractScreen)

        assert here.stages() == ["visit.started", "intent.stated", "ticket.issued", "visit.ended"]
        issued = here.events()[2]
        assert (issued["queue"], issued["transferable"]) == ("A", 0)
        assert issued["arrived_at"] < issued["occurred_at"]
        assert issued["arrived_at"] == here.events()[0]["occurred_at"]
        assert here.clock.now() > arrived_at
        report = here.report()
        assert (report.visits, report.tickets, report.tickets_transferable) == (1, 1, 0)
        assert report.offered == 0
        assert report.diversion_share == Share(0, 0)
        assert report.diversion_ratio == Share(0, 1)


async def test_sixty_and_older_get_a_ticket_without_an_offer(
    hand_name: str, tmp_path: Path
) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        hand = HANDS[hand_name](here)
        await hand.start()
        await hand.foot("*")
        assert here.expect(HomeScreen).has_class("-large")
        await hand.choose(TRANSFER[0])
        await hand.foot("9")
        await hand.choose(TRANSFER[0])
        await hand.foot("#")
        assert here.expect(MenuScreen).has_class("-large")
        here.clock.advance(100)  # the warning comes later in large type
        await be_silent_and_touch(here, 81)
        here.expect(MenuScreen)
        await hand.choose(TRANSFER[1])
        here.expect(TicketScreen)
        await hand.choose("finish")

        assert here.stages() == [
            "visit.started", "visit.left_out", "intent.stated", "ticket.issued", "visit.ended",
        ]  # fmt: skip
        report = here.report()
        assert (report.visits, report.visits_left_out) == (1, 1)
        assert (report.tickets, report.tickets_left_out, report.offered) == (1, 1, 0)
        assert report.tickets_transferable == 0
        assert report.diversion_share == Share(0, 0)
        assert report.diversion_ratio == Share(0, 0)


@pytest.mark.parametrize("codes", [TRANSFER[:3], TRANSFER, LARGE_CASH[:1]], ids="-".join)
async def test_walks_away_in_the_middle(
    codes: tuple[str, ...], hand_name: str, tmp_path: Path
) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        hand = HANDS[hand_name](here)
        await hand.start()
        for code in codes:
            await hand.choose(code)
        # whoever follows the steps on a phone has the time that they take
        patience = here.customer_screen.patience_seconds
        assert patience == (600 if codes == TRANSFER else 0)
        here.clock.advance(max(60, patience) + 30)
        await here.until(lambda: isinstance(here.screen, AttractScreen))
        await here.settle()
        assert here.events()[-1]["reason"] == "idle"
        assert here.stages().count("visit.ended") == 1
        report = here.report()
        assert (report.visits, report.tickets, report.completed) == (1, 0, 0)
        assert report.accepted == (codes == TRANSFER)


async def be_silent_and_touch(here: Lobby, seconds: float = 61) -> None:
    """Wait until the terminal asks, and answer."""
    from kiosk.screens.customer.idle_warning import IdleWarning

    here.clock.advance(seconds)
    await here.until(lambda: isinstance(here.screen, IdleWarning))
    await here.settle()
    await here.touch(1, 1, apart=0)
