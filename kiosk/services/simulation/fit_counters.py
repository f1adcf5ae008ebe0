"""When counters are open, when they are left, and what they can do."""

import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from kiosk.services.simulation.findings import Findings, Reason
from kiosk.services.simulation.fit_arrivals import Hours
from kiosk.services.simulation.intervals import SCORE, Bounds, Scale, over_days
from kiosk.services.simulation.observed import CounterDay, ObservedDay
from kiosk.services.simulation.scenario import Counter, PlannedBreak

_USUALLY: Final = 0.5
"""Of the days: a counter that is open on fewer is not taken to be there."""
_MOST_DAYS: Final = 0.6
"""Of its days: what is left at about the same time on so many is a planned break."""
_ABOUT: Final = 40.0
"""Minutes between which planned breaks begin: services that run are ended first."""
_MOST_BREAKS: Final = 4
_GRID: Final = 5.0
"""Minutes to which a plan is taken to be made."""
_BEGIN: Final = 0.2
"""A break is taken to be planned for when so many have begun; later ones waited for a service."""
_WITH_THE_BRANCH: Final = 15.0
"""Minutes from the branch's opening or closing that are not a plan of its own."""
_SAME: Final = 1e-6
"""Of a step of the grid: clocks count whole microseconds."""
_RULE_OF_THREE: Final = 3.0
"""Who has seen nothing may have missed so many, once in twenty times."""


class Left(NamedTuple):
    """An absence from a counter."""

    day: int
    start: float
    minutes: float


def fit_counters(
    days: Sequence[ObservedDay],
    skills: Mapping[str, tuple[str, ...]],
    hours: Hours,
    findings: Findings,
) -> tuple[tuple[Counter, ...], list[tuple[float, float, float]]]:
    """The counters that are usually open, with their breaks, and how often they are left else.

    Args:
        days: Of the branch.
        skills: Groups of services, by counter.
        hours: Of the branch.
        findings: Get what is found.

    Returns:
        The counters; and of each day the unplanned absences, their minutes, and the minutes in
        which somebody was there who could leave.
    """
    found: list[Counter] = []
    absences = [(0.0, 0.0, 0.0) for _ in days]
    names = sorted(
        {name for day in days for name in day.counters}, key=lambda name: (len(name), name)
    )
    for name in names:
        at_work = {
            place: day.counters[name] for place, day in enumerate(days) if name in day.counters
        }
        if len(at_work) < _USUALLY * len(days) or not skills.get(name):
            continue
        counter, planned, unplanned = _counter(name, skills[name], at_work, hours, findings)
        found.append(counter)
        for place, of_day in at_work.items():
            mine = [each for each in unplanned if each.day == place]
            begin, end = max(of_day.opened, hours.opens), min(of_day.closed, hours.closes)
            there = max(0.0, end - begin) - sum(
                each.minutes for each in (*planned, *unplanned) if each.day == place
            )
            count, minutes, present = absences[place]
            absences[place] = (
                count + len(mine),
                minutes + math.fsum(each.minutes for each in mine),
                present + max(0.0, there),
            )
    return tuple(found), absences


def _counter(
    name: str,
    skills: tuple[str, ...],
    at_work: Mapping[int, CounterDay],
    hours: Hours,
    findings: Findings,
) -> tuple[Counter, list[Left], list[Left]]:
    opens = median(each.opened for each in at_work.values())
    closes = median(each.closed for each in at_work.values())
    left = [Left(place, *each) for place, day in at_work.items() for each in day.away]
    breaks: list[PlannedBreak] = []
    planned: list[Left] = []
    while len(breaks) < _MOST_BREAKS and (found := _most_alike(left, len(at_work))):
        breaks.append(_break(name, len(breaks) + 1, found, findings))
        planned += found
        left = [each for each in left if each not in found]
    begins = None
    if opens > hours.opens + _WITH_THE_BRANCH:
        begins = _moment(
            f"counters.{name}.opens", [each.opened for each in at_work.values()], 0.5, findings
        )
    ends = None
    if closes < hours.closes - _WITH_THE_BRANCH:
        ends = _moment(
            f"counters.{name}.closes", [each.closed for each in at_work.values()], _BEGIN, findings
        )
    counter = Counter(
        name=name,
        skills=skills,
        opens=begins,
        closes=ends,
        breaks=_fitting(breaks, begins or hours.opens, ends or hours.closes),
    )
    return counter, planned, left


