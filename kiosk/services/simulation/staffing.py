"""How many counters a branch needs, and when, so that nine in ten are called in time.

As few tellers as are enough from opening to closing, with their lunches; then shifts lose whatever
nobody waits too long for, always tried on the same customers, until nothing can be taken away any
more. What the roster does is told from other days than those that it was made with. Nobody promises
that no other roster has fewer hours.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from kiosk.services.simulation.days import Day, day_of
from kiosk.services.simulation.engine import Ticket, live_through
from kiosk.services.simulation.findings import OnDay
from kiosk.services.simulation.measures import quantile
from kiosk.services.simulation.roster import (
    Need,
    Shift,
    at_work,
    halves_of,
    is_covered,
    is_half_there,
    most_of,
    nothing_of,
    whole_days,
    with_lunches,
)
from kiosk.services.simulation.scenario import HALF_HOUR, Counter, PlannedBreak, Scenario, Variant
from kiosk.services.simulation.variants import open_minutes, varied

_LEVEL: Final = 0.9
_FEW: Final = 0.25
"""Of the half hours: if waits are too long in more, no lunch at another time mends it."""
_IN_HAND: Final = 0.9
"""Of the target is aimed at: on other days than those that are tried waits are a little longer."""
_OTHER_DAYS: Final = 1_000_003
"""Added to the seed for the days on which a roster is tried."""
_LUNCH: Final = 60.0
_TRIES: Final = 60
"""About as many as are needed."""


@dataclass(frozen=True)
class HalfHourPlan:
    """Half an hour of the day."""

    start: float
    open: int
    """Counters at work in all of it."""
    p90: float
    """Waiting time of those who draw a ticket then."""
    p90_now: float
    """The same with the scenario's own counters."""


@dataclass(frozen=True)
class Staffing:
    """Which counters to open when, and what comes of it on usual days."""

    target: float
    days: int
    seed: int
    half_hours: tuple[HalfHourPlan, ...]
    shifts: tuple[Shift, ...]
    unreachable: tuple[float, ...]
    """Half hours in which all counters together, without a break, are not enough."""
    missed: tuple[float, ...]
    """Others in which the roster misses the target."""
    most: int
    """Counters that there is room for."""
    counters_now: int
    """That the scenario has."""
    minutes_now: float
    """Of work at these."""
    scenario: Scenario
    """With the roster's counters."""

    @property
    def minutes(self) -> float:
        """Of work at the roster's counters."""
        return math.fsum(each.minutes for each in self.shifts)


def counters_for(
    scenario: Scenario,
    target: float,
    days: int,
    seed: int,
    on_day: OnDay | None = None,
    most: int | None = None,
) -> Staffing:
    """The fewest counters, as a roster, and the waits with it.

    Args:
        scenario: The branch.
        target: Minutes that nine in ten of those who come in any half hour wait at most.
        days: How many usual days everything is tried on.
        seed: Of the chances.
        on_day: Is told how many days are done; of how many is an estimate that grows.
        most: How many counters there is room for, the new ones as those who can do most; None: as
            many as the branch has.

    Raises:
        KioskError: `simulation_not_installed`, or as `varied` where there are to be fewer.
    """
    branch = scenario
    if most is not None:
        branch = varied(scenario, Variant(name=scenario.name, counters=most))
    plan = _Plan(branch)
    search = _Search(plan, _Bench(branch, days, seed, on_day), target)
    shifts = search.trimmed(search.whole_days())
    other = _Bench(branch, days, seed + _OTHER_DAYS, on_day)
    waits, waits_now = other.waits(plan.counters(shifts)), other.waits(scenario.counters)
    half_hours = tuple(
        HalfHourPlan(start, at_work(shifts, start), waits[slot], waits_now[slot])
        for slot, start in enumerate(plan.starts)
    )
    unreachable = tuple(plan.starts[slot] for slot in sorted(search.unreachable))
    late = [each.start for each in half_hours if each.p90 > target]
    return Staffing(
        target,
        days,
        seed,
        half_hours,
        shifts,
        unreachable,
        tuple(each for each in late if each not in unreachable),
        plan.most,
        len(scenario.counters),
        math.fsum(open_minutes(each, scenario) for each in scenario.counters),
        branch.model_copy(update={"counters": plan.counters(shifts), "variants": ()}),
    )


