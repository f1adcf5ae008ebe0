"""What is learned, how predictions are calibrated by it, and that it can be kept."""

import random
import statistics
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting_hall import (
    CARD,
    CASH,
    MINUTES,
    NINE,
    SETUP,
    WEALTH,
    alike_counters,
    busy,
    counter,
    hall,
    queues,
    ticket,
)

from kiosk.services.waiting.calibration import Cell, calibrated, cells_of
from kiosk.services.waiting.learned import (
    Arrivals,
    Finished,
    Learned,
    after_day,
    after_finish,
    after_issue,
    dump,
    load,
)
from kiosk.services.waiting.prediction import Prediction, after_call, predict
from kiosk.services.waiting.service_time import gamma_quantile, service_time
from kiosk.services.waiting.setup import ServiceSetup, Setup
from kiosk.services.waiting.state import (
    Counter,
    HeadStarts,
    Queued,
    QueueState,
    Serving,
    snapshot_hash,
)


def predicted(state: QueueState, learned: Learned | None = None) -> Prediction:
    found = predict(state, ticket(arrived=state.now), learned or Learned(), SETUP)
    assert found is not None
    return found


# --- service times ----------------------------------------------------------------------------


def test_few_services_hardly_move_the_configured_minutes_and_many_replace_them() -> None:
    learned = Learned()
    assert learned.minutes_of(CASH, SETUP) == MINUTES[CASH]
    for _ in range(3):
        learned = after_finish(learned, Finished(CASH, 12.0, 5.0), SETUP)
    assert learned.minutes_of(CASH, SETUP) == pytest.approx((15 * 4 + 3 * 12) / 18)
    for _ in range(600):
        learned = after_finish(learned, Finished(CASH, 12.0, 5.0), SETUP)
    assert learned.minutes_of(CASH, SETUP) == pytest.approx(12, abs=0.3)
    assert learned.minutes_of(CARD, SETUP) == MINUTES[CARD]


def test_learned_minutes_find_the_mean_of_noisy_services() -> None:
    chance, learned = random.Random(3), Learned()
    for _ in range(2000):
        minutes = chance.lognormvariate(2.0, 0.6)
        learned = after_finish(learned, Finished(CASH, minutes, 0.0), SETUP)
    true = 8.846
    assert learned.minutes_of(CASH, SETUP) == pytest.approx(true, rel=0.15)


def test_a_clock_that_was_set_back_teaches_nothing_and_a_service_of_no_time_is_none() -> None:
    assert after_finish(Learned(), Finished(CASH, -3.0, 5.0), SETUP) == Learned()
    assert after_finish(Learned(), Finished(CASH, 0.0, 5.0), SETUP) == Learned()
    cell = Cell().after((5.0, 10.0, 20.0), -7.0)
    assert cell == Cell().after((5.0, 10.0, 20.0), 0.0)
    at_once = Setup({CASH: ServiceSetup(0.0)})
    learned = after_finish(Learned(), Finished(CASH, 4.0, 0.0), at_once)
    assert 0 < learned.minutes_of(CASH, at_once) < 4
    assert predict(hall((), [busy(CASH)]), ticket(), Learned(), at_once) is not None


def test_a_slow_day_is_noticed_and_mostly_forgotten_overnight() -> None:
    learned = Learned()
    for _ in range(60):
        learned = after_finish(learned, Finished(CASH, 6.0, 0.0), SETUP)
    slow = learned.pace
    assert slow > 1.05
    assert after_day(learned).pace == pytest.approx(1 + 0.3 * (slow - 1))


def test_no_shows_are_learned_by_how_long_they_had_waited() -> None:
    learned = Learned()
    for _ in range(300):
        learned = after_finish(learned, Finished(CASH, 1.5, 50.0, is_no_show=True), SETUP)
        learned = after_finish(learned, Finished(CASH, 4.0, 3.0), SETUP)
    chances = [each.value for each in learned.no_show_chances]
    assert chances[0] < 0.01
    assert chances[4] > 0.9
    assert chances[7] == 0.25
    assert learned.no_show_minutes_of(SETUP) == pytest.approx(1.5, abs=0.1)
    # an empty call is no short service
    assert learned.minutes_of(CASH, SETUP) == pytest.approx(4.0)


def test_the_longer_a_service_lasts_the_later_its_end_is_expected() -> None:
    times = service_time(0.7)
    ends = [elapsed / 20 + times.rest(elapsed / 20)[0] for elapsed in range(300)]
    assert ends == sorted(ends)
    assert times.rest(0)[0] == pytest.approx(1.0)
    assert all(variance >= 0 for variance in times.variance_left)


