"""Going through a demo: no press breaks anything, and the right one always leads on."""

import pytest
from demo_samples import CALL, TRANSFER, TRAP, sample
from hypothesis import given
from hypothesis import strategies as st

from kiosk.services.demo.money import Money
from kiosk.services.demo.practice import (
    DELETE,
    NEXT,
    RIGHT,
    WRONG,
    Outcome,
    Practice,
    Standing,
    digit_code,
    option_code,
    press,
    progress,
    whole_entry,
)
from kiosk.services.demo.script import EnterScreen, ResultScreen

SAMPLES = [TRANSFER, TRAP, CALL]
MONEY = Money(3_000_00)
CODES = [
    DELETE, NEXT, RIGHT, WRONG,
    "", "option", "option:", "digit:", "digit:x", "digit:１", "digit:12",
    *map(option_code, range(-1, 7)), *map(digit_code, "0123456789"),
]  # fmt: skip
BACK, PLAY, PRESS_RIGHT = "back", "play", "press right"
texts = st.sampled_from(SAMPLES)
presses = st.lists(
    st.sampled_from(CODES) | st.sampled_from([BACK, PLAY, PRESS_RIGHT, PRESS_RIGHT]), max_size=60
)


def started(text: str) -> Practice:
    return Practice(sample(text), MONEY, 0.0)


def do(practice: Practice, code: str) -> Outcome | None:
    """Press something; None: it was a way back."""
    if code == BACK:
        practice.back(0.0)
        return None
    if code == PLAY:
        reaction = practice.play()
    else:
        reaction = practice.press(practice.right_press() if code == PRESS_RIGHT else code)
    practice.take(reaction, 0.0)
    return reaction.outcome


def finish(practice: Practice) -> int:
    """Press what is right until it is over; returns how often."""
    for count in range(1, 100):
        if do(practice, PRESS_RIGHT) is Outcome.FINISHED:
            return count
    pytest.fail(f"no end from {practice.standing}")


@given(texts, presses)
def test_no_press_leaves_the_script_or_hides_the_end(text: str, codes: list[str]) -> None:
    practice = started(text)
    for code in codes:
        do(practice, code)
        screen = practice.screen  # KeyError: it left the script
        if isinstance(screen, EnterScreen):
            assert whole_entry(screen, MONEY).startswith(practice.standing.typed)
    finish(practice)
    assert isinstance(practice.screen, ResultScreen)


@given(texts, presses)
def test_only_a_right_press_moves(text: str, codes: list[str]) -> None:
    practice = started(text)
    for code in codes:
        before, wrong_before = practice.standing, practice.wrong_keys
        outcome = do(practice, code)
        if outcome is Outcome.MOVED:
            assert practice.standing != before
        elif outcome is not None:
            assert practice.standing == before
            assert practice.wrong_keys == wrong_before + (outcome is Outcome.WRONG)


@given(texts, presses)
def test_a_wrong_press_is_never_the_right_one(text: str, codes: list[str]) -> None:
    practice = started(text)
    for code in codes:
        do(practice, code)
        right = practice.press(practice.right_press())
        assert right.outcome in (Outcome.MOVED, Outcome.FINISHED)
        assert practice.play().outcome in (Outcome.MOVED, Outcome.FINISHED)


@given(texts, presses)
def test_back_undoes_exactly_one_step(text: str, codes: list[str]) -> None:
    practice = started(text)
    way = [practice.standing]
    for code in codes:
        do(practice, code)
        now = practice.standing
        if code == BACK:
            expected = way[:-1] or way
            assert now == expected[-1]
            way = expected
        elif now in way[-2:-1] and now.screen == way[-1].screen:
            way.pop()  # the last digit was deleted
        elif way[-1].typed and now.typed and now.screen == way[-1].screen:
            way[-1] = now  # a number is one step
        elif now != way[-1]:
            way.append(now)
    for standing in reversed(way[:-1]):
        assert practice.back(0.0)
        assert practice.standing == standing
    assert practice.standing == Standing(practice.demo.first)
    assert not practice.back(0.0)


@given(presses, st.text("123456789", min_size=6, max_size=6))
def test_nothing_secret_is_kept(codes: list[str], secret: str) -> None:
    practice = started(TRANSFER)
    for code in codes:
        do(practice, code)
    while practice.standing.screen != "code":
        practice.back(0.0) if practice.standing.screen == "done" else do(practice, PRESS_RIGHT)
    while practice.standing.typed:
        do(practice, DELETE)
    for count, digit in enumerate(secret, 1):
        reaction = practice.press(digit_code(digit))
        practice.take(reaction, 0.0)
        assert practice.standing.typed == "●" * count
        assert digit not in reaction.standing.typed
    do(practice, NEXT)
    assert secret not in repr((practice.standing, vars(practice)["_before"]))
    assert isinstance(practice.screen, ResultScreen)


