"""The simulated branch, held against theory, another engine, and what the kiosk predicts."""

import math
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from statistics import mean

import ciw
import pytest
import simpy
from branch_simulated import (
    ALIKE,
    DEFAULT,
    NO_PRIORITY,
    NOBODY_LEAVES,
    day,
    pooled,
    scenario,
    walk_in,
    without_chance,
)
from hypothesis import given
from hypothesis import strategies as st
from waiting_hall import EVERYBODY_COMES

from kiosk.errors import KioskError
from kiosk.services.simulation.days import Teller, WalkIn, day_of, days_of
from kiosk.services.simulation.engine import DayResult, live_through
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.waiting.roll import roll_forward
from kiosk.services.waiting.setup import ServiceSetup, Setup
from kiosk.services.waiting.state import Queued, QueueState

# --- theory -----------------------------------------------------------------------------------


def erlang_c(arrivals: float, served: float, counters: int) -> float:
    """The mean wait, from arrivals a minute and services a minute and counter."""
    offered = arrivals / served
    terms = [offered**each / math.factorial(each) for each in range(counters + 1)]
    last = terms[-1] * counters / (counters - offered)
    return last / (sum(terms[:-1]) + last) / (counters * served - arrivals)


def test_the_mean_wait_is_erlangs(*, is_long: bool) -> None:
    """Within 5 %, three times the error that chance leaves; high loads need more people for it."""
    usual, long = [(1, 0.5, 70_000), (2, 0.5, 70_000)], [(4, 0.7, 10**6), (6, 0.8, 2 * 10**6)]
    for counters, load, count in long if is_long else usual:
        waited, expected = mean_wait(counters, load, count)
        assert waited == pytest.approx(expected, rel=0.05)


def mean_wait(counters: int, load: float, count: int) -> tuple[float, float]:
    """Of so many people, and as Erlang's formula has it."""
    of = scenario(counters=pooled(counters), customers={"call_gap": 0.0})
    chance, minutes = random.Random(3), 4.0
    moments = accumulate(exponential(chance, minutes / counters / load, count), initial=of.opens)
    served = exponential(chance, minutes, count)
    people = [walk_in(at, "deposit", each) for at, each in zip(moments, served, strict=False)]
    waited = mean(each.waited for each in live_through(of, day(of, people)).tickets)
    return waited, erlang_c(load * counters / minutes, 1 / minutes, counters)


def exponential(chance: random.Random, wanted: float, count: int) -> list[float]:
    """With just the mean that is wanted: the load, on which waits hang most, is no chance then."""
    draws = [chance.expovariate(1) for _ in range(count)]
    factor = wanted / mean(draws)
    return [each * factor for each in draws]


# --- another engine ---------------------------------------------------------------------------


