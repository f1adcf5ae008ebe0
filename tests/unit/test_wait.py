"""The wait that is shown: a range that is honest in its direction, whatever the queue."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.services.wait import QueuedTicket, Wait, assume_called, predict, wait_of
from kiosk.services.waiting import prediction
from kiosk.services.waiting.learned import Learned
from kiosk.services.waiting.ranges import round_down, round_up
from kiosk.services.waiting.setup import Setup
from kiosk.services.waiting.state import Queued

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GRID = {*range(0, 30, 5), *range(30, 100_000, 10)}


def queue_of(*tickets: tuple[float, float]) -> list[QueuedTicket]:
    """Tickets as (minutes since their issue, minutes at the counter), the oldest first."""
    ordered = sorted(tickets, key=lambda ticket: -ticket[0])
    return [ticket_of(NOW - timedelta(minutes=age), minutes) for age, minutes in ordered]


def ticket_of(issued_at: datetime, minutes: float) -> QueuedTicket:
    return QueuedTicket(str(issued_at), f"of {minutes} minutes", issued_at, minutes)


queues = st.lists(st.tuples(st.floats(0, 120), st.floats(0.5, 60)), max_size=60).map(
    lambda tickets: queue_of(*tickets)
)


def earliest(wait: Wait) -> int:
    assert wait.low is not None
    return wait.low


def latest(wait: Wait) -> float:
    return math.inf if wait.high is None else wait.high


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
    assert latest(predict([*busy, *queue_of((0.0, each))], counters, NOW)) > 0


@given(queues, numbers_of_counters)
def test_what_is_said_is_a_range_on_the_grid(queue: list[QueuedTicket], counters: int) -> None:
    wait = predict(queue, counters, NOW)
    assert earliest(wait) in GRID
    assert 0 <= wait.ahead <= max(0, len(queue) - counters)
    if wait.high is None:
        assert earliest(wait) >= 60
    elif wait != Wait(0, 0, 0):
        assert wait.high in GRID
        assert wait.high - earliest(wait) >= 5


@given(queues, numbers_of_counters)
def test_the_rolled_forward_wait_lies_in_the_range(
    queue: list[QueuedTicket], counters: int
) -> None:
    wait = predict(queue, counters, NOW)
    assert earliest(wait) <= rolled_forward(queue, counters) <= latest(wait)


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
    longer = predict([*queue, ticket_of(NOW, each)], counters, NOW)
    assert longer.ahead >= here.ahead
    assert latest(longer) >= latest(here)


@given(st.integers(0, 60), numbers_of_counters, st.floats(1, 30))
def test_a_longer_queue_of_alike_customers_is_never_announced_as_a_shorter_wait(
    length: int, counters: int, each: float
) -> None:
    here = predict(queue_of(*[(0.0, each)] * length), counters, NOW)
    longer = predict(queue_of(*[(0.0, each)] * (length + counters)), counters, NOW)
    assert earliest(longer) >= earliest(here)
    assert latest(longer) >= latest(here)


@given(queues, numbers_of_counters)
def test_one_more_counter_never_lengthens_the_wait(
    queue: list[QueuedTicket], counters: int
) -> None:
    here = predict(queue, counters, NOW)
    quicker = predict(queue, counters + 1, NOW)
    assert quicker.ahead <= here.ahead
    assert latest(quicker) <= latest(here)


@given(queues, numbers_of_counters, st.floats(0.1, 60))
def test_time_that_passes_never_lengthens_the_wait(
    queue: list[QueuedTicket], counters: int, passed: float
) -> None:
    here = predict(queue, counters, NOW)
    later = predict(queue, counters, NOW + timedelta(minutes=passed))
    assert later.ahead <= here.ahead
    assert latest(later) <= latest(here)


@given(queues, numbers_of_counters, st.floats(0.1, 600))
def test_a_clock_that_was_set_back_makes_nobody_wait_for_the_future(
    queue: list[QueuedTicket], counters: int, ahead_of_time: float
) -> None:
    back = [
        ticket_of(each.issued_at + timedelta(minutes=ahead_of_time), each.minutes) for each in queue
    ]
    at_most = predict(queue_of(*[(0.0, each.minutes) for each in queue]), counters, NOW)
    assert latest(predict(back, counters, NOW)) <= latest(at_most)


def test_an_example_by_hand() -> None:
    # three counters, nine customers of 6 minutes at once: the next is called in 18 minutes
    nine = queue_of(*[(0.0, 6.0)] * 9)
    wait = predict(nine, 3, NOW)
    assert wait.ahead == 6
    # variance: 9 × (0.7 × 6)² / 3² of the services + (0.14² + 0.2²) × 18² of means nobody
    # checked = 36.9; a gamma distribution of that mean and variance: 10.7 to 26.1 minutes
    assert (wait.low, wait.high) == (10, 30)


def test_events_keep_what_was_shown() -> None:
    shown = Wait(4, 10, 25, "5f").shown()
    assert (shown.ahead, shown.low, shown.high, shown.snapshot) == (4, 10, 25, "5f")


def test_what_was_said_names_the_queue_it_rests_on() -> None:
    queue = queue_of((4.0, 6.0), (2.0, 6.0), (1.0, 6.0))
    said = predict(queue, 2, NOW)
    assert said.snapshot is not None
    assert predict(queue, 2, NOW.astimezone(ZoneInfo("Asia/Shanghai"))).snapshot == said.snapshot
    assert predict(queue, 3, NOW).snapshot != said.snapshot
    assert predict(queue[1:], 2, NOW).snapshot != said.snapshot


def test_where_no_counter_is_known_people_are_counted_without_minutes() -> None:
    state = assume_called(queue_of(*[(1.0, 6.0)] * 5), 2, NOW)
    nobody = replace(state, counters=())
    customer = Queued("x", "x", frozenset(), state.now)
    learned = Learned()
    assert prediction.predict(nobody, customer, learned, Setup({})) is None
    assert wait_of(nobody, customer, None, learned) == Wait(3, None, None)


def test_one_long_service_makes_the_range_wide() -> None:
    # one counter: 40 minutes have just begun, 10 minutes wait
    wait = predict(queue_of((0.0, 40.0), (0.0, 10.0)), 1, NOW)
    # variance 0.7² × (40² + 10²) + (0.14² + 0.2²) × 50² = 982, gamma: 16 to 92 minutes
    assert (wait.ahead, wait.low, wait.high) == (1, 15, 100)
