"""The offer is fair, and what stands there when something does not work."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lobby import Keys, lobby
from sqlalchemy import Connection, Engine, event
from stations import DIFFERENT, LARGE_CASH, TRANSFER, WITHDRAWAL, break_down, go, mend, reach

from kiosk import i18n
from kiosk.config import LANGUAGES
from kiosk.errors import KioskError
from kiosk.screens.customer.after_failure import AfterFailureScreen
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.branch import BranchScreen
from kiosk.screens.customer.failure import FailureScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.route import RouteScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.ballast import ballast_path, keep_ballast
from kiosk.services.customer import CustomerServices

pytestmark = pytest.mark.usefixtures("no_terminal")


async def test_both_cards_are_the_same_size(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4])
        here.expect(OfferScreen)
        top = next(line for line in here.picture().lines if "┌" in line)
        left, right = re.findall("┌─+┐", top)
        assert abs(len(left) - len(right)) <= 1


async def test_the_offer_says_time_fee_and_what_is_needed_on_both_sides(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4])
        await here.drive("#")
        channel, counter, _demo = here.expect(OfferScreen).choices()
        for card in (channel, counter):
            text = " ".join(card.lines)
            assert re.search(r"Takes about \d+–\d+ min", text)
            assert "Fee: " in text
            assert "Needed: " in text
            for line in filter(None, card.lines):
                first = line.split()[0]
                assert first in here.picture()
        assert "Fee: none" in " ".join(channel.lines)
        assert "Fee: 5 yuan" in " ".join(counter.lines)


@pytest.mark.parametrize("size", [(83, 24), (80, 24), (60, 20), (60, 60)])
@pytest.mark.parametrize("way", [TRANSFER[:4], WITHDRAWAL[:3]], ids="-".join)
async def test_what_is_compared_stands_level_on_both_cards(
    way: tuple[str, ...], size: tuple[int, int], tmp_path: Path
) -> None:
    """The first words of each line, in every language, however the lines above them fold."""
    async with lobby(tmp_path) as here:
        await go(here, *way)
        await here.resize(*size)
        for _ in LANGUAGES:
            await here.drive("#")
            left, right = here.expect(OfferScreen).choices()[:2]
            picture, half = here.picture(), size[0] // 2
            for one, other in zip(left.lines, right.lines, strict=True):
                rows = [
                    {y for x, y in picture.find(line[:6]) if (x > half) == is_right}
                    for line, is_right in ((one, False), (other, True))
                ]
                assert rows[0] & rows[1], (one, other)


async def test_the_card_says_where_the_channel_is(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *WITHDRAWAL[:3])
        assert "就在这个大厅办" in here.picture()


@pytest.mark.parametrize("key", ["7", "9"])
async def test_nobody_has_to_say_why_it_failed(key: str, tmp_path: Path) -> None:
    """Not saying it leads on, and back leads back: nothing was noted yet."""
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER, "failed")
        assert here.choices()["-"].label == "不想说"
        await here.drive(key)
        if key == "7":
            here.expect(AfterFailureScreen)
            assert here.events()[-1]["stage"] == "fell_back"
            assert here.events()[-1]["reason"] is None
        else:
            here.expect(RouteScreen)
            assert here.events()[-1]["stage"] == "accepted"


@pytest.mark.parametrize("key", ["7", "9"])
async def test_nobody_has_to_say_why_the_counter(key: str, tmp_path: Path) -> None:
    """Who would rather not say is not asked again."""
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4], "counter")
        before = here.stages()
        await Keys(here).choose("why")
        await here.drive(key)
        here.expect(TicketScreen)
        assert ("why" in here.choices()) == (key == "9")
        assert here.stages() == before
        assert here.report().decline_reasons == (("", 1),)


# --- when something does not work -------------------------------------------------------------


async def test_the_counter_stays_open_when_a_step_fails(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        hand = Keys(here)
        await go(here, LARGE_CASH[0])
        menu = here.expect(MenuScreen)
        break_down(here, "issue")
        await hand.choose(LARGE_CASH[1])
        here.expect(FailureScreen)
        assert "ticket.issued" not in here.stages()
        await here.drive("#")
        assert "terminal" in here.picture()
        await hand.choose("back")
        assert here.screen is menu
        mend(here, "issue")
        await here.drive("0")
        here.expect(TicketScreen)
        assert here.stages().count("ticket.issued") == 1


async def test_failing_again_and_again_piles_nothing_up(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, LARGE_CASH[0])
        break_down(here, "issue")
        for _ in range(4):
            await here.drive("0")
            here.expect(FailureScreen)
        assert len(here.app.screen_stack) <= 3
        await here.drive("9")
        here.expect(MenuScreen)


@contextmanager
def read_only_stores() -> Iterator[None]:
    """SQLite refuses every write, as on a disk that was mounted read-only."""
    mode = "ON"

    def begin(connection: Connection) -> None:
        # it stays, so that connections that are kept can write again: also for tests with a server
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA query_only={mode}")

    event.listen(Engine, "begin", begin)
    try:
        yield
    finally:
        mode = "OFF"


async def test_a_store_that_can_only_be_read(tmp_path: Path) -> None:
    """The real thing: SQLite itself refuses, the customer is told, and can go on later."""
    async with lobby(tmp_path) as here:
        await go(here, LARGE_CASH[0])
        with read_only_stores():
            await Keys(here).choose(LARGE_CASH[1])
            here.expect(FailureScreen)
        await here.drive("9")
        await Keys(here).choose(LARGE_CASH[1])
        here.expect(TicketScreen)
        assert here.stages()[-1] == "ticket.issued"


async def test_a_start_that_fails_says_so_and_the_next_one_works(tmp_path: Path) -> None:
    failing: list[bool] = [True]

    def fragile(services: CustomerServices) -> CustomerServices:
        start = services.visits.start

        def start_or_fail(*given: Any) -> Any:
            if failing:
                raise KioskError("disk_full", database="terminal.db")
            return start(*given)

        setattr(services.visits, "start", start_or_fail)  # noqa: B010
        return services

    async with lobby(tmp_path, services=fragile) as here:
        await here.drive("2")
        here.expect(AttractScreen)
        assert "out of order" in here.picture(), "in the language that was asked for"
        await here.drive("enter")
        assert "这台机器暂时用不了" in here.picture(), "and the next one in the terminal's own"
        failing.clear()
        await here.drive("enter")
        here.expect(HomeScreen)


async def test_an_end_that_fails_still_wipes(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:

        def fail(*_: object) -> None:
            raise KioskError("disk_full", database="terminal.db")

        await go(here, LARGE_CASH[0])
        setattr(here.services.visits, "end", fail)  # noqa: B010
        await here.drive("9", "9")
        here.expect(AttractScreen)
        assert len(here.app.screen_stack) == 1


async def test_a_full_disk_does_not_stop_a_customer(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        store = here.app.config.store_path
        assert keep_ballast(store)
        real = here.services.visits.start

        def start(*given: Any) -> Any:
            if ballast_path(store).exists():
                raise KioskError("disk_full", database=store)
            return real(*given)

        setattr(here.services.visits, "start", start)  # noqa: B010
        await here.drive("enter")
        here.expect(HomeScreen)
        assert here.stages() == ["visit.started"]


# --- too small a terminal ---------------------------------------------------------------------


SMALL = ((59, 20), (60, 19), (40, 12), (30, 8), (20, 5), (12, 3))
NUMBERED = [name for name in DIFFERENT if name != "away"]
"""Where a ticket is to be had."""


@pytest.mark.parametrize(
    ("name", "size"),
    [(name, SMALL[number % len(SMALL)]) for number, name in enumerate(NUMBERED)]
    + [("home", size) for size in SMALL],
)
async def test_too_small_says_so_and_gives_a_ticket(
    name: str, size: tuple[int, int], tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, name)
        i18n.use_language("zh_CN")
        had = here.stages().count("ticket.issued")
        await here.resize(*size)
        picture = here.picture()
        if size >= (30, 8) and not had:
            assert "屏幕太小" in picture
            assert "按 0 " in picture
        await here.drive("1")
        assert here.stages().count("ticket.issued") == had or name == "attract"
        await here.drive("0")
        here.expect(TicketScreen)
        issued = [each for each in here.events() if each["stage"] == "issued"]
        assert len(issued) - here.stages().count("ticket.cancelled") == 1
        assert str(issued[-1]["ticket_number"]) in here.picture()
        await here.resize(83, 24)
        here.expect(TicketScreen)
        assert "太小" not in here.picture()


@pytest.mark.parametrize("size", SMALL)
async def test_too_small_away_from_the_branch_still_says_where_it_is(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "away")
        i18n.use_language("zh_CN")
        await here.resize(*size)
        picture = here.picture()
        if size >= (30, 8):
            assert "城南支行" in picture
        await here.drive("1", "0")
        here.expect(BranchScreen)
        assert "ticket.issued" not in here.stages()


async def test_a_touch_takes_the_ticket_on_too_small_a_terminal(tmp_path: Path) -> None:
    async with lobby(tmp_path, size=(40, 12)) as here:
        await here.touch(20, 11)
        here.expect(TicketScreen)
        assert str(here.events()[-1]["ticket_number"]) in here.picture()