def test_what_is_left_of_a_service_is_that_of_lognormal_times() -> None:
    chance = random.Random(11)
    sigma = 0.63153
    sample = [chance.lognormvariate(-sigma * sigma / 2, sigma) for _ in range(200_000)]
    for elapsed in (0.5, 1.0, 2.0):
        left = [each - elapsed for each in sample if each > elapsed]
        mean, variance = service_time(0.7).rest(elapsed)
        assert mean == pytest.approx(statistics.fmean(left), rel=0.03)
        assert variance == pytest.approx(statistics.pvariance(left), rel=0.15)


def test_gamma_quantiles_are_near_the_tables() -> None:
    # chi-square with 10 degrees of freedom: mean 10, variance 20
    assert gamma_quantile(10, 20, 0.9) == pytest.approx(15.987, rel=0.005)
    assert gamma_quantile(10, 20, 0.5) == pytest.approx(9.342, rel=0.005)
    assert gamma_quantile(10, 20, 0.1) == pytest.approx(4.865, rel=0.01)


# --- arrivals ---------------------------------------------------------------------------------


def test_arrivals_are_expected_as_on_the_days_before_and_as_busy_as_today() -> None:
    learned = Learned()
    for _ in range(10):
        for minute in range(0, 60, 10):  # six in the first hour, no more
            learned = after_issue(learned, CASH, 1, NINE + minute)
        learned = after_day(learned)
    arrivals = learned.arrivals[1]
    assert arrivals.rate(NINE + 40, NINE) == pytest.approx(0.1)
    assert arrivals.rate(NINE + 90, NINE) == 0
    busier = learned
    for minute in range(0, 30, 2):
        busier = after_issue(busier, CASH, 1, NINE + minute)
    assert busier.arrivals[1].rate(NINE + 40, NINE + 30) > 0.15
    assert Arrivals(recent=(NINE,)).rate(NINE + 20, NINE) == pytest.approx(1 / 60)


# --- calibration ------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [0.5, 1.0, 2.0])
def test_a_calibrated_quantile_keeps_its_word_however_wrong_the_raw_one_is(wrong: float) -> None:
    chance = random.Random(1)
    learned, inside, before, below = Learned(), 0, 0, 0
    raw = (10 * wrong, 20 * wrong, 30 * wrong)
    for number in range(3000):
        (low, median, high), steps = calibrated(raw, ["cell"], learned.cells)
        waited = chance.gammavariate(4, 5)
        if number >= 400:
            inside += waited <= high
            below += waited < low
            before += waited <= median
        one = Prediction(20, low, median, high, 3, steps)
        learned = after_call(learned, one, waited)
    assert inside / 2600 == pytest.approx(0.9, abs=0.02)
    assert before / 2600 == pytest.approx(0.5, abs=0.03)
    assert below / 2600 == pytest.approx(0.1, abs=0.02)


def test_a_branch_that_changes_is_followed_within_a_window() -> None:
    cell = Cell()
    for waited in [10.0] * 500 + [30.0] * 400:
        cell = cell.after((5.0, 10.0, 20.0), waited)
    assert cell.factors == pytest.approx((32 / 7, 32 / 12, 32 / 22), abs=1e-3)
    assert len(cell.ratios) == 400


def test_a_few_observations_change_nothing() -> None:
    cell = Cell()
    for _ in range(29):
        cell = cell.after((5.0, 10.0, 20.0), 60.0)
    said, _ = calibrated((5.0, 10.0, 20.0), ["c"], {"c": cell})
    assert said == pytest.approx((5.0, 10.0, 20.0))


def test_bands_classes_and_kinds_of_day_are_calibrated_apart_and_rare_days_borrow() -> None:
    cells = {
        cells_of(mean, priority, frozenset({CASH}), is_peak_day=peak)[0]
        for mean in (4.9, 5.0, 15.0, 30.0)
        for priority in (0, 1)
        for peak in (False, True)
    }
    assert len(cells) == 16
    late = Cell()
    for _ in range(40):
        late = late.after((5.0, 10.0, 20.0), 42.0)
    usual, peak = (
        cells_of(10, 0, frozenset({CASH}), is_peak_day=each)[0] for each in (False, True)
    )
    raw = (5.0, 10.0, 20.0)
    assert calibrated(raw, [peak], {usual: late})[0][2] == pytest.approx(42, abs=0.01)
    known = {usual: late, peak: replace(late, factors=(1.0, 1.0, 1.0))}
    assert calibrated(raw, [peak], known)[0][2] == pytest.approx(20, abs=0.01)


