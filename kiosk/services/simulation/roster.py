"""Whole shifts with lunch breaks, and which half hours of them can be spared."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from kiosk.services.simulation.scenario import HALF_HOUR, PlannedBreak

_LUNCH_FROM: Final = 11 * 60.0
_LUNCH_UNTIL: Final = 14 * 60.0
_WITHOUT_LUNCH: Final = 5 * 60.0
"""Minutes that somebody works at most without one."""
_SHORTEST: Final = 2 * 60.0
"""Minutes of a shift; nobody comes for less."""


@dataclass(frozen=True)
class Need:
    """What a roster must have."""

    opens: float
    needed: tuple[int, ...]
    """Counters at work, by half hour."""
    counters: tuple[tuple[str, tuple[str, ...]], ...]
    """Names and skills of those that there are, in the order in which they are opened."""
    groups: tuple[str, ...]
    """Of services: somebody who can do each must be there all the time."""
    lunch: float
    """Minutes, of those who work long."""

    @property
    def closes(self) -> float:
        """When the last half hour ends."""
        return self.opens + HALF_HOUR * len(self.needed)


@dataclass(frozen=True)
class Shift:
    """A counter with its teller."""

    counter: str
    opens: float
    closes: float
    lunch: PlannedBreak | None

    @property
    def minutes(self) -> float:
        """Of work."""
        return self.closes - self.opens - (self.lunch.minutes if self.lunch else 0.0)

    def is_at_work(self, start: float) -> bool:
        """In all of the half hour that begins then."""
        if not self.opens <= start < self.closes:
            return False
        lunch = self.lunch
        return lunch is None or not (
            lunch.start < start + HALF_HOUR and start < lunch.start + lunch.minutes
        )


def at_work(shifts: Sequence[Shift], start: float) -> int:
    """How many are there in all of the half hour that begins then."""
    return sum(each.is_at_work(start) for each in shifts)


def is_covered(shifts: Sequence[Shift], need: Need) -> bool:
    """Whether a roster has all that it must."""
    return not _missing(shifts, need)


def is_half_there(shifts: Sequence[Shift]) -> bool:
    """Whether at most half of them, or one, are at lunch at any time."""
    starts = [each.lunch.start for each in shifts if each.lunch]
    away = (
        sum(each.lunch.start <= start < each.lunch.start + each.lunch.minutes
            for each in shifts if each.lunch)
        for start in starts
    )  # fmt: skip
    return max(away, default=0) <= max(1, len(shifts) // 2)


def whole_days(need: Need, count: int) -> tuple[Shift, ...]:
    """So many from opening to closing, each with lunch when it can best be spared."""
    shifts = [Shift(name, need.opens, need.closes, None) for name, _ in need.counters[:count]]
    if need.closes - need.opens <= _WITHOUT_LUNCH:
        return tuple(shifts)
    for _ in range(2):  # once more, when all others have theirs
        for place, shift in enumerate(shifts):
            others = [*shifts[:place], *shifts[place + 1 :]]
            tried = [([*others, each], each) for each in with_lunches(shift, need)]
            shifts[place] = min(tried, key=lambda each: _missing(each[0], need))[1]
    return tuple(shifts)


def with_lunches(shift: Shift, need: Need) -> list[Shift]:
    """A shift with lunch at each time of day that it may be at; as it is where there is none."""
    first = max(_LUNCH_FROM, shift.opens + HALF_HOUR)
    start = need.opens + HALF_HOUR * math.ceil((first - need.opens) / HALF_HOUR)
    found = []
    while start + need.lunch <= min(_LUNCH_UNTIL, shift.closes - HALF_HOUR):
        found.append(replace(shift, lunch=PlannedBreak(start=start, minutes=need.lunch)))
        start += HALF_HOUR
    return found or [shift]


def nothing_of(_shift: Shift) -> list[tuple[Shift, ...]]:
    """A shift left out."""
    return [()]


def halves_of(shift: Shift) -> list[tuple[Shift, ...]]:
    """Its first half, or its second."""
    half = HALF_HOUR * ((shift.closes - shift.opens) / 2 // HALF_HOUR)
    return _parts(shift, [(shift.opens, shift.opens + half), (shift.closes - half, shift.closes)])


def most_of(shift: Shift) -> list[tuple[Shift, ...]]:
    """All but the half hour at one end."""
    opens, closes = shift.opens, shift.closes
    return _parts(shift, [(opens, closes - HALF_HOUR), (opens + HALF_HOUR, closes)])


def _parts(shift: Shift, spans: Sequence[tuple[float, float]]) -> list[tuple[Shift, ...]]:
    """Lunch stays when it was; who does not work long has none."""
    found: list[tuple[Shift, ...]] = []
    for opens, closes in spans:
        lunch = shift.lunch if closes - opens > _WITHOUT_LUNCH else None
        is_inside = lunch is None or opens < lunch.start < closes - lunch.minutes
        if closes - opens >= _SHORTEST and is_inside:
            found.append((replace(shift, opens=opens, closes=closes, lunch=lunch),))
    return found


def _missing(shifts: Sequence[Shift], need: Need) -> int:
    """How far a roster is from the need: many missing at once are worse than some for long.

    A group without anybody who can do it counts as a counter that is missing.
    """
    skills, total = dict(need.counters), 0
    for slot, needed in enumerate(need.needed):
        start = need.opens + HALF_HOUR * slot
        there = [each.counter for each in shifts if each.is_at_work(start)]
        able = {skill for name in there for skill in skills[name]}
        total += (max(0, needed - len(there)) + len(set(need.groups) - able)) ** 2
    return total
