"""The queue while the branch is away: told with its time for a while, and never as an argument."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lobby import Keys, Lobby, lobby
from stations import LARGE_CASH, TRANSFER, go
from support import default_rules

from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.customer import CustomerServices
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach
from kiosk.services.tickets import Tickets
from kiosk.widgets.band import Band


def beside_others(services: CustomerServices) -> CustomerServices:
    """As in a branch with several terminals: only the branch knows the queue."""
    queue = BranchQueue(services.journal, sees_all_tickets=False)
    return replace(services, tickets=Tickets(services.journal, default_rules(1), 1, queue))


def sync(here: Lobby) -> None:
    store, url = here.database(), here.config.branch_database_url
    try:
        origin = here.services.journal.origin
        synchronise(store, origin, lambda: reach(url, here.clock), here.clock)
    finally:
        store.close()


def status(here: Lobby) -> str:
    return here.screen.query_one(Band).status_text


def says(here: Lobby, text: str) -> Callable[[], bool]:
    return lambda: status(here) == text


async def known(here: Lobby) -> str:
    """Have the branch say who waits; returns how the terminal says it."""
    for _ in range(3):
        await go(here, *LARGE_CASH)
        sync(here)
        await Keys(here).choose("finish")
    here.expect(AttractScreen)
    await here.until(lambda: bool(status(here)))
    return status(here)


async def test_the_attract_screen_says_it_with_its_time_and_then_nothing(tmp_path: Path) -> None:
    async with lobby(tmp_path, services=beside_others, fast_tick=True) as here:
        before = await known(here)
        here.clock.advance(minutes=10)
        await here.until(says(here, f"{before}（09:30 的情况）"))
        sync(here)
        await here.until(lambda: "09:30" not in status(here))
        assert status(here)
        here.clock.advance(minutes=31)
        await here.until(says(here, ""))


async def test_it_is_no_argument_in_an_offer(tmp_path: Path) -> None:
    async with lobby(tmp_path, services=beside_others, fast_tick=True) as here:
        before = await known(here)
        here.clock.advance(minutes=10)
        await here.until(says(here, f"{before}（09:30 的情况）"))
        await go(here, *TRANSFER[:4])
        offer = here.expect(OfferScreen)
        told = "".join(line for choice in offer.choices() for line in choice.lines)
        assert "另加等候" in told or "不含等候" in told, told
        assert here.events()[-1]["stage"] == "offered"
        assert '"wait": null' in here.events()[-1]["payload"]
        assert says(here, f"{before}（09:30 的情况）")()


async def test_a_ticket_tells_what_was_known(tmp_path: Path) -> None:
    async with lobby(tmp_path, services=beside_others) as here:
        await known(here)
        here.clock.advance(minutes=10)
        await go(here)
        await here.drive("0")
        here.expect(TicketScreen)
        assert "09:30 的情况" in here.picture()
        assert '"wait": null' in here.events()[-1]["payload"]