def waits_in_ciw(people: Sequence[WalkIn], counters: int, gap: float, opens: float) -> list[float]:
    """The same people in Ciw, where those of the first class always go ahead."""
    arrivals, services = {}, {}
    for name in ("ahead", "usual"):
        own = [each for each in people if each.is_priority == (name == "ahead")]
        moments = [opens, *(each.at for each in own)]
        gaps = [after - before for before, after in pairwise(moments)]
        arrivals[name] = [ciw.dists.Sequential([*gaps, math.inf])]
        services[name] = [ciw.dists.Sequential([*(gap + each.minutes for each in own), 1.0])]
    network = ciw.create_network(
        arrival_distributions=arrivals,
        service_distributions=services,
        number_of_servers=[counters],
        priority_classes={"ahead": 0, "usual": 1},
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(24 * 60.0)
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    return [record.waiting_time for record in records]


@pytest.mark.parametrize("priority_share", [0.0, 0.22])
def test_each_ticket_waits_as_long_as_in_another_engine(priority_share: float) -> None:
    """With a head start of ten hours, who may go ahead always does, as Ciw knows it."""
    of = scenario(
        counters=pooled(4),
        customers={**NOBODY_LEAVES, "priority_share": priority_share, "head_start": 600.0},
        tellers=ALIKE,
        services=accepted_by_nobody(),
        walk_ins=330.0,
    )
    ours, theirs = [], []
    for each in days_of(of, 12, seed=1):
        ours += [ticket.waited for ticket in live_through(of, each).tickets]
        gap = of.customers.call_gap
        theirs += waits_in_ciw(each.walk_ins, len(of.counters), gap, of.opens)
    assert mean(ours) > 5
    assert ours == pytest.approx(theirs, abs=1e-6)


def accepted_by_nobody() -> list[dict[str, object]]:
    return [
        {**each.model_dump(exclude_defaults=True), "acceptance": 0.0} for each in DEFAULT.services
    ]


# --- the prediction ---------------------------------------------------------------------------


def test_without_chance_each_wait_is_the_one_predicted() -> None:
    """Skills, lunches, and a counter that opens late; come-backs, too."""
    counters = [each.model_dump(exclude_defaults=True) for each in DEFAULT.counters]
    counters[0]["opens"] = 10 * 60
    of = without_chance(counters=counters)
    setup = Setup(
        {
            each.code: ServiceSetup(each.minutes + of.customers.call_gap, frozenset({each.group}))
            for each in of.services
        },
        spread=0.0,
    )
    predicted: list[float] = []

    def predict(state: QueueState, customer: Queued) -> None:
        rolled = roll_forward(state, customer, EVERYBODY_COMES, setup)
        assert rolled is not None
        predicted.append(rolled.mean)

    waited: list[float] = []
    for each in days_of(of, 6, seed=2):
        waited += [ticket.waited for ticket in live_through(of, each, predict).tickets]
    assert len(waited) > 2_000
    assert mean(waited) > 5
    assert predicted == pytest.approx(waited, abs=1e-6)


# --- what always holds ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results() -> list[DayResult]:
    return [live_through(DEFAULT, each) for each in days_of(DEFAULT, 10, seed=5)]


def test_everybody_is_diverted_or_has_a_ticket(results: list[DayResult]) -> None:
    for each in results:
        assert each.walk_ins == each.diverted + len(each.tickets)
        assert sum(ticket.came_back for ticket in each.tickets) == each.came_back
        went = sum(map(len, each.channel_waits.values()))
        assert went == each.diverted + each.came_back
        assert each.came_back > 0


def test_a_counter_serves_one_at_a_time_what_it_can(results: list[DayResult]) -> None:
    skills = {each.name: each.skills for each in DEFAULT.counters}
    for result in results:
        for name in skills:
            own = sorted((each for each in result.tickets if each.counter == name), key=called)
            assert all(DEFAULT.service(each.service).group in skills[name] for each in own)
            assert all(before.ended <= after.called for before, after in pairwise(own))
            busy = sum(each.ended - each.called for each in own)
            assert result.busy[name] == pytest.approx(busy)
        assert result.ended_at == max(each.ended for each in result.tickets)
        assert result.demand > sum(result.busy.values())


def called(ticket: object) -> float:
    return ticket.called  # type: ignore[attr-defined, no-any-return]


def test_nobody_is_called_in_the_breaks(results: list[DayResult]) -> None:
    """A break begins after the service that runs, and lasts its whole length then."""
    of = scenario(tellers={"absences": 0.0})
    for each in days_of(of, 5, seed=6):
        tickets = live_through(of, each).tickets
        for counter in of.counters:
            [lunch] = counter.breaks
            own = sorted((one for one in tickets if one.counter == counter.name), key=called)
            before = [one for one in own if one.called < lunch.start]
            after = [one for one in own if one.called >= lunch.start]
            gone = max(lunch.start, before[-1].ended)
            assert after[0].called >= gone + lunch.minutes - 1e-9


def test_a_counter_closes_after_its_last_service() -> None:
    counters = [*pooled(2)]
    counters[0]["closes"] = 12 * 60
    of = without_chance(counters=counters)
    people = [walk_in(11.9 * 60, "deposit", 10), *(walk_in(12.1 * 60, "deposit", 10),) * 3]
    tickets = live_through(of, day(of, people)).tickets
    assert [each.counter for each in tickets] == ["1", "2", "2", "2"]


def test_who_is_away_is_not_away_twice() -> None:
    of = without_chance(counters=pooled(1))
    people = [walk_in(10 * 60 + 5, "deposit", 1)]
    [ticket] = live_through(of, day(of, people, absences=[(600, 10), (602, 30)])).tickets
    assert ticket.called == pytest.approx(610)


def test_a_planned_break_is_taken_by_whoever_was_away() -> None:
    [counter] = pooled(1)
    of = without_chance(counters=[{**counter, "breaks": [{"start": 605, "minutes": 30}]}])
    [ticket] = live_through(of, day(of, [walk_in(601, "deposit", 1)], [(600, 10)])).tickets
    assert ticket.called == pytest.approx(640)


def test_a_counter_opens_when_it_says() -> None:
    [counter] = pooled(1)
    of = without_chance(counters=[{**counter, "opens": 600}])
    [ticket] = live_through(of, day(of, [walk_in(550, "deposit", 1)])).tickets
    assert ticket.called == 600


def test_whoever_can_do_least_is_asked_first() -> None:
    counters = [*pooled(1), {"name": "quick", "skills": ["quick"]}]
    of = without_chance(counters=counters)
    people = [walk_in(550, "deposit", 5), walk_in(551, "card", 5), walk_in(552, "deposit", 5)]
    tickets = live_through(of, day(of, people)).tickets
    assert [each.counter for each in tickets] == ["quick", "1", "quick"]


def test_a_slow_teller_takes_longer_but_not_for_the_call() -> None:
    of = without_chance(counters=pooled(1))
    slow = replace(day(of, [walk_in(550, "deposit", 5)]), tellers={"1": Teller(2.0, ())})
    [ticket] = live_through(of, slow).tickets
    assert ticket.ended - ticket.called == pytest.approx(10 + of.customers.call_gap)


def test_an_e_channel_has_its_own_queue_and_who_fails_there_comes_back() -> None:
    of = without_chance(devices=[{"channel": "atm", "count": 1}])
    tries = walk_in(600, "deposit", 4)._replace(
        can_channel=True, acceptance_draw=0.0, channel_minutes=3.0
    )
    people = [tries, tries._replace(at=601, comes_back=True), tries._replace(at=602)]
    result = live_through(of, day(of, people))
    assert result.channel_waits["atm"] == (0, 2, 4)
    [ticket] = result.tickets
    assert (ticket.issued, ticket.came_back, result.diverted) == (606, True, 2)


moments = st.integers(0, 50).map(lambda each: 540 + 5 * each)
"""Many at the same moment."""
breaks = st.lists(moments, unique=True, max_size=3).map(
    lambda starts: [{"start": start, "minutes": 5} for start in sorted(starts)]
)
desks = st.fixed_dictionaries(
    {"skills": st.sets(st.sampled_from(DEFAULT.groups), min_size=1).map(tuple)},
    optional={"opens": st.just(540), "closes": st.integers(800, 1020), "breaks": breaks},
)
people = st.lists(
    st.builds(
        WalkIn,
        moments.map(float),
        st.sampled_from([each.code for each in DEFAULT.services]),
        is_priority=st.booleans(),
        minutes=st.floats(0.1, 30),
        patience=st.floats(0, 60),
        is_gone=st.booleans(),
        can_channel=st.booleans(),
        acceptance_draw=st.floats(0, 1),
        comes_back=st.booleans(),
        channel_minutes=st.floats(0, 20),
    ),
    max_size=30,
)
absences = st.lists(st.tuples(moments.map(float), st.floats(0, 60)), max_size=4).map(sorted)


@given(people=people, desks=st.lists(desks, max_size=4), absences=absences)
def test_whatever_happens_everybody_is_called_once(
    people: list[WalkIn], desks: list[dict[str, object]], absences: list[tuple[float, float]]
) -> None:
    """Breaks, absences, closings and arrivals at one moment, in any order."""
    named = [{**each, "name": f"{index}"} for index, each in enumerate(desks)]
    last = {"name": "last", "skills": DEFAULT.groups}
    of = scenario(counters=[*named, last])
    can = {each.code for each in of.services if each.channel}
    people = [
        each._replace(can_channel=each.can_channel and each.service in can) for each in people
    ]
    people.sort(key=lambda each: each.at)
    result = live_through(of, day(of, people, absences))
    assert len(result.tickets) + result.diverted == len(people)
    queues: dict[tuple[str, bool], list[float]] = {}
    for ticket in result.tickets:
        queue = of.service(ticket.service).group, ticket.is_priority
        queues.setdefault(queue, []).append(ticket.called)
    assert all(calls == sorted(calls) for calls in queues.values()), "first come, first served"
    for counter in of.counters:
        own = sorted((each for each in result.tickets if each.counter == counter.name), key=called)
        assert all(each.issued <= each.called < each.ended for each in own)
        assert all(before.ended <= after.called for before, after in pairwise(own))
        assert all(of.service(each.service).group in counter.skills for each in own)
        assert counter.closes is None or all(each.called <= counter.closes for each in own)


# --- the same people --------------------------------------------------------------------------


def test_a_seed_gives_the_same_days() -> None:
    first, second = (list(days_of(DEFAULT, 3, seed=7)) for _ in range(2))
    assert first == second
    assert first[2] == day_of(DEFAULT, 2, seed=7)
    assert first[2] != day_of(DEFAULT, 2, seed=8)


def test_other_counters_and_another_acceptance_serve_the_same_people() -> None:
    one = day_of(DEFAULT, 1, seed=7)
    fewer = scenario(
        counters=[each.model_dump(exclude_defaults=True) for each in DEFAULT.counters[1:]],
        customers={"priority_acceptance": 1.0, "head_start": 5.0},
    )
    other = day_of(fewer, 1, seed=7)
    assert other.walk_ins == one.walk_ins
    assert other.tellers == {name: one.tellers[name] for name in other.tellers}


def test_where_more_come_the_same_come_too() -> None:
    one, more = (
        day_of(scenario(walk_ins=factor * DEFAULT.walk_ins), 1, seed=7).walk_ins
        for factor in (1.0, 1.2)
    )
    assert len(more) > 1.1 * len(one)
    assert [each[1:] for each in more[: len(one)]] == [each[1:] for each in one]
    assert all(then.at <= now.at for now, then in zip(one, more, strict=False))


def test_a_draw_more_shifts_nothing_else() -> None:
    patient = scenario(customers={"patience_median": 160.0, "no_show_at_once": 0.5})
    one, other = day_of(DEFAULT, 1, seed=7).walk_ins, day_of(patient, 1, seed=7).walk_ins
    for now, then in zip(one, other, strict=True):
        assert then.patience == pytest.approx(2 * now.patience)
        assert then._replace(patience=0.0, is_gone=False) == now._replace(
            patience=0.0, is_gone=False
        )


def test_days_are_as_the_scenario_says() -> None:
    days = list(days_of(DEFAULT, 60, seed=3))
    assert [each.number for each in days if each.is_peak] == [5, 15, 25, 35, 45, 55]
    usual = [each for each in days if not each.is_peak]
    people = [one for each in usual for one in each.walk_ins]
    # five standard deviations each
    assert len(people) / len(usual) == pytest.approx(DEFAULT.walk_ins, rel=5 * 0.1 / 54**0.5)
    for service in DEFAULT.services:
        own = [one for one in people if one.service == service.code]
        assert len(own) / len(people) == pytest.approx(service.share, abs=0.011)
        rel = 5 * service.spread / len(own) ** 0.5
        assert mean(one.minutes for one in own) == pytest.approx(service.minutes, rel=rel)
        can = sum(one.can_channel for one in own) / len(own)
        assert can == pytest.approx(service.channel_share, abs=2.5 / len(own) ** 0.5)
        tried = [one.channel_minutes for one in own]
        rel = 5 * 0.5 / len(own) ** 0.5
        assert mean(tried) == pytest.approx(service.channel_minutes, rel=rel)
    assert all(DEFAULT.opens <= one.at < DEFAULT.closes for one in people)


def test_weekdays_and_peak_days_are_as_the_scenario_says() -> None:
    """Without the spread of days, all that is left is who happens to come."""
    weekdays, peak = [0.5, 1.5], {"priority": 4.0, "walk_ins": 2.0, "every": 10}
    arrivals = {"weekdays": weekdays, "day_spread": 0.0, "half_hour_spread": 0.0}
    of = scenario(arrivals=arrivals, peak_days=peak, customers={"priority_share": 0.4})
    days = list(days_of(of, 6, seed=3))
    for each in days:
        expected = of.walk_ins * weekdays[each.number % 2] * (2 if each.is_peak else 1)
        assert len(each.walk_ins) == pytest.approx(expected, abs=5 * expected**0.5)
    ahead = [mean(one.is_priority for one in each.walk_ins) for each in (days[0], days[5])]
    # not everybody goes ahead, however many would
    assert ahead == [pytest.approx(0.4, abs=0.15), pytest.approx(0.9, abs=0.05)]


# --- what it costs ----------------------------------------------------------------------------


def test_the_cost_grows_with_the_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in events: two for each ticket, and what counters do by themselves."""
    counted = 0

    class Counting(simpy.Environment):
        def step(self) -> None:
            nonlocal counted
            counted += 1
            super().step()

    monkeypatch.setattr(simpy, "Environment", Counting)

    def events(of: Scenario) -> tuple[int, int]:
        nonlocal counted
        counted = 0
        return len(live_through(of, day_of(of, 1, seed=4)).tickets), counted

    quiet = scenario(customers=NO_PRIORITY)
    for factor in (1, 2, 4):
        tickets, steps = events(scenario(quiet, walk_ins=200.0 * factor))
        assert steps <= 3 * tickets + 100


def test_without_simpy_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simpy", None)
    with pytest.raises(KioskError, match="simulation_not_installed"):
        live_through(DEFAULT, day_of(DEFAULT, 0, seed=1))
