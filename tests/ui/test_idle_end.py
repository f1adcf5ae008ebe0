"""A session that nobody touches: a warning, a countdown, and nothing left of it."""

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest
from lobby import Keys, Lobby, lobby
from stations import LARGE_CASH, TRANSFER, go, reach

from kiosk import i18n
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.idle_warning import IdleWarning
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.question import QuestionScreen


async def warned(here: Lobby) -> IdleWarning:
    await here.until(lambda: isinstance(here.screen, IdleWarning))
    await here.settle()
    return here.expect(IdleWarning)


async def looked(here: Lobby, times: int = 3) -> None:
    """Until the app has looked at the clock some times more."""
    ticks: list[int] = []
    timer = here.app.set_interval(0.02, lambda: ticks.append(1))
    await here.until(lambda: len(ticks) >= times)
    timer.stop()
    await here.settle()


@pytest.mark.parametrize(("large", "seconds"), [(False, 60), (True, 180)])
async def test_the_warning_comes_in_time(large: bool, seconds: int, tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, LARGE_CASH[0])
        if large:
            await here.drive("*")
        here.clock.advance(seconds - 1)
        await looked(here)
        here.expect(MenuScreen)
        here.clock.advance(1)
        await warned(here)
        assert "30" in here.picture()
        for left in (29, 10, 1):
            here.clock.advance(seconds + 30 - left - silence(here))
            await here.until(lambda left=left: f" {left} " in here.picture())  # type: ignore[misc]
        here.clock.advance(1)
        await here.until(lambda: isinstance(here.screen, AttractScreen))


def silence(here: Lobby) -> float:
    """Seconds since the last touch."""
    return here.clock.monotonic_ns() / 1e9 - here.app._idle.last_touch


@pytest.mark.parametrize("key", ["0", "1", "9", "*", "#", "enter", "x", "escape", "f5"])
async def test_any_key_goes_on_and_does_nothing_else(key: str, tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, *TRANSFER[:2])
        before, text, stages = here.screen, here.picture().lines[2:], here.stages()
        here.clock.advance(85)
        await warned(here)
        await here.drive(key, apart=0)
        assert here.screen is before
        assert here.picture().lines[2:] == text
        assert i18n.language() == "zh_CN"
        assert here.stages() == stages
        await looked(here)
        assert here.screen is before
        here.clock.advance(50)
        await looked(here)
        assert here.screen is before
        await here.drive("2")
        assert here.expect(QuestionScreen) is not before


async def test_a_touch_anywhere_goes_on_and_does_nothing_else(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, *TRANSFER[:4])
        offer, stages = here.expect(OfferScreen), here.stages()
        for spot in ((40, 12), (10, 10), (3, 22), (82, 0)):
            here.clock.advance(61)
            await warned(here)
            await here.touch(*spot, apart=0)
            assert here.screen is offer
        assert here.stages() == stages


async def test_nothing_of_the_session_is_left(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here)
        await here.drive("#")
        hand = Keys(here)
        for code in TRANSFER:
            await hand.choose(code)
        await here.drive("*")
        flow = here.customer_screen.flow
        gone: list[weakref.ref[Any]] = [weakref.ref(flow), weakref.ref(flow.session)]
        gone += [weakref.ref(screen) for screen in here.app.screen_stack]
        mode = here.app.current_mode
        here.app.copy_to_clipboard("6222 0000 1111 2222")
        here.app.notify("6222 0000 1111 2222", timeout=3600)
        del flow
        here.clock.advance(630)
        await here.until(lambda: isinstance(here.screen, AttractScreen))
        await here.settle()

        assert here.app.current_mode != mode
        assert len(here.app.screen_stack) == 1
        assert mode not in here.app._screen_stacks
        assert not here.app.clipboard
        assert not list(here.app._notifications)
        assert i18n.language() == "zh_CN"
        assert "6222" not in here.picture()
        gc.collect()
        assert [each() for each in gone if each() is not None] == []

        assert here.events()[-1]["reason"] == "idle"
        assert here.stages()[-1] == "visit.ended"
        await here.drive("enter")
        screen = here.customer_screen
        assert isinstance(screen, CustomerScreen)
        assert not screen.has_class("-large")
        assert not screen.flow.session.left_out
        assert screen.flow.issued is None


async def test_no_timer_moves_a_screen(tmp_path: Path) -> None:
    """Nothing advances by itself before the warning: not even where it is all done."""
    for number, name in enumerate(("offer", "done", "ticket")):
        async with lobby(tmp_path / str(number), fast_tick=True) as here:
            screen = await reach(here, name)
            lines, stages = here.picture().lines[2:], here.stages()
            here.clock.advance(50)
            await looked(here)
            assert here.screen is screen
            assert here.picture().lines[2:] == lines
            assert here.stages() == stages


async def test_the_attract_screen_never_asks(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        here.clock.advance(3600)
        await looked(here)
        here.expect(AttractScreen)
        assert here.stages() == []
