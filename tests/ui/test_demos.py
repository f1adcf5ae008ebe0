"""Every packaged demo, walked from start to end and left at every step, by keys and by touches."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from learner import Learner, plain
from lobby import Lobby, lobby, shared_catalog

from kiosk import i18n
from kiosk.config import LANGUAGES
from kiosk.screens.customer.demo.check import CheckScreen
from kiosk.screens.customer.demo.finish import FinishScreen
from kiosk.screens.customer.demo.group import GroupScreen
from kiosk.screens.customer.demo.intro import IntroScreen
from kiosk.screens.customer.demo.practice import PracticeScreen
from kiosk.screens.customer.demo.zone import ZoneScreen
from kiosk.services.demo.script import Demo

pytestmark = pytest.mark.usefixtures("no_terminal")

DEMOS = shared_catalog().demos
SIZES = ((60, 20), (83, 24), (120, 40))
HAND_NAMES = ("keys", "touches")


@dataclass(frozen=True)
class Appointment:
    """A demo, and how it is gone through."""

    demo: Demo
    hand: str
    is_shown: bool = True
    """Whether it is shown before it is tried."""
    errs: bool = True
    """Whether on every screen something wrong is pressed first."""
    is_checked: bool = True
    """Whether the questions are answered after it."""


def appointments(size: int, language: int, *, is_long: bool) -> list[Appointment]:
    """Which demos are walked through at a size in a language.

    Every demo meets every size, every language and both hands, and is shown, erred in and checked
    at one of them each; in the night each with each, and everything in all of them.
    """
    if is_long:
        return [Appointment(demo, hand) for demo in DEMOS for hand in HAND_NAMES]
    return [
        Appointment(
            demo,
            HAND_NAMES[(number + size) % 2],
            is_shown=(number // 3 + size) % 3 == 0,
            errs=(number // 3 + size) % 3 == 1,
            is_checked=(number // 3 + size) % 3 == 2,
        )
        for number, demo in enumerate(DEMOS)
        if (number + size) % 3 == language
    ]


def test_every_demo_meets_every_size_every_language_and_both_hands() -> None:
    met: dict[str, set[object]] = {demo.code: set() for demo in DEMOS}
    for size in range(len(SIZES)):
        for language in range(len(LANGUAGES)):
            for each in appointments(size, language, is_long=False):
                met[each.demo.code] |= {SIZES[size], LANGUAGES[language], each.hand}
                met[each.demo.code] |= {"shown"} if each.is_shown else set()
                met[each.demo.code] |= {"erred"} if each.errs else set()
                met[each.demo.code] |= {"checked"} if each.is_checked else set()
    assert len(met) >= 12
    for code, found in met.items():
        assert found == {*SIZES, *LANGUAGES, *HAND_NAMES, "shown", "erred", "checked"}, code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_demo_is_walked_from_start_to_end(
    size: tuple[int, int], language: str, is_long: bool, tmp_path: Path
) -> None:
    """Shown, tried and checked; what stands there is whole at every step."""
    at = SIZES.index(size), LANGUAGES.index(language)
    async with lobby(tmp_path, size=size) as here:
        await begin(here, language)
        for appointment in appointments(*at, is_long=is_long):
            await walk(here, appointment)
        assert_nothing_typed_is_kept(here)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_demos_in_large_type(language: str, is_long: bool, tmp_path: Path) -> None:
    kinds = {demo.emulator: demo for demo in DEMOS}
    async with lobby(tmp_path) as here:
        await begin(here, language)
        await here.drive("*")
        for number, demo in enumerate(DEMOS if is_long else kinds.values()):
            if is_long or number % 3 == LANGUAGES.index(language):
                await walk(here, Appointment(demo, HAND_NAMES[number % 2]))
        assert "visit.left_out" in here.stages()


async def begin(here: Lobby, language: str) -> None:
    """Begin a visit in a language and go to the experience zone."""
    await here.drive("enter")
    while i18n.language() != language:
        await here.drive("#")
    learner = Learner(here, "keys")
    await learner.choose("experience")
    here.expect(ZoneScreen)
    learner.sees_all()


async def walk(here: Lobby, appointment: Appointment) -> None:
    """From the zone through a demo by all three ways, and back to the zone."""
    demo, learner = appointment.demo, Learner(here, appointment.hand)
    await learner.choose(demo.group)
    here.expect(GroupScreen)
    await learner.choose(demo.code)
    await read_intro(here, learner, demo)
    began = len(here.events())
    passed = {}
    if appointment.is_shown:
        await learner.choose("show")
        passed["show"] = await be_shown(here, learner)
    await learner.choose("try")
    passed["try"] = await walk_through(here, learner, errs=appointment.errs)
    if appointment.is_checked:
        await learner.choose("check")
        await answer(here, learner, demo)
    assert_recorded(here.events()[began:], demo, passed, is_checked=appointment.is_checked)
    await learner.choose("others")
    here.expect(GroupScreen)
    await learner.foot("back")
    here.expect(ZoneScreen)


async def read_intro(here: Lobby, learner: Learner, demo: Demo) -> None:
    """All that is said before, on one page or two."""
    intro = here.expect(IntroScreen)
    text, said = intro.lesson.text, plain(learner.look().text)
    learner.sees_all()
    if "more" in here.choices():
        await learner.choose("more")
        learner.sees_all()
        said += plain(learner.look().text)
        await learner.choose("more")
    texts = [demo.learn, demo.story, *demo.benefits, *demo.risks, demo.safety]
    missing = [text(each) for each in texts if plain(text(each)) not in said]
    assert not missing, here.picture().text
    assert plain(demo.address) in said


Way = list[tuple[str, int]]
"""The screens that were passed, and how often something wrong was pressed on each."""


async def be_shown(here: Lobby, learner: Learner) -> Way:
    """To the end of a run that is shown."""
    passed: Way = []
    while isinstance(here.screen, PracticeScreen):
        if not passed or learner.screen.place != passed[-1][0]:
            passed.append((learner.screen.place, 0))
        learner.sees_all()
        await learner.show()
    here.expect(FinishScreen)
    learner.sees_all()
    return passed


async def walk_through(here: Lobby, learner: Learner, *, errs: bool) -> Way:
    """To the end of a run that the learner does."""
    passed: Way = []
    while isinstance(here.screen, PracticeScreen):
        standing = learner.screen.practice.standing
        if not passed or standing.screen != passed[-1][0]:
            passed.append((standing.screen, 0))
        learner.sees_all()
        if errs and not standing.typed and (code := learner.wrong_press()):
            await err(learner, code)
            passed[-1] = (standing.screen, passed[-1][1] + 1)
        await learner.right()
    here.expect(FinishScreen)
    learner.sees_all()
    return passed


async def err(learner: Learner, code: str) -> None:
    """Press something wrong: nothing moves, and the coach says why."""
    practice = learner.screen.practice
    before, words = practice.standing, practice.press(code).words
    await learner.press(code)
    assert practice.standing == before
    learner.sees_all()
    if words is not None:
        assert plain(learner.screen.lesson.text(words)) in learner.coach_says()


async def answer(here: Lobby, learner: Learner, demo: Demo) -> None:
    """Answer every question; the first one wrong."""
    for number, question in enumerate(demo.check):
        text = here.expect(CheckScreen).lesson.text
        learner.sees_all()
        for each in question.answers:
            assert learner.reads(text(each.label)), learner.look().text
        fitting = [at for at, each in enumerate(question.answers) if each.right is (number > 0)]
        await learner.choose(f"answer:{fitting[0]}")
        learner.sees_all()
        assert learner.reads(text(question.because))
        await learner.choose("next")
    here.expect(FinishScreen)
    score = i18n._("{right} of {count} answers were right")
    assert learner.reads(score.format(right=len(demo.check) - 1, count=len(demo.check)))


def assert_recorded(
    events: list[dict[str, Any]], demo: Demo, passed: dict[str, Way], *, is_checked: bool
) -> None:
    """Each run from its start to its end, with every screen that was passed."""
    assert {event["kind"] for event in events} == {"demo"}
    assert {event["demo"] for event in events} == {demo.code}
    for way, screens in passed.items():
        run = [event for event in events if event["way"] == way]
        assert [event["stage"] for event in run] == [
            "started", *["step"] * (len(screens) - 1), "finished",
        ]  # fmt: skip
        assert run[0]["screen"] == demo.first
        steps = [(event["screen"], event["wrong_keys"]) for event in run[1:-1]]
        assert steps == screens[:-1]
    check = [event for event in events if event["way"] == "check"]
    assert bool(check) is is_checked
    if not is_checked:
        return
    assert len(check) == len(demo.check) + 1
    assert (check[-1]["right_answers"], check[-1]["questions"]) == (
        len(demo.check) - 1,
        len(demo.check),
    )


def assert_nothing_typed_is_kept(here: Lobby) -> None:
    """No digits of an account or an amount are in any event, nor what was done really."""
    events = here.events()
    assert not {event["kind"] for event in events} & {"diversion", "intent", "ticket"}
    kept = json.dumps([event["payload"] for event in events])
    for value in entries():
        assert value not in kept


def entries() -> Iterator[str]:
    """Numbers that the scripts let people type; short ones may be seconds."""
    for demo in DEMOS:
        for screen in demo.screens.values():
            if screen.kind == "enter" and screen.value and len(screen.value) > 3:
                yield screen.value
