"""The queue and its counters at one moment: all that a prediction may know of the present."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Queued:
    """A ticket that nobody has called yet."""

    id: str
    service: str
    """Says how long it will take; a code that nobody configured takes the mean of all."""
    needs: frozenset[str]
    """Skills that a counter must have; none: any counter will do."""
    arrived: float
    """When the customer came, by which the order goes."""
    priority: int = 0
    """Class; 0 is everybody. What a class is worth, the order says."""


@dataclass(frozen=True)
class Break:
    """A planned absence that has not begun. It never interrupts a service."""

    start: float
    minutes: float


@dataclass(frozen=True)
class Serving:
    """A service from the call to the finish."""

    service: str
    since: float
    until: float | None = None
    """Where the end is as good as known, as a machine may know it; else it is estimated."""


class CounterState(StrEnum):
    """What a counter is doing."""

    OPEN = "open"
    BREAK = "break"
    CLOSED = "closed"


@dataclass(frozen=True)
class Counter:
    """A counter with its teller, or one machine of an e-channel."""

    id: str
    skills: frozenset[str] | None = None
    """None: every service, as a machine."""
    state: CounterState = CounterState.OPEN
    serving: Serving | None = None
    back_at: float | None = None
    """When a break ends or a closed counter opens; None: nobody said so."""
    breaks: tuple[Break, ...] = ()
    """In the order of their start."""

    def can_serve(self, needs: frozenset[str]) -> bool:
        """Whether its skills suffice."""
        return self.skills is None or needs <= self.skills

    @property
    def is_coming(self) -> bool:
        """Whether it will call somebody sooner or later."""
        return self.state is not CounterState.CLOSED or self.back_at is not None


@dataclass(frozen=True)
class QueueState:
    """Everybody who waits, and every counter, at one moment."""

    now: float
    waiting: tuple[Queued, ...]
    """In the order of issue."""
    counters: tuple[Counter, ...]
    is_peak_day: bool = False
    """A day unlike the others, as when pensions are paid: it is calibrated by itself."""


Order = Callable[[Queued], float]
"""The moment from which a ticket counts: who has the smallest is called first, the first come among
equals. A class that counts as come earlier goes ahead, but of nobody who waited long enough."""


@dataclass(frozen=True)
class HeadStarts:
    """First come, first served, but a class counts as come so many minutes earlier."""

    minutes: Mapping[int, float] = field(default_factory=dict)

    def __call__(self, ticket: Queued) -> float:
        """The moment from which a ticket counts."""
        return ticket.arrived - self.minutes.get(ticket.priority, 0.0)


def snapshot_hash(state: QueueState, learned_from: int) -> str:
    """Name what a prediction rested on, the same in every process and on every machine.

    Whoever rebuilds the state and what was learned from the events gets the same hash, and so can
    hold a range that was shown against what was known when it was shown.

    Args:
        state: The queue; in which order counters and skills were listed makes no difference.
        learned_from: How many observations had been learned from.

    Returns:
        32 hexadecimal digits.
    """
    lines = [f"{_time(state.now)} {int(state.is_peak_day)} {learned_from}"]
    lines += [
        f"{each.id!r} {each.service!r} {sorted(each.needs)} {_time(each.arrived)} {each.priority}"
        for each in state.waiting
    ]
    lines += sorted(_counter_line(each) for each in state.counters)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _counter_line(counter: Counter) -> str:
    skills = None if counter.skills is None else sorted(counter.skills)
    breaks = [(_time(each.start), _time(each.minutes)) for each in counter.breaks]
    serving = counter.serving and (
        counter.serving.service,
        _time(counter.serving.since),
        _time(counter.serving.until),
    )
    state = counter.state.value
    return f"{counter.id!r} {skills} {state} {serving} {_time(counter.back_at)} {breaks}"


def _time(minutes: float | None) -> int | None:
    """In milliseconds: finer than any clock that is compared, coarser than rounding errors."""
    return None if minutes is None else round(minutes * 60_000)
