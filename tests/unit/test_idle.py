"""When a session that nobody touches ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.idle import IdleMonitor, IdleState, IdleTimes

TIMES = IdleTimes(warn_after=60, countdown=30)


@pytest.mark.parametrize(
    ("silence", "state", "left"),
    [
        (0.0, IdleState.ACTIVE, 90),
        (59.99, IdleState.ACTIVE, 31),
        (60.0, IdleState.WARN, 30),
        (60.1, IdleState.WARN, 30),
        (61.0, IdleState.WARN, 29),
        (89.01, IdleState.WARN, 1),
        (89.99, IdleState.WARN, 1),
        (90.0, IdleState.END, 0),
        (4_000.0, IdleState.END, 0),
    ],
)
def test_silence_is_answered_by_a_warning_and_then_the_end(
    silence: float, state: IdleState, left: int
) -> None:
    monitor = IdleMonitor(last_touch=1_000.0)
    now = 1_000.0 + silence
    assert monitor.state(now, TIMES) is state
    assert monitor.seconds_left(now, TIMES) == left


def test_a_touch_begins_anew_even_during_the_warning() -> None:
    monitor = IdleMonitor(last_touch=0.0)
    assert monitor.state(75.0, TIMES) is IdleState.WARN
    monitor.touch(75.0)
    assert monitor.state(75.0, TIMES) is IdleState.ACTIVE
    assert monitor.state(134.9, TIMES) is IdleState.ACTIVE
    assert monitor.state(165.0, TIMES) is IdleState.END


def test_large_type_has_its_own_times_without_a_new_monitor() -> None:
    monitor = IdleMonitor(last_touch=0.0)
    patient = IdleTimes(warn_after=180, countdown=30)
    assert monitor.state(100.0, TIMES) is IdleState.END
    assert monitor.state(100.0, patient) is IdleState.ACTIVE


@given(
    touched=st.floats(0, 1e7),
    silence=st.floats(0, 1_000),
    warn_after=st.integers(30, 600),
    countdown=st.integers(30, 120),
)
def test_the_countdown_reads_zero_only_at_the_end(
    touched: float, silence: float, warn_after: int, countdown: int
) -> None:
    times = IdleTimes(warn_after, countdown)
    monitor, now = IdleMonitor(touched), touched + silence
    left, state = monitor.seconds_left(now, times), monitor.state(now, times)
    if state is IdleState.WARN:
        assert 0 < left <= countdown
    elif state is IdleState.ACTIVE:
        assert left >= countdown
    else:
        assert left == 0
