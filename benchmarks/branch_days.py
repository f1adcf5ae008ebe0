"""Branch days from a seed, and the branch that lives through them, ticket by ticket.

A day's walk-ins are fixed in advance with everything about them. The arrival profile is that of a
large Chinese branch with 49,356 walk-ins in 18 weeks; service times, eligibility, patience and
acceptance are assumptions that give a mean of about six minutes a service.
"""

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

OPEN, CLOSE = 540.0, 1020.0
"""09:00 and 17:00, in minutes since midnight."""
PROFILE = (
    .052, .075, .082, .078, .068, .056, .048, .046, .040, .046, .078, .083, .082, .075, .055, .036,
)  # fmt: skip
"""Share of the walk-ins in each half hour from the opening."""
WEEKDAYS = (1.10, 1.00, 0.99, 0.85, 1.07)


@dataclass(frozen=True)
class Service:
    """What a walk-in may come for."""

    code: str
    share: float
    minutes: float
    """At the counter, without the call and the way to it."""
    spread: float
    eligible: float
    """Share that an e-channel can finish."""
    channel_minutes: float = 0.0


SERVICES = (
    Service("deposit", .16, 3.2, .60, .90, 2.0),
    Service("withdraw", .17, 2.8, .60, .90, 1.5),
    Service("large cash", .06, 6.5, .70, .00),
    Service("transfer", .15, 5.0, .70, .85, 3.0),
    Service("bill", .08, 3.8, .60, .90, 3.0),
    Service("passbook", .14, 2.4, .60, .90, 2.0),
    Service("card", .07, 8.0, .60, .50, 5.0),
    Service("account", .06, 16.0, .50, .30, 9.0),
    Service("term deposit", .07, 10.0, .70, .60, 5.0),
    Service("complex", .04, 15.0, .80, .00),
)  # fmt: skip
_QUICK = ("deposit", "withdraw", "passbook", "bill")
_GENERAL = (*_QUICK, "large cash", "transfer")
_LONG = ("card", "account", "term deposit", "complex")


@dataclass(frozen=True)
class Teller:
    """A counter's plan for the day."""

    skills: tuple[str, ...]
    lunch: tuple[float, float]
    """Start and minutes."""


_FIRST, _SECOND = (690.0, 60.0), (750.0, 60.0)
TELLERS = (
    Teller((*_QUICK, "transfer"), _FIRST),
    Teller(_GENERAL, _SECOND),
    Teller((*_GENERAL, "card", "term deposit"), _FIRST),
    Teller((*_GENERAL, "card", "account", "term deposit"), _SECOND),
    Teller((*_GENERAL, *_LONG), _FIRST),
    Teller(("transfer", *_LONG), _SECOND),
)


@dataclass(frozen=True)
class Branch:
    """A branch and its customers."""

    tellers: tuple[Teller, ...] = TELLERS
    walk_ins: float = 640.0
    """Expected on a usual day."""
    acceptance: float = 0.579
    """Share of the eligible who take the e-channel."""
    elderly: float = 0.22
    head_start: float = 20.0
    """Minutes by which the elderly count as come earlier."""
    call_gap: float = 0.4
    """From the call until the customer stands at the counter."""
    empty_call: float = 0.8
    gone_at_once: float = 0.03
    patience: tuple[float, float] = (80.0, 0.6)
    """Median and sigma of the lognormal minutes after which a customer leaves in silence."""
    teller_sigma: float = 0.12
    day_sigma: float = 0.08
    absences: float = 1.0
    """Unplanned, a teller and day."""
    absence_minutes: float = 10.0
    day_spread: float = 0.08
    half_hour_spread: float = 0.15
    out_of_order: float = 0.0
    """Share of calls in which a teller takes the first of any of their services."""


_ELDERLY_ACCEPT, _COME_BACK = 0.6, 0.06


def diverted(branch: Branch) -> tuple[float, float]:
    """The share of walk-ins who leave without a counter ticket; counter minutes a walk-in."""
    relative = 1 - branch.elderly + branch.elderly * _ELDERLY_ACCEPT
    gone = tickets = work = 0.0
    for service in SERVICES:
        away = service.eligible * min(1.0, branch.acceptance * relative) * (1 - _COME_BACK)
        gone += service.share * away
        tickets += service.share * (1 - away)
        work += service.share * (1 - away) * (service.minutes + branch.call_gap)
    # about 6 % of the tickets cost only the empty call
    return gone, work - tickets * 0.06 * (work / tickets - branch.empty_call)


