"""How well the wait is predicted, beside what is commonly shown, on branch days from a seed."""

import argparse
import math
import multiprocessing
import random
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import branch_days
from branch_days import LOADS, SCENARIOS, Hall, Scenario, Ticket, Watcher
from outcome import Outcome, percentile, report

from kiosk.services.waiting.learned import (
    Finished,
    Learned,
    after_day,
    after_finish,
    after_issue,
    with_recent,
)
from kiosk.services.waiting.prediction import Prediction, after_call, predict
from kiosk.services.waiting.ranges import (
    Promise,
    Range,
    promise,
    range_of,
    reconsider,
    round_down,
    round_up,
)
from kiosk.services.waiting.setup import ServiceSetup, Setup
from kiosk.services.waiting.state import (
    Break,
    Counter,
    CounterState,
    HeadStarts,
    Queued,
    QueueState,
    Serving,
    snapshot_hash,
)

POINTS = ("naive", "last wait (LES)", "mean of last five", "ours, mean", "ours, median")
OURS = POINTS[-1]


class Knows(StrEnum):
    """What a prediction rests on, beside the queue and the counters as they are."""

    LIVE = "live"
    """Everything that happened until then, and the plan of the day's breaks."""
    OVERNIGHT = "overnight"
    """As terminals: the days before; of today how long services took, and who came that goes ahead;
    and the plan of the day's breaks."""
    NO_PLAN = "no-plan"
    """As terminals whose branch tells of a break when it begins."""


@dataclass(frozen=True)
class Row:
    """One ticket: what was predicted at its issue, and what came true."""

    day: int
    is_pension_day: bool
    is_priority: bool
    service: str
    waited: float
    points: tuple[float, ...]
    """In the order of `POINTS`; all 0 where a counter was free."""
    low: float
    high: float
    raw_high: float

    @property
    def is_free(self) -> bool:
        """Whether "no wait" was said."""
        return self.high == 0


