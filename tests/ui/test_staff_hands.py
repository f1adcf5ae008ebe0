"""The main job of every place by mouse; what careless hands do to the steps on the way."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from lobby import Lobby
from picture import Picture
from staff_here import MANAGER, PIN, WRONG, key_of, sign_in, staff_machine
from staff_year import StaffYear
from support import BRANCH, SHANGHAI, rows

from kiosk import i18n
from kiosk.db import Database
from kiosk.screens.pick import PickScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places import PLACES
from kiosk.screens.staff_mode.places.assist import AssistScreen
from kiosk.screens.staff_mode.places.day_book import DayBookScreen
from kiosk.screens.staff_mode.places.figures import FiguresScreen
from kiosk.screens.staff_mode.places.follow_up import FollowUpScreen
from kiosk.screens.staff_mode.places.morning import MorningScreen
from kiosk.screens.staff_mode.places.now import NowScreen
from kiosk.screens.staff_mode.places.reconcile import ReconcileScreen
from kiosk.screens.staff_mode.places.rhythm import RhythmScreen
from kiosk.screens.staff_mode.places.sign_up import SignUpScreen
from kiosk.screens.staff_mode.places.targets import TargetsScreen
from kiosk.screens.staff_mode.places.what_if import WhatIfScreen
from kiosk.screens.staff_mode.read import ReadScreen
from kiosk.screens.write_in import WriteInScreen
from kiosk.services.staff.consent import consent_text
from kiosk.services.staff.contacts import Purpose
from kiosk.widgets.place_list import PlaceList

RECEIPT, PHONE = "KH2026-000123", "13812341234"
TODAY = date(2026, 11, 23)
TYPED = "type:"
JOBS: Mapping[type[PlaceScreen], tuple[Sequence[str], str]] = {
    NowScreen: (("Switch off or on", "Online banking", "Until the end of the day"), "all day"),
    AssistScreen: (("Transfer to another bank", "Shown how to do it"), "Noted:"),
    SignUpScreen: (
        (
            "Merchant", "QR code for payments", "Go on", "The customer has read this",
            "None of these", TYPED + RECEIPT, "Sign up", "No number is left", "Finish",
        ),
        "Signed today: 1 product",
    ),
    FollowUpScreen: (("late", "They will try"), "Noted: They will try"),
    DayBookScreen: (("Round 1", "Online banking", "Note it"), "not in order: Online banking"),
    FiguresScreen: (("This month", "How counted", "Close"), "This month  2026-11-01"),
    TargetsScreen: (("How counted", "Close"), "Targets that run now"),
    RhythmScreen: (("Page 1 of",), "Page 2 of"),
    WhatIfScreen: (("Diversion by service",), "Passbooks and statements"),
    MorningScreen: (("The day before",), "November 21, 2026"),
    ReconcileScreen: (("By channel and day", "Back"), "Batches and the branch's receipts"),
}  # fmt: skip
"""What is touched in each place, one after the other, and what stands there at the end."""


@asynccontextmanager
async def signed_in(folder: Path, *, days: int = 0) -> AsyncIterator[Lobby]:
    """A machine of a branch with some days behind it, where somebody has signed in."""
    async with staff_machine(folder) as here:
        with closing(Database(here.config.branch_database_url)) as branch:
            first = TODAY - timedelta(days=days - 1)
            StaffYear(BRANCH, SHANGHAI, first, days).write(branch)
        await here.speak("en")
        await sign_in(here)
        yield here


async def touch(here: Lobby, words: str) -> None:
    """Touch what says so; of a text that is there twice, the lower one: that is the foot's."""
    found = here.picture().find(words)
    assert found, f"no {words!r}\n{here.picture().text}"
    await here.touch(*found[-1])


async def type_in(here: Lobby, text: str) -> None:
    here.expect(WriteInScreen)
    for each in text:
        here.strike(each)
    await here.settle()


async def read_to_the_end(here: Lobby) -> None:
    while "Read on" in here.picture():
        await touch(here, "Read on")


async def test_each_place_by_mouse(tmp_path: Path) -> None:
    """Only what is written is typed."""
    assert set(JOBS) == set(PLACES.values())
    async with signed_in(tmp_path, days=15) as here:
        for digit, place in PLACES.items():
            await touch(here, f" {digit} {i18n._(place.SHORT or place.NAME)} ")
            here.expect(place)
            touched, at_the_end = JOBS[place]
            for words in touched:
                if words.startswith(TYPED):
                    await type_in(here, words.removeprefix(TYPED))
                else:
                    await read_to_the_end(here)
                    await touch(here, words)
            here.expect(place)
            here.says(at_the_end)
        await touch(here, "Sign off")
        here.expect(SignInScreen)
        assert {
            "outage.began", "assist.ended", "sign_up.signed", "follow_up.done", "day_book.checked",
        } <= set(here.stages())  # fmt: skip


