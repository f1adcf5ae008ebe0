"""Staff practise: they sign in, the customers' screens teach them, and no customer comes of it."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import argon2
import pytest
from lobby import HANDS, Keys, Lobby, prepared_folder, shared_catalog
from pydantic import SecretStr
from support import FakeClock
from test_fits import cut

from kiosk import bootstrap, i18n
from kiosk.app import KioskApp
from kiosk.bootstrap import build_practice
from kiosk.clock import SystemClock
from kiosk.config import LANGUAGES, Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.practise_app import PractiseApp
from kiosk.screens.customer.demo.finish import FinishScreen
from kiosk.screens.customer.demo.intro import IntroScreen
from kiosk.screens.customer.demo.practice import PracticeScreen
from kiosk.screens.practise.drill import COULD, NOT_YET, DrillEndScreen, DrillScreen
from kiosk.screens.practise.home import PractiseHomeScreen
from kiosk.screens.practise.note import NoteScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.services.demo.runs import DemoRun, Way
from kiosk.services.journal import Origin, new_id
from kiosk.services.releases import Name, publish
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach

pytestmark = pytest.mark.usefixtures("no_terminal")

PIN = "739164"
ROSTER = f"""
[[staff]]
number = "2001"
name = "审计"
roles = ["auditor"]
pin_hash = "{argon2.PasswordHasher(1, 8, 1).hash(PIN)}"
"""
DEMO = "same_bank_transfer_mobile"


def publish_roster(config: Config) -> None:
    with closing(Database(config.branch_database_url)) as branch:
        publish(branch, None, Name.STAFF, ROSTER, datetime.now(UTC))


def sync(config: Config) -> None:
    clock = SystemClock()
    with closing(Database(f"sqlite:///{config.store_path}", is_store=True)) as store:
        synchronise(
            store, Origin("0001", "T1", 1), lambda: reach(config.branch_database_url, clock), clock
        )


@pytest.fixture
def config(tmp_path: Path) -> Config:
    shutil.copytree(prepared_folder(), tmp_path / "data")
    config = Config(data_folder=tmp_path / "data")
    publish_roster(config)
    return config


@asynccontextmanager
async def practice(config: Config, size: tuple[int, int] = (83, 24)) -> AsyncIterator[Lobby]:
    """Somebody has signed in."""
    clock = FakeClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "load_catalog", lambda path: shared_catalog())
        app = PractiseApp(config, lambda: build_practice(config, clock), clock)
        async with app.run_test(size=size) as pilot:
            # it has what a test needs of a terminal's app
            here = Lobby(cast("KioskApp", app), pilot, config, clock)
            await here.settle()
            here.expect(SignInScreen)
            for key in (*"2001", "enter", *PIN):
                here.strike(key)
            await here.drive("enter")
            here.expect(PractiseHomeScreen)
            yield here


async def to_the_demo(here: Lobby) -> None:
    group = shared_catalog().demo(DEMO).group
    for code in ("demos", group, DEMO):
        await Keys(here).choose(code)
    here.expect(IntroScreen)


def drills(here: Lobby) -> list[dict[str, Any]]:
    return [json.loads(each["payload"]) for each in here.events() if each["kind"] == "drill"]


@pytest.mark.parametrize("hand_name", HANDS)
async def test_each_objection_is_answered_before_anybody_looks(
    hand_name: str, config: Config
) -> None:
    objections = shared_catalog().objections
    async with practice(config) as here:
        hand = HANDS[hand_name](here)
        await hand.choose("objections")
        for number, objection in enumerate(objections):
            here.expect(DrillScreen)
            texts = [objection.reason.zh_CN, objection.answer.zh_CN, objection.follow_up.zh_CN]
            for seen in range(1, 4):
                shown = "".join(here.picture().text.split())
                assert [text in shown for text in texts] == [each < seen for each in range(3)]
                if seen < 3:
                    await hand.choose(("answer", "question")[seen - 1])
            await hand.choose(NOT_YET if number == 2 else COULD)
        end = here.expect(DrillEndScreen)
        count = len(objections)
        assert f"{count - 1}" in end.title_text()
        expected = [
            {"objection": each.code, "could_say": number != 2}
            for number, each in enumerate(objections)
        ]
        assert drills(here) == expected
        assert {each["staff"] for each in here.events()} == {"2001"}
        await hand.choose("missed")
        assert objections[2].reason.zh_CN in here.picture()
        for code in ("answer", "question", COULD):
            await hand.choose(code)
        assert "missed" not in here.choices()
        await hand.choose("home")
        here.expect(PractiseHomeScreen)


async def test_back_covers_what_was_looked_at(config: Config) -> None:
    answer = shared_catalog().objections[0].answer.zh_CN
    async with practice(config) as here:
        await Keys(here).choose("objections")
        await here.drive("1")
        assert answer in "".join(here.picture().text.split())
        await here.drive("9")
        assert answer not in "".join(here.picture().text.split())
        await here.drive("9")
        here.expect(PractiseHomeScreen)
        assert not here.events()


async def test_a_demo_is_recorded_for_who_practises_and_for_no_visit(config: Config) -> None:
    async with practice(config) as here:
        await to_the_demo(here)
        await Keys(here).choose("show")
        for _ in range(60):
            if isinstance(here.screen, FinishScreen):
                break
            await here.drive("enter")
        here.expect(FinishScreen)
        events = here.events()
        assert events[0]["stage"] == "started"
        assert events[-1]["stage"] == "finished"
        assert {(each["kind"], each["staff"], each["visit"]) for each in events} == {
            ("demo", "2001", None)
        }
        await Keys(here).choose("end")
        here.expect(PractiseHomeScreen)


@pytest.mark.parametrize("key", ["0", "8"])
async def test_what_a_customer_would_get_is_said_and_not_given(key: str, config: Config) -> None:
    async with practice(config) as here:
        await to_the_demo(here)
        await here.drive(key)
        here.expect(NoteScreen)
        await here.drive("0")
        await here.drive("1")
        here.expect(IntroScreen)
        assert not here.events()


async def test_large_type_is_only_shown(config: Config) -> None:
    async with practice(config) as here:
        await here.drive("*")
        assert here.expect(PractiseHomeScreen).has_class("-large")
        assert not here.events()


@pytest.mark.parametrize("how", ["end", "9"])
async def test_signing_off_leads_back_to_the_sign_in(how: str, config: Config) -> None:
    async with practice(config) as here:
        if how == "9":
            await here.drive("9")
        else:
            await Keys(here).choose(how)
        here.expect(SignInScreen)
        assert len(here.app.screen_stack) == 1


async def test_who_went_away_is_signed_off_and_the_demo_was_left(config: Config) -> None:
    async with practice(config) as here:
        await to_the_demo(here)
        await Keys(here).choose("try")
        here.expect(PracticeScreen)
        here.clock.advance(299)
        await cast("PractiseApp", here.app)._tick()
        await here.settle()
        here.expect(PracticeScreen)
        here.clock.advance(1)
        await cast("PractiseApp", here.app)._tick()
        await here.settle()
        here.expect(SignInScreen)
        last = here.events()[-1]
        assert (last["stage"], last["reason"], last["staff"]) == ("left", "idle", "2001")


async def test_a_demo_that_a_power_cut_left_open_is_ended_at_the_next_start(config: Config) -> None:
    before = build_practice(config, FakeClock())
    run = DemoRun(new_id(), DEMO, 1, Way.TRY, None, None, "mobile", staff="2001")
    before.terminal.demo_runs.start(run, "home")
    before.close()
    async with practice(config) as here:
        started, left = here.events()
        assert started["demo_run"] == left["demo_run"]
        assert (left["stage"], left["reason"], left["screen"]) == ("left", "interrupted", "home")


def sign_in(config: Config, pin: str = PIN) -> str:
    services = build_practice(config, FakeClock())
    try:
        return services.sign_in("2001", SecretStr(pin)).name
    finally:
        services.close()


def test_the_roster_in_the_store_is_enough_while_the_branch_is_away(config: Config) -> None:
    sync(config)
    away = replace(config, branch_database="sqlite:////nowhere/branch.db")
    assert sign_in(away) == "审计"
    with pytest.raises(KioskError) as refused:
        sign_in(away, "739165")
    assert refused.value.code == "sign_in_refused"


def test_a_terminal_that_never_synchronised_asks_the_branch(config: Config) -> None:
    assert sign_in(config) == "审计"


@pytest.mark.parametrize("size", [(83, 24), (60, 20)])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_everything_has_room(language: str, size: tuple[int, int], config: Config) -> None:
    async with practice(config, size) as here:
        i18n.use_language(language)
        here.app.refresh_screens()
        await here.settle()
        assert not cut(here)
        await Keys(here).choose("objections")
        for _ in shared_catalog().objections:
            assert not cut(here)
            await here.drive("1")
            await here.drive("1")
            faults = cut(here)
            assert not faults, f"{faults}\n{here.picture().text}"
            await here.drive("2")
        here.expect(DrillEndScreen)
        assert not cut(here)
