"""Queues for the tests of the prediction, and a branch that serves one, event by event."""

import heapq
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from kiosk.services.waiting.learned import AGES, Learned, Mean
from kiosk.services.waiting.setup import ServiceSetup, Setup
from kiosk.services.waiting.state import (
    Break,
    Counter,
    CounterState,
    HeadStarts,
    Order,
    Queued,
    QueueState,
    Serving,
)

NINE = 540.0
"""The opening, in minutes since midnight."""
EVERYBODY_COMES = Learned(no_show_chances=(Mean(0.0, 0.0),) * len(AGES))
CASH, CARD, WEALTH = "cash", "card", "wealth"
MINUTES = {CASH: 4.0, CARD: 9.0, WEALTH: 15.0}
SETUP = Setup({code: ServiceSetup(each, frozenset({code})) for code, each in MINUTES.items()})
EXACT = Setup(SETUP.services, spread=0.0)
_numbers = itertools.count()


def ticket(
    service: str = CASH, arrived: float = NINE, priority: int = 0, id: str | None = None
) -> Queued:
    number = str(next(_numbers)) if id is None else id
    return Queued(number, service, frozenset({service}), arrived, priority)


def counter(*skills: str, **rest: object) -> Counter:
    """With all skills, if none are named."""
    known = frozenset(skills) or None
    return Counter(str(next(_numbers)), known, **rest)  # type: ignore[arg-type]


def busy(service: str = CASH, since: float = NINE, *skills: str) -> Counter:
    return counter(*skills, serving=Serving(service, since))


def hall(
    waiting: Iterable[Queued] = (), counters: Iterable[Counter] = (), now: float = NINE
) -> QueueState:
    return QueueState(now, tuple(waiting), tuple(counters))


services = st.sampled_from(sorted(MINUTES))
queues = st.lists(
    st.builds(ticket, services, st.floats(NINE - 90, NINE), st.integers(0, 1)), max_size=40
).map(lambda tickets: sorted(tickets, key=lambda each: each.arrived))
alike_counters = st.lists(
    st.builds(busy, services, st.floats(NINE - 40, NINE)), min_size=1, max_size=8
)


# --- a branch without chance ------------------------------------------------------------------


@dataclass
class Teller:
    """A counter at work; it looks for somebody whenever it is free."""

    skills: frozenset[str]
    breaks: list[Break] = field(default_factory=list)
    serving: Serving | None = None
    free_at: float = NINE
    """When the service or the break ends."""


@dataclass(frozen=True)
class Seen:
    """What a customer could be told at their ticket, and what came true."""

    state: QueueState
    customer: Queued
    waited: float


def serve(
    arrivals: Sequence[Queued],
    tellers: list[Teller],
    order: Order = HeadStarts(),  # noqa: B008
) -> list[Seen]:
    """Let everybody come and be served; each service takes exactly its minutes."""
    events: list[tuple[float, int, Callable[[], None]]] = []
    waiting: list[Queued] = []
    told: dict[str, tuple[QueueState, Queued]] = {}
    called: dict[str, float] = {}
    clock = NINE

    def look(teller: Teller) -> None:
        if clock < teller.free_at:
            return
        if teller.breaks and clock >= teller.breaks[0].start:
            teller.serving = None
            busy_until(teller, clock + teller.breaks.pop(0).minutes)
            return
        teller.serving = None
        able = [each for each in waiting if each.needs <= teller.skills]
        if able:
            following = min(able, key=order)
            waiting.remove(following)
            called[following.id] = clock
            teller.serving = Serving(following.service, clock)
            busy_until(teller, clock + MINUTES[following.service])

    def busy_until(teller: Teller, moment: float) -> None:
        teller.free_at = moment
        push(moment, lambda: look(teller))

    def come(customer: Queued) -> None:
        counters = [_as_counter(teller, clock) for teller in tellers]
        told[customer.id] = hall(waiting, counters, clock), customer
        waiting.append(customer)
        for teller in tellers:
            look(teller)

    def push(moment: float, happen: Callable[[], None]) -> None:
        heapq.heappush(events, (moment, next(_numbers), happen))

    for each in arrivals:
        push(each.arrived, lambda each=each: come(each))  # type: ignore[misc]
    for teller in tellers:
        for planned in teller.breaks:
            push(planned.start, lambda teller=teller: look(teller))  # type: ignore[misc]
    while events:
        clock, _, happen = heapq.heappop(events)
        happen()
    return [
        Seen(state, customer, called[number] - customer.arrived)
        for number, (state, customer) in told.items()
    ]


def _as_counter(teller: Teller, now: float) -> Counter:
    is_away = teller.serving is None and now < teller.free_at
    return Counter(
        str(id(teller)),
        teller.skills,
        CounterState.BREAK if is_away else CounterState.OPEN,
        teller.serving,
        teller.free_at if is_away else None,
        tuple(teller.breaks),
    )