async def test_a_key_that_is_struck_many_times_takes_one_screen_away(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as here:
        await touch(here, "Switch off or on")
        here.expect(PickScreen)
        for _ in range(9):
            here.strike("escape")
        await here.settle()
        assert here.app.is_running
        here.expect(NowScreen)


@pytest.mark.parametrize("is_touch_first", [True, False])
async def test_a_place_that_is_left_asks_nothing_more(is_touch_first: bool, tmp_path: Path) -> None:
    """Its key is touched and another place's digit struck, both before anything was drawn."""
    async with signed_in(tmp_path) as here:
        found = here.picture().find("Switch off or on")[-1]
        if is_touch_first:
            here.tap(*found)
        here.strike("4")
        if not is_touch_first:
            here.tap(*found)
        await here.settle()
        here.expect(FollowUpScreen)
        await touch(here, "Sign off")
        here.expect(SignInScreen)


async def test_no_row_of_a_table_is_cut(tmp_path: Path) -> None:
    """What has no room side by side stands one below the other, on every page."""
    async with signed_in(tmp_path, days=2) as here:
        for size in ((60, 20), (83, 24)):
            await here.resize(*size)
            for place in (FiguresScreen, MorningScreen, RhythmScreen):
                await here.drive(key_of(place), ".")
                seen: list[str] = []
                while (shown := here.picture().text) not in seen:
                    assert "…" not in shown, shown
                    seen.append(shown)
                    await here.drive("+")
                assert len(seen) > 1


async def test_digits_look_like_keys_only_where_they_lead(tmp_path: Path) -> None:
    async with signed_in(tmp_path) as here:
        marks: dict[type[PlaceScreen], bool] = {}
        for digit, place in PLACES.items():
            await here.drive("escape", "escape", *digit)
            screen = here.expect(place)
            region = screen.query_one(PlaceList).region
            other = "2" if place is NowScreen else "1"
            (x, y), *_ = here.picture().find(f" {other} ", region)
            row = here.picture().rows[y]
            marks[place] = row[x + 1].background != row[x].background
        assert {place for place, leads in marks.items() if not leads} == {
            AssistScreen, SignUpScreen, FollowUpScreen, DayBookScreen, ReconcileScreen,
            WhatIfScreen,
        }  # fmt: skip


async def test_a_wrong_number_can_be_mended_by_keys(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await here.speak("en")
        await sign_in(here, "9999", WRONG)
        here.expect(SignInScreen)
        await here.drive("backspace", "backspace", "backspace", "backspace", "backspace")
        for key in (*MANAGER, "enter", *PIN):
            here.strike(key)
        await here.drive("enter")
        here.expect(NowScreen)


async def test_what_was_done_is_told_calmly_and_what_was_not_stands_out(tmp_path: Path) -> None:
    def colour_of(picture: Picture, words: str) -> str:
        x, y = picture.find(words)[0]
        return picture.rows[y][x].text_colour

    async with signed_in(tmp_path) as here:
        await here.drive("2", "1", "1")
        told = colour_of(here.picture(), "Noted:")
        assert told == colour_of(here.picture(), "What was it about?")
        await here.drive("-", "3", "*")
        await type_in(here, "12345678")
        await here.drive("enter")
        x, y = here.expect(SignUpScreen).query_one("#note").region.offset
        assert here.picture().rows[y][x].text_colour != told


async def test_what_is_agreed_to_are_the_words_that_were_read(tmp_path: Path) -> None:
    """Another language while the number is typed changes nothing; while it is read, it unticks."""
    async with signed_in(tmp_path) as here:
        await here.drive("3", "3", "1", "enter")
        while isinstance(here.screen, ReadScreen):
            await here.drive("enter")
        await here.drive("down", "end", "enter")
        await type_in(here, RECEIPT)
        await here.drive("enter", "2")
        while "[ ]" not in here.picture():
            await here.drive("enter")
        await here.drive("1")
        await here.speak("zh_CN")
        while "[ ]" not in here.picture():
            await here.drive("enter")
        assert "[x]" not in here.picture()
        await here.drive("1", "enter")
        await type_in(here, PHONE)
        await touch(here, "English")
        await here.drive("enter")
        here.says("Phone: 138****1234")
        digest = consent_text(here.config, Purpose.ACTIVATION, "zh_CN").digest
        found = rows(here.config.store_path, "SELECT language, digest FROM consent")
        assert found == [("zh_CN", digest)]


async def test_twice_struck_keys_and_other_sizes_take_nobody_further(tmp_path: Path) -> None:
    """Each question of a sign-up stands after a resize; a way back leads out of all of them."""
    async with signed_in(tmp_path) as here:
        await here.drive("3", "1", "1", "2", "2", "2")
        here.says("[x] 1", "[x] 2")
        await here.resize(60, 20)
        here.expect(PickScreen)
        here.says("[x] 1", "[x] 2")
        await here.drive("enter")
        for _ in range(20):
            if isinstance(here.screen, SignUpScreen):
                break
            await here.drive("escape")
        here.says("Signed today: 0 products")
        assert "sign_up.signed" not in here.stages()
