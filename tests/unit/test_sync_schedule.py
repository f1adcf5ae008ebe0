"""When the next round comes: rules that hold after every history of rounds."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.sentences import known_codes
from kiosk.services.sync.schedule import (
    FIRST_BACK_OFF,
    LEAST_PAUSE,
    LONGEST_BACK_OFF,
    SLOW,
    Ending,
    Schedule,
    ending_of,
)

histories = st.lists(st.sampled_from(Ending), max_size=40)
paces = st.integers(5, 3600)
chances = st.floats(0, 1)


def after(every: int, history: list[Ending]) -> Schedule:
    schedule = Schedule(every)
    for ending in history:
        schedule = schedule.after(ending)
    return schedule


@given(paces, histories, chances)
def test_it_never_spins_and_never_sleeps_for_ever(
    every: int, history: list[Ending], chance: float
) -> None:
    schedule = after(every, history)
    longest = 1.5 * max(every, SLOW)
    assert LEAST_PAUSE <= schedule.pause(chance) <= longest
    assert LEAST_PAUSE <= schedule.first_pause(chance) <= every


@given(paces, histories)
def test_after_a_success_it_is_as_on_the_first_day(every: int, history: list[Ending]) -> None:
    assert after(every, [*history, Ending.WELL]) == Schedule(every)


@given(paces, chances)
def test_the_usual_pace_is_spread_by_half(every: int, chance: float) -> None:
    schedule = Schedule(every)
    assert schedule.pause(0) == every / 2
    assert schedule.pause(1) == every * 1.5
    assert every / 2 <= schedule.pause(chance) <= every * 1.5


@given(paces, histories, st.integers(1, 300))
def test_transient_failures_back_off_by_doubling(
    every: int, history: list[Ending], failures: int
) -> None:
    begun = after(every, [*history, Ending.WELL])
    for number in range(failures):
        begun = begun.after(Ending.TRANSIENT)
        assert begun.pause(1) == min(FIRST_BACK_OFF * 2**number, LONGEST_BACK_OFF)
        # full jitter: from next to nothing
        assert begun.pause(0) == LEAST_PAUSE


@given(paces, histories, chances)
def test_a_refusal_is_tried_again_slowly(every: int, history: list[Ending], chance: float) -> None:
    refused = after(every, [*history, Ending.FINAL])
    assert refused.slow == max(every, SLOW)
    assert refused.slow / 2 <= refused.pause(chance) <= refused.slow * 1.5
    # and from there, an outage begins anew with short pauses
    assert refused.after(Ending.TRANSIENT).pause(1) == FIRST_BACK_OFF


@given(paces, histories)
def test_the_dice_are_heeded_everywhere(every: int, history: list[Ending]) -> None:
    schedule = after(every, history)
    spread = schedule.pause(1) - schedule.pause(0)
    assert spread >= 0.75 * schedule.pause(1) or spread == schedule.pause(0) * 2


def test_what_may_pass_by_itself_and_what_may_not() -> None:
    assert ending_of(None) is Ending.WELL
    assert ending_of(KioskError("sync_running")) is Ending.WELL
    for code in known_codes() - {"sync_running"}:
        error = KioskError(code)
        transient = exit_code(error) == ExitCode.TRY_AGAIN
        assert ending_of(error) is (Ending.TRANSIENT if transient else Ending.FINAL)
    for code in ("database_unreachable", "database_busy", "database_conflict"):
        assert ending_of(KioskError(code)) is Ending.TRANSIENT
    for code in ("sync_fork", "database_login_refused", "disk_full", "store_not_ready"):
        assert ending_of(KioskError(code)) is Ending.FINAL