def branch_at(load: float, diversion: float = 0.4153) -> Branch:
    """The branch whose walk-ins keep its counters busy for a share of their time."""
    acceptance = 0.5 * diversion / diverted(Branch(acceptance=0.5))[0]
    branch = Branch(acceptance=acceptance)
    minutes = sum(CLOSE - OPEN - teller.lunch[1] for teller in branch.tellers)
    return replace(branch, walk_ins=load * minutes / diverted(branch)[1])


@dataclass(frozen=True)
class Person:
    """Somebody who needs the counter, with everything about them."""

    at: float
    service: str
    is_priority: bool
    minutes: float
    patience: float
    is_gone: bool


@dataclass(frozen=True)
class Day:
    """Everything that chance decides of a day."""

    walk_ins: tuple[Person, ...]
    pace: tuple[float, ...]
    """Of each teller: their service times over the usual ones."""
    absences: tuple[tuple[tuple[float, float], ...], ...]
    is_pension_day: bool
    seed: int


def make_day(branch: Branch, seed: int, weekday: int, *, is_pension_day: bool) -> Day:
    """One day from its seed."""
    chance = random.Random(seed)
    total = branch.walk_ins * WEEKDAYS[weekday] * _gamma(chance, branch.day_spread)
    weights, shares = list(PROFILE), [each.share for each in SERVICES]
    elderly = branch.elderly
    if is_pension_day:
        total *= 1.35
        weights = [each * (1.5 if slot < 5 else 0.8) for slot, each in enumerate(weights)]
        crowd = ("withdraw", "passbook")
        shares = [each.share * (1.8 if each.code in crowd else 1.0) for each in SERVICES]
        elderly *= 2.2
    walk_ins: list[Person] = []
    slot = (CLOSE - OPEN) / len(weights)
    for index, weight in enumerate(weights):
        start = OPEN + index * slot
        rate = total * weight / sum(weights) * _gamma(chance, branch.half_hour_spread) / slot
        at = start + chance.expovariate(rate)
        while at < start + slot:
            [service] = chance.choices(SERVICES, shares)
            walk_in = _walk_in(chance, branch, service, at, elderly)
            if walk_in is not None:
                walk_ins.append(walk_in)
            at += chance.expovariate(rate)
    pace = math.exp(chance.gauss(0, branch.day_sigma))
    return Day(
        tuple(sorted(walk_ins, key=lambda each: each.at)),
        tuple(pace * math.exp(chance.gauss(0, branch.teller_sigma)) for _ in branch.tellers),
        tuple(_absences(chance, branch) for _ in branch.tellers),
        is_pension_day,
        seed,
    )


def month(branch: Branch, seed: int, days: int) -> list[Day]:
    """Consecutive working days; each tenth is a pension day."""
    return [
        make_day(branch, seed * 100_003 + day, day % 5, is_pension_day=day % 10 == 5)
        for day in range(days)
    ]


def _walk_in(
    chance: random.Random, branch: Branch, service: Service, at: float, elderly: float
) -> Person | None:
    """None for those whom an e-channel serves; who fails there comes back."""
    is_priority = chance.random() < elderly
    minutes = _lognormal(chance, service.minutes, service.spread)
    patience = chance.lognormvariate(math.log(branch.patience[0]), branch.patience[1])
    is_gone = chance.random() < branch.gone_at_once
    acceptance = branch.acceptance * (_ELDERLY_ACCEPT if is_priority else 1.0)
    is_eligible, takes_it = chance.random() < service.eligible, chance.random() < acceptance
    comes_back = chance.random() < _COME_BACK
    if is_eligible and takes_it:
        if not comes_back:
            return None
        at += _lognormal(chance, service.channel_minutes, 0.5)
    return Person(at, service.code, is_priority, minutes, patience, is_gone)


def _absences(chance: random.Random, branch: Branch) -> tuple[tuple[float, float], ...]:
    limit, product, count = math.exp(-branch.absences), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return tuple(
        sorted(
            (chance.uniform(OPEN, CLOSE), chance.expovariate(1 / branch.absence_minutes))
            for _ in range(count)
        )
    )