class Kiosk(Watcher):
    """Predicts each ticket's wait at its issue, and learns from what the counters report."""

    def __init__(self, of: Scenario, knows: Knows, *, keeps_promises: bool = False) -> None:
        self._knows = knows
        self._tellers = of.tellers
        needs = {code: frozenset({code}) for code in of.minutes}
        self.setup = Setup(
            {code: ServiceSetup(each, needs[code]) for code, each in of.minutes.items()},
            HeadStarts({1: of.head_start}),
        )
        mix = [
            (
                service.share * (1 - service.eligible * of.branch.acceptance),
                of.minutes[service.code],
            )
            for service in branch_days.SERVICES
        ]
        self._mean = sum(a * b for a, b in mix) / sum(a for a, _ in mix)
        self.learned = self._morning = Learned()
        self._skills = [frozenset(each.skills) for each in of.tellers]
        self._keeps_promises = keeps_promises
        self.promises: dict[int, Promise] = {}
        self.changes: list[int] = []
        self.broken: list[bool] = []
        self.begin_day(0, is_pension_day=False)

    def begin_day(self, day: int, *, is_pension_day: bool) -> None:
        """Forget the tickets of the day before, keep what was learned."""
        self._day, self._is_pension_day = day, is_pension_day
        self._queued: dict[int, Queued] = {}
        self._predicted: dict[int, tuple[Prediction, tuple[float, ...]]] = {}
        self._lasts: list[float] = []
        self._morning = self.learned
        self._changes: dict[int, int] = {}

    def issued(self, hall: Hall, ticket: Ticket) -> None:
        code = ticket.walk_in.service
        priority = int(ticket.walk_in.is_priority)
        self.learned = after_issue(self.learned, code, priority, hall.now)
        customer = Queued(str(ticket.id), code, self.setup.needs_of(code), ticket.issued, priority)
        self._queued[ticket.id] = customer
        predicted = predict(self._state(hall), customer, self._known(), self.setup)
        assert predicted is not None
        self._predicted[ticket.id] = predicted, self._points(hall, predicted)
        if self._keeps_promises and not predicted.is_free:
            self.promises[ticket.id] = promise(hall.now, predicted.low, predicted.high)
            self._changes[ticket.id] = 0

    def called(self, hall: Hall, ticket: Ticket) -> None:
        waited = hall.now - ticket.issued
        self._lasts = [*self._lasts[-4:], waited]
        self.learned = after_call(self.learned, self._predicted[ticket.id][0], waited)
        if kept := self.promises.pop(ticket.id, None):
            self.changes.append(self._changes[ticket.id])
            self.broken.append(hall.now > kept.high + 0.5)

    def finished(self, hall: Hall, ticket: Ticket, minutes: float) -> None:
        waited = ticket.called - ticket.issued
        finished = Finished(ticket.walk_in.service, minutes, waited, ticket.is_no_show)
        self.learned = after_finish(self.learned, finished, self.setup)

    def passed(self, hall: Hall) -> None:
        state = self._state(hall)
        for number in hall.waiting:
            again = predict(state, self._queued[number], self._known(), self.setup)
            if again is None or number not in self.promises:
                continue
            before = self.promises[number]
            after = reconsider(before, hall.now, again.low, again.high)
            self._changes[number] += (after.low, after.high) != (before.low, before.high)
            self.promises[number] = after

    def _known(self) -> Learned:
        if self._knows is Knows.LIVE:
            return self.learned
        recent = {number: each.recent or () for number, each in self.learned.arrivals.items()}
        known = with_recent(self._morning, recent)
        return replace(
            self.learned, cells=known.cells, shares=known.shares, arrivals=known.arrivals
        )

    def rows(self, tickets: Sequence[Ticket]) -> Iterable[Row]:
        """The day's tickets with what was said."""
        for ticket in tickets:
            predicted, points = self._predicted[ticket.id]
            yield Row(
                self._day,
                self._is_pension_day,
                ticket.walk_in.is_priority,
                ticket.walk_in.service,
                ticket.called - ticket.issued,
                points,
                predicted.low,
                predicted.high,
                predicted.steps[0].before[2] if predicted.steps else 0.0,
            )

    def _points(self, hall: Hall, predicted: Prediction) -> tuple[float, ...]:
        if predicted.is_free:
            return (0.0,) * len(POINTS)
        there = max(1, sum(not desk.is_away for desk in hall.desks))
        return (
            len(hall.waiting) * self._mean / there,
            self._lasts[-1] if self._lasts else 0.0,
            statistics.fmean(self._lasts) if self._lasts else 0.0,
            predicted.mean,
            predicted.median,
        )

    def _state(self, hall: Hall) -> QueueState:
        counters: list[Counter] = []
        for desk, skills, teller in zip(hall.desks, self._skills, self._tellers, strict=True):
            ticket = desk.ticket
            counters.append(
                Counter(
                    str(desk.number),
                    skills,
                    CounterState.BREAK if desk.is_away else CounterState.OPEN,
                    Serving(ticket.walk_in.service, desk.since) if ticket else None,
                    desk.back_at,
                    () if desk.lunched or self._knows is Knows.NO_PLAN else (Break(*teller.lunch),),
                )
            )
        waiting = tuple(self._queued[number] for number in hall.waiting)
        return QueueState(hall.now, waiting, tuple(counters), self._is_pension_day)


# --- the runs ---------------------------------------------------------------------------------

Run = tuple[str, float]
"""Scenario and load."""


def _run(job: tuple[str, float, int, Knows]) -> tuple[Run, list[Row]]:
    name, load, days, knows = job
    of = branch_days.scenario(name, load)
    kiosk = Kiosk(of, knows)
    rows: list[Row] = []
    for number, day in enumerate(branch_days.month(of.branch, round(load * 100), days)):
        kiosk.begin_day(number, is_pension_day=day.is_pension_day)
        rows += kiosk.rows(branch_days.live_through(of.branch, day, kiosk))
        kiosk.learned = after_day(kiosk.learned)
    return (name, load), rows


@dataclass(frozen=True)
class Errors:
    """Of one predictor over some tickets; shares of the mean wait but the bias, in minutes."""

    mae: float
    rmse: float
    bias: float
    mean: float


def errors(rows: Sequence[Row], point: str) -> Errors:
    """Over all tickets, those who never waited included."""
    which = POINTS.index(point)
    off = [row.points[which] - row.waited for row in rows]
    mean = statistics.fmean(row.waited for row in rows)
    return Errors(
        statistics.fmean(map(abs, off)) / mean,
        math.sqrt(statistics.fmean(each * each for each in off)) / mean,
        statistics.fmean(off),
        mean,
    )


