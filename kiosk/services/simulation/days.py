"""Branch days from a seed: everybody who comes, with everything about them fixed in advance.

Each purpose of a day has random numbers of its own, and each person the next one of each. So the
same people come, with the same errands, where counters, lunches or acceptance are others; where
more come, the same come too; and whoever asks for one number more shifts nobody else's.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

from kiosk.services.simulation.scenario import HALF_HOUR, PeakDays, Scenario, Service

_CHANNEL_SPREAD = 0.5
"""Of the minutes at an e-channel."""
_MOST_PRIORITY = 0.9
_LEAST = 2**-53
"""Of draws that must not be 0; the next one after it."""
_NORMAL = NormalDist()
_USUAL = PeakDays(every=2)
"""Factors that change nothing."""


class WalkIn(NamedTuple):
    """Somebody who comes to the branch; a tuple, as a simulation makes a million of them."""

    at: float
    service: str
    """Code."""
    is_priority: bool
    minutes: float
    """At the counter of a usual teller."""
    patience: float
    """Minutes after which they leave in silence."""
    is_gone: bool
    """Whether they will be gone whenever they are called."""
    can_channel: bool
    """Whether an e-channel can finish it."""
    acceptance_draw: float
    """Below the acceptance, they go there."""
    comes_back: bool
    """Whether it would not work there."""
    channel_minutes: float


@dataclass(frozen=True)
class Teller:
    """Who sits at a counter that day."""

    pace: float
    """Their service times over the usual ones."""
    absences: tuple[tuple[float, float], ...]
    """Unplanned: start and minutes."""


@dataclass(frozen=True)
class Day:
    """Everything that chance decides of a day."""

    number: int
    weekday: int
    is_peak: bool
    walk_ins: tuple[WalkIn, ...]
    """As they come."""
    tellers: Mapping[str, Teller]
    """By the counter's name."""


def days_of(scenario: Scenario, count: int, seed: int) -> Iterator[Day]:
    """Consecutive working days."""
    for number in range(count):
        yield day_of(scenario, number, seed)


def day_of(scenario: Scenario, number: int, seed: int) -> Day:
    """One day; it is the same whichever others are asked for."""
    chances = _Chances(seed, number)
    weekday = number % len(scenario.arrivals.weekdays)
    peak = scenario.peak_days
    is_peak = peak is not None and number % peak.every == peak.every // 2
    factors = peak if peak is not None and is_peak else _USUAL
    walk_ins = _walk_ins(scenario, weekday, factors, chances)
    return Day(number, weekday, is_peak, walk_ins, tellers_of(scenario, number, seed))


def tellers_of(scenario: Scenario, number: int, seed: int) -> dict[str, Teller]:
    """Who sits at the counters on a day; they are the same wherever counters have their names."""
    chances, tellers = _Chances(seed, number), scenario.tellers
    pace = math.exp(tellers.day_sigma * _scores(chances.of("pace"), 1)[0])
    return {
        each.name: Teller(
            pace * math.exp(tellers.speed_sigma * _scores(chances.of(f"pace {each.name}"), 1)[0]),
            _absences(scenario, chances.of(f"absences {each.name}")),
        )
        for each in scenario.counters
    }


@dataclass(frozen=True)
class _Chances:
    """Random numbers of a day."""

    seed: int
    day: int

    def of(self, purpose: str) -> random.Random:
        """Those of one purpose, from the first one on."""
        return random.Random(f"{self.seed} {self.day} {purpose}")  # noqa: S311 (nobody must not guess it)


def _walk_ins(
    scenario: Scenario, weekday: int, peak: PeakDays, chances: _Chances
) -> tuple[WalkIn, ...]:
    customers = scenario.customers
    moments = list(_arrivals(scenario, weekday, peak, chances))
    count = len(moments)
    shares = [each.share * peak.services.get(each.code, 1.0) for each in scenario.services]
    services = chances.of("service").choices(scenario.services, shares, k=count)
    priority = min(_MOST_PRIORITY, customers.priority_share * peak.priority)
    return tuple(
        map(
            WalkIn,
            moments,
            (each.code for each in services),
            _whether(chances.of("priority"), priority, count),
            _minutes(services, scenario, chances.of("minutes")),
            _patience(scenario, chances.of("patience"), count),
            _whether(chances.of("gone"), customers.no_show_at_once, count),
            _whether_each(chances.of("channel"), [each.channel_share for each in services]),
            _draws(chances.of("acceptance"), count),
            _whether(chances.of("come back"), customers.come_back, count),
            _channel_minutes(services, chances.of("channel minutes")),
        )
    )


