"""Figures, Targets, Rhythm, Morning sheet: what they show is what the services count."""

import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lobby import Lobby, foot_position
from receipt import read
from staff_here import AUDITOR, MANAGER, TELLER, key_of, sign_in, staff_machine
from staff_looks import cut_anywhere
from staff_year import StaffYear
from support import BRANCH, SHANGHAI, rows

from kiosk.config import Printer
from kiosk.db import Database
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places.figures import FiguresScreen
from kiosk.screens.staff_mode.places.follow_up import FollowUpScreen
from kiosk.screens.staff_mode.places.morning import MorningScreen
from kiosk.screens.staff_mode.places.rhythm import RhythmScreen
from kiosk.screens.staff_mode.places.targets import TargetsScreen
from kiosk.screens.staff_mode.read import ReadScreen
from kiosk.services.audit import entries
from kiosk.services.demos_report import Days
from kiosk.services.releases import Name, publish
from kiosk.services.staff.figures import people

pytestmark = pytest.mark.usefixtures("no_terminal")

TODAY = date(2026, 11, 23)
"""A Monday; the tests' clock stands at half past nine."""
FIRST = date(2026, 10, 26)
TARGETS = """
[[targets]]
metric = "signed"
product = "mobile"
period = "2026"
unit = "count"
value = 400

[[targets]]
metric = "turnover"
period = "2026-Q4"
unit = "hundred_million_yuan"
value = "52"
"""


@asynccontextmanager
async def month(
    folder: Path, number: str = MANAGER, printer: Printer | None = None
) -> AsyncIterator[Lobby]:
    """A branch with four weeks and a Monday behind it."""
    async with staff_machine(folder, printer=printer) as here:
        with closing(Database(here.config.branch_database_url)) as branch:
            StaffYear(BRANCH, SHANGHAI, FIRST, 29).write(branch)
            publish(branch, None, Name.TARGETS, TARGETS, datetime.now(UTC))
        await here.speak("en")
        await sign_in(here, number)
        yield here


async def test_the_figures_of_a_day_a_month_a_year(tmp_path: Path) -> None:
    async with month(tmp_path) as here:
        await here.drive(key_of(FiguresScreen))
        here.says("Today  2026-11-23", "How counted", "Page 1 of")
        await here.drive(".")
        here.says("This month  2026-11-01 – 2026-11-23")
        with closing(Database(here.config.branch_database_url)) as branch:
            found = people(branch, BRANCH, Days(date(2026, 11, 1), TODAY))
        assert found
        shown = here.picture().lines
        for each in found:
            line = next(line for line in shown if line.strip().startswith(each.staff))
            assert f" {each.approached} " in line
        await here.drive("*")
        here.expect(ReadScreen)
        here.says("Seen done: talks in which staff saw it done on an e-channel")
        await here.drive("enter", "enter", "enter")
        here.expect(FiguresScreen)
        assert not await cut_anywhere(here)
        pages = []
        for _ in range(14):
            pages.append(here.picture().text)
            await here.drive("+")
        assert any("Beside all branches" in page for page in pages)
        assert any("Ranking" in page for page in pages)


async def test_targets_rhythm_and_the_morning(tmp_path: Path) -> None:
    async with month(tmp_path) as here:
        await here.drive(key_of(TargetsScreen))
        here.says("Targets that run now", "400", "52")
        assert not await cut_anywhere(here)
        await here.drive("*", "-", key_of(RhythmScreen))
        here.expect(RhythmScreen)
        here.says("as usual", "Usual: the median of 4 earlier days of this weekday.", "█")
        assert not await cut_anywhere(here)
        await here.drive("-", key_of(MorningScreen))
        here.says("November 22, 2026", "no data")
        await here.drive(".")
        here.says("November 21, 2026", "Came into use")
        assert not await cut_anywhere(here)
        await here.drive("*")
        here.says("No printer is set up for this machine.")


async def test_the_morning_on_paper(tmp_path: Path) -> None:
    device = tmp_path / "lp0"
    device.touch()
    settings = Printer(kind="file", device=device, paper=58)
    async with month(tmp_path, printer=settings) as here:
        await here.speak("zh_CN")
        await here.drive(key_of(MorningScreen), ".", "*")
        here.says("已送到打印机。")
        paper = read(device.read_bytes())
        assert all(line.columns <= 32 for line in paper.lines)
        assert [line.text for line in paper.lines[1:3]] == ["晨会单", "2026-11-21"]
        # what is on paper is what the pages on the screen say
        pages = ""
        for _ in range(4):  # what is told of the printer takes a row at first
            pages += "".join(here.picture().text.split())
            await here.drive("+")
        titles = [line.text.split()[0] for line in paper.lines if line.bold][2:]
        assert len(titles) == 6
        assert all(title in pages for title in titles)
        assert f"打印时间：2026-11-23 {here.clock.now().astimezone(SHANGHAI):%H:%M}" in paper.text
        assert paper.is_cut
        # it has left the program, and somebody took it
        address = f"sqlite:///{here.config.store_path}"
        with closing(Database(address)) as store, store.read() as connection:
            *_before, last = [each.entry for each in entries(connection, BRANCH)]
        assert (last.staff, last.subject, last.result) == (MANAGER, "morning 2026-11-21", "print")
        device.unlink()
        await here.drive("*")
        here.says("连接不上打印机")


