"""A demo is left at any step in every way; and what leads into one and out of it again."""

from pathlib import Path

import pytest
from learner import Learner, plain
from lobby import Lobby, lobby, shared_catalog
from picture import Cell
from stations import DEMO, TRANSFER, go
from test_idle_end import warned

from kiosk.errors import KioskError
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.demo.check import CheckScreen
from kiosk.screens.customer.demo.finish import FinishScreen
from kiosk.screens.customer.demo.group import GroupScreen
from kiosk.screens.customer.demo.intro import IntroScreen
from kiosk.screens.customer.demo.practice import HINT, STOP, PracticeScreen
from kiosk.screens.customer.demo.stop import StopScreen
from kiosk.screens.customer.failure import FailureScreen
from kiosk.screens.customer.help import HelpScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.question import QuestionScreen
from kiosk.screens.customer.route import RouteScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.demo.money import Money
from kiosk.services.demo.practice import Outcome, Practice
from kiosk.services.demo.script import Demo
from kiosk.services.visits import EndReason

pytestmark = pytest.mark.usefixtures("no_terminal")

DEMOS = shared_catalog().demos
HAND_NAMES = ("keys", "touches")


# --- at every step ------------------------------------------------------------------------------


def steps_of(demo: Demo) -> list[int]:
    """After how many right presses each screen of the script begins."""
    practice = Practice(demo, Money(demo.amount), 0)
    begins, presses = [0], 0
    while (reaction := practice.play()).outcome is not Outcome.FINISHED:
        before = practice.standing.screen
        practice.take(reaction, 0)
        presses += 1
        if practice.standing.screen != before:
            begins.append(presses)
    return begins


@pytest.mark.parametrize("third", range(3))
async def test_every_demo_is_left_at_every_step(third: int, is_long: bool, tmp_path: Path) -> None:
    """At every other step in one of the ways, in the night at every step in all of them.

    The kinds of steps and the ways meet in other demos.
    """
    async with lobby(tmp_path, size=(60, 20), fast_tick=True) as here:
        await go(here)
        for number in range(third, len(DEMOS), 3):
            await leave_at_every_step(here, number, is_long=is_long)


async def leave_at_every_step(here: Lobby, number: int, *, is_long: bool) -> None:
    demo, ways = DEMOS[number], (stop, take_ticket, go_back, ask_help, walk_away)
    learner = Learner(here, HAND_NAMES[number % 2])
    await open_demo(learner, demo)
    for at, presses in enumerate(steps_of(demo)):
        usual = [ways[(at + number) % len(ways)]] if (at + number // 3) % 2 == 0 else []
        for way in ways if is_long else usual:
            await learner.choose("try")
            learner.fast_forward(presses)
            where = learner.screen.place
            await way(learner, demo)
            here.expect(IntroScreen)
            left = [event for event in here.events() if event["stage"] == "left"][-1]
            assert (left["demo"], left["way"]) == (demo.code, "try")
            if way is not go_back:
                assert left["screen"] == where
    await learner.foot("back")
    await learner.foot("back")
    await learner.foot("back")


async def open_demo(learner: Learner, demo: Demo) -> None:
    """From the first screen of the visit to what is said before a demo."""
    for code in ("experience", demo.group, demo.code):
        await learner.choose(code)
    learner.lobby.expect(IntroScreen)


def left_because(here: Lobby) -> str:
    events = here.events()
    return [str(event["reason"]) for event in events if event["stage"] == "left"][-1]


async def stop(learner: Learner, demo: Demo) -> None:
    """Stop, and choose the same demo once more."""
    here = learner.lobby
    await learner.coach(STOP)
    here.expect(StopScreen)
    learner.sees_all()
    await learner.choose("others")
    here.expect(GroupScreen)
    assert left_because(here) == "stopped"
    await learner.choose(demo.code)


async def take_ticket(learner: Learner, demo: Demo) -> None:
    """Take a ticket, and give it back; where digits are typed, keys come to it by the stop."""
    here = learner.lobby
    if learner.by_keys and learner.screen.is_typing:
        await learner.coach(STOP)
    await learner.foot("ticket")
    here.expect(TicketScreen)
    assert left_because(here) == "ticket"
    assert here.stages()[-1] == "ticket.issued"
    assert here.events()[-1]["service"] == demo.service
    await learner.choose("give-back")


async def go_back(learner: Learner, demo: Demo) -> None:
    """Back until there is nothing before."""
    here = learner.lobby
    for _ in range(60):
        if not isinstance(here.screen, PracticeScreen):
            break
        practice = learner.screen.practice
        while len(vars(practice)["_before"]) > 1:  # not every picture of the way back
            practice.back(here.app.seconds)
        learner.screen.write()
        await learner.foot("back")
    assert left_because(here) == "back"
    left = [event for event in here.events() if event["stage"] == "left"][-1]
    assert left["screen"] == demo.first


async def ask_help(learner: Learner, demo: Demo) -> None:
    """Call staff, go on where it was, ask to stop and go on again; and then stop."""
    here, standing = learner.lobby, learner.screen.practice.standing
    await learner.foot("help")
    here.expect(HelpScreen)
    assert here.stages()[-1] == "help.asked"
    await learner.choose("back")
    assert learner.screen.practice.standing == standing
    await learner.coach(STOP)
    await learner.choose("go-on")
    assert learner.screen.practice.standing == standing
    await stop(learner, demo)


async def walk_away(learner: Learner, demo: Demo) -> None:
    """Go without a word."""
    here = learner.lobby
    here.clock.advance(200)
    await here.until(lambda: isinstance(here.screen, AttractScreen))
    await here.settle()
    learner._picture = None
    assert left_because(here) == "idle"
    assert here.stages()[-2:] == ["demo.left", "visit.ended"]
    await here.drive("enter")
    await open_demo(learner, demo)


# --- from an offer ------------------------------------------------------------------------------


async def test_from_an_offer_the_demo_has_the_amount_that_was_said(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4], "demo")
        intro, learner = here.expect(IntroScreen), Learner(here, "keys")
        demo = intro.lesson.demo
        assert (demo.service, demo.channel) == ("cross_bank_transfer", "mobile")
        assert intro.lesson.costs.money.amount == demo.amounts["upto_5k"]
        assert f"{demo.amounts['upto_5k'] / 100:,.2f} 元" in here.picture()
        await learner.choose("show")
        while isinstance(here.screen, PracticeScreen):
            await learner.show()
        assert "real" not in here.choices()
        await learner.choose("others")
        here.expect(OfferScreen)
        events = dict(zip(here.stages(), here.events(), strict=True))
        assert [stage for stage in events if stage.startswith("diversion")] == ["diversion.offered"]
        started, offered = events["demo.started"], events["diversion.offered"]
        assert started["offer"] == offered["offer"]
        assert '"amount_band": "upto_5k"' in started["payload"]
        await learner.choose("channel")
        here.expect(RouteScreen)
        assert here.report().declined == 0


