"""Who must choose a new PIN does so before anything else, and nobody sees it."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lobby import Lobby
from staff_here import MANAGER, PIN, roster, sign_in, staff_machine
from textual.widgets import Input

from kiosk.db import Database
from kiosk.i18n import _
from kiosk.screens.new_pin import NewPinScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.services.releases import Name, publish
from kiosk.widgets.words import Words

OWN = "804517"


async def asked(here: Lobby) -> None:
    """They have a PIN that somebody else made."""
    with closing(Database(here.config.branch_database_url)) as branch:
        body = roster().replace("roles = ", "must_change = true\nroles = ")
        publish(branch, None, Name.STAFF, body, datetime.now(UTC))
    await sign_in(here)
    here.expect(NewPinScreen)


async def type_pin(here: Lobby, pin: str) -> None:
    for key in pin:
        here.strike(key)
    await here.settle()
    assert pin not in here.picture().text
    await here.drive("enter")


@pytest.mark.parametrize("size", [(60, 20), (83, 24)])
async def test_a_pin_is_chosen_typed_twice_and_used(size: tuple[int, int], tmp_path: Path) -> None:
    async with staff_machine(tmp_path, size=size, fast_tick=True) as here:
        await asked(here)
        for first, second in ((OWN, PIN), ("123456", "123456"), (PIN, PIN)):
            await type_pin(here, first)
            await type_pin(here, second)
            here.expect(NewPinScreen)
            assert here.screen.query_one("#note", Words).text
            assert _("New PIN") in here.picture()
        await type_pin(here, OWN)
        assert _("New PIN, again") in here.picture()
        await type_pin(here, OWN)
        here.expect(PlaceScreen)
        await here.drive("0")
        await sign_in(here, pin=OWN)
        here.expect(PlaceScreen)
        assert OWN not in here.app.clipboard


async def test_who_goes_back_or_away_has_not_come_in(tmp_path: Path) -> None:
    async with staff_machine(tmp_path, fast_tick=True) as here:
        await asked(here)
        await here.drive("escape")
        here.expect(SignInScreen)
        assert not any(field.value for field in here.screen.query(Input))
        await sign_in(here, MANAGER)
        here.expect(NewPinScreen)
        await type_pin(here, OWN)
        here.clock.advance(61)
        await here.until(lambda: isinstance(here.screen, SignInScreen))
        await here.settle()
        assert not any(field.value for field in here.screen.query(Input))