def _lognormal(chance: random.Random, mean: float, spread: float) -> float:
    square = math.log(1 + spread * spread)
    return chance.lognormvariate(math.log(mean) - square / 2, math.sqrt(square))


def _gamma(chance: random.Random, spread: float) -> float:
    return chance.gammavariate(1 / spread**2, spread**2)


# --- the branch at work -----------------------------------------------------------------------


@dataclass(eq=False)
class Ticket:
    """One ticket, from issue to finish."""

    id: int
    walk_in: Person
    issued: float
    counts_from: float
    called: float = math.nan
    is_no_show: bool = False


@dataclass(eq=False)
class Desk:
    """A counter at work."""

    number: int
    skills: frozenset[str]
    ticket: Ticket | None = None
    since: float = 0.0
    is_away: bool = False
    back_at: float | None = None
    """Known of planned breaks only."""
    due: list[tuple[float, bool]] = field(default_factory=list)
    """Breaks that wait for the end of the service: minutes, and whether it was planned."""
    lunched: bool = False

    @property
    def is_idle(self) -> bool:
        """Whether a ticket could be called at once."""
        return self.ticket is None and not self.is_away


@dataclass(eq=False)
class Hall:
    """What can be seen of the branch at a moment."""

    now: float
    desks: list[Desk]
    waiting: dict[int, Ticket]
    """In the order of issue."""


class Watcher:
    """Sees what a kiosk sees; this one does nothing with it."""

    def issued(self, hall: Hall, ticket: Ticket) -> None:
        """A ticket is being issued; it does not stand in the queue yet."""

    def called(self, hall: Hall, ticket: Ticket) -> None:
        """A number was called."""

    def finished(self, hall: Hall, ticket: Ticket, minutes: float) -> None:
        """A counter is done with a customer, or with waiting for one."""

    def passed(self, hall: Hall) -> None:
        """Two minutes passed."""


def live_through(
    branch: Branch, day: Day, watcher: Watcher, *, ticks: bool = False
) -> list[Ticket]:
    """Let a day happen; returns its tickets in the order of issue."""
    return _Simulation(branch, day, watcher, ticks=ticks).run()


class _Simulation:
    def __init__(self, branch: Branch, day: Day, watcher: Watcher, *, ticks: bool) -> None:
        self._branch, self._day, self._watcher = branch, day, watcher
        self._chance = random.Random(day.seed * 7 + 1)
        desks = [Desk(number, frozenset(t.skills)) for number, t in enumerate(branch.tellers)]
        self._hall = Hall(OPEN, desks, {})
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._tickets: list[Ticket] = []
        for walk_in in day.walk_ins:
            self._at(walk_in.at, lambda walk_in=walk_in: self._issue(walk_in))  # type: ignore[misc]
        for desk, teller, absences in zip(desks, branch.tellers, day.absences, strict=True):
            start, minutes = teller.lunch
            self._break_at(start, desk, minutes, is_planned=True)
            for start, minutes in absences:
                self._break_at(start, desk, minutes, is_planned=False)
        if ticks:
            self._at(OPEN + 2, self._tick)

    def run(self) -> list[Ticket]:
        while self._events:
            self._hall.now, _, happen = heapq.heappop(self._events)
            happen()
        return self._tickets

    def _at(self, moment: float, happen: Callable[[], None]) -> None:
        self._count = getattr(self, "_count", 0) + 1
        heapq.heappush(self._events, (moment, self._count, happen))

    def _tick(self) -> None:
        self._watcher.passed(self._hall)
        if self._hall.now < CLOSE or self._hall.waiting:
            self._at(self._hall.now + 2, self._tick)

    def _issue(self, walk_in: Person) -> None:
        now = self._hall.now
        head_start = self._branch.head_start if walk_in.is_priority else 0.0
        ticket = Ticket(len(self._tickets), walk_in, now, now - head_start)
        self._watcher.issued(self._hall, ticket)
        self._tickets.append(ticket)
        able = [d for d in self._hall.desks if d.is_idle and walk_in.service in d.skills]
        if able:
            self._call(min(able, key=lambda desk: len(desk.skills)), ticket)
        else:
            self._hall.waiting[ticket.id] = ticket

    def _call(self, desk: Desk, ticket: Ticket) -> None:
        now, walk_in = self._hall.now, ticket.walk_in
        ticket.called = now
        ticket.is_no_show = walk_in.is_gone or walk_in.patience < now - ticket.issued
        minutes = self._branch.empty_call
        if not ticket.is_no_show:
            pace = self._day.pace[desk.number]
            minutes = self._branch.call_gap + walk_in.minutes * pace
        desk.ticket, desk.since = ticket, now
        self._watcher.called(self._hall, ticket)
        self._at(now + minutes, lambda: self._finish(desk, ticket, minutes))

    def _finish(self, desk: Desk, ticket: Ticket, minutes: float) -> None:
        self._watcher.finished(self._hall, ticket, minutes)
        desk.ticket = None
        self._free(desk)

    def _free(self, desk: Desk) -> None:
        if desk.due:
            minutes, is_planned = desk.due.pop(0)
            self._leave(desk, minutes, is_planned=is_planned)
            return
        able = [t for t in self._hall.waiting.values() if t.walk_in.service in desk.skills]
        if not able:
            return
        following = min(able, key=lambda ticket: ticket.counts_from)
        if self._branch.out_of_order and self._chance.random() < self._branch.out_of_order:
            heads: dict[tuple[str, bool], Ticket] = {}
            for ticket in able:
                heads.setdefault((ticket.walk_in.service, ticket.walk_in.is_priority), ticket)
            following = self._chance.choice(list(heads.values()))
        del self._hall.waiting[following.id]
        self._call(desk, following)

    def _break_at(self, start: float, desk: Desk, minutes: float, *, is_planned: bool) -> None:
        def happen() -> None:
            if desk.ticket is not None or (desk.is_away and is_planned):
                desk.due.append((minutes, is_planned))
            elif not desk.is_away:
                self._leave(desk, minutes, is_planned=is_planned)

        self._at(start, happen)

    def _leave(self, desk: Desk, minutes: float, *, is_planned: bool) -> None:
        desk.is_away, desk.back_at = True, self._hall.now + minutes if is_planned else None
        desk.lunched = desk.lunched or is_planned

        def come_back() -> None:
            desk.is_away, desk.back_at = False, None
            self._free(desk)

        self._at(self._hall.now + minutes, come_back)


