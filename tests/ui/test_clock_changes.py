"""The clock of a machine is set, by people, time servers and laws; and a day goes by."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lobby import Lobby, lobby
from stations import TRANSFER, go
from test_idle_end import looked

from kiosk.config import Config
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.ticket import TicketScreen

BERLIN = replace(Config(), branch=replace(Config().branch, time_zone="Europe/Berlin"))


def numbers(here: Lobby) -> list[tuple[str, str]]:
    """Day and number of every ticket, in the order in which they were issued."""
    issued = [event for event in here.events() if event["stage"] == "issued"]
    return [(str(event["business_date"]), str(event["ticket_number"])) for event in issued]


def is_whole(here: Lobby) -> bool:
    """Whether no event is missing."""
    seqs = [event["seq"] for event in here.events()]
    return seqs == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize("jump", [timedelta(hours=5), timedelta(hours=-5)], ids=["on", "back"])
async def test_a_clock_that_is_set_changes_nothing_for_who_stands_there(
    jump: timedelta, tmp_path: Path
) -> None:
    """Silence is counted on a clock that nobody sets."""
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, TRANSFER[0])
        menu = here.expect(MenuScreen)
        here.clock.jump(seconds=jump.total_seconds())
        await looked(here)
        assert here.screen is menu
        await here.drive("0")
        here.expect(TicketScreen)
        here.says(f"{here.app.local_time():%H:%M}")
        await here.drive("1")
        here.expect(AttractScreen)
        await here.drive("0")
        assert [number for _day, number in numbers(here)] == ["A1001", "A1002"]
        assert is_whole(here)


async def test_the_hour_that_comes_twice(tmp_path: Path) -> None:
    """Half past two in summer time, and once more an hour later."""
    async with lobby(tmp_path, config=BERLIN) as here:
        here.clock.time = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
        for number in ("A1001", "A1002"):
            await here.drive("0")
            here.expect(TicketScreen)
            here.says("02:30", number)
            await here.drive("1")
            here.clock.advance(seconds=3600 - 2)
        assert numbers(here) == [("2026-10-25", "A1001"), ("2026-10-25", "A1002")]
        assert is_whole(here)


async def test_a_day_goes_by(tmp_path: Path) -> None:
    """A customer every other hour who takes a ticket and walks away, through midnight."""
    async with lobby(tmp_path, fast_tick=True) as here:
        for _ in range(12):
            await here.drive("0")
            here.expect(TicketScreen)
            here.clock.advance(700)
            await here.until(lambda: isinstance(here.screen, AttractScreen))
            await here.settle()
            here.clock.advance(7200 - 701)
            await looked(here)
            here.expect(AttractScreen)
        days = [day for day, _number in numbers(here)]
        assert sorted(set(days)) == ["2026-11-23", "2026-11-24"]
        for day in set(days):
            found = [number for of, number in numbers(here) if of == day]
            assert found == [f"A{1001 + place}" for place in range(len(found))]
        assert {event["reason"] for event in here.events() if event["stage"] == "ended"} == {"idle"}
        assert is_whole(here)