def test_a_service_that_waits_longer_than_its_like_gets_a_range_of_its_own() -> None:
    """As where the plan names a counter for it that doesn't do it."""
    chance, learned = random.Random(2), Learned()
    inside: dict[str, list[bool]] = {CASH: [], WEALTH: []}
    for number in range(4000):
        service = WEALTH if number % 4 == 0 else CASH
        names = cells_of(20, 0, frozenset({service}), is_peak_day=False)
        quantiles, steps = calibrated((10.0, 20.0, 30.0), names, learned.cells)
        waited = chance.gammavariate(4, 10 if service == WEALTH else 5)
        inside[service].append(waited <= quantiles[2])
        learned = after_call(learned, Prediction(20, *quantiles, 3, steps), waited)
    for each in inside.values():
        assert statistics.fmean(each[-600:]) == pytest.approx(0.9, abs=0.03)


def test_no_wait_teaches_nothing() -> None:
    free = predicted(hall((), [counter()]))
    assert free.is_free
    assert (free.low, free.median, free.high) == (0, 0, 0)
    assert after_call(Learned(), free, 0.0) == Learned()


factors = st.floats(0.3, 3)


@given(queues, alike_counters, factors, factors, factors)
def test_the_range_holds_its_median(
    queue: list[Queued], counters: list[Counter], low: float, median: float, high: float
) -> None:
    state = hall(queue, counters)
    known = Cell(((1.0, 1.0, 1.0),) * 30, (low, median, high))
    cells = {each.cell: known for each in predicted(state).steps}
    said = predicted(state, Learned(cells=cells))
    assert 0 <= said.low <= said.median <= said.high


# --- kept, and named --------------------------------------------------------------------------


def schooled() -> Learned:
    """A value that has seen a bit of everything."""
    chance, learned = random.Random(5), Learned()
    queue = [ticket(chance.choice(sorted(MINUTES)), NINE - 3 * back) for back in range(20, 0, -1)]
    state = hall(queue, [busy(), busy(CARD, NINE - 2.5)])
    for number in range(80):
        code = chance.choice(sorted(MINUTES))
        learned = after_issue(learned, code, int(number % 3 == 0), NINE + number)
        learned = after_call(learned, predicted(state, learned), chance.gammavariate(4, 10))
        waited = chance.uniform(0, 100)
        finished = Finished(code, chance.gammavariate(2, 3), waited, number % 9 == 0)
        learned = after_finish(learned, finished, SETUP)
        if number % 30 == 29:
            learned = after_day(learned)
    return learned


def test_what_was_learned_is_the_same_after_a_journey_through_json() -> None:
    learned = schooled()
    again = load(dump(learned))
    assert again == learned
    state = hall([ticket(CARD)] * 5, [busy(), busy()])
    assert predicted(state, again) == predicted(state, learned)
    assert predicted(state, again) != predicted(state)
    assert learned.observations == 80 * 3 + 2


def test_something_else_is_not_taken_for_what_was_learned() -> None:
    with pytest.raises(ValueError, match="observations"):
        load('{"observations": "many"}')


def _a_state(first: str = "a", second: str = "b") -> QueueState:
    counters = (
        Counter("1", frozenset({first, second}), serving=Serving(CASH, NINE - 2)),
        Counter("2", None),
    )
    return QueueState(NINE, (ticket(id="x"), ticket(CARD, id="y")), counters)


def test_the_hash_is_the_same_in_every_process_and_release() -> None:
    # written down, so that a range shown years ago can still be held against its queue
    assert snapshot_hash(_a_state(), 7) == "cf1ea11bc440f61f2f5f989ffa872bab"


def test_the_hash_tells_states_apart_and_not_how_they_were_listed() -> None:
    state = _a_state()
    named = snapshot_hash(state, 7)
    assert snapshot_hash(replace(state, counters=state.counters[::-1]), 7) == named
    others = [
        replace(state, now=NINE + 0.001),
        replace(state, waiting=state.waiting[::-1]),
        replace(state, waiting=state.waiting[:1]),
        replace(state, counters=state.counters[:1]),
        replace(state, is_peak_day=True),
        replace(state, waiting=(replace(state.waiting[0], priority=1), state.waiting[1])),
    ]
    assert len({named, snapshot_hash(state, 8), *(snapshot_hash(each, 7) for each in others)}) == 8


def test_a_head_start_never_lets_anybody_starve() -> None:
    order = HeadStarts({1: 20.0})
    waits_long = ticket(arrived=NINE - 20.1)
    assert all(
        order(waits_long) < order(ticket(arrived=NINE + each, priority=1)) for each in range(9)
    )