@pytest.mark.parametrize("text", SAMPLES)
def test_the_right_presses_lead_to_the_end_the_shortest_way(text: str) -> None:
    practice = started(text)
    seen = [practice.standing.screen]
    while do(practice, PRESS_RIGHT) is not Outcome.FINISHED:
        if practice.standing.screen != seen[-1]:
            seen.append(practice.standing.screen)
    assert "help" not in seen
    assert [progress(practice.demo, Standing(screen)) for screen in seen] == [
        (number, len(seen)) for number in range(1, len(seen) + 1)
    ]


def test_whoever_takes_a_detour_is_as_far_as_before() -> None:
    demo = sample(TRANSFER)
    assert progress(demo, Standing("help")) == (1, 6)


def test_playing_types_a_number_as_a_whole_and_goes_on_with_the_next_press() -> None:
    practice = started(TRANSFER)
    do(practice, PLAY)
    assert practice.standing.screen == "account"
    do(practice, PLAY)
    assert practice.standing.typed == "6688"
    do(practice, PLAY)
    assert practice.standing.screen == "sum"
    do(practice, PLAY)
    assert practice.standing.typed == "3000"


def test_each_item_is_confirmed_for_itself() -> None:
    practice = started(TRANSFER)
    while practice.standing.screen != "confirm":
        do(practice, PRESS_RIGHT)
    for item in range(5):
        assert practice.standing.item == item
        assert do(practice, WRONG) is Outcome.WRONG
        assert do(practice, NEXT) is Outcome.STAYED
        do(practice, RIGHT)
    assert practice.standing.screen == "code"
    assert practice.wrong_keys == 0  # of the new screen


def test_a_wrong_item_can_only_be_stopped_at() -> None:
    practice = started(TRAP)
    assert do(practice, RIGHT) is Outcome.MOVED  # the name is right, the account is not
    reaction = practice.press(RIGHT)
    assert (reaction.outcome, reaction.standing) == (Outcome.WRONG, practice.standing)
    trap = practice.screen.trap if practice.screen.kind == "confirm" else None
    assert trap is not None
    assert reaction.words == trap.wrong
    assert practice.right_press() == WRONG
    assert do(practice, WRONG) is Outcome.MOVED
    assert practice.standing.screen == "stopped"


def test_in_a_call_digits_are_dialled() -> None:
    practice = started(CALL)
    assert do(practice, digit_code("1")) is Outcome.WRONG
    assert do(practice, digit_code("0")) is Outcome.WRONG
    assert do(practice, digit_code("7")) is Outcome.WRONG
    assert practice.wrong_keys == 3
    assert do(practice, digit_code("2")) is Outcome.MOVED
    for digit in "1234":
        do(practice, digit_code(digit))
    assert do(practice, NEXT) is Outcome.MOVED
    assert do(practice, digit_code("2")) is Outcome.WRONG
    assert do(practice, digit_code("1")) is Outcome.MOVED
    assert do(practice, digit_code("1")) is Outcome.MOVED
    assert do(practice, digit_code("9")) is Outcome.STAYED
    assert do(practice, digit_code("1")) is Outcome.FINISHED


def test_a_digit_that_nobody_asked_for_is_not_shown() -> None:
    demo = sample(TRANSFER)
    reaction = press(demo, MONEY, Standing("account", typed="66"), digit_code("1"))
    assert (reaction.outcome, reaction.standing.typed) == (Outcome.WRONG, "66")
    screen = demo.screens["account"]
    assert isinstance(screen, EnterScreen)
    assert reaction.words == screen.wrong
    assert press(demo, MONEY, Standing("account", typed="66"), NEXT).words == screen.hint
    assert press(demo, MONEY, Standing("account"), DELETE).outcome is Outcome.STAYED


def test_the_hint_comes_after_eight_seconds_of_nothing() -> None:
    practice = Practice(sample(TRANSFER), MONEY, 100.0)
    assert not practice.hint_is_due(107.9)
    assert practice.hint_is_due(108.0)
    practice.take(practice.press(NEXT), 108.0)  # it means nothing here, but somebody is there
    assert not practice.hint_is_due(115.9)
    practice.back(116.0)
    assert not practice.hint_is_due(123.9)


def test_seconds_and_wrong_keys_are_of_the_screen_in_front() -> None:
    practice = Practice(sample(TRANSFER), MONEY, 100.0)
    practice.take(practice.press(option_code(2)), 103.0)
    assert (practice.seconds(107.4), practice.wrong_keys) == (7, 1)
    practice.take(practice.press(option_code(1)), 107.4)
    assert (practice.seconds(108.4), practice.wrong_keys) == (1, 0)
    practice.take(practice.press(digit_code("6")), 110.4)
    assert practice.seconds(110.4) == 3


def test_a_card_that_lies_on_a_key_fills_no_memory() -> None:
    practice = started(TRANSFER)
    for _ in range(2_000):
        do(practice, option_code(0))
    assert len(practice.standing.sent) == 50
    assert len(vars(practice)["_before"]) == 50
    finish(practice)
