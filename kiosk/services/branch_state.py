"""From a branch's queue to the state that a prediction rests on.

Skills are queues: a counter calls whoever waits in one of its own, and whoever was sent to it. The
same functions serve a terminal, the lobby's board and the replay of a day that is over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kiosk.models import Priority
from kiosk.services.queue_snapshot import Came, CounterAtWork, Ended, WaitingTicket
from kiosk.services.waiting.learned import Finished, Learned, after_finish, with_recent
from kiosk.services.waiting.setup import Setup
from kiosk.services.waiting.state import Break, Counter, Queued, QueueState, Serving
from kiosk.services.waiting.state import CounterState as Doing


@dataclass(frozen=True)
class BranchDay:
    """What holds in a branch on one day."""

    on: date
    """The business day."""
    midnight: datetime
    """When it began; in UTC, so that differences are of time that passed."""
    setup: Setup
    """Minutes by service, and the order of calling by class."""
    classes: Mapping[Priority, int]
    """Priority → class; whoever is not in here is class 0, as everybody."""
    queues: frozenset[str]
    """Letters: what a counter for all queues calls."""
    is_peak: bool = False
    breaks: Mapping[int, tuple[Break, ...]] = field(default_factory=dict)
    """Counter → its planned breaks, in the order of their start."""

    def minutes(self, moment: datetime) -> float:
        """Minutes since the branch's midnight, as they passed: no clock is put forward or back."""
        return (moment - self.midnight).total_seconds() / 60


def state_for(
    newcomer: WaitingTicket,
    waiting: Iterable[WaitingTicket],
    counters: Iterable[CounterAtWork],
    now: datetime,
    day: BranchDay,
) -> tuple[QueueState, Queued]:
    """The queue and its counters at a moment, and who asks.

    Args:
        newcomer: Who asks: as a ticket that is issued now.
        waiting: The others, in the order of issue.
        counters: All that reported today.
        now: Aware.
        day: What holds today.
    """
    at = day.minutes(now)
    customer = _queued(newcomer, at, day)
    queued = tuple(_queued(each, at, day) for each in waiting)
    letters = day.queues.union(customer.needs, *(each.needs for each in queued))
    desks = tuple(_counter(each, at, letters, day) for each in counters)
    return QueueState(at, queued, desks, day.is_peak), customer


def _queued(ticket: WaitingTicket, now: float, day: BranchDay) -> Queued:
    """A ticket as the prediction knows it; it counts from when its customer came."""
    return Queued(
        ticket.ticket.hex,
        ticket.service or "",
        _needs_of(ticket),
        # nobody comes in the future: clocks differ, or one was set back
        min(now, day.minutes(ticket.arrived_at)),
        day.classes.get(ticket.priority, 0),
    )


def _needs_of(ticket: WaitingTicket) -> frozenset[str]:
    return frozenset({ticket.queue if ticket.counter is None else _at(ticket.counter)})


def _at(counter: int) -> str:
    """The skill that one counter alone has; no queue's letter."""
    return f"@{counter}"


def _counter(
    counter: CounterAtWork, now: float, letters: frozenset[str], day: BranchDay
) -> Counter:
    own = _at(counter.number)
    queues = counter.queues
    if queues is None:
        queues = tuple(each for each in letters if not each.startswith("@"))
    in_hand = counter.in_hand
    serving = None
    if in_hand is not None:
        serving = Serving(in_hand.service or "", min(now, day.minutes(in_hand.since)))
    back_at = None if counter.back_at is None else day.minutes(counter.back_at)
    # whether one whose time has come was taken, nobody knows; one that began early is under way
    known_until = max(now, back_at or now)
    planned = day.breaks.get(counter.number, ())
    breaks = tuple(each for each in planned if each.start > known_until)
    return Counter(
        str(counter.number),
        frozenset({own, *queues}),
        Doing(counter.state),
        serving,
        back_at,
        breaks,
    )


def after_ended(learned: Learned, ended: Ended, day: BranchDay) -> Learned:
    """Learn from a ticket that a counter is done with."""
    finished = Finished(
        ended.service or "", ended.seconds / 60, ended.waited_seconds / 60, ended.is_no_show
    )
    return after_finish(learned, finished, day.setup)


def with_came(learned: Learned, came: Iterable[Came], now: datetime, day: BranchDay) -> Learned:
    """Know who came within the last hour and may go ahead.

    Args:
        learned: From before.
        came: In the order of issue.
        now: When that was counted.
        day: What holds today.
    """
    recent: dict[int, tuple[float, ...]] = {}
    for each in came:
        if number := day.classes.get(each.priority, 0):
            at = day.minutes(now) - each.seconds_ago / 60
            recent[number] = (*recent.get(number, ()), at)
    return with_recent(learned, recent)
