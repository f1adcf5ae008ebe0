"""What if: by keys alone and by mouse alone, and a simulation that ends with who wanted it."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lobby import Lobby
from staff_here import TELLER, key_of, sign_in, staff_machine
from staff_looks import cut, cut_anywhere
from staff_year import StaffYear

from kiosk.db import Database
from kiosk.languages import Language
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.places import what_if
from kiosk.screens.staff_mode.places.now import NowScreen
from kiosk.screens.staff_mode.places.rhythm import RhythmScreen
from kiosk.screens.staff_mode.places.what_if import WhatIfScreen
from kiosk.screens.write_in import WriteInScreen
from kiosk.services.simulation.scenario_file import default_scenario, written
from kiosk.services.staff.what_if import OWN_SCENARIO
from kiosk.widgets.panel import Panel

FOR_EVER = 10_000
"""Days that nobody waits for."""


@pytest.fixture(autouse=True)
def _few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "DAYS", 6)


@asynccontextmanager
async def at_the_place(
    folder: Path,
    size: tuple[int, int] = (83, 24),
    language: Language = "en",
    own: str = "",
    *,
    has_tickets: bool = False,
    fast_tick: bool = False,
) -> AsyncIterator[Lobby]:
    """Somebody is in the place."""
    async with staff_machine(folder, size=size, fast_tick=fast_tick) as here:
        if own:
            (here.config.data_folder / OWN_SCENARIO).write_text(own, encoding="utf-8")
        if has_tickets:
            with closing(Database(here.config.branch_database_url)) as branch:
                today = date(2026, 11, 23)
                code, zone = here.config.branch.code, ZoneInfo("Asia/Shanghai")
                StaffYear(code, zone, today, 1).write(branch)
        await here.speak(language)
        await sign_in(here)
        await here.drive(*key_of(WhatIfScreen))
        here.expect(WhatIfScreen)
        yield here


def simulations() -> list[int]:
    """Children that simulate."""
    found = []
    for thread in Path(f"/proc/{os.getpid()}/task").iterdir():
        for pid in (thread / "children").read_text().split():
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if b"simulate" in command.split(b"\0"):
                found.append(int(pid))
    return found


async def touch(here: Lobby, words: str, at: int = -1) -> None:
    found = here.picture().find(words)
    assert found, f"no {words!r}\n{here.picture().text}"
    await here.touch(*found[at])


async def test_by_keys_alone(tmp_path: Path) -> None:
    async with at_the_place(tmp_path, (60, 20), "en", has_tickets=True) as here:
        here.says("These are the assumptions of a default branch, not yours.", "42 %")
        await here.drive("1", "+", "+", "2", "-")
        here.says("44 %")
        await here.drive("3", ".")
        here.expect(WriteInScreen)
        for key in "1200":
            here.strike(key)
        await here.drive("enter")
        here.says("12:00")
        await here.drive("5", "3", "-", "-", "-", "-", "9")  # one service alone
        await here.drive("enter")
        here.says("Mean wait in minutes, by half hour", "● today, so far", "as it is assumed")
        here.says("42 % diverted · counters: 5 · lunch 12:00, 60 min")
        assert not cut(here)
        await here.drive("+")
        here.says("the mean wait goes from", "the work that comes with them")
        await here.drive("9")
        here.says("Diverted, all services", "Usual days: the mean wait goes from")
        await here.drive("9")
        here.expect(NowScreen)


async def test_by_mouse_alone(tmp_path: Path) -> None:
    async with at_the_place(tmp_path, language="en") as here:
        await here.touch(*here.picture().find("+")[0])  # of the first line: no track is hit
        here.says("43 %")
        _x, y = here.picture().find("Counters open")[0]
        track = here.picture().text.splitlines()[y].rstrip()
        await here.touch(len(track) - 1, y)
        here.says("Counters open", " 12 ")
        await touch(here, "Diversion by service")
        await touch(here, "Back")
        await touch(here, "Simulate")
        here.says("43 % diverted · counters: 12", "Tickets −")
        assert "today, so far" not in here.picture()
        await touch(here, "Page 1 of")
        here.says("Whoever reckons with tickets alone promises too much.")
        here.says("Today's real waits are seen where the branch database may be read.")
        await touch(here, "Settings")
        await touch(here, "8 Rhythm", 0)
        here.expect(RhythmScreen)


async def test_it_has_room_everywhere(tmp_path: Path) -> None:
    async with at_the_place(tmp_path) as here:
        await here.drive("enter")
        assert not await cut_anywhere(here)
        await here.drive("*", "5")
        assert not await cut_anywhere(here)


async def is_simulating(here: Lobby) -> None:
    """Begin what nobody waits for."""
    here.strike("enter")
    panel = here.screen.query_one("#list", Panel)
    await here.until(lambda: any("simulated" in line[0].text for line in panel.lines if line))
    assert len(simulations()) == 1


async def test_enter_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "DAYS", FOR_EVER)
    async with at_the_place(tmp_path) as here:
        await is_simulating(here)
        await here.drive("enter")
        here.says("Stopped. Nothing has changed.", "Enter simulates what is set here.")
        assert not simulations()


async def test_it_ends_with_who_wanted_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "DAYS", FOR_EVER)
    async with at_the_place(tmp_path) as here:
        await is_simulating(here)
        await here.drive("9")
        here.expect(NowScreen)
        assert not simulations()
        await here.drive(*key_of(WhatIfScreen))
        await is_simulating(here)
        await here.drive("0")
        here.expect(SignInScreen)
        assert not simulations()


async def test_it_ends_when_nobody_is_there_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(what_if, "DAYS", FOR_EVER)
    async with at_the_place(tmp_path, fast_tick=True) as here:
        await is_simulating(here)
        here.clock.advance(minutes=30)
        await here.until(lambda: isinstance(here.screen, SignInScreen))
        await here.until(lambda: not simulations())


async def test_what_can_not_be_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_the_place(tmp_path) as here:
        await here.drive(*"2------")
        here.says("It can't be set to that here.")
        await here.drive("1", ".", "9", "9", "enter")
        here.expect(WriteInScreen)
        here.says("It can't be set to that here.")
        await here.drive("escape")
        monkeypatch.setattr(what_if, "DAYS", 1)  # the command refuses it, in its own way
        await here.drive("enter")
        here.says("The simulation has ended before its time:")
        monkeypatch.setitem(sys.modules, "tomli_w", None)
        await here.drive("enter")
        here.says("branch-kiosk[simulate]", "Enter simulates what is set here.")


async def test_the_branchs_own_scenario_is_used_and_named(tmp_path: Path) -> None:
    own = default_scenario().model_copy(update={"name": "South Branch, November"})
    async with at_the_place(tmp_path, own=written(own)) as here:
        here.says("South Branch, November")
        assert "not yours" not in here.picture()
        broken = written(own).replace("call_gap = 0.4", "call_gap = -1")
        (here.config.data_folder / OWN_SCENARIO).write_text(broken, encoding="utf-8")
        await here.drive("9", *key_of(WhatIfScreen))
        here.says("customers.call_gap")
        await here.drive("enter", "1", "+")  # nothing is there to be set
        here.expect(WhatIfScreen)
        assert not simulations()
        await here.drive("0")
        await sign_in(here, TELLER)
        assert "What if" not in here.picture()
        await here.drive("8", "8")
        here.expect(RhythmScreen)
