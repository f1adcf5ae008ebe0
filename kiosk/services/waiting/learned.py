"""What finished services, tickets and realised waits have taught: one small value, one at a time.

Each function takes what was known and one observation and gives what is known then; the same
observations in the same order give the same value, so that it can be rebuilt from the events.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache

from pydantic import TypeAdapter

from kiosk.services.waiting.calibration import Cell
from kiosk.services.waiting.setup import Setup

SLOT = 30.0
"""Minutes: the day's arrivals are counted by half hours."""
_SLOTS = 48
_RECENT = 60.0
"""Minutes from which today's level of arrivals is read."""
_LEVEL_WEIGHT = 4.0
"""Arrivals: how many make as much of today's level as the profile does."""
_PROFILE_DAYS = 20
_PRIOR_WEIGHT, _FULL_WEIGHT = 15.0, 150.0
"""Services: what the configured minutes weigh at first, and how soon the old is forgotten."""
_CHANCE_WEIGHT, _CHANCE_FULL_WEIGHT = 20.0, 400.0
_PACE_WEIGHT, _PACE_OVERNIGHT, _PACE_OUTLIER = 80.0, 0.3, 4.0
_SHARE_WEIGHT = 300.0

AGES = (5.0, 15.0, 25.0, 37.5, 52.5, 70.0, 90.0, 120.0)
"""Minutes waited, at which the chance of a no-show is kept."""
_AGE_EDGES = (10.0, 20.0, 30.0, 45.0, 60.0, 80.0, 100.0)
_CHANCES = (0.03, 0.04, 0.05, 0.07, 0.10, 0.15, 0.20, 0.25)
"""Assumed until a branch has its own; with its weight it is gone in two weeks."""


@dataclass(frozen=True)
class Mean:
    """A mean that starts from an assumption and forgets slowly."""

    value: float
    weight: float

    def after(self, seen: float, full_weight: float) -> "Mean":
        """With one observation more."""
        weight = min(full_weight, self.weight + 1)
        return Mean(self.value + (seen - self.value) / weight, weight)


@dataclass(frozen=True)
class Arrivals:
    """When the tickets of one priority class are issued."""

    days: int = 0
    profile: tuple[float, ...] = (0.0,) * _SLOTS
    """Tickets in each half hour of a usual day."""
    today: tuple[int, ...] = (0,) * _SLOTS
    recent: tuple[float, ...] | None = None
    """Those of the last hour; None: nothing is known of today."""

    def rate(self, at: float, now: float) -> float:
        """Tickets a minute expected at a moment to come, by the profile and today's level."""
        usual = self.profile[_slot(at)] / SLOT
        if self.recent is None:
            return usual
        recent = sum(1 for each in self.recent if each > now - _RECENT)
        if not self.days:
            return recent / _RECENT
        expected = sum(self.profile[_slot(now - back)] for back in (15.0, 45.0))
        level = (recent + _LEVEL_WEIGHT) / (expected + _LEVEL_WEIGHT)
        return usual * min(3.0, max(0.3, level))


@dataclass(frozen=True)
class Learned:
    """Everything that is known from before; nothing yet, if it is new."""

    observations: int = 0
    """How many it was learned from: with the state it names what a prediction rested on."""
    through: date | None = None
    """The last day that it was learned from; None: none was finished."""
    minutes: Mapping[str, Mean] = field(default_factory=dict)
    """Service code → from call to finish."""
    no_show_minutes: Mean | None = None
    """What an empty call costs a counter."""
    no_show_chances: tuple[Mean, ...] = tuple(Mean(each, _CHANCE_WEIGHT) for each in _CHANCES)
    """At each of `AGES`."""
    pace: float = 1.0
    """Today's service times over the usual ones."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Service code → share of the tickets."""
    arrivals: Mapping[int, Arrivals] = field(default_factory=dict)
    """By priority class; 0 overtakes nobody and is not kept."""
    cells: Mapping[str, Cell] = field(default_factory=dict)

    def minutes_of(self, service: str, setup: Setup) -> float:
        """From call to finish on a usual day: learned, or else configured."""
        known = self.minutes.get(service)
        return known.value if known else setup.minutes_of(service)

    def no_show_minutes_of(self, setup: Setup) -> float:
        """What an empty call costs a counter: learned, or else configured."""
        return self.no_show_minutes.value if self.no_show_minutes else setup.no_show_minutes