def coverage(rows: Iterable[Row]) -> float:
    """The share of tickets called before their P90, of those who were told of a wait."""
    return statistics.fmean(row.waited <= row.high for row in rows if not row.is_free)


def days_off(runs: Iterable[Sequence[Row]]) -> float:
    """The share of days whose own bias exceeds a fifth of the day's mean wait."""
    days: list[list[Row]] = []
    for rows in runs:
        by_number: dict[int, list[Row]] = {}
        for row in rows:
            by_number.setdefault(row.day, []).append(row)
        days += by_number.values()
    seen = [errors(each, OURS) for each in days]
    return statistics.fmean(abs(each.bias) > 0.2 * each.mean for each in seen)


def said(rows: Iterable[Row], rule: Callable[[Row], Range]) -> tuple[float, float, float, float]:
    """Inside, later than said, later by more than five minutes; mean width of the range."""
    inside, later, much_later, widths = [], [], [], []
    for row in rows:
        if row.is_free:
            continue
        shown = rule(row)
        high = math.inf if shown.high is None else shown.high
        inside.append(shown.low - 0.5 <= row.waited <= high + 0.5)
        later.append(row.waited > high + 0.5)
        much_later.append(row.waited > high + 5)
        widths.append((shown.low + 30 if shown.high is None else shown.high) - shown.low)
    return (
        statistics.fmean(inside),
        statistics.fmean(later),
        statistics.fmean(much_later),
        statistics.fmean(widths),
    )


# --- the report -------------------------------------------------------------------------------


def _table(title: str, rows: Sequence[Row]) -> None:
    mean = statistics.fmean(row.waited for row in rows)
    print(f"\n{title}: {len(rows):,} tickets, mean wait {mean:.1f} min")
    for point in POINTS:
        each = errors(rows, point)
        print(f"  {point:<18} {_percent(each.mae)} {_percent(each.rmse)}   {each.bias:+5.1f} min")


def _percent(share: float) -> str:
    return f"{100 * share:5.0f} %"


def _by(rows: Sequence[Row], title: str, of: Callable[[Row], object]) -> None:
    print(f"  {title}:", end="")
    for group in sorted({of(row) for row in rows}, key=str):
        print(f"  {group} {100 * coverage(r for r in rows if of(r) == group):.1f}", end="")
    print()


def _point_rule(row: Row) -> Range:
    nearest = 5 * round(row.points[POINTS.index(OURS)] / 5)
    return Range(nearest - 5, nearest + 5)


def _last_five_rule(row: Row) -> Range:
    last = row.points[POINTS.index("mean of last five")]
    return Range(round_down(0.7 * last), round_up(1.4 * last))


RULES: dict[str, Callable[[Row], Range]] = {
    "ours, P10 to P90 on the grid": lambda row: range_of(row.low, row.high),
    "ours, P50 to the nearest 5, ±5": _point_rule,
    "mean of last five × 0.7 to 1.4": _last_five_rule,
}


def _what_is_said(title: str, rows: Sequence[Row]) -> None:
    print(f"\nWhat is said, {title}: inside, later than said, by > 5 min (%), width (min)")
    for name, rule in RULES.items():
        inside, later, much_later, width = said(rows, rule)
        print(
            f"  {name:<32} {100 * inside:5.1f} {100 * later:5.1f} {100 * much_later:5.1f}"
            f" {width:6.1f}"
        )


def _promises(days: int, knows: Knows) -> None:
    of = branch_days.scenario("true", 0.9)
    kiosk = Kiosk(of, knows, keeps_promises=True)
    for number, day in enumerate(branch_days.month(of.branch, 90, days)):
        kiosk.begin_day(number, is_pension_day=day.is_pension_day)
        branch_days.live_through(of.branch, day, kiosk, ticks=True)
        kiosk.learned = after_day(kiosk.learned)
    changed = statistics.fmean(each > 0 for each in kiosk.changes)
    print(
        f"\nThe promise while it is waited for ({len(kiosk.changes):,} tickets, true, 0.9):"
        f" {statistics.fmean(kiosk.changes):.2f} changes a ticket, {_percent(changed).strip()} of"
        f" tickets see one, {100 * statistics.fmean(kiosk.broken):.1f} % called after the last end"
    )


