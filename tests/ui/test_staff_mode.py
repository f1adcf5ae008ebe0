"""Into staff mode and out of it again: on a customer's terminal, behind the customer's back."""

import asyncio
import threading
from pathlib import Path

import pytest
from lobby import Lobby, lobby
from staff_here import (
    AUDITOR,
    IT,
    MANAGER,
    PIN,
    TELLER,
    WRONG,
    into_staff_mode,
    publish_roster,
    sign_in,
    staff_machine,
)
from stations import TRANSFER, go
from textual.widgets import Input

from kiosk import i18n
from kiosk.config import LANGUAGES
from kiosk.errors import KioskError
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.flow import Flow
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places import PLACES
from kiosk.sentences import sentence
from kiosk.services.visits import EndReason

NOW = PLACES["1"]


def modes(here: Lobby) -> set[str]:
    return set(here.app._modes)


async def test_from_the_attract_screen_and_back_to_it(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        before = modes(here)
        await into_staff_mode(here)
        here.expect(NOW)
        assert "王芳" in here.picture()
        assert here.stages() == []
        await here.drive("0")
        here.expect(AttractScreen)
        assert modes(here) == before
        assert here.stages() == []
        await here.drive("enter")
        here.expect(HomeScreen)


async def test_who_signs_in_ends_the_customers_visit(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:1])
        await into_staff_mode(here)
        here.expect(NOW)
        assert here.stages()[-1] == "visit.ended"
        assert here.events()[-1]["reason"] == "staff"
        await here.drive("0")
        here.expect(AttractScreen)
        assert not [mode for mode in modes(here) if mode.startswith(("visit", "staff"))]


async def test_who_does_not_sign_in_gives_the_visit_back(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, *TRANSFER[:1])
        await here.drive("#")
        publish_roster(here.config)
        stages, picture = here.stages(), here.picture().text
        await here.drive("ctrl+s")
        await sign_in(here, pin=WRONG)
        here.expect(SignInScreen)
        await here.drive("#", "escape", apart=0.0)
        here.expect(MenuScreen)
        assert here.picture().text == picture
        await here.drive("ctrl+s")
        here.expect(SignInScreen)
        here.clock.advance(31)
        await here.until(lambda: isinstance(here.screen, MenuScreen))
        assert here.stages() == stages
        await here.drive("1")
        assert here.stages() != stages