def _arrivals(
    scenario: Scenario, weekday: int, peak: PeakDays, chances: _Chances
) -> Iterator[float]:
    """The moments at which people come.

    Where more are expected, everybody comes a little earlier, and more at the end: the k-th is the
    same person.
    """
    arrivals = scenario.arrivals
    weights = arrivals.half_hours
    if peak.half_hours:
        weights = tuple(map(float.__mul__, weights, peak.half_hours))
    total = scenario.walk_ins * arrivals.weekdays[weekday] * peak.walk_ins
    total *= _factor(chances.of("day"), arrivals.day_spread)
    of_half_hours, gaps = chances.of("half hours"), chances.of("arrivals")
    due, passed = gaps.expovariate(1), 0.0
    for index, weight in enumerate(weights):
        start = scenario.opens + HALF_HOUR * index
        minutes = min(HALF_HOUR, scenario.closes - start)
        expected = total * weight / sum(weights)
        expected *= _factor(of_half_hours, arrivals.half_hour_spread)
        while due < passed + expected:
            yield start + (due - passed) / expected * minutes
            due += gaps.expovariate(1)
        passed += expected


def _factor(chance: random.Random, spread: float) -> float:
    """Gamma with a mean of 1."""
    return chance.gammavariate(1 / spread**2, spread**2) if spread else 1.0


def _draws(chance: random.Random, count: int) -> list[float]:
    return [chance.random() for _ in range(count)]


def _whether(chance: random.Random, share: float, count: int) -> list[bool]:
    return [each < share for each in _draws(chance, count)]


def _whether_each(chance: random.Random, shares: Sequence[float]) -> list[bool]:
    return [chance.random() < share for share in shares]


def _scores(chance: random.Random, count: int) -> list[float]:
    """Normal; by one draw each, unlike what `random` has, and in a quarter of the time."""
    score, draw = _NORMAL.inv_cdf, chance.random
    return [score(draw() or _LEAST) for _ in range(count)]


def _patience(scenario: Scenario, chance: random.Random, count: int) -> list[float]:
    median, sigma = scenario.customers.patience_median, scenario.customers.patience_sigma
    return [median * math.exp(sigma * score) for score in _scores(chance, count)]


def _minutes(services: Sequence[Service], scenario: Scenario, chance: random.Random) -> list[float]:
    known = {each.code: _lognormal(each.minutes, each.spread) for each in scenario.services}
    found = []
    for service, score in zip(services, _scores(chance, len(services)), strict=True):
        location, sigma = known[service.code]
        found.append(math.exp(location + sigma * score))
    return found


def _channel_minutes(services: Sequence[Service], chance: random.Random) -> list[float]:
    location, sigma = _lognormal(1.0, _CHANNEL_SPREAD)
    return [
        service.channel_minutes * math.exp(location + sigma * score)
        for service, score in zip(services, _scores(chance, len(services)), strict=True)
    ]


def _lognormal(mean: float, spread: float) -> tuple[float, float]:
    """Mean and sigma of the logarithm."""
    square = math.log(1 + spread * spread)
    return math.log(mean) - square / 2, math.sqrt(square)


def _absences(scenario: Scenario, chance: random.Random) -> tuple[tuple[float, float], ...]:
    tellers, found = scenario.tellers, []
    if tellers.absences:
        rate = tellers.absences / (scenario.closes - scenario.opens)
        at = scenario.opens + chance.expovariate(rate)
        while at < scenario.closes:
            found.append((at, chance.expovariate(1 / tellers.absence_minutes)))
            at += chance.expovariate(rate)
    return tuple(found)