def _latency() -> float:
    """The 99th percentile at 200 waiting, in ms; prints it and the median by length."""
    kiosk = Kiosk(branch_days.scenario("true", 1.0), Knows.LIVE)
    for day in branch_days.month(branch_days.scenario("true", 1.0).branch, 1, 2):
        kiosk.begin_day(0, is_pension_day=False)
        branch_days.live_through(branch_days.scenario("true", 1.0).branch, day, kiosk)
        kiosk.learned = after_day(kiosk.learned)
    chance, slowest = random.Random(1), 0.0
    codes = [each.code for each in branch_days.SERVICES]
    # not by the clock on the wall: what else the machine is doing says nothing about us
    print("\nOne prediction, and the hash of what it rests on: processor ms, median and p99")
    for length in (10, 50, 100, 200):
        predicting, hashing = [], []
        for _ in range(1000):
            state, customer = _queue(kiosk, chance.choices(codes, k=length), chance)
            start = time.thread_time()
            predict(state, customer, kiosk.learned, kiosk.setup)
            middle = time.thread_time()
            snapshot_hash(state, kiosk.learned.observations)
            hashing.append(1000 * (time.thread_time() - middle))
            predicting.append(1000 * (middle - start))
        slowest = percentile(predicting, 0.99)
        print(
            f"  {length:>3} waiting {statistics.median(predicting):7.3f} {slowest:7.3f}"
            f"   {statistics.median(hashing):7.3f} {percentile(hashing, 0.99):7.3f}"
        )
    return slowest


def _queue(kiosk: Kiosk, codes: Sequence[str], chance: random.Random) -> tuple[QueueState, Queued]:
    now = 660.0
    waiting = [
        Queued(
            str(number),
            code,
            kiosk.setup.needs_of(code),
            now - 100 + number * 100 / len(codes),
            int(chance.random() < 0.2),
        )
        for number, code in enumerate(codes)
    ]
    counters = [
        Counter(
            str(number),
            frozenset(teller.skills),
            serving=Serving(teller.skills[0], now - chance.uniform(0, 5)),
            breaks=(Break(*teller.lunch),),
        )
        for number, teller in enumerate(branch_days.TELLERS)
    ]
    customer = Queued("x", "transfer", kiosk.setup.needs_of("transfer"), now)
    return QueueState(now, tuple(waiting), tuple(counters)), customer


def _goals(core: Sequence[Row], rough: Sequence[Row], usual: dict[Run, list[Row]]) -> list[Outcome]:
    """G1 to G3 and G5 of the core and the rough scenario; shares in %."""
    ours, naive = errors(core, OURS), errors(core, "naive")
    off, off_naive = errors(rough, OURS), errors(rough, "naive")
    goals = [
        Outcome("G1 MAE of the mean wait", 100 * ours.mae, "%", 30),
        Outcome("G1 RMSE of the mean wait", 100 * ours.rmse, "%", 55),
        Outcome("G1 bias of the mean wait", 100 * abs(ours.bias) / ours.mean, "%", 5),
        Outcome("G1 MAE of naive's", 100 * ours.mae / naive.mae, "%", 55),
    ]
    for load in LOADS:
        each = errors(_at_load(usual, load), OURS)
        if load == 0.7:
            goals.append(Outcome("G1 MAE at load 0.7", each.mae * each.mean, "min", 2.0))
        elif load >= 0.9:
            goals.append(Outcome(f"G1 MAE at load {load}", 100 * each.mae, "%", 25))
    goals += [
        Outcome("G1 rough: MAE of the mean wait", 100 * off.mae, "%", 48),
        Outcome("G1 rough: MAE of naive's", 100 * off.mae / off_naive.mae, "%", 65),
    ]
    for title, rows in (("core", core), ("rough", rough)):
        later = [row for row in rows if row.day >= 5]
        goals.append(_coverage_goal(f"G2 {title}: pooled", later))
        goals.append(_worst(f"G2 {title}: worst class", later, lambda row: row.is_priority))
        goals.append(_worst(f"G2 {title}: worst service", later, lambda row: row.service))
    for load in LOADS:
        rows = [r for (_, at), some in usual.items() if at == load for r in some if r.day >= 5]
        goals.append(_coverage_goal(f"G2 load {load}", rows))
    return goals


