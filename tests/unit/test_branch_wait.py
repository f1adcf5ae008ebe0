"""What customers are told once counters report: the same to everybody who waits for the same."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert
from support import (
    BRANCH,
    SHANGHAI,
    FakeClock,
    default_catalog,
    default_rules,
    rows,
)

from kiosk.config import PlannedBreak
from kiosk.db import Database
from kiosk.models import CounterState, Priority, Release, Watermark
from kiosk.models.tables import table_of
from kiosk.services import releases
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.branch_wait import BranchWaits, Newcomer
from kiosk.services.catalog import Move
from kiosk.services.diversion import Diversions, OfferMade
from kiosk.services.journal import Journal, new_id
from kiosk.services.queue_snapshot import (
    Came,
    CounterAtWork,
    Ended,
    InHand,
    QueueSnapshot,
    WaitingTicket,
)
from kiosk.services.releases import Name
from kiosk.services.tickets import TicketRequest, Tickets
from kiosk.services.visits import Visits
from kiosk.services.wait import Wait
from kiosk.services.waiting.calibration import Cell
from kiosk.services.waiting.learned import Learned, Mean, dump

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Ten o'clock in Shanghai."""
CASH, BALANCE, AGENCY = "large_withdrawal", "balance", "agency"  # queues A, B and F


def ticket(
    queue: str = "A",
    ago: float = 10,
    service: str | None = CASH,
    priority: Priority = Priority.NORMAL,
    counter: int | None = None,
) -> WaitingTicket:
    came = NOW - timedelta(minutes=ago)
    return WaitingTicket(
        ticket=new_id(), queue=queue, service=service, priority=priority, counter=counter,
        arrived_at=came, issued_at=came,
    )  # fmt: skip


def counter(
    number: int,
    queues: Sequence[str] | None = None,
    state: CounterState = CounterState.OPEN,
    busy_for: float | None = 2.0,
    back_in: float | None = None,
) -> CounterAtWork:
    is_busy = busy_for is not None and state is CounterState.OPEN
    since = NOW - timedelta(minutes=busy_for or 0)
    return CounterAtWork(
        number=number,
        queues=None if queues is None else tuple(queues),
        state=state,
        back_at=None if back_in is None else NOW + timedelta(minutes=back_in),
        in_hand=InHand(service=CASH, since=since) if is_busy else None,
    )


def hall(
    waiting: Sequence[WaitingTicket] = (),
    counters: Sequence[CounterAtWork] = (),
    ended: Sequence[Ended] = (),
    came: Sequence[Came] = (),
) -> QueueSnapshot:
    return QueueSnapshot(
        read_at=NOW, epoch=1, acked_seq=0, waiting=tuple(waiting), counters=tuple(counters),
        ended=tuple(ended), came=tuple(came),
    )  # fmt: skip


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


def has_learned(store: Database, learned: Learned, version: int = 1) -> None:
    _release(store, Name.LEARNED, version, dump(learned))


def has_queue(store: Database, snapshot: QueueSnapshot, version: int = 1) -> None:
    """As after a pull."""
    _release(store, Name.QUEUE, version, snapshot.model_dump_json())
    with store.write() as connection:
        row = {
            "target": "branch", "epoch": 1, "acked_seq": 0, "batch_number": 0, "chain": "",
            "last_pull_at": NOW,
        }  # fmt: skip
        connection.execute(insert(table_of(Watermark)).values(row))


def _release(store: Database, name: Name, version: int, body: str) -> None:
    releases.check(name, body)
    with store.write() as connection:
        connection.execute(
            insert(table_of(Release)).values(
                branch=BRANCH, name=name.value, version=version, digest=releases.digest(body),
                published_at=NOW, format=1, body=body,
            )
        )  # fmt: skip


def said(
    store: Database,
    snapshot: QueueSnapshot,
    newcomer: Newcomer | str = "A",
    breaks: tuple[PlannedBreak, ...] = (),
) -> Wait:
    if isinstance(newcomer, str):
        newcomer = Newcomer(newcomer)
    rules = replace(default_rules(), breaks=breaks)
    with store.read() as connection:
        return BranchWaits(rules, BRANCH).wait_for(newcomer, snapshot, connection, NOW)


def latest(wait: Wait) -> float:
    assert wait.low is not None
    return math.inf if wait.high is None else wait.high


# --- who can call -----------------------------------------------------------------------------


def test_a_free_counter_of_the_queue_means_no_wait(store: Database) -> None:
    counters = [counter(1, "A"), counter(2, "B", busy_for=None)]
    assert said(store, hall((), counters), "B") == Wait(0, 0, 0)
    assert latest(said(store, hall((), counters), "A")) > 0


def test_a_counter_for_all_queues_calls_even_one_that_nobody_knows(store: Database) -> None:
    counters = [counter(1, None, busy_for=None)]
    for letter in "ABFZ":
        assert said(store, hall((), counters), letter) == Wait(0, 0, 0)


