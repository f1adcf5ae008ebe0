"""When people come, and how much days differ, from the days of a branch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.services.simulation.findings import Findings
from kiosk.services.simulation.intervals import (
    Bounds,
    Scale,
    Sums,
    over_days,
    root_of,
    share_over_days,
)
from kiosk.services.simulation.observed import ObservedDay
from kiosk.services.simulation.scenario import HALF_HOUR, Arrivals

_QUIET: Final = 0.1
"""A half hour with fewer, of the busiest one's, at either end of the day is not opening time."""


@dataclass(frozen=True)
class Hours:
    """When a branch lets people in, in whole half hours."""

    opens: float
    closes: float

    @property
    def count(self) -> int:
        """Of the half hours."""
        return round((self.closes - self.opens) / HALF_HOUR)

    def half_hour(self, at: float) -> int:
        """Of a moment; what is before or after counts as the first or last."""
        return max(0, min(self.count - 1, int((at - self.opens) // HALF_HOUR)))


def hours_of(days: Sequence[ObservedDay]) -> Hours:
    """From the first to the last half hour in which people usually come."""
    counts: dict[int, int] = {}
    for day in days:
        for each in day.came:
            slot = int(each.at // HALF_HOUR)
            counts[slot] = counts.get(slot, 0) + 1
    usual = [slot for slot, count in counts.items() if count >= _QUIET * max(counts.values())]
    return Hours(min(usual) * HALF_HOUR, (max(usual) + 1) * HALF_HOUR)


def half_hours_of(day: ObservedDay, hours: Hours) -> list[int]:
    """How many came in each half hour."""
    counts = [0] * hours.count
    for each in day.came:
        counts[hours.half_hour(each.at)] += 1
    return counts


@dataclass(frozen=True)
class _Counted:
    """A day's arrivals."""

    weekday: int
    half_hours: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.half_hours)


def fit_arrivals(
    days: Sequence[ObservedDay], hours: Hours, weekdays: Sequence[int], findings: Findings
) -> tuple[float, Arrivals, Mapping[int, float]]:
    """Walk-ins of a usual day, when they come, and how many by weekday.

    Args:
        days: Usual days, of these weekdays alone.
        hours: The opening hours.
        weekdays: On which the branch is open; 0 is Monday.
        findings: Get what is found.
    """
    counted = [_Counted(day.on.weekday(), tuple(half_hours_of(day, hours))) for day in days]
    by_weekday = [_by_weekday(each, weekdays) for each in counted]
    people = sum(each.total for each in counted)
    mean = people / len(counted)
    walk_ins = findings.take(
        "walk_ins", over_days(by_weekday, _usual, Scale.POSITIVE), people, mean
    )
    slots = [sum(column) for column in zip(*(each.half_hours for each in counted), strict=True)]
    shapes = [
        share_over_days([(each.half_hours[index], each.total) for each in counted])
        for index in range(hours.count)
    ]
    weights = findings.take_all("arrivals.half_hours", shapes, slots)
    factors = findings.take_all(
        "arrivals.weekdays",
        [over_days(by_weekday, _Factor(index), Scale.POSITIVE) for index in range(len(weekdays))],
        [sum(each.total for each in counted if each.weekday == weekday) for weekday in weekdays],
    )
    day_spread, half_hour_spread = _spreads(counted, weekdays, hours)
    arrivals = Arrivals(
        half_hours=weights or tuple(map(float, slots)),
        weekdays=factors or (1.0,),
        day_spread=findings.take("arrivals.day_spread", day_spread, len(days), 0.0),
        half_hour_spread=findings.take(
            "arrivals.half_hour_spread", half_hour_spread, len(days) * hours.count, 0.0
        ),
    )
    expected = {
        weekday: walk_ins * (factors[index] if factors else 1.0)
        for index, weekday in enumerate(weekdays)
    }
    return walk_ins, arrivals, expected


def _by_weekday(day: _Counted, weekdays: Sequence[int]) -> Sums:
    """People and days, by weekday."""
    mine = [float(day.weekday == weekday) for weekday in weekdays]
    return (*(day.total * each for each in mine), *mine)


def _means(sums: Sums) -> list[float]:
    half = len(sums) // 2
    return [people / days for people, days in zip(sums[:half], sums[half:], strict=True)]


def _usual(sums: Sums) -> float:
    means = _means(sums)
    return sum(means) / len(means)


@dataclass(frozen=True)
class _Factor:
    index: int

    def __call__(self, sums: Sums) -> float:
        return _means(sums)[self.index] / _usual(sums)


# --- how much days differ ---------------------------------------------------------------------


def _spreads(
    counted: Sequence[_Counted], weekdays: Sequence[int], hours: Hours
) -> tuple[Bounds | None, Bounds | None]:
    """Of whole days, and of half hours in them, beyond what chance alone makes.

    With factors of variance D of days and H of half hours, a half hour's count has the variance
    m + m²(D + H + DH) and the day's M + M²D + (1 + D)H·Σm².
    """
    # of each weekday: its days, and sums and squares of the total and of each half hour
    size = 1 + 2 * (1 + hours.count)
    sums: list[Sums] = []
    for day in counted:
        values = [float(day.total), *map(float, day.half_hours)]
        mine = [1.0, *values, *(each * each for each in values)]
        blank = [0.0] * len(mine)
        parts = [mine if day.weekday == weekday else blank for weekday in weekdays]
        sums.append(tuple(each for part in parts for each in part))

    def moments(sums: Sums) -> tuple[float, float, float, float, float]:
        """Variance of totals and of half hours, M, M² − Σm² and Σm², over the weekdays."""
        found = [0.0] * 5
        for begin in range(0, len(sums), size):
            part = sums[begin : begin + size]
            days, values = part[0], part[1 : 1 + size // 2]
            squares = part[1 + size // 2 :]
            means = [each / days for each in values]
            spread = [
                (square - days * mean * mean) / (days - 1)
                for square, mean in zip(squares, means, strict=True)
            ]
            # the square of a mean is too large by the mean's own variance
            true = [mean * mean - each / days for mean, each in zip(means, spread, strict=True)]
            shape = sum(true[1:])
            of_weekday = (spread[0], sum(spread[1:]), means[0], true[0] - shape, shape)
            found = [total + each for total, each in zip(found, of_weekday, strict=True)]
        return (found[0], found[1], found[2], found[3], found[4])

    def of_days(sums: Sums) -> float:
        total, halves, _, between, _ = moments(sums)
        return (total - halves) / between

    def of_half_hours(sums: Sums) -> float:
        _, halves, mean, _, shape = moments(sums)
        days = of_days(sums)
        return ((halves - mean) / shape - days) / (1 + days)

    return (
        root_of(over_days(sums, of_days, Scale.POSITIVE)),
        root_of(over_days(sums, of_half_hours, Scale.POSITIVE)),
    )