def _at_load(usual: dict[Run, list[Row]], load: float) -> list[Row]:
    """Of the four scenarios whose structure the kiosk knows."""
    runs = [rows for (name, at), rows in usual.items() if at == load and name != "rough"]
    return [row for rows in runs for row in rows]


def _coverage_goal(measure: str, rows: Iterable[Row], goal: float = 3) -> Outcome:
    return Outcome(f"{measure}, |P90 − 90|", abs(100 * coverage(rows) - 90), "pt", goal)


def _worst(measure: str, rows: Sequence[Row], of: Callable[[Row], object]) -> Outcome:
    groups = {of(row) for row in rows}
    each = [_coverage_goal(measure, [r for r in rows if of(r) == group]) for group in groups]
    return max(each, key=lambda outcome: outcome.ours)


def _said_goals(title: str, rows: Sequence[Row]) -> list[Outcome]:
    inside, later, much_later, _ = said(rows, RULES["ours, P10 to P90 on the grid"])
    return [
        Outcome(f"G5 {title}: inside what is said", 100 * inside, "%", 90, more_is_better=True),
        Outcome(f"G5 {title}: later than said", 100 * later, "%", 6),
        Outcome(f"G5 {title}: later by > 5 min", 100 * much_later, "%", 3.5),
    ]


def main() -> None:
    """Run every scenario at every load and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=40, help="of each scenario at each load")
    parser.add_argument(
        "--knows", choices=[*map(str, Knows)], default=str(Knows.OVERNIGHT), help="what it rests on"
    )
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    knows = Knows(options.knows)
    jobs = [(name, load, options.days, knows) for name in SCENARIOS for load in LOADS]
    with multiprocessing.Pool(options.processes) as pool:
        everything = dict(pool.imap_unordered(_run, jobs))
    usual = {run: [r for r in rows if not r.is_pension_day] for run, rows in everything.items()}
    core = [r for (name, at), some in usual.items() if name != "rough" and at <= 1 for r in some]
    rough = [r for (name, at), some in usual.items() if name == "rough" and at <= 1 for r in some]
    pension = [r for (name, _), some in everything.items() if name != "rough" for r in some]
    pension = [row for row in pension if row.is_pension_day]
    print(
        f"It knows: {knows}; {len(jobs) * options.days} branch days;"
        " seeds: 100 × load × 100,003 + day"
    )
    print("Errors of what was said at the ticket: MAE and RMSE of the mean wait, bias")
    _table("CORE (four scenarios, loads up to 1.0, no pension days)", core)
    for load in LOADS:
        _table(f"load {load}", _at_load(usual, load))
    _table("ROUGH (loads up to 1.0, no pension days)", rough)
    if pension:
        _table("pension days", pension)
    print("\nP90 coverage in %, from the sixth day on (goal 90 ± 3)")
    for title, rows in (("CORE", core), ("ROUGH", rough)):
        later = [row for row in rows if row.day >= 5]
        raw = statistics.fmean(r.waited <= r.raw_high for r in later if not r.is_free)
        print(f"  {title} {100 * coverage(later):.1f}, before the calibration {100 * raw:.1f}")
        _by(later, "priority", lambda row: row.is_priority)
        _by(later, "service", lambda row: row.service)
    for load in LOADS:
        rows = [r for (_, at), some in usual.items() if at == load for r in some if r.day >= 5]
        print(f"  load {load} {100 * coverage(rows):.1f}")
    _what_is_said("CORE", [row for row in core if row.day >= 2])
    _what_is_said("ROUGH", [row for row in rough if row.day >= 2])
    _promises(min(options.days, 15), knows)
    slowest = _latency()
    goals = _goals(core, rough, usual)
    if settled := [row for row in pension if row.day >= 5]:
        goals.append(_coverage_goal("G2 pension days", settled, 5))
    runs = [some for (name, at), some in usual.items() if name != "rough" and at <= 1]
    goals.append(Outcome("G3 days that are off by > 20 %", 100 * days_off(runs), "%", 5))
    goals.append(Outcome("G4 p99 of one prediction, 200 waiting", slowest, "ms", 1.0))
    goals += _said_goals("core", [row for row in core if row.day >= 2])
    goals += _said_goals("rough", [row for row in rough if row.day >= 2])
    print()
    report(goals)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
