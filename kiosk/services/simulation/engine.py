"""Lets a day happen in a branch, with SimPy: what of the program needs the extra `[simulate]`."""

import math
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kiosk.errors import KioskError
from kiosk.services.simulation import scenario as plan
from kiosk.services.simulation.channels import Coming, lobby_of
from kiosk.services.simulation.days import Day, Teller, WalkIn
from kiosk.services.simulation.scenario import Scenario, stays
from kiosk.services.waiting.state import (
    Break,
    Counter,
    CounterState,
    Queued,
    QueueState,
    Serving,
)

if TYPE_CHECKING:
    from simpy import Environment, Event

_FOR_GOOD = 24 * 60.0
"""Minutes that a counter is away which has closed."""

Steps = Generator["Event", Any, None]
"""What somebody does, waiting in between."""
Watcher = Callable[[QueueState, Queued], None]
"""Sees who draws a ticket, and the queue before they stand in it; the id is the ticket's place in
`DayResult.tickets`."""


class Ticket(NamedTuple):
    """One ticket, from issue to finish."""

    service: str
    is_priority: bool
    issued: float
    called: float
    ended: float
    counter: str
    is_no_show: bool
    came_back: bool
    """Whether its customer had tried an e-channel."""

    @property
    def waited(self) -> float:
        """Minutes until the call."""
        return self.called - self.issued


@dataclass(frozen=True)
class DayResult:
    """What came of a day."""

    tickets: tuple[Ticket, ...]
    """In the order of issue."""
    walk_ins: int
    diverted: int
    """Who needed no ticket."""
    came_back: int
    channel_waits: Mapping[str, tuple[float, ...]]
    """E-channel → minutes in its queue, of each who went there."""
    busy: Mapping[str, float]
    """Counter → minutes of work, calls that nobody answered included."""
    demand: float
    """Minutes of work that the tickets were drawn for; nobody does that of those who left."""
    ended_at: float
    """When the last customer left; may be before the branch closes."""


def live_through(scenario: Scenario, day: Day, watcher: Watcher | None = None) -> DayResult:
    """Let a day happen.

    Args:
        scenario: The branch; the day may have been made for another one with the same counters.
        day: Who comes.
        watcher: Is told of each ticket.

    Raises:
        KioskError: `simulation_not_installed`.
    """
    try:
        from simpy import Environment
    except ModuleNotFoundError as error:
        raise KioskError("simulation_not_installed") from error
    branch = _Branch(Environment(scenario.opens), scenario, day, watcher)
    return branch.live()


@dataclass(eq=False, slots=True)
class _Customer:
    """Somebody with a ticket."""

    number: int
    walk_in: WalkIn
    issued: float
    counts_from: float
    came_back: bool


@dataclass(eq=False, slots=True)
class _Desk:
    """A counter at work."""

    plan: plan.Counter
    teller: Teller
    woken: "Event | None" = None
    """What it waits for when nobody is there for it; it gets the customer, or None."""
    serving: tuple[str, float] | None = None
    """The service, and since when."""
    is_away: bool = False
    back_at: float | None = None
    """Known of planned breaks only."""
    planned: deque[Break] = field(default_factory=deque)
    """Breaks still to come, and its closing."""
    due: deque[tuple[Break, bool]] = field(default_factory=deque)
    """Breaks that wait for the end of the service, and whether they were planned."""
    busy: float = 0.0