@pytest.mark.parametrize("steps", [0, 1])
async def test_the_ticket_from_a_demo_of_an_offer_declines_it(steps: int, tmp_path: Path) -> None:
    """On the intro and in the run."""
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER[:4], "demo", *(["show"] * steps))
        await here.drive("0")
        here.expect(TicketScreen)
        assert "why" in here.choices()
        ended = here.stages()[-2 - steps :]
        assert ended == ["diversion.declined", *["demo.left"] * steps, "ticket.issued"]
        assert here.events()[-1]["service"] == "cross_bank_transfer"
        await here.drive("9")
        here.expect(IntroScreen)


async def test_the_ticket_from_a_demo_of_the_steps_is_falling_back(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER, "demo", "try")
        await Learner(here, "touches").foot("ticket")
        here.expect(TicketScreen)
        assert here.stages()[-3:] == ["demo.left", "diversion.fell_back", "ticket.issued"]
        report = here.report()
        assert (report.fell_back, report.declined, report.completed) == (1, 0, 0)


async def test_from_the_steps_and_back_to_them(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *TRANSFER, "demo", "try")
        learner = Learner(here, "keys")
        await learner.coach(STOP)
        await learner.choose("others")
        here.expect(RouteScreen)
        assert here.report().accepted == 1


async def test_from_the_zone_to_the_real_thing(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO[:2], "cross_bank_transfer_mobile", "show")
        learner = Learner(here, "keys")
        while isinstance(here.screen, PracticeScreen):
            await learner.show()
        await learner.choose("real")
        here.expect(QuestionScreen)
        assert here.stages()[-1] == "intent.stated"


# --- the coach ----------------------------------------------------------------------------------


async def test_the_hint_comes_by_itself_after_eight_seconds(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, *DEMO, "try")
        learner, screen = Learner(here, "keys"), here.expect(PracticeScreen)
        hint = plain(screen.lesson.text(screen.practice.screen.hint))
        here.clock.advance(7)
        ticks = here.app._ticks + 3
        await here.until(lambda: here.app._ticks > ticks)
        assert hint not in learner.coach_says()
        here.clock.advance(1)
        await here.until(lambda: hint in Learner(here, "keys").coach_says())
        await learner.right()
        assert hint not in learner.coach_says()