def _most_alike(left: Sequence[Left], days: int) -> list[Left]:
    """Of each day the longest absence around the time at which most days have one."""
    best: dict[int, Left] = {}
    for first in left:
        near: dict[int, Left] = {}
        for each in left:
            if first.start <= each.start < first.start + _ABOUT:
                longest = near.get(each.day)
                if longest is None or each.minutes > longest.minutes:
                    near[each.day] = each
        if len(near) > len(best):
            best = near
    return [*best.values()] if len(best) >= _MOST_DAYS * days else []


def _break(name: str, number: int, taken: Sequence[Left], findings: Findings) -> PlannedBreak:
    key = f"counters.{name}.breaks.{number}"
    start = _moment(f"{key}.start", [each.start for each in taken], _BEGIN, findings)
    minutes = _at_rank(f"{key}.minutes", [each.minutes for each in taken], 0.5, 1.0, findings)
    return PlannedBreak(start=start, minutes=max(1.0, minutes))


def _moment(name: str, moments: Sequence[float], share: float, findings: Findings) -> float:
    return _at_rank(name, moments, share, _GRID, findings)


def _at_rank(
    name: str, values: Sequence[float], share: float, grid: float, findings: Findings
) -> float:
    """What so many do not exceed, on a grid; the bounds are those of its rank."""
    ordered = sorted(values)
    last = len(ordered) - 1
    reach = SCORE * math.sqrt(len(ordered) * share * (1 - share))
    low = ordered[max(0, math.floor(share * last - reach))]
    high = ordered[min(last, math.ceil(share * last + reach))]
    value = grid * round(ordered[round(share * last)] / grid)
    bounds = Bounds(
        value,
        min(value, grid * math.floor(low / grid + _SAME)),
        max(value, grid * math.ceil(high / grid - _SAME)),
    )
    return findings.take(name, bounds, len(ordered), value)


def _fitting(
    breaks: Sequence[PlannedBreak], opens: float, closes: float
) -> tuple[PlannedBreak, ...]:
    """Those that lie in the counter's hours, one after the other."""
    free, found = opens, []
    for each in sorted(breaks, key=lambda each: each.start):
        if free <= each.start < closes:
            found.append(each)
            free = each.start + each.minutes
    return tuple(found)


# --- absences ---------------------------------------------------------------------------------


def absences_a_day(
    absences: Sequence[tuple[float, float, float]], hours: Hours, usual: float, findings: Findings
) -> tuple[float, float]:
    """Unplanned absences of a counter in a day, and their minutes.

    Nobody who is away can leave: they are counted for the time in which the counter was there.
    """
    span = hours.closes - hours.opens
    count = round(sum(each[0] for each in absences))
    present = math.fsum(each[2] for each in absences)
    rate: Bounds | None = None
    if count:
        rate = over_days(absences, lambda sums: sums[0] / sums[2] * span, Scale.POSITIVE)
    elif present:
        rate = Bounds(0.0, 0.0, _RULE_OF_THREE / present * span)
    minutes = over_days(absences, lambda sums: sums[1] / sums[0], Scale.POSITIVE)
    return (
        findings.take("tellers.absences", rate, count, 0.0),
        findings.take("tellers.absence_minutes", minutes, count, usual),
    )


# --- what must hold ---------------------------------------------------------------------------


def serving_everything(
    counters: Sequence[Counter], groups: Sequence[str], hours: Hours, findings: Findings
) -> tuple[Counter, ...]:
    """The counters, with somebody until closing for every group."""
    found = list(counters)
    for group in groups:
        able = [each for each in found if group in each.skills]
        if any(each.closes is None or each.closes >= hours.closes for each in able):
            continue
        chosen = max(able or found, key=lambda each: (each.closes or math.inf, len(each.skills)))
        skills = chosen.skills if group in chosen.skills else (*chosen.skills, group)
        changed = chosen.model_copy(update={"closes": None, "skills": skills})
        found[found.index(chosen)] = changed
        key = "closes" if group in chosen.skills else "skills"
        findings.assume(f"counters.{chosen.name}.{key}", Reason.NOBODY_STAYS)
    return tuple(found)
