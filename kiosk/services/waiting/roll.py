"""Serves the present queue to its end in thought, up to one customer's call."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.services.waiting.learned import AGES, Learned
from kiosk.services.waiting.service_time import service_time
from kiosk.services.waiting.setup import Setup
from kiosk.services.waiting.state import Counter, CounterState, Queued, QueueState

_MOST_OVERTAKEN = 0.8
"""Of the counters' time: more would mean that nobody else is ever called."""


@dataclass(frozen=True)
class RolledWait:
    """What the roll-forward gives, in minutes from now."""

    mean: float
    variance: float
    """Of the service times and running services; what else is unsure comes on top."""
    ahead: int
    """Tickets that are called earlier, at a counter that may serve the customer."""


def roll_forward(
    state: QueueState, customer: Queued, learned: Learned, setup: Setup
) -> RolledWait | None:
    """Call everybody before a customer, each at the first counter that is free for them.

    Args:
        state: The queue; the customer may stand in it or not yet.
        customer: Whose wait is asked for.
        learned: From before.
        setup: As configured.

    Returns:
        None where no counter will ever call the customer, as far as is known.
    """
    lanes = _Lanes(state, learned, setup)
    own = lanes.of(customer.needs)
    if not own:
        return None
    no_show = learned.no_show_minutes_of(setup)
    chances = [each.value for each in learned.no_show_chances]
    works: dict[tuple[str, frozenset[str]], _Work] = {}
    variance, ahead, free = 0.0, 0, lanes.free
    for ticket in _before(customer, state.waiting, setup):
        kind = ticket.service, ticket.needs
        work = works.get(kind)
        if work is None:
            minutes = learned.minutes_of(ticket.service, setup) * learned.pace
            work = works[kind] = _Work.of(lanes.of(ticket.needs), own, minutes, setup)
        if not work.able:
            continue
        lane = min(work.able, key=free.__getitem__)
        gone = _chance_at(free[lane] - ticket.arrived, chances)
        served = (1 - gone) * work.minutes
        lanes.occupy(lane, served + gone * no_show)
        if work.shared:
            ahead += 1
            variance += ((1 - gone) * work.square - served * served) * work.shared
    mean = max(0.0, min(free[lane] for lane in own) - state.now)
    if mean == 0:
        return RolledWait(0.0, 0.0, ahead)
    variance = (variance + sum(lanes.variance[lane] for lane in own)) / len(own) ** 2
    mean += _overtaken(state, customer, learned, setup, lanes, mean)
    return RolledWait(mean, variance, ahead)


@dataclass(frozen=True)
class _Work:
    """What one more ticket of a kind means, to the counters and to the customer behind it."""

    able: list[int]
    minutes: float
    square: float
    """Mean square of the minutes."""
    shared: float
    """Share of its counters that may serve the customer too."""

    @staticmethod
    def of(able: list[int], own: list[int], minutes: float, setup: Setup) -> "_Work":
        shared = sum(lane in own for lane in able) / len(able) if able else 0.0
        return _Work(able, minutes, minutes * minutes * (1 + setup.spread**2), shared)


def _before(customer: Queued, waiting: Sequence[Queued], setup: Setup) -> list[Queued]:
    """Who is called before a customer, in that order; the sort keeps equals as they came."""
    key = setup.order(customer)
    before: list[Queued] = []
    for counts_from, ticket in sorted(
        ((setup.order(each), each) for each in waiting), key=lambda pair: pair[0]
    ):
        if counts_from > key or ticket.id == customer.id:
            break
        before.append(ticket)
    return before


class _Lanes:
    """When each counter is free, while the queue is served."""

    def __init__(self, state: QueueState, learned: Learned, setup: Setup) -> None:
        self._counters = [each for each in state.counters if each.is_coming]
        self._able: dict[frozenset[str], list[int]] = {}
        self.free: list[float] = []
        self.variance: list[float] = []
        self._breaks = [list(each.breaks) for each in self._counters]
        for lane, counter in enumerate(self._counters):
            free, variance = _free_at(counter, state.now, learned, setup)
            self.free.append(free)
            self.variance.append(variance)
            self.occupy(lane, 0.0)

    def of(self, needs: frozenset[str]) -> list[int]:
        """The counters that can serve somebody."""
        able = self._able.get(needs)
        if able is None:
            able = self._able[needs] = [
                lane for lane, each in enumerate(self._counters) if each.can_serve(needs)
            ]
        return able

    def occupy(self, lane: int, minutes: float) -> None:
        """Serve for some minutes, and then take the breaks that are due."""
        free = self.free[lane] + minutes
        breaks = self._breaks[lane]
        while breaks and free >= breaks[0].start:
            free += breaks.pop(0).minutes
        self.free[lane] = free


def _free_at(counter: Counter, now: float, learned: Learned, setup: Setup) -> tuple[float, float]:
    """When a counter can call the next customer, and the variance of that."""
    if counter.state is not CounterState.OPEN:
        if counter.back_at is not None:
            return max(now, counter.back_at), 0.0
        return now + setup.absence_minutes, setup.absence_minutes**2
    serving = counter.serving
    if serving is None:
        return now, 0.0
    usual = learned.minutes_of(serving.service, setup) * learned.pace
    if serving.until is not None:
        left = max(0.0, serving.until - now)
        return now + left, (setup.spread * min(usual, left)) ** 2
    mean, variance = service_time(setup.spread).rest((now - serving.since) / usual)
    return now + mean * usual, variance * usual * usual


def _chance_at(waited: float, chances: Sequence[float]) -> float:
    """The chance of a no-show, between the ages at which it is known."""
    above = bisect_right(AGES, waited)
    if above == 0:
        return chances[0]
    if above == len(AGES):
        return chances[-1]
    part = (waited - AGES[above - 1]) / (AGES[above] - AGES[above - 1])
    return chances[above - 1] + part * (chances[above] - chances[above - 1])


def _overtaken(
    state: QueueState,
    customer: Queued,
    learned: Learned,
    setup: Setup,
    lanes: _Lanes,
    wait: float,
) -> float:
    """Minutes that those take who are still to come and go ahead of a customer.

    A class goes ahead as long as somebody who comes then counts from an earlier moment; of the
    counters' time it takes its arrivals times their work.
    """
    key, added = setup.order(customer), 0.0
    own = lanes.of(customer.needs)
    for priority, arrivals in learned.arrivals.items():
        newcomer = Queued("", customer.service, customer.needs, state.now, priority)
        lead = key - setup.order(newcomer)
        rate = arrivals.rate(state.now + wait / 2, state.now)
        if lead <= 0 or rate <= 0:
            continue
        load = min(_MOST_OVERTAKEN, rate * _work_of_one(own, learned, setup, lanes))
        added += load * min(wait / (1 - load), lead)
    return added


def _work_of_one(own: list[int], learned: Learned, setup: Setup, lanes: _Lanes) -> float:
    """Minutes that one more ticket takes of each of these counters, by what people come for."""
    total = sum(learned.shares.values())
    work = 0.0
    for service, share in learned.shares.items():
        able = lanes.of(setup.needs_of(service))
        if able:
            shared = sum(lane in own for lane in able) / len(able)
            work += share / total * learned.minutes_of(service, setup) * shared
    return work * learned.pace / len(own)