def test_others_queues_do_not_make_the_wait_longer(store: Database) -> None:
    counters = [counter(1, "A"), counter(2, "B")]
    few = said(store, hall([ticket("A")], counters), "A")
    many = said(store, hall([ticket("A"), *(ticket("B") for _ in range(20))], counters), "A")
    assert many == few
    assert (few.ahead, few.waiting, many.ahead, many.waiting) == (1, 1, 1, 21)


def test_a_planned_break_is_reckoned_with_until_it_begins(store: Database) -> None:
    soon = PlannedBreak(1, time(10, 5), time(11, 5))  # it is ten o'clock
    queue = hall([ticket(), ticket()], [counter(1, "A")])
    without = said(store, queue)
    assert latest(said(store, queue, breaks=(soon,))) > latest(without) + 50
    other_s, over = replace(soon, counter=2), replace(soon, start=time(9), end=time(10))
    assert said(store, queue, breaks=(other_s, over)) == without


def test_a_break_that_was_begun_early_is_not_taken_twice(store: Database) -> None:
    on_break = counter(1, "A", CounterState.BREAK, back_in=55)
    planned = PlannedBreak(1, time(10, 5), time(11, 5))
    queue = hall([ticket(), ticket()], [on_break])
    assert said(store, queue, breaks=(planned,)) == said(store, queue)


def test_where_no_open_counter_calls_a_queue_people_are_counted_without_minutes(
    store: Database,
) -> None:
    closed = counter(2, "B", CounterState.CLOSED)
    wait = said(store, hall([ticket("B"), ticket("A")], [counter(1, "A"), closed]), "B")
    assert (wait.ahead, wait.low, wait.high, wait.waiting) == (1, None, None, 2)
    everybody_left = hall([ticket("A")], [counter(1, state=CounterState.CLOSED)])
    assert said(store, everybody_left) == Wait(1, None, None)


def test_a_break_is_waited_for(store: Database) -> None:
    def away(back_in: float | None) -> Wait:
        gone = counter(1, state=CounterState.BREAK, back_in=back_in)
        return said(store, hall([ticket()], [gone]))

    assert latest(away(5)) < latest(away(50))
    assert latest(away(None)) < latest(away(50))  # nobody said how long: a few minutes


def test_a_ticket_that_was_sent_on_waits_for_its_counter_alone(store: Database) -> None:
    counters = [counter(1), counter(2)]
    usual = said(store, hall([ticket()] * 6, counters))
    for_two = said(store, hall([ticket(counter=2)] * 6, counters))
    for_nobody = said(store, hall([ticket(counter=0)] * 6, counters))
    assert latest(usual) > latest(for_two)  # counter 1 is free for the newcomer all the while
    assert for_nobody == replace(said(store, hall((), counters)), ahead=for_nobody.ahead)


def test_who_goes_ahead_waits_less_and_never_of_those_who_waited_long(store: Database) -> None:
    counters = [counter(1)]
    fresh, old = hall([ticket(ago=5)] * 5, counters), hall([ticket(ago=45)] * 5, counters)
    assert said(store, fresh, Newcomer("A", Priority.SENIOR)).ahead == 0
    assert said(store, fresh, Newcomer("A")).ahead == 5
    assert said(store, old, Newcomer("A", Priority.SENIOR)).ahead == 5


def test_who_came_back_from_a_channel_keeps_their_place(store: Database) -> None:
    snapshot = hall([ticket(ago=5)] * 5, [counter(1)])
    came = NOW - timedelta(minutes=20)
    assert said(store, snapshot, Newcomer("A", Priority.RETURNED, came)).ahead == 0
    assert said(store, snapshot, Newcomer("A", Priority.RETURNED)).ahead == 5


# --- what is known from before, and of today --------------------------------------------------


def slow(minutes: float = 20.0) -> Learned:
    return Learned(observations=400, minutes={CASH: Mean(minutes, 150)}, through=date(2026, 11, 22))


def test_what_the_days_taught_is_used_and_without_it_the_catalog_s_minutes(
    store: Database,
) -> None:
    snapshot = hall([ticket()] * 4, [counter(1), counter(2)])
    before = said(store, snapshot)
    has_learned(store, slow())
    after = said(store, snapshot)
    assert latest(after) > latest(before)
    assert after.snapshot != before.snapshot


def test_a_new_night_s_lesson_is_taken_up(store: Database) -> None:
    waits = BranchWaits(default_rules(), BRANCH)
    snapshot = hall([ticket()] * 4, [counter(1)])
    told = []
    for version, minutes in ((1, 5.0), (2, 30.0)):
        has_learned(store, slow(minutes), version)
        with store.read() as connection:
            told.append(waits.wait_for(Newcomer("A"), snapshot, connection, NOW))
    assert latest(told[0]) < latest(told[1])


def test_a_slow_day_is_noticed_on_the_day(store: Database) -> None:
    has_learned(store, slow(10.0))
    queue, counters = [ticket()] * 6, [counter(1), counter(2)]
    usual = said(store, hall(queue, counters))
    slow_day = said(store, hall(queue, counters, [Ended(CASH, 1500, 300, is_no_show=False)] * 60))
    assert latest(slow_day) > latest(usual)