class _Branch:
    def __init__(
        self, env: "Environment", scenario: Scenario, day: Day, watcher: Watcher | None
    ) -> None:
        self._env, self._scenario, self._day, self._watcher = env, scenario, day, watcher
        self._services = {each.code: each for each in scenario.services}
        groups = scenario.groups
        # the two queues of each group: everybody's, and of those who may go ahead
        self._queues: dict[str, tuple[deque[_Customer], deque[_Customer]]] = {
            group: (deque(), deque()) for group in groups
        }
        self._desks = [_desk(each, day, scenario) for each in scenario.counters]
        # whoever can do least is asked first
        by_skills = sorted(self._desks, key=lambda desk: len(desk.plan.skills))
        self._able = {
            group: [desk for desk in by_skills if group in desk.plan.skills] for group in groups
        }
        self._lobby = lobby_of(scenario, day)
        self._tickets: dict[int, Ticket] = {}
        self._issued = 0
        self._demand = 0.0

    def live(self) -> DayResult:
        env = self._env
        env.process(self._doors())
        for desk in self._desks:
            env.process(self._work(desk))
            env.process(self._leaving(desk, list(desk.planned), is_planned=True))
            absences = [Break(*each) for each in desk.teller.absences]
            env.process(self._leaving(desk, absences, is_planned=False))
        env.run()
        tickets = tuple(self._tickets[number] for number in range(self._issued))
        return DayResult(
            tickets,
            len(self._day.walk_ins),
            self._lobby.diverted,
            self._lobby.came_back,
            self._lobby.waits,
            {desk.plan.name: desk.busy for desk in self._desks},
            self._demand,
            max((each.ended for each in tickets), default=0.0),
        )

    # --- customers ----------------------------------------------------------------------------

    def _doors(self) -> Steps:
        env = self._env
        for each in self._lobby.coming:
            yield env.timeout(each.at - env.now)
            self._issue(each)

    def _issue(self, coming: Coming) -> None:
        now, walk_in = self._env.now, coming.walk_in
        group = self._services[walk_in.service].group
        head_start = self._scenario.customers.head_start if walk_in.is_priority else 0.0
        customer = _Customer(self._issued, walk_in, now, now - head_start, coming.came_back)
        self._issued += 1
        if self._watcher is not None:
            self._watcher(self._state(), self._queued(customer))
        for desk in self._able[group]:
            if desk.woken is not None:
                _wake(desk, customer)
                return
        self._queues[group][walk_in.is_priority].append(customer)

    # --- counters -----------------------------------------------------------------------------

    def _work(self, desk: _Desk) -> Steps:
        env, opens = self._env, desk.plan.opens
        if opens is not None and opens > env.now:
            desk.is_away, desk.back_at = True, opens
            yield env.timeout(opens - env.now)
            desk.is_away, desk.back_at = False, None
        while True:
            if desk.due:
                absence, is_planned = desk.due.popleft()
                desk.is_away = True
                desk.back_at = env.now + absence.minutes if is_planned else None
                yield env.timeout(absence.minutes)
                desk.is_away, desk.back_at = False, None
                continue
            customer = self._next(desk)
            if customer is None:
                desk.woken = env.event()
                customer = yield desk.woken
            if customer is not None:
                yield from self._serve(desk, customer)

    def _next(self, desk: _Desk) -> _Customer | None:
        """Whom to call: who counts from the earliest moment, the first come among equals."""
        found, earliest = None, (math.inf, 0)
        for skill in desk.plan.skills:
            for queue in self._queues[skill]:
                if queue and (key := (queue[0].counts_from, queue[0].number)) < earliest:
                    found, earliest = queue, key
        return found.popleft() if found else None

    def _serve(self, desk: _Desk, customer: _Customer) -> Steps:
        called, walk_in = self._env.now, customer.walk_in
        customers = self._scenario.customers
        is_no_show = walk_in.is_gone or walk_in.patience < called - customer.issued
        minutes = customers.call_gap + walk_in.minutes * desk.teller.pace
        self._demand += minutes
        if is_no_show:
            minutes = customers.no_show_minutes
        desk.serving = walk_in.service, called
        desk.busy += minutes
        yield self._env.timeout(minutes)
        desk.serving = None
        self._tickets[customer.number] = Ticket(
            walk_in.service,
            walk_in.is_priority,
            customer.issued,
            called,
            self._env.now,
            desk.plan.name,
            is_no_show,
            customer.came_back,
        )

    def _leaving(self, desk: _Desk, breaks: Iterable[Break], *, is_planned: bool) -> Steps:
        """A break begins at once, or after the service; whoever is away does not leave again."""
        for each in breaks:
            yield self._env.timeout(max(0.0, each.start - self._env.now))
            if desk.is_away and not is_planned:
                continue
            if is_planned:
                desk.planned.popleft()
            desk.due.append((each, is_planned))
            if desk.woken is not None:
                _wake(desk, None)

    # --- what a watcher sees ------------------------------------------------------------------

    def _state(self) -> QueueState:
        waiting = [each for both in self._queues.values() for queue in both for each in queue]
        waiting.sort(key=lambda customer: customer.number)
        return QueueState(
            self._env.now,
            tuple(map(self._queued, waiting)),
            tuple(map(_seen, self._desks)),
            self._day.is_peak,
        )

    def _queued(self, customer: _Customer) -> Queued:
        service = self._services[customer.walk_in.service]
        return Queued(
            str(customer.number),
            service.code,
            frozenset({service.group}),
            customer.issued,
            int(customer.walk_in.is_priority),
        )


def _desk(counter: plan.Counter, day: Day, scenario: Scenario) -> _Desk:
    planned = deque(Break(each.start, each.minutes) for each in counter.breaks)
    if counter.closes is not None and not stays(counter, scenario):
        planned.append(Break(counter.closes, _FOR_GOOD))
    return _Desk(counter, day.tellers[counter.name], planned=planned)


def _wake(desk: _Desk, customer: _Customer | None) -> None:
    woken, desk.woken = desk.woken, None
    if woken is not None:
        woken.succeed(customer)


def _seen(desk: _Desk) -> Counter:
    return Counter(
        desk.plan.name,
        frozenset(desk.plan.skills),
        CounterState.BREAK if desk.is_away else CounterState.OPEN,
        desk.serving and Serving(*desk.serving),
        desk.back_at,
        (*(each for each, is_planned in desk.due if is_planned), *desk.planned),
    )
