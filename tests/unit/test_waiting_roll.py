"""The roll-forward: the present queue served to its end in thought."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting_hall import (
    CARD,
    CASH,
    EVERYBODY_COMES,
    EXACT,
    MINUTES,
    NINE,
    SETUP,
    WEALTH,
    Teller,
    alike_counters,
    busy,
    counter,
    hall,
    queues,
    serve,
    services,
    ticket,
)

from kiosk.services.waiting.learned import AGES, Arrivals, Learned, Mean
from kiosk.services.waiting.roll import roll_forward
from kiosk.services.waiting.setup import Setup
from kiosk.services.waiting.state import (
    Break,
    Counter,
    CounterState,
    HeadStarts,
    Queued,
    QueueState,
    Serving,
)


def minutes_for(
    state: QueueState,
    customer: Queued | None = None,
    setup: Setup = EXACT,
    learned: Learned = EVERYBODY_COMES,
) -> float:
    rolled = roll_forward(state, customer or ticket(arrived=state.now), learned, setup)
    assert rolled is not None
    return rolled.mean


# --- by hand ----------------------------------------------------------------------------------


def test_nobody_waits_where_a_counter_is_free() -> None:
    assert minutes_for(hall((), [busy(), counter()])) == 0


def test_one_counter_serves_one_after_the_other() -> None:
    waiting = [ticket(CASH), ticket(CARD), ticket(WEALTH)]
    # 4 − 1 minutes are left of the running service, then 4 + 9 + 15
    assert minutes_for(hall(waiting, [busy(CASH, NINE - 1)])) == 31


def test_who_needs_a_skill_waits_for_the_counter_that_has_it() -> None:
    counters = [busy(CASH, NINE, CASH), busy(WEALTH, NINE, CASH, WEALTH)]
    assert minutes_for(hall((), counters), ticket(CASH)) == 4
    assert minutes_for(hall((), counters), ticket(WEALTH)) == 15
    # the first in the queue takes the counter that is free first, the second the same again
    waiting = [ticket(CASH), ticket(CASH)]
    assert minutes_for(hall(waiting, counters), ticket(CASH)) == 12
    assert minutes_for(hall(waiting, counters), ticket(WEALTH)) == 15


def test_a_skill_that_no_open_counter_has_can_t_be_waited_for() -> None:
    only_cash = counter(CASH)
    closed = counter(WEALTH, state=CounterState.CLOSED)
    state = hall((), [only_cash, closed])
    assert roll_forward(state, ticket(WEALTH), EVERYBODY_COMES, EXACT) is None
    opens = replace(closed, back_at=NINE + 30)
    assert minutes_for(hall((), [only_cash, opens]), ticket(WEALTH)) == 30


def test_tickets_that_nobody_can_serve_stand_in_nobody_s_way() -> None:
    assert minutes_for(hall([ticket(WEALTH)] * 3, [busy(CASH, NINE, CASH)])) == 4


def test_a_break_begins_after_the_service_and_is_taken_once() -> None:
    lunch = Break(NINE + 6, 30.0)
    at_one = replace(busy(), breaks=(lunch,))
    # 9:04 the first, 9:08 lunch is due, 9:38 the second
    assert minutes_for(hall([ticket()], [at_one])) == 38
    assert minutes_for(hall([ticket()] * 2, [at_one])) == 42
    due = replace(busy(), breaks=(Break(NINE - 5, 10.0),))
    assert minutes_for(hall((), [due])) == 14


def test_a_counter_on_a_break_is_waited_for_until_it_is_back() -> None:
    away = counter(state=CounterState.BREAK, back_at=NINE + 20)
    assert minutes_for(hall((), [away])) == 20
    nobody_knows = counter(state=CounterState.BREAK)
    assert minutes_for(hall((), [nobody_knows])) == SETUP.absence_minutes


def test_who_has_priority_goes_ahead_of_those_who_came_a_little_earlier() -> None:
    order = HeadStarts({1: 20.0})
    setup = replace(EXACT, order=order)
    waiting = [ticket(CARD, NINE - 25), ticket(CARD, NINE - 10)]
    first, second = ticket(CASH, NINE, 1), ticket(CASH, NINE)
    state = hall(waiting, [busy()])
    assert minutes_for(state, first, setup) == 4 + 9
    assert minutes_for(state, second, setup) == 4 + 18
    behind = hall([*waiting, first], [busy()])
    assert minutes_for(behind, second, setup) == 4 + 18 + 4


def test_any_order_may_be_given() -> None:
    last_come_first = replace(EXACT, order=lambda each: -each.arrived)
    waiting = [ticket(arrived=NINE - 5), ticket(arrived=NINE - 2)]
    assert minutes_for(hall(waiting, [busy()]), ticket(arrived=NINE - 3), last_come_first) == 8


def test_somebody_in_the_queue_waits_for_those_before_them_only() -> None:
    waiting = [ticket(), ticket(), ticket(), ticket()]
    state = hall(waiting, [busy()])
    rolled = [roll_forward(state, each, EVERYBODY_COMES, EXACT) for each in waiting]
    assert [(each.mean, each.ahead) for each in rolled if each] == [
        (4, 0),
        (8, 1),
        (12, 2),
        (16, 3),
    ]


def test_machines_are_counters_without_skills() -> None:
    setup = replace(EXACT, services={})
    machines = [
        Counter(str(number), serving=Serving("withdrawal", NINE - 1, NINE + number))
        for number in (1, 2, 3)
    ]
    queue = [Queued(str(number), "withdrawal", frozenset(), NINE) for number in range(4)]
    # free after 1, 2 and 3 minutes; six minutes each until anybody knows better: 1 2 3 7, then 8
    assert (
        minutes_for(hall(queue, machines), Queued("x", "withdrawal", frozenset(), NINE), setup) == 8
    )


def test_who_likely_left_takes_less_of_a_counter_s_time() -> None:
    half_gone = Learned(no_show_chances=(Mean(0.5, 1.0),) * len(AGES))
    waiting = [ticket(CARD)] * 2
    # 4 minutes are left; each of the two takes 9 minutes or an empty call of 0.8
    assert minutes_for(hall(waiting, [busy()]), learned=half_gone) == pytest.approx(4 + 9.8)


def test_the_longer_somebody_waited_the_likelier_they_left() -> None:
    state = [hall([ticket(CARD, NINE - age)], [busy()]) for age in (0.0, 30.0, 60.0, 100.0)]
    waits = [minutes_for(each, ticket(arrived=NINE), learned=Learned()) for each in state]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] > waits[-1]


def test_those_who_are_to_come_and_go_ahead_lengthen_the_wait() -> None:
    setup = replace(EXACT, order=HeadStarts({1: 20.0}))
    hourly = Arrivals(recent=tuple(NINE - 5.0 * each for each in range(6)))
    learned = replace(EVERYBODY_COMES, arrivals={1: hourly}, shares={CASH: 1.0})
    waiting = [ticket(CARD)] * 4
    state = hall(waiting, [busy(), busy()])
    usual = minutes_for(state, None, setup)
    # six an hour, four minutes each at two counters: a fifth of their time, in the 20 minutes in
    # which somebody new goes ahead
    assert usual > 20
    assert minutes_for(state, None, setup, learned) == pytest.approx(usual + 0.2 * 20)
    assert minutes_for(state, ticket(priority=1), setup, learned) == minutes_for(
        state, ticket(priority=1), setup
    )
    # who has stood here for long is not overtaken any more
    old = ticket(arrived=NINE - 20)
    assert minutes_for(state, old, setup, learned) == minutes_for(state, old, setup)


def test_with_skills_one_more_ahead_can_shorten_a_wait() -> None:
    """Not a fault of the prediction: it is so at counters that call the first they may serve."""
    # the first counter is free in 3 minutes, the second, which can't do cash, in 4
    counters = [busy(CASH, NINE - 1, CASH, WEALTH, CARD), busy(CASH, NINE, CARD)]
    # the card goes to the first, and whoever needs wealth waits 3 + 9 minutes
    assert minutes_for(hall([ticket(CARD)], counters), ticket(WEALTH)) == 12
    # with cash before it, which only the first can do, the card goes to the second
    assert minutes_for(hall([ticket(CASH), ticket(CARD)], counters), ticket(WEALTH)) == 7


# --- for every queue --------------------------------------------------------------------------


@given(queues, alike_counters, services)
def test_one_more_ahead_never_shortens_a_wait_at_alike_counters(
    queue: list[Queued], counters: list[Counter], service: str
) -> None:
    one_more = ticket(service, NINE - 91)
    here = minutes_for(hall(queue, counters), setup=SETUP, learned=Learned())
    longer = minutes_for(hall([one_more, *queue], counters), setup=SETUP, learned=Learned())
    assert longer >= here - 1e-9


@given(queues, alike_counters)
def test_one_more_counter_never_lengthens_a_wait(
    queue: list[Queued], counters: list[Counter]
) -> None:
    here = roll_forward(hall(queue, counters), ticket(), Learned(), SETUP)
    quicker = roll_forward(hall(queue, [*counters, counter()]), ticket(), Learned(), SETUP)
    assert here is not None
    assert quicker is not None
    assert quicker.mean <= here.mean + 1e-9


@given(queues, alike_counters, st.floats(0, 60))
def test_while_nothing_happens_the_call_is_never_expected_earlier(
    queue: list[Queued], counters: list[Counter], passed: float
) -> None:
    at_once = hall(queue, counters)
    later = replace(at_once, now=NINE + passed)
    customer = ticket()
    expected = [
        each.now + minutes_for(each, customer, SETUP, Learned()) for each in (at_once, later)
    ]
    assert expected[1] >= expected[0] - 1e-6


@given(queues, alike_counters, st.randoms(use_true_random=False))
def test_the_order_of_the_counters_makes_no_difference(
    queue: list[Queued], counters: list[Counter], chance: random.Random
) -> None:
    shuffled = counters.copy()
    chance.shuffle(shuffled)
    assert minutes_for(hall(queue, shuffled), setup=SETUP) == pytest.approx(
        minutes_for(hall(queue, counters), setup=SETUP)
    )


@pytest.mark.parametrize("seed", range(6))
def test_without_chance_it_says_exactly_what_happens(seed: int) -> None:
    """Another program serves the branch, event by event: skills, priorities and breaks."""
    chance = random.Random(seed)
    tellers = [
        Teller(frozenset({CASH}), [Break(NINE + 50, 20.0)]),
        Teller(frozenset({CASH, CARD}), [Break(NINE + 80, 35.0), Break(NINE + 200, 10.0)]),
        Teller(frozenset({CASH, CARD, WEALTH})),
        Teller(frozenset({WEALTH, CARD}), [Break(NINE + 110, 20.0)]),
    ]
    moments = sorted(chance.uniform(NINE, NINE + 300) for _ in range(170))
    kinds = chance.choices(sorted(MINUTES), (2, 5, 1), k=len(moments))
    people = [
        # nobody goes ahead who comes later: what is to come can't be said exactly
        ticket(kind, at, id=str(number))
        for number, (at, kind) in enumerate(zip(moments, kinds, strict=True))
    ]
    seen = serve(people, tellers)
    assert sum(each.waited > 5 for each in seen) > 50
    for each in seen:
        said = minutes_for(each.state, each.customer)
        assert said == pytest.approx(each.waited, abs=1e-6)


def test_without_chance_priority_is_exact_too() -> None:
    order = HeadStarts({1: 15.0})
    setup = replace(EXACT, order=order)
    chance = random.Random(7)
    moments = [NINE + number / 1000 for number in range(40)]
    people = [
        ticket(chance.choice((CASH, CARD)), at, chance.randint(0, 1), str(number))
        for number, at in enumerate(moments)
    ]
    tellers = [Teller(frozenset({CASH, CARD})), Teller(frozenset({CASH}))]
    seen = serve(people, tellers, order)
    # the last one sees everybody; nobody comes after them
    last = seen[-1]
    assert len(last.state.waiting) > 30
    for each in last.state.waiting:
        real = next(one.waited for one in seen if one.customer.id == each.id)
        everybody = replace(last.state, waiting=(*last.state.waiting, last.customer))
        said = everybody.now + minutes_for(everybody, each, setup) - each.arrived
        assert said == pytest.approx(real, abs=1e-6)