@dataclass(frozen=True)
class Finished:
    """A counter is free again."""

    service: str
    minutes: float
    """Since the call."""
    waited: float
    """Before the call, in minutes."""
    is_no_show: bool = False


def after_finish(learned: Learned, finished: Finished, setup: Setup) -> Learned:
    """Learn from a service that ended, or from a customer who never came.

    A service of no time, as where a clock was set back, is nothing to learn from.
    """
    if finished.minutes <= 0:
        return learned
    bucket = bisect_right(_AGE_EDGES, finished.waited)
    chances = list(learned.no_show_chances)
    chances[bucket] = chances[bucket].after(float(finished.is_no_show), _CHANCE_FULL_WEIGHT)
    learned = replace(
        learned, observations=learned.observations + 1, no_show_chances=tuple(chances)
    )
    if finished.is_no_show:
        known = learned.no_show_minutes or Mean(setup.no_show_minutes, _PRIOR_WEIGHT)
        return replace(learned, no_show_minutes=known.after(finished.minutes, _FULL_WEIGHT))
    usual = learned.minutes.get(finished.service) or Mean(
        setup.minutes_of(finished.service), _PRIOR_WEIGHT
    )
    ratio = min(_PACE_OUTLIER, finished.minutes / usual.value)
    return replace(
        learned,
        minutes={**learned.minutes, finished.service: usual.after(finished.minutes, _FULL_WEIGHT)},
        pace=learned.pace + (ratio - learned.pace) / _PACE_WEIGHT,
    )


def after_issue(learned: Learned, service: str, priority: int, at: float) -> Learned:
    """Learn from a ticket: what people come for, and when those come who go ahead."""
    shares = {code: share * (1 - 1 / _SHARE_WEIGHT) for code, share in learned.shares.items()}
    shares[service] = shares.get(service, 0.0) + 1 / _SHARE_WEIGHT
    arrivals = learned.arrivals
    if priority:
        known = arrivals.get(priority, Arrivals())
        today = list(known.today)
        today[_slot(at)] += 1
        recent = (*(each for each in known.recent or () if each > at - _RECENT), at)
        arrivals = {**arrivals, priority: replace(known, today=tuple(today), recent=recent)}
    return replace(learned, observations=learned.observations + 1, shares=shares, arrivals=arrivals)


def with_recent(learned: Learned, recent: Mapping[int, tuple[float, ...]]) -> Learned:
    """Know who came within the last hour, by class, as minutes of the day; of nothing else."""
    classes = learned.arrivals.keys() | recent.keys()
    arrivals = {
        each: replace(learned.arrivals.get(each, Arrivals()), recent=recent.get(each, ()))
        for each in sorted(classes)
    }
    return replace(learned, arrivals=arrivals)


def after_day(learned: Learned, day: date | None = None) -> Learned:
    """Close a day: its arrivals go into the profile, most of its pace is forgotten."""
    return replace(
        learned,
        observations=learned.observations + 1,
        through=day,
        pace=1 + _PACE_OVERNIGHT * (learned.pace - 1),
        arrivals={priority: _closed(each) for priority, each in learned.arrivals.items()},
    )


def _closed(arrivals: Arrivals) -> Arrivals:
    days = arrivals.days + 1
    share = 1 / min(days, _PROFILE_DAYS)
    profile = tuple(
        usual + share * (count - usual)
        for usual, count in zip(arrivals.profile, arrivals.today, strict=True)
    )
    return Arrivals(days=days, profile=profile)


def _slot(at: float) -> int:
    return int(at // SLOT) % _SLOTS


@cache
def _stored() -> TypeAdapter[Learned]:
    """Built when it is asked for: that takes longer than a screen may."""
    return TypeAdapter(Learned)


def dump(learned: Learned) -> str:
    """As JSON, exactly: loaded again, it predicts the same."""
    return _stored().dump_json(learned).decode()


def load(text: str) -> Learned:
    """What `dump` gave.

    Raises:
        ValueError: It is something else.
    """
    return _stored().validate_json(text)