async def test_who_goes_away_is_signed_off(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await into_staff_mode(here)
        here.clock.advance(119)
        await here.drive("x", apart=0)
        here.clock.advance(119)
        await here.settle()
        here.expect(NOW)
        here.clock.advance(1)
        await here.until(lambda: isinstance(here.screen, AttractScreen))
        await here.settle()


async def test_a_stop_ends_staff_mode_too(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await into_staff_mode(here)
        await here.app.leave()
        assert here.app.return_code == 0


async def test_who_goes_back_while_the_visit_ends_has_not_come_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the visit ends whole, for all that the screen has gone which it was ended from."""
    end, go_on = Flow.end, asyncio.Event()

    async def end_late(flow: Flow, reason: EndReason) -> None:
        await go_on.wait()
        await end(flow, reason)

    monkeypatch.setattr(Flow, "end", end_late)
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:1])
        publish_roster(here.config)
        await here.drive("ctrl+s")
        for key in (*MANAGER, "enter", *PIN, "enter"):
            here.strike(key)
        await here.until(lambda: here.app._ending)
        here.strike("escape")
        await here.until(lambda: not any(mode.startswith("staff") for mode in modes(here)))
        go_on.set()
        await here.settle()
        here.expect(AttractScreen)
        assert here.stages()[-1] == "visit.ended"
        assert modes(here) == {"attract"}
        await here.drive("enter")
        here.expect(HomeScreen)


@pytest.mark.parametrize("keys", ["03", "30"])
async def test_no_place_comes_after_signing_off(keys: str, tmp_path: Path) -> None:
    """Whoever strikes both at once leaves nothing of theirs in front of the next customer."""
    async with lobby(tmp_path) as here:
        await into_staff_mode(here)
        for key in keys:
            here.strike(key)
        await here.settle()
        if keys == "30":  # the place was on its way, and took the key
            await here.until(lambda: not here.app._is_staffs)
            await here.settle()
        here.expect(AttractScreen)
        assert modes(here) == {"attract"}


async def test_others_stay_outside(tmp_path: Path) -> None:
    """Who is unknown."""
    async with lobby(tmp_path) as here:
        publish_roster(here.config)
        await here.drive("ctrl+s")
        await sign_in(here, "9999")
        here.expect(SignInScreen)
        assert sentence(KioskError("sign_in_refused")) in here.picture()
        await here.drive("escape")
        await into_staff_mode(here, TELLER)
        here.expect(NOW)


async def test_a_step_that_is_under_way_is_not_overtaken(tmp_path: Path) -> None:
    """Else the customer's next screen would come before the staff's."""
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:1])
        go_on = threading.Event()
        here.app.database_thread.submit(go_on.wait)
        here.clock.advance(1)
        here.strike("1")
        await here.until(lambda: any(each.group == "flow" for each in here.app.workers))
        here.strike("ctrl+s")
        await asyncio.sleep(0)
        here.app.call_later(go_on.set)
        await here.settle()
        assert isinstance(here.screen, CustomerScreen)
        assert "intent.stated" in here.stages()
        await here.drive("ctrl+s")
        here.expect(SignInScreen)


async def test_what_is_typed_right_after_the_chord_is_no_customer_s(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        publish_roster(here.config)
        for key in ("ctrl+s", *MANAGER, "enter", *PIN, "enter"):
            here.strike(key)
        await here.settle()
        here.expect(NOW)
        assert here.stages() == []


async def test_on_a_machine_of_their_own(tmp_path: Path) -> None:
    async with staff_machine(tmp_path, fast_tick=True) as here:
        await sign_in(here, pin=WRONG)
        here.expect(SignInScreen)
        await here.drive("escape")
        here.expect(SignInScreen)
        here.clock.advance(61)
        await here.until(lambda: not here.screen.query_one("#number", Input).value)
        await sign_in(here)
        here.expect(NOW)
        await here.drive("0")
        here.expect(SignInScreen)
        assert "王芳" not in here.picture()
        await sign_in(here)
        here.clock.advance(299)
        await here.settle()
        here.expect(NOW)
        here.clock.advance(1)
        await here.until(lambda: isinstance(here.screen, SignInScreen))
        await sign_in(here)
        await here.app.leave()
        assert here.app.return_code == 0


@pytest.mark.parametrize("size", [(60, 20), (83, 24), (120, 40)])
async def test_the_frame_fits(size: tuple[int, int], tmp_path: Path) -> None:
    async with lobby(tmp_path, size=size) as here:
        await into_staff_mode(here, MANAGER)
        for _ in LANGUAGES:
            names = [
                i18n._(place.SHORT or place.NAME) for place in here.expect(NOW).flow.places.values()
            ]
            assert all(name in here.picture() for name in names)
            assert "…" not in here.picture()
            await here.drive("#")


@pytest.mark.parametrize(
    ("number", "duties"),
    [(AUDITOR, {"figures"}), (TELLER, {"lobby", "figures"}), (IT, {"reconcile"})],
)
async def test_a_role_has_its_places_under_everybody_s_digits(
    number: str, duties: set[str], tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await into_staff_mode(here, number)
        for digit, place in PLACES.items():
            before = here.screen
            here.clock.advance(1)
            assert isinstance(before, PlaceScreen)
            before.open_place(digit)
            await here.settle()
            assert (type(here.screen) is place) == (place.DUTY in duties), place
            if place.DUTY not in duties:
                assert here.screen is before
