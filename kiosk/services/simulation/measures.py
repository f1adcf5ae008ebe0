"""What a branch's days were like: waits, work, and where they went."""

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from kiosk.services.simulation.engine import DayResult
from kiosk.services.simulation.scenario import HALF_HOUR, Scenario
from kiosk.services.simulation.variants import open_minutes

_SURE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean over days, and how far off it may be: 95 %, by Student's t."""

    mean: float
    margin: float | None
    """None: fewer than two days tell nothing of it."""

    @staticmethod
    def of(values: Sequence[float]) -> "Interval":
        """Each of a day."""
        count = len(values)
        if count < 2:
            return Interval(fmean(values), None)
        return Interval(fmean(values), student(count - 1) * stdev(values) / math.sqrt(count))


@dataclass(frozen=True)
class Waits:
    """Of some tickets, in minutes from issue to call; customers who had left are among them."""

    count: int
    mean: float
    p50: float
    p90: float
    p95: float
    over_20: float
    """Share of the tickets."""
    over_30: float

    @staticmethod
    def of(minutes: Sequence[float]) -> "Waits":
        """All 0 where nobody waited."""
        count, ordered = len(minutes), sorted(minutes)
        if not ordered:
            return Waits(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return Waits(
            count,
            fmean(ordered),
            quantile(ordered, 0.5),
            quantile(ordered, 0.9),
            quantile(ordered, 0.95),
            sum(each > 20 for each in ordered) / count,
            sum(each > 30 for each in ordered) / count,
        )


@dataclass(frozen=True)
class HalfHour:
    """Who drew a ticket then."""

    start: float
    waits: Waits


@dataclass(frozen=True)
class Figures:
    """Of one day, or the difference between two."""

    mean_wait: float
    p95: float
    over_20: float
    tickets: float
    work: float
    """Minutes at the counters."""
    demand: float
    """Minutes that the tickets were drawn for, those of customers who left included."""
    no_shows: float
    """Share of the tickets."""
    ended_at: float


@dataclass(frozen=True)
class Measures:
    """Of days of one kind."""

    days: int
    walk_ins: float
    """A day, as are the next four."""
    tickets: float
    work: float
    """Minutes at the counters: the same share of tickets may be another share of the work."""
    demand: float
    """Minutes that the tickets were drawn for: work, and what those who left had come for."""
    came_back: float
    diverted: float
    """Share of the walk-ins who needed no ticket."""
    waits: Waits
    day_mean: Interval
    """Of the mean wait of each day."""
    day_p95: Interval
    half_hours: tuple[HalfHour, ...]
    groups: Mapping[str, Waits]
    """Service group → its waits."""
    utilisation: float
    """Work over the time that counters were to be open; more than 1 where they stayed longer."""
    counters: Mapping[str, float]
    """Counter → its utilisation."""
    no_shows: float
    """Share of the tickets."""
    ended_at: float
    """When the last customer left, on average."""
    channels: Mapping[str, float]
    """E-channel → P95 of the minutes in its own queue."""


class Tally:
    """Days of one kind, as they come."""

    def __init__(self, scenario: Scenario) -> None:
        self.figures: list[Figures] = []
        """Of each day."""
        self._scenario = scenario
        # arrays, as there may be millions
        self._groups = {each: array("d") for each in scenario.groups}
        self._group_of = {each.code: self._groups[each.group] for each in scenario.services}
        slots = math.ceil((scenario.closes - scenario.opens) / HALF_HOUR)
        self._half_hours = [array("d") for _ in range(slots)]
        self._channels: dict[str, array[float]] = {}
        self._busy = {each.name: 0.0 for each in scenario.counters}
        self._walk_ins = self._diverted = self._came_back = self._no_shows = 0

    def add(self, result: DayResult) -> None:
        """One day more."""
        opens, last = self._scenario.opens, len(self._half_hours) - 1
        waits: list[float] = []
        for ticket in result.tickets:
            waited = ticket.called - ticket.issued
            waits.append(waited)
            self._group_of[ticket.service].append(waited)
            # who comes back from an e-channel may be later than the last
            self._half_hours[min(last, int((ticket.issued - opens) // HALF_HOUR))].append(waited)
        no_shows = sum(each.is_no_show for each in result.tickets)
        for counter, minutes in result.busy.items():
            self._busy[counter] += minutes
        for channel, queued in result.channel_waits.items():
            self._channels.setdefault(channel, array("d")).extend(queued)
        self._walk_ins += result.walk_ins
        self._diverted += result.diverted
        self._came_back += result.came_back
        self._no_shows += no_shows
        self.figures.append(_figures(waits, no_shows, result))

    def measures(self) -> Measures | None:
        """Of all days; None: there was none."""
        count = len(self.figures)
        if not count:
            return None
        waits = [each for group in self._groups.values() for each in group]
        work = sum(self._busy.values())
        planned = {
            each.name: open_minutes(each, self._scenario) for each in self._scenario.counters
        }
        return Measures(
            count,
            self._walk_ins / count,
            len(waits) / count,
            work / count,
            fmean(each.demand for each in self.figures),
            self._came_back / count,
            self._diverted / max(1, self._walk_ins),
            Waits.of(waits),
            Interval.of([each.mean_wait for each in self.figures]),
            Interval.of([each.p95 for each in self.figures]),
            tuple(
                HalfHour(self._scenario.opens + HALF_HOUR * slot, Waits.of(each))
                for slot, each in enumerate(self._half_hours)
            ),
            {group: Waits.of(each) for group, each in self._groups.items()},
            work / count / sum(planned.values()),
            {name: self._busy[name] / count / minutes for name, minutes in planned.items()},
            self._no_shows / max(1, len(waits)),
            fmean(each.ended_at for each in self.figures),
            {channel: quantile(sorted(each), 0.95) for channel, each in self._channels.items()},
        )


def _figures(waits: Sequence[float], no_shows: int, result: DayResult) -> Figures:
    count, ordered = max(1, len(waits)), sorted(waits)
    return Figures(
        sum(ordered) / count,
        quantile(ordered, 0.95),
        sum(each > 20 for each in ordered) / count,
        len(ordered),
        sum(result.busy.values()),
        result.demand,
        no_shows / count,
        result.ended_at,
    )


def quantile(ordered: Sequence[float], level: float) -> float:
    """The value below which a share of them lies; 0 if there are none."""
    return ordered[min(len(ordered) - 1, int(level * len(ordered)))] if ordered else 0.0


def student(degrees: int) -> float:
    """What Student's t stays below in 95 % of all cases, up or down, to a millionth."""
    low, high = 1.0, 13.0
    while high - low > 1e-7:
        middle = (low + high) / 2
        if _within(middle, degrees) < _SURE:
            low = middle
        else:
            high = middle
    return high


def _within(t: float, degrees: int) -> float:
    """The chance of lying between -t and t, as a finite sum (Abramowitz and Stegun, 26.7.3-4)."""
    angle = math.atan(t / math.sqrt(degrees))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    is_odd = degrees % 2
    term = total = math.cos(angle) if is_odd else 1.0
    for step in range(2 if is_odd else 1, degrees - 2, 2):
        term *= square * step / (step + 1)
        total += term
    if not is_odd:
        return sine * total
    return (angle + (sine * total if degrees > 1 else 0.0)) * 2 / math.pi
