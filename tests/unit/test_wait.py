"""The wait that is shown: a range that is honest in its direction, whatever the queue."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.services.wait import QueuedTicket, Wait, predict, round_down, round_up

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GRID = {*range(0, 30, 5), *range(30, 100_000, 10)}


def queue_of(*tickets: tuple[float, float]) -> list[QueuedTicket]:
    """Tickets as (minutes since their issue, minutes at the counter), the oldest first."""
    ordered = sorted(tickets, key=lambda ticket: -ticket[0])
    return [QueuedTicket(NOW - timedelta(minutes=age), minutes) for age, minutes in ordered]


queues = st.lists(st.tuples(st.floats(0, 120), st.floats(0.5, 60)), max_size=60).map(
    lambda tickets: queue_of(*tickets)
)
numbers_of_counters = st.integers(1, 12)
minutes = st.floats(0, 400)


# --- the grid ---------------------------------------------------------------------------------


@given(minutes)
def test_ranges_are_rounded_outward_on_the_grid(time: float) -> None:
    low, high = round_down(time), round_up(time)
    assert low <= time <= high or (time == 0 and high == 5)
    assert {low, high} <= GRID
    step = 5 if time < 30 else 10
    assert time - low < step
    assert high - time < step or high == 5


@pytest.mark.parametrize(
    ("time", "low", "high"),
    [
        (-3.0, 0, 5),
        (0.0, 0, 5),
        (0.1, 0, 5),
        (5.0, 5, 5),
        (5.1, 5, 10),
        (29.9, 25, 30),
        (30.0, 30, 30),
        (30.1, 30, 40),
        (35.0, 30, 40),
        (90.0, 90, 90),
        (90.1, 90, 100),
    ],
)
def test_the_grid_is_five_minutes_and_ten_from_thirty(time: float, low: int, high: int) -> None:
    assert (round_down(time), round_up(time)) == (low, high)


# --- the prediction ---------------------------------------------------------------------------


@given(numbers_of_counters)
def test_nobody_waits_where_nobody_is(counters: int) -> None:
    assert predict([], counters, NOW) == Wait(0, 0, 0)


@given(numbers_of_counters, st.floats(1, 60))
def test_nobody_waits_while_a_counter_is_free(counters: int, each: float) -> None:
    busy = queue_of(*[(0.0, each)] * (counters - 1))
    assert predict(busy, counters, NOW) == Wait(0, 0, 0)
    assert predict([*busy, *queue_of((0.0, each))], counters, NOW).high > 0


@given(queues, numbers_of_counters)
def test_what_is_said_is_a_range_on_the_grid(queue: list[QueuedTicket], counters: int) -> None:
    wait = predict(queue, counters, NOW)
    assert {wait.low, wait.high} <= GRID
    assert 0 <= wait.ahead <= max(0, len(queue) - counters)
    if wait != Wait(0, 0, 0):
        assert wait.high - wait.low >= 5


@given(queues, numbers_of_counters)
def test_the_rolled_forward_wait_lies_in_the_range(
    queue: list[QueuedTicket], counters: int
) -> None:
    wait = predict(queue, counters, NOW)
    assert wait.low <= rolled_forward(queue, counters) <= wait.high


def rolled_forward(queue: list[QueuedTicket], counters: int) -> float:
    """The wait of one more customer, minute by minute in the plainest way."""
    free = [NOW - timedelta(days=1)] * counters
    for ticket in queue:
        free.sort()
        free[0] = max(free[0], ticket.issued_at) + timedelta(minutes=ticket.minutes)
    return max(0.0, (min(free) - NOW).total_seconds() / 60)


@given(queues, numbers_of_counters, st.floats(0.5, 60))
@example(queue_of((5, 30), (4, 30), (3, 30)), 1, 1.0)
@example(queue_of(*[(10, 40)] * 6), 3, 2.0)
def test_one_more_before_you_never_shortens_the_wait(
    queue: list[QueuedTicket], counters: int, each: float
) -> None:
    here = predict(queue, counters, NOW)
    longer = predict([*queue, QueuedTicket(NOW, each)], counters, NOW)
    assert longer.ahead >= here.ahead
    assert longer.high >= here.high


@given(st.integers(0, 60), numbers_of_counters, st.floats(1, 30))
def test_a_longer_queue_of_alike_customers_is_never_announced_as_a_shorter_wait(
    length: int, counters: int, each: float
) -> None:
    here = predict(queue_of(*[(0.0, each)] * length), counters, NOW)
    longer = predict(queue_of(*[(0.0, each)] * (length + counters)), counters, NOW)
    assert longer.low >= here.low
    assert longer.high >= here.high


@given(queues, numbers_of_counters)
def test_one_more_counter_never_lengthens_the_wait(
    queue: list[QueuedTicket], counters: int
) -> None:
    here = predict(queue, counters, NOW)
    quicker = predict(queue, counters + 1, NOW)
    assert quicker.ahead <= here.ahead
    assert quicker.high <= here.high


@given(queues, numbers_of_counters, st.floats(0.1, 60))
def test_time_that_passes_never_lengthens_the_wait(
    queue: list[QueuedTicket], counters: int, passed: float
) -> None:
    here = predict(queue, counters, NOW)
    later = predict(queue, counters, NOW + timedelta(minutes=passed))
    assert later.ahead <= here.ahead
    assert later.high <= here.high


@given(queues, numbers_of_counters, st.floats(0.1, 600))
def test_a_clock_that_was_set_back_makes_nobody_wait_for_the_future(
    queue: list[QueuedTicket], counters: int, ahead_of_time: float
) -> None:
    back = [
        QueuedTicket(each.issued_at + timedelta(minutes=ahead_of_time), each.minutes)
        for each in queue
    ]
    at_most = predict(queue_of(*[(0.0, each.minutes) for each in queue]), counters, NOW)
    assert predict(back, counters, NOW).high <= at_most.high


def test_an_example_by_hand() -> None:
    # three counters, nine customers of 6 minutes at once: the next is called in 18 minutes
    nine = queue_of(*[(0.0, 6.0)] * 9)
    wait = predict(nine, 3, NOW)
    assert wait.ahead == 6
    # P10 to P90: 18 ± 1.2816 × √((0.6 × 6 × √9 / 3)² + (0.2 × 18)²) = 18 ± 6.5 minutes
    assert (wait.low, wait.high) == (10, 25)


def test_events_keep_what_was_shown() -> None:
    shown = Wait(4, 10, 25).shown()
    assert (shown.ahead, shown.low, shown.high) == (4, 10, 25)


def test_one_long_service_makes_the_range_wide() -> None:
    # one counter: 40 minutes have just begun, 10 minutes wait
    wait = predict(queue_of((0.0, 40.0), (0.0, 10.0)), 1, NOW)
    # 50 ± 1.2816 × √((0.6 × √(40² + 10²))² + (0.2 × 50)²) = 50 ± 34.2 minutes
    assert (wait.ahead, wait.low, wait.high) == (1, 15, 90)