async def test_a_teller_takes_nothing_away(tmp_path: Path) -> None:
    device = tmp_path / "lp0"
    device.touch()
    async with month(tmp_path, TELLER, Printer(kind="file", device=device)) as here:
        await here.drive(key_of(MorningScreen), "*")
        here.expect(MorningScreen)
        assert "Print" not in here.picture().text
        assert device.read_bytes() == b""


async def test_who_may_see_what(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        for number, places in (
            (TELLER, (FiguresScreen, RhythmScreen, MorningScreen)),
            (AUDITOR, ()),
        ):
            await sign_in(here, number)
            seen = here.expect(PlaceScreen).flow.places.values()
            assert TargetsScreen not in seen
            assert set(places) <= set(seen)
            await here.drive("0")


def exported(here: Lobby) -> list[tuple[object, ...]]:
    entries = "SELECT staff, subject, result FROM audit_entry WHERE action = 'exported'"
    return rows(here.config.store_path, entries)


async def test_what_is_shown_goes_into_a_file(tmp_path: Path) -> None:
    async with month(tmp_path) as here:
        folder = here.config.data_folder / "exports"
        shown = (
            (FiguresScreen, ".", "1", "figures", "2026-11-01 – 2026-11-23", "csv"),
            (TargetsScreen, "", "2", "targets", "2026-11-23", "xlsx"),
            (RhythmScreen, "", "3", "rhythm", "2026-11-23", "html"),
            (MorningScreen, ".", "1", "morning", "2026-11-21", "csv"),
            (FollowUpScreen, "*", "3", "follow-ups", "2026-11-23", "html"),
            (FiguresScreen, ".", "3", "figures", "2026-11-01 – 2026-11-23", "html"),
        )
        names = []
        for place, first, digit, name, days, suffix in shown:
            names.append(f"{name}-{days.replace(' – ', '_')}.{suffix}")
            await here.drive(key_of(place), *first, "enter", digit)
            here.expect(place)
            here.says(f"Written in the data folder: exports/{names[-1]}")
            if place is RhythmScreen:
                assert not await cut_anywhere(here)
            await here.drive("-")
        assert {each.name for each in folder.iterdir()} == set(names)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
        assert exported(here) == [
            (MANAGER, f"{name} {days}", suffix) for _, _, _, name, days, suffix in shown
        ]
        with closing(Database(here.config.branch_database_url)) as branch:
            found = people(branch, BRANCH, Days(date(2026, 11, 1), TODAY))
        lines = (folder / names[0]).read_text("utf-8-sig").splitlines()
        assert {f"{each.staff}" for each in found} <= {line.partition(",")[0] for line in lines}
        page = (folder / names[-1]).read_text()
        assert "Customers of 60+ and in large type are in none of these figures." in page
        assert "Seen done: talks in which staff saw it done on an e-channel" in page


async def test_the_mouse_exports_too_and_a_step_back_exports_nothing(tmp_path: Path) -> None:
    async with month(tmp_path) as here:
        await here.drive(key_of(MorningScreen), "enter")
        assert not await cut_anywhere(here)
        await here.drive("-")
        here.expect(MorningScreen)
        assert exported(here) == []
        await here.touch(*foot_position(here, "Enter"))
        xlsx = here.picture().find("XLSX")[0]
        await here.touch(*xlsx)
        await here.touch(*xlsx)
        here.says("Written in the data folder: exports/morning-2026-11-22.xlsx")
        assert exported(here) == [(MANAGER, "morning 2026-11-22", "xlsx")]


async def test_who_may_not_export_finds_no_key_for_it(tmp_path: Path) -> None:
    async with month(tmp_path, TELLER) as here:
        for place in (FiguresScreen, RhythmScreen, MorningScreen, FollowUpScreen):
            await here.drive(key_of(place))
            assert "Export" not in here.picture()
            await here.drive("enter", "1")
            await here.drive("-")
        await here.drive("0")
        await sign_in(here, AUDITOR)
        await here.drive("enter")
        here.expect(FiguresScreen)
        assert exported(here) == []
        assert not (here.config.data_folder / "exports").exists()


async def test_a_file_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    async with month(tmp_path) as here:
        (here.config.data_folder / "exports").write_text("in the way")
        await here.drive(key_of(MorningScreen), "enter", "1")
        here.expect(MorningScreen)
        assert "Written" not in here.picture()
        assert here.screen.query_one("#note").region.height
