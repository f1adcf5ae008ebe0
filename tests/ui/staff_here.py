"""Members of staff at a terminal of the tests: the roster, and signing in."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import argon2
import pytest
from lobby import Lobby, prepared_folder, shared_catalog
from support import FakeClock

from kiosk import bootstrap
from kiosk.app import KioskApp
from kiosk.bootstrap import build_staff_mode
from kiosk.config import Config, Printer
from kiosk.db import Database
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places import PLACES
from kiosk.services.releases import Name, publish
from kiosk.staff_mode_app import StaffModeApp

PIN, WRONG = "739164", "739165"
MANAGER, TELLER, AUDITOR, IT = "2001", "1001", "4001", "5001"
_QUICK = argon2.PasswordHasher(1, 8, 1)
"""The real hash takes a third of a second."""
_NAMES = {MANAGER: "王芳", TELLER: "李雷", AUDITOR: "韩梅", IT: "陈工"}
_ROLES = {
    MANAGER: "lobby_manager", TELLER: "teller", AUDITOR: "auditor", IT: "it",
}  # fmt: skip


def key_of(place: type[PlaceScreen]) -> str:
    """What is struck for a place."""
    return next(digit for digit, each in PLACES.items() if each is place)


def roster() -> str:
    """One person of each role."""
    pin_hash = _QUICK.hash(PIN)
    return "\n".join(
        f'[[staff]]\nnumber = "{number}"\nname = "{name}"\nroles = ["{_ROLES[number]}"]\n'
        f'pin_hash = "{pin_hash}"'
        for number, name in _NAMES.items()
    )


def publish_roster(config: Config) -> None:
    """Let the branch know its staff."""
    with closing(Database(config.branch_database_url)) as branch:
        publish(branch, None, Name.STAFF, roster(), datetime.now(UTC))


async def sign_in(here: Lobby, number: str = MANAGER, pin: str = PIN) -> None:
    """Type number and PIN where staff sign in."""
    here.expect(SignInScreen)
    for key in (*number, "enter", *pin):
        here.strike(key)
    await here.drive("enter")


async def into_staff_mode(here: Lobby, number: str = MANAGER) -> None:
    """Open staff mode on a customer terminal."""
    publish_roster(here.config)
    await here.drive("ctrl+s")
    await sign_in(here, number)


@asynccontextmanager
async def staff_machine(
    folder: Path,
    *,
    size: tuple[int, int] = (83, 24),
    fast_tick: bool = False,
    printer: Printer | None = None,
    branch_database: str = "",
    owner: str = "",
) -> AsyncIterator[Lobby]:
    """`kiosk staff` on a machine of its own, where nobody has signed in yet.

    Args:
        folder: For its data.
        size: Of its screen.
        fast_tick: It looks at its surroundings often.
        printer: Its own.
        branch_database: As it reaches it.
        owner: The same as its owner does, where the machine's login may publish nothing.
    """
    shutil.copytree(prepared_folder(), folder / "data")
    config = Config(
        data_folder=folder / "data",
        printer=printer or Printer(),
        branch_database=branch_database,
    )
    publish_roster(replace(config, branch_database=owner or branch_database))
    clock = FakeClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "load_catalog", lambda path: shared_catalog())
        if fast_tick:
            patch.setattr("kiosk.staff_mode_app._TICK_SECONDS", 0.02)
        app = StaffModeApp(config, lambda: build_staff_mode(config, clock), clock)
        async with app.run_test(size=size, notifications=True) as pilot:
            # it has what a test needs of a terminal's app
            here = Lobby(cast("KioskApp", app), pilot, config, clock)
            await here.settle()
            yield here
