"""What is said, and how long it is stood by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.services.waiting.ranges import (
    NO_WAIT,
    Promise,
    Range,
    promise,
    range_of,
    reconsider,
)

NINE = 540.0
GRID = {*range(0, 30, 5), *range(30, 10_000, 10)}
spans = st.tuples(st.floats(0, 300), st.floats(0, 300)).map(lambda pair: (min(pair), max(pair)))


@given(spans)
def test_a_range_is_rounded_outward_on_the_grid(span: tuple[float, float]) -> None:
    shown = range_of(*span)
    if shown == NO_WAIT:
        assert span[1] == 0
        return
    assert shown.low <= span[0]
    assert shown.low in GRID
    if shown.high is None:
        assert 60 <= shown.low <= 90
    else:
        assert span[1] <= shown.high
        assert shown.high in GRID
        assert shown.high - shown.low >= 5


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 0.0, Range(0, 0)),
        (0.0, 0.2, Range(0, 5)),
        (1.0, 4.0, Range(0, 5)),
        (16.0, 24.0, Range(15, 25)),
        (15.0, 15.0, Range(15, 20)),
        (30.0, 30.0, Range(30, 40)),
        (12.0, 33.0, Range(10, 40)),
        (50.0, 130.0, Range(50, 130)),
        (65.0, 110.0, Range(60, 110)),
        (65.0, 121.0, Range(60, None)),
        (90.0, 95.0, Range(90, None)),
        (200.0, 300.0, Range(90, None)),
    ],
)
def test_examples(low: float, high: float, expected: Range) -> None:
    assert range_of(low, high) == expected


# --- the promise ------------------------------------------------------------------------------


@given(spans, st.floats(0, 60))
def test_a_promise_keeps_its_clock_time(span: tuple[float, float], passed: float) -> None:
    made = promise(NINE, *span)
    now = NINE + passed
    if now < made.high:
        exactly_on_time = span[0] - passed, span[1] - passed
        assert reconsider(made, now, *exactly_on_time) == made


def test_a_little_later_is_not_said_and_clearly_later_only_when_it_stays_so() -> None:
    made = promise(NINE, 10, 30)
    assert reconsider(made, NINE + 2, 10, 34) == made
    doubted = reconsider(made, NINE + 2, 10, 35)
    assert (doubted.low, doubted.high) == (made.low, made.high)
    assert reconsider(doubted, NINE + 4, 6, 26) == made
    assert reconsider(doubted, NINE + 4, 12, 36) == Promise(NINE + 16, NINE + 40)


def test_much_later_is_said_at_once() -> None:
    made = promise(NINE, 10, 30)
    assert reconsider(made, NINE + 2, 20, 53) == Promise(NINE + 22, NINE + 55)


def test_clearly_earlier_is_said_when_it_stays_so() -> None:
    made = promise(NINE, 30, 60)
    doubted = reconsider(made, NINE + 2, 12, 40)
    assert doubted.is_doubted
    assert reconsider(doubted, NINE + 4, 10, 38) == Promise(NINE + 14, NINE + 42)


def test_a_broken_promise_is_replaced_at_once() -> None:
    made = promise(NINE, 10, 30)
    assert reconsider(made, NINE + 30, 1, 4) == Promise(NINE + 31, NINE + 34)


def test_what_is_shown_of_a_promise_shrinks_with_the_time_and_never_says_no_wait() -> None:
    made = promise(NINE, 16, 38)
    shown = [made.range_at(NINE + passed) for passed in (0, 5, 20, 34, 50)]
    assert shown == [Range(15, 40), Range(10, 40), Range(0, 20), Range(0, 5), Range(0, 5)]
