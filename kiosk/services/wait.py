"""What is said of a wait, how an event keeps it, and what can be said before counters report.

Until then, it is assumed who was called: today's tickets are served first come, first served, at
the usual number of counters and with the catalog's minutes. The rest is the roll-forward of
`kiosk.services.waiting` with nothing learned.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kiosk.models.payloads import WaitShown
from kiosk.services.waiting import prediction
from kiosk.services.waiting.learned import AGES, Learned, Mean
from kiosk.services.waiting.prediction import Prediction
from kiosk.services.waiting.ranges import range_of
from kiosk.services.waiting.setup import ServiceSetup, Setup
from kiosk.services.waiting.state import Counter, Queued, QueueState, Serving, snapshot_hash

_EVERYBODY_COMES = Learned(no_show_chances=(Mean(0.0, 0.0),) * len(AGES))
"""Where nobody reports calls, nobody reports those who did not come."""
_NEXT = "next"


@dataclass(frozen=True)
class QueuedTicket:
    """A ticket of today; whether it was called is not known."""

    id: str
    service: str
    issued_at: datetime
    minutes: float
    """How long its service usually takes at a counter."""


@dataclass(frozen=True)
class Wait:
    """What can be said about the wait of somebody who takes a ticket now."""

    ahead: int
    """People before them."""
    low: int | None
    """Minutes, on the grid; 0: perhaps no wait at all; None: people can be counted, no more."""
    high: int | None
    """Minutes, on the grid; 0: a counter is free; None: more than `low`."""
    snapshot: str | None = field(default=None, compare=False)
    """Hash of what it rests on; waits are equal when they say the same."""
    waiting: int = field(default=0, compare=False)
    """Everybody who waits in the branch, for whichever counter."""

    def shown(self) -> WaitShown:
        """As an event keeps it."""
        return WaitShown(ahead=self.ahead, low=self.low, high=self.high, snapshot=self.snapshot)


def wait_of(
    state: QueueState, customer: Queued, predicted: Prediction | None, learned: Learned
) -> Wait:
    """Say a prediction as a range; without one, say how many people wait for the same."""
    waiting = len(state.waiting)
    snapshot = snapshot_hash(state, learned.observations)
    if predicted is None:
        alike = sum(each.needs == customer.needs for each in state.waiting)
        return Wait(alike, None, None, snapshot, waiting)
    shown = range_of(predicted.low, predicted.high)
    return Wait(predicted.ahead, shown.low, shown.high, snapshot, waiting)


def predict(queue: Sequence[QueuedTicket], counters: int, now: datetime) -> Wait:
    """Roll the queue forward and say what a ticket issued now would wait.

    Args:
        queue: In the order of issue.
        counters: How many are open, at least one.
        now: Aware.
    """
    state = assume_called(queue, counters, now)
    setup = Setup({each.service: ServiceSetup(each.minutes) for each in queue})
    customer = Queued(_NEXT, _NEXT, frozenset(), state.now)
    predicted = prediction.predict(state, customer, _EVERYBODY_COMES, setup)
    return wait_of(state, customer, predicted, _EVERYBODY_COMES)


def assume_called(queue: Sequence[QueuedTicket], counters: int, now: datetime) -> QueueState:
    """Who would be served now and who would wait, had all come and taken their usual time.

    Args:
        queue: In the order of issue.
        counters: How many are open, at least one.
        now: Aware.
    """
    at = _minutes(now)
    free: list[tuple[float, int]] = [(-1.0, number) for number in range(counters)]
    serving: list[Serving | None] = [None] * counters
    waiting: list[Queued] = []
    for ticket in queue:
        # a ticket can't be of the future: the clock was set back
        issued = min(_minutes(ticket.issued_at), at)
        free_at, number = heapq.heappop(free)
        start = max(free_at, issued)
        end = start + ticket.minutes
        heapq.heappush(free, (end, number))
        if start > at:
            waiting.append(Queued(ticket.id, ticket.service, frozenset(), issued))
        elif end > at:
            serving[number] = Serving(ticket.service, start, end)
    desks = tuple(Counter(str(number), serving=each) for number, each in enumerate(serving))
    return QueueState(at, tuple(waiting), desks)


def _minutes(moment: datetime) -> float:
    return moment.timestamp() / 60