def test_more_who_go_ahead_than_usual_make_the_others_wait_longer(store: Database) -> None:
    has_learned(store, replace(slow(8), shares={CASH: 1.0}))
    queue, counters = [ticket(ago=1)] * 6, [counter(1), counter(2)]
    none = said(store, hall(queue, counters))
    many = [Came(Priority.SENIOR, 60 * minute) for minute in range(50, 0, -2)]
    assert latest(said(store, hall(queue, counters, came=many))) > latest(none)


# --- what a terminal says ---------------------------------------------------------------------


def terminal(journal: Journal) -> Tickets:
    return Tickets(journal, default_rules(), 1, BranchQueue(journal, sees_all_tickets=False))


def test_until_a_counter_reports_the_usual_number_is_assumed(
    store: Database, journal: Journal
) -> None:
    has_queue(store, hall([ticket(ago=1) for _ in range(3)]))
    wait = terminal(journal).wait(CASH)
    assert wait is not None
    assert wait.ahead == 0  # at three counters
    assert wait.high


def calibrated() -> Learned:
    """Each queue has taken another course."""
    cells = {
        f"needs {letter}": Cell(((1.0, 1.0, 1.0),) * 40, (0.6, 1.0, 1.0 + number / 2))
        for number, letter in enumerate("ABCDEF")
    }
    return replace(slow(), cells=cells)


def test_everybody_in_a_queue_is_told_the_same_with_an_e_channel_or_without(
    store: Database, journal: Journal
) -> None:
    """Nothing is shaded: what an e-channel could do is told no longer wait than what it can't."""
    waiting = [ticket(letter, ago=12, service=None) for letter in "AABBBCDEEF"]
    has_queue(store, hall(waiting, [counter(1, "ABC"), counter(2, "BDEF"), counter(3)]))
    has_learned(store, calibrated())
    tickets = terminal(journal)
    told: dict[str, set[tuple[int, int | None, int | None]]] = {}
    kinds: dict[str, set[bool]] = {}
    for service in default_catalog().services:
        wait = tickets.wait(service.code)
        assert wait is not None
        told.setdefault(service.queue, set()).add((wait.ahead, wait.low, wait.high))
        kinds.setdefault(service.queue, set()).add(service.move is Move.NO)
    assert {len(each) for each in told.values()} == {1}
    assert len({*map(frozenset, told.values())}) > 1
    assert any(len(each) == 2 for each in kinds.values())  # both kinds stand in one queue


@pytest.mark.parametrize("service", [CASH, BALANCE, AGENCY])
def test_the_range_beside_an_offer_is_the_one_on_the_ticket(
    store: Database, journal: Journal, clock: FakeClock, service: str
) -> None:
    queue = default_catalog().service(service).queue
    waiting = [ticket(queue, ago=7) for _ in range(5)]
    has_queue(store, hall(waiting, [counter(1), counter(2)]))
    has_learned(store, calibrated())
    tickets, visits, diversions = terminal(journal), Visits(journal), Diversions(journal, 1)
    made = OfferMade(new_id(), new_id(), service, "mobile")
    arrived_at = visits.start(made.visit, "zh_CN")
    wait = tickets.wait(service, made.visit, arrived_at)
    diversions.offer(made, {}, wait)
    diversions.decline(made, None)
    issued = tickets.issue(TicketRequest(new_id(), made.visit, arrived_at, service))
    assert wait is not None
    assert wait.high
    assert issued.wait == wait
    query = "SELECT payload ->> '$.wait' FROM event WHERE stage IN ('offered', 'issued')"
    shown = rows(Path(str(store.path)), query)
    assert len(shown) == 2
    assert len(set(shown)) == 1


def test_a_ticket_of_one_s_own_counts_from_when_it_is_printed(
    store: Database, journal: Journal, clock: FakeClock
) -> None:
    has_queue(store, hall([], [counter(1)]))
    tickets = terminal(journal)
    first = tickets.issue(TicketRequest(new_id(), new_id(), clock.now(), CASH))
    second = tickets.issue(TicketRequest(new_id(), new_id(), clock.now(), CASH))
    assert (first.wait and first.wait.ahead, second.wait and second.wait.ahead) == (0, 1)
    assert latest(second.wait or Wait(0, 0, 0)) > latest(first.wait or Wait(0, 0, 0))


def test_minutes_are_counted_from_the_branch_s_midnight_through_a_change_of_clocks() -> None:
    berlin = replace(default_rules(), zone=ZoneInfo("Europe/Berlin"))
    day = berlin.day(date(2026, 3, 29))  # clocks go forward at two
    assert day.minutes(datetime(2026, 3, 29, 10, tzinfo=ZoneInfo("Europe/Berlin"))) == 9 * 60
    usual = default_rules().day(date(2026, 11, 23))
    assert usual.minutes(NOW) == 600
    assert usual.minutes(NOW.astimezone(SHANGHAI)) == 600
