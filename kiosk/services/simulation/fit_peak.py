"""What is different on the days that the branch's configuration calls peak days."""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from typing import Final

from kiosk.services.simulation.findings import Findings
from kiosk.services.simulation.fit_arrivals import Hours, half_hours_of
from kiosk.services.simulation.intervals import Bounds, Scale, over_days
from kiosk.services.simulation.observed import ObservedDay
from kiosk.services.simulation.scenario import PeakDays

_FEWEST: Final = 3
"""Peak days, before anything is said of them."""
_MOST: Final = 10.0
_LEAST: Final = 0.01


def fit_peak(
    peaks: Sequence[ObservedDay],
    usual: Sequence[ObservedDay],
    hours: Hours,
    expected: Mapping[int, float],
    findings: Findings,
) -> PeakDays | None:
    """How many more come, when and what for; None where there are no such days.

    Args:
        peaks: The peak days.
        usual: The others.
        hours: Of the branch.
        expected: Walk-ins of a usual day, by weekday.
        findings: Get what is found.
    """
    if len(peaks) < _FEWEST:
        return None
    sizes = [(float(len(day.came)), expected[day.on.weekday()]) for day in peaks]
    people = sum(len(day.came) for day in peaks)
    ahead = [float(sum(each.is_priority for each in day.came)) for day in peaks]
    walk_ins = over_days(sizes, _ratio, Scale.POSITIVE)
    return PeakDays(
        every=max(2, round((len(peaks) + len(usual)) / len(peaks))),
        walk_ins=_factor(findings, "peak_days.walk_ins", walk_ins, people),
        priority=_factor(
            findings, "peak_days.priority", _times(peaks, ahead, _share_ahead(usual)), people
        ),
        half_hours=_half_hours(peaks, usual, hours, findings),
        services=_services(peaks, usual, findings),
    )


def _ratio(sums: tuple[float, ...]) -> float:
    return sums[0] / sums[1]


def _factor(findings: Findings, name: str, bounds: Bounds | None, count: int) -> float:
    return max(_LEAST, min(_MOST, findings.take(name, bounds, count, 1.0)))


def _times(days: Sequence[ObservedDay], found: Sequence[float], share: float) -> Bounds | None:
    """A share on some days over the usual one."""
    sums = [(some, share * len(day.came)) for some, day in zip(found, days, strict=True)]
    return over_days(sums, _ratio, Scale.POSITIVE)


def _share_ahead(usual: Sequence[ObservedDay]) -> float:
    people = [each.is_priority for day in usual for each in day.came]
    return sum(people) / len(people)


def _half_hours(
    peaks: Sequence[ObservedDay], usual: Sequence[ObservedDay], hours: Hours, findings: Findings
) -> tuple[float, ...]:
    name = "peak_days.half_hours"
    usually = [
        sum(slot) for slot in zip(*(half_hours_of(day, hours) for day in usual), strict=True)
    ]
    of_peaks = [half_hours_of(day, hours) for day in peaks]
    found = [
        _times(peaks, [float(counts[slot]) for counts in of_peaks], count / sum(usually))
        for slot, count in enumerate(usually)
    ]
    counts = [sum(slot) for slot in zip(*of_peaks, strict=True)]
    return findings.take_all(name, found, counts) or ()


def _services(
    peaks: Sequence[ObservedDay], usual: Sequence[ObservedDay], findings: Findings
) -> dict[str, float]:
    usually = Tally(each.service for day in usual for each in day.came)
    on_peaks = [Tally(each.service for each in day.came) for day in peaks]
    factors: dict[str, float] = {}
    for code, count in usually.items():
        found = [float(tally[code]) for tally in on_peaks]
        times = _times(peaks, found, count / usually.total())
        if times is not None and times.value > 0:
            name = f"peak_days.services.{code}"
            factors[code] = _factor(findings, name, times, round(sum(found)))
    return factors