# --- the search -------------------------------------------------------------------------------


class _Search:
    """Looks for the fewest counters on some days."""

    def __init__(self, plan: "_Plan", bench: "_Bench", target: float) -> None:
        self._plan, self._bench = plan, bench
        self._aim = _IN_HAND * target
        everybody = plan.all_day()
        self._busy = bench.busy(everybody)
        self._best = bench.waits(everybody)
        self.unreachable = {slot for slot, wait in enumerate(self._best) if wait > target}
        """Half hours in which all counters, without a break, are not enough."""

    def whole_days(self) -> tuple[Shift, ...]:
        """As few as are enough, all of them from opening to closing; at worst all that there are.

        Lunch is when fewest are needed; where that is too long for a few half hours, when it is
        best for these, with half of the tellers there all the time.
        """
        plan, busiest = self._plan, max(self._busy)
        shifts: tuple[Shift, ...] = ()
        for count in range(min(plan.most, max(plan.least, int(fmean(self._busy)))), plan.most + 1):
            needed = [math.ceil(count * busy / busiest) for busy in self._busy]
            shifts = whole_days(plan.need(needed), count)
            if 0 < len(self._late(shifts)) <= _FEW * len(needed):
                shifts = self._better_lunches(shifts)
            if not self._late(shifts) and not self.unreachable:
                break
        return shifts

    def trimmed(self, shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
        """Without what nobody waits too long for: shifts, halves of them, half hours at an end.

        Where the wait is too long anyhow, nobody waits longer for it.
        """
        limits = [max(self._aim, wait) for wait in self._waits(shifts)]
        for parts in (nothing_of, halves_of, most_of):  # the largest savings first
            is_changed = True
            while is_changed:
                is_changed = False
                for tried in self._without(shifts, parts):
                    waits = zip(self._waits(tried), limits, strict=True)
                    if all(wait <= limit for wait, limit in waits):
                        shifts, is_changed = tried, True
                        break
        return shifts

    def _without(
        self, shifts: tuple[Shift, ...], parts: Callable[[Shift], list[tuple[Shift, ...]]]
    ) -> Iterator[tuple[Shift, ...]]:
        """Rosters with a part of one shift only; of who can do least first."""
        for place in reversed(range(len(shifts))):
            for part in parts(shifts[place]):
                tried = (*shifts[:place], *part, *shifts[place + 1 :])
                if is_covered(tried, self._plan.need()):
                    yield tried

    def _waits(self, shifts: tuple[Shift, ...]) -> list[float]:
        return self._bench.waits(self._plan.counters(shifts))

    def _late(self, shifts: tuple[Shift, ...]) -> dict[int, float]:
        """The half hours whose waits are too long and need not be, and by how much."""
        return {
            slot: wait - self._aim
            for slot, (wait, best) in enumerate(zip(self._waits(shifts), self._best, strict=True))
            if best <= self._aim < wait
        }

    def _better_lunches(self, shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
        need = self._plan.need()
        for place in range(len(shifts)):
            before, after = shifts[:place], shifts[place + 1 :]
            tried = [(*before, each, *after) for each in with_lunches(shifts[place], need)]
            able = [each for each in tried if is_covered(each, need) and is_half_there(each)]
            shifts = min(able or [shifts], key=self._too_long)
            if not self._late(shifts):
                break
        return shifts

    def _too_long(self, shifts: tuple[Shift, ...]) -> float:
        """Minutes over the target, or over what is possible where that is more.

        Otherwise lunch would be free where people wait too long anyhow.
        """
        waits = zip(self._waits(shifts), self._best, strict=True)
        return math.fsum(max(0.0, wait - max(self._aim, best)) for wait, best in waits)


# --- counters ---------------------------------------------------------------------------------


class _Plan:
    """A branch's counters in the order in which they are opened: who can do most first."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._order = sorted(scenario.counters, key=lambda each: -len(each.skills))
        self.most = len(self._order)
        self.least = next(
            count
            for count in range(1, self.most + 1)
            if {skill for each in self._order[:count] for skill in each.skills}
            >= set(scenario.groups)
        )
        """So many can serve everything."""
        slots = math.ceil((scenario.closes - scenario.opens) / HALF_HOUR)
        self.starts = [scenario.opens + HALF_HOUR * slot for slot in range(slots)]
        """Of the half hours."""

    def all_day(self) -> tuple[Counter, ...]:
        """All of them, without a break."""
        changes = {"opens": None, "closes": None, "breaks": ()}
        return tuple(each.model_copy(update=changes) for each in self._order)

    def counters(self, shifts: Sequence[Shift]) -> tuple[Counter, ...]:
        """The counters of a roster."""
        by_name, branch = {each.name: each for each in self._order}, self._scenario
        return tuple(
            by_name[each.counter].model_copy(
                update={
                    "opens": each.opens if each.opens > branch.opens else None,
                    "closes": each.closes if each.closes < branch.closes else None,
                    "breaks": () if each.lunch is None else (each.lunch,),
                }
            )
            for each in shifts
        )

    def need(self, needed: Sequence[int] | None = None) -> Need:
        """What a roster must have: so many at work, or only somebody for everything."""
        longest = [max(each.breaks, key=_minutes) for each in self._order if each.breaks]
        return Need(
            self._scenario.opens,
            tuple(needed or [self.least] * len(self.starts)),
            tuple((each.name, each.skills) for each in self._order),
            self._scenario.groups,
            min(map(_minutes, longest), default=_LUNCH),
        )


def _minutes(planned: PlannedBreak) -> float:
    return planned.minutes


# --- days -------------------------------------------------------------------------------------


class _Bench:
    """Usual days on which counters are tried."""

    def __init__(self, scenario: Scenario, days: int, seed: int, on_day: OnDay | None) -> None:
        self._scenario, self._on_day = scenario, on_day
        self._count = math.ceil((scenario.closes - scenario.opens) / HALF_HOUR)
        self._days: list[Day] = []
        number = 0
        while len(self._days) < days:
            day = day_of(scenario, number, seed)
            number += 1
            if not day.is_peak:
                self._days.append(day)
        self._known: dict[tuple[Counter, ...], list[float]] = {}
        self._done = 0

    def waits(self, counters: tuple[Counter, ...]) -> list[float]:
        """The P90 of each half hour's waits."""
        if counters not in self._known:
            found = self._live(counters, lambda ticket: ticket.called - ticket.issued)
            self._known[counters] = [quantile(sorted(each), _LEVEL) for each in found]
        return self._known[counters]

    def busy(self, counters: tuple[Counter, ...]) -> list[float]:
        """Counters that the work of each half hour keeps busy, on average."""
        found = self._live(counters, lambda ticket: ticket.ended - ticket.called)
        return [math.fsum(each) / len(self._days) / HALF_HOUR for each in found]

    def _live(
        self, counters: tuple[Counter, ...], minutes: Callable[[Ticket], float]
    ) -> list[list[float]]:
        """Minutes of each ticket, by the half hour in which it was drawn."""
        tried = self._scenario.model_copy(update={"counters": counters})
        found: list[list[float]] = [[] for _ in range(self._count)]
        for day in self._days:
            for ticket in live_through(tried, day).tickets:
                slot = int((ticket.issued - self._scenario.opens) // HALF_HOUR)
                # who comes back from an e-channel may be later than the last
                found[min(self._count - 1, slot)].append(minutes(ticket))
            self._done += 1
            if self._on_day is not None:
                tries = max(_TRIES, self._done // len(self._days) + 2)
                self._on_day(self._done, tries * len(self._days))
        return found