async def test_nobody_is_hurried_who_learns(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        await go(here, *DEMO, "try")
        screen = here.screen
        here.clock.advance(119)
        ticks = here.app._ticks + 3
        await here.until(lambda: here.app._ticks > ticks)
        assert here.screen is screen
        here.clock.advance(2)
        await warned(here)
        await here.touch(1, 1, apart=0)
        assert here.screen is screen
        assert "demo.left" not in here.stages()


@pytest.mark.parametrize("hand", HAND_NAMES)
async def test_the_hint_can_be_asked_for_while_digits_are_typed(hand: str, tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO, "try")
        learner = Learner(here, hand)
        for _ in range(2):
            await learner.coach(HINT)
            screen = learner.screen
            assert plain(screen.lesson.text(screen.practice.screen.hint)) in learner.coach_says()
            learner.sees_all()
            learner.fast_forward(1)


async def test_back_from_the_second_page_before_a_demo_is_the_first_one(tmp_path: Path) -> None:
    async with lobby(tmp_path, size=(60, 20)) as here:
        await go(here, *DEMO)
        first = here.picture().text
        await here.drive("4")
        assert here.picture().text != first
        await here.drive("9")
        assert here.picture().text == first
        await here.drive("9")
        here.expect(GroupScreen)


async def test_a_trembling_hand_is_shown_one_step(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO, "show")
        practice = here.expect(PracticeScreen).practice
        await here.drive("1")
        second = practice.standing
        await here.drive("1", apart=0.2)
        assert practice.standing == second


def coach_cells(learner: Learner) -> list[list[Cell]]:
    x, y, width, height = learner.screen.query_one("#says").region
    return [row[x : x + width] for row in learner.look().rows[y : y + height]]


@pytest.mark.parametrize("hand", HAND_NAMES)
async def test_what_is_not_pointed_at_plays_nothing_and_is_answered(
    hand: str, tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO, "show")
        learner = Learner(here, hand)
        screen, before = learner.screen, coach_cells(learner)
        standing = screen.practice.standing
        assert screen.practice.right_press() == "option:2"
        if learner.by_keys:
            await here.drive("3")  # it has the 1 beside it
        else:
            await learner.press("option:0")
        learner = Learner(here, hand)
        assert screen.practice.standing == standing
        assert screen.practice.wrong_keys == 0
        assert coach_cells(learner) != before  # the same words, in other colours
        learner.sees_all()
        await learner.show()
        assert screen.practice.standing != standing


async def test_in_a_call_that_is_shown_the_key_that_is_pointed_at_is_dialled(
    tmp_path: Path,
) -> None:
    async with lobby(tmp_path) as here:
        await go(here, "experience", "safety", "provisional_loss_phone", "show")
        practice = here.expect(PracticeScreen).practice
        first = practice.standing
        assert practice.right_press() == "option:1"
        await here.drive("3")
        assert practice.standing == first
        await here.drive("2")
        assert practice.standing != first


async def test_digits_can_be_corrected_before_they_lead_on(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO, "try")
        learner = Learner(here, "keys")
        learner.fast_forward(1)
        await here.settle()
        await here.drive("4", "2", "full_stop")
        assert learner.screen.practice.standing.typed == "●"
        await here.drive("backspace", "full_stop")  # nothing is left, so this is the way back
        assert learner.screen.place == learner.screen.lesson.demo.first


# --- when something fails, and at the end -------------------------------------------------------


async def test_a_step_that_can_t_be_stored_is_not_taken(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO, "try")
        practice = here.expect(PracticeScreen).practice
        step = here.services.demo_runs.step

        def fail(*_: object) -> None:
            raise KioskError("disk_full", database="terminal.db")

        setattr(here.services.demo_runs, "step", fail)  # noqa: B010
        standing = practice.standing
        await here.drive("3")
        here.expect(FailureScreen)
        assert practice.standing == standing
        setattr(here.services.demo_runs, "step", step)  # noqa: B010
        await here.drive("9", "3")
        here.expect(PracticeScreen)
        assert practice.standing != standing


async def test_a_stop_of_the_terminal_interrupts_the_run(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO, "try")
        await here.app._end_visit(EndReason.INTERRUPTED)
        assert here.stages()[-2:] == ["demo.left", "visit.ended"]
        assert left_because(here) == "interrupted"


async def test_the_first_answer_counts_however_often_somebody_goes_back(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        await go(here, *DEMO, "check")
        learner, check = Learner(here, "keys"), here.expect(CheckScreen)
        right = [answer.right for answer in check.question.answers].index(True)
        wrong = [answer.right for answer in check.question.answers].index(False)
        await learner.choose(f"answer:{wrong}")
        await learner.foot("back")
        await learner.choose(f"answer:{right}")
        assert check.wrong_keys == 1
        await learner.choose("next")
        await learner.foot("back")
        assert "next" in here.choices()  # the explanation of the question before
        await learner.choose("next")
        while isinstance(here.screen, CheckScreen):
            right = [answer.right for answer in check.question.answers].index(True)
            await learner.choose(f"answer:{right}")
            await learner.choose("next")
        here.expect(FinishScreen)
        finished = here.events()[-1]
        count = len(check.lesson.demo.check)
        assert (finished["right_answers"], finished["questions"]) == (count - 1, count)