# --- scenarios --------------------------------------------------------------------------------

LOADS = (0.7, 0.8, 0.9, 1.0, 1.1)
SCENARIOS = ("true", "means -20 %", "means ±30 %", "pace ±20 %", "rough")


@dataclass(frozen=True)
class Scenario:
    """A branch, and the picture that its kiosk has of it."""

    branch: Branch
    tellers: tuple[Teller, ...]
    """As the kiosk believes."""
    head_start: float
    """As the kiosk believes."""
    minutes: dict[str, float]
    """Service code → from call to finish, as configured."""


def scenario(name: str, load: float) -> Scenario:
    """One of `SCENARIOS`; in all but the last the kiosk knows the structure."""
    branch = branch_at(load)
    chance = random.Random(99)
    true = {each.code: each.minutes + branch.call_gap for each in SERVICES}
    off = {code: minutes * math.exp(chance.gauss(0, 0.3)) for code, minutes in true.items()}
    known = Scenario(branch, branch.tellers, branch.head_start, true)
    match name:
        case "true":
            return known
        case "means -20 %":
            return replace(known, minutes={code: 0.8 * each for code, each in true.items()})
        case "means ±30 %":
            return replace(known, minutes=off)
        case "pace ±20 %":
            return replace(known, branch=replace(branch, day_sigma=0.20))
        case "rough":
            return replace(known, branch=_rough(branch), minutes=off)
    raise KeyError(name)


def _rough(branch: Branch) -> Branch:
    """As it is, where the kiosk's picture is wrong in structure too."""
    chance = random.Random(5)
    skills = [list(each.skills) for each in branch.tellers]
    skills[2] = [each for each in skills[2] if each not in ("card", "term deposit")]
    skills[1].append("card")
    lunches: Sequence[tuple[float, float]] = [
        (start + chance.choice((-20.0, 20.0, 30.0)), minutes + chance.choice((-10.0, 0.0, 10.0)))
        for start, minutes in (each.lunch for each in branch.tellers)
    ]
    return replace(
        branch,
        tellers=tuple(Teller(tuple(s), lunch) for s, lunch in zip(skills, lunches, strict=True)),
        absences=2.0,
        absence_minutes=12.0,
        head_start=40.0,
        out_of_order=0.15,
        day_sigma=0.15,
    )
