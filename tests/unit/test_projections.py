"""Derived tables: however the events arrive, they say what a naive count of the events says.

`naive_figures` is written from the words of the models, in plain Python, and shares nothing with
the statements that it checks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select
from support import TERMINAL, FakeClock, make_journal, make_store

from kiosk import projections
from kiosk.db import Database
from kiosk.models import (
    Diversion,
    Event,
    Evidence,
    HourlyFigures,
    Kind,
    MatchRule,
    Ticket,
    Visit,
)
from kiosk.models.payloads import (
    DiversionAccepted,
    DiversionCompleted,
    DiversionDeclined,
    DiversionFellBack,
    DiversionOffered,
    HelpAsked,
    IntentStated,
    Payload,
    ReconciliationLapsed,
    ReconciliationMatched,
    ReconciliationUndone,
    TicketCancelled,
    TicketIssued,
    VisitEnded,
    VisitLeftOut,
    VisitStarted,
    WaitShown,
)
from kiosk.models.tables import table_of
from kiosk.projections.check import differences
from kiosk.services.journal import Fact, Journal, Transaction

PROJECTIONS = tuple(table_of(model) for model in (Visit, Ticket, Diversion, HourlyFigures))
FIGURES = table_of(HourlyFigures)
KEYS = ("branch", "business_date", "local_hour", "service", "channel")
WAIT = WaitShown(ahead=1, low=0, high=5)
START = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)  # 20 minutes before midnight in Shanghai
VISITS, OFFERS_EACH, TICKETS_EACH = 3, 2, 2

State = dict[str, list[tuple[Any, ...]]]
Figures = dict[tuple[Any, ...], Counter[str]]


# --- histories --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something that one customer does."""

    visit: int
    what: str
    which: int = 0
    """Which of the visit's offers or tickets."""
    detail: int = 0
    seconds: int = 0
    """Until it happens; a clock that is set back makes it less than none."""


LANGUAGES = ("zh_CN", "en", "zh_TW")
REASONS = ("limit", "app_error", None)
EVIDENCE = (*(each.value for each in Evidence), "of a newer program")
STAGES: dict[str, type[Payload]] = {
    "declined": DiversionDeclined,
    "completed": DiversionCompleted,
    "fell_back": DiversionFellBack,
}
OF_A_VISIT = ("left_out", "intent", "help", "ended")
RECONCILED: dict[str, Payload] = {
    "matched": ReconciliationMatched(rule=MatchRule.REFERENCE),
    "undone": ReconciliationUndone(),
    "lapsed": ReconciliationLapsed(),
}
OF_AN_OFFER = ("offered", "accepted", "declined", "completed", "fell_back", *RECONCILED)


def id_of(*parts: int) -> UUID:
    return UUID(int=sum(part << (16 * place) for place, part in enumerate(parts, 1)))


def fact_of(step: Step, arrived_at: datetime) -> Fact:
    visit = id_of(step.visit, 1)
    offer = {
        "visit": visit,
        "offer": id_of(step.visit, 2, step.which),
        "service": ("transfer", "balance")[step.which],
        "channel": ("mobile", "atm")[step.visit % 2],
    }
    ticket: dict[str, Any] = {
        "visit": visit,
        "ticket": id_of(step.visit, 3, step.which),
        "ticket_number": f"A1{step.visit:02}{step.which}",
        "queue": "A",
        "service": ("transfer", None)[step.which],
        "transferable": step.which == 0,
        "arrived_at": arrived_at,
    }
    language = LANGUAGES[step.detail % 3]
    reason = REASONS[step.detail % 3]
    match step.what:
        case "started":
            return Fact(VisitStarted(), visit=visit, language=language, arrived_at=arrived_at)
        case "left_out":
            return Fact(VisitLeftOut(), visit=visit)
        case "intent":
            return Fact(IntentStated(), visit=visit, service="transfer")
        case "help":
            return Fact(HelpAsked(), screen="home", visit=visit, subject=id_of(step.visit, 4))
        case "ended":
            return Fact(VisitEnded(), visit=visit, language=language, reason=reason or "finished")
        case "issued":
            return Fact(TicketIssued(wait=WAIT), priority="normal", **ticket)
        case "cancelled":
            return Fact(TicketCancelled(), **ticket)
        case "offered":
            answers = {"amount": f"band_{step.detail % 3}"} if step.detail else {}
            return Fact(DiversionOffered(answers=answers, wait=WAIT), **offer)  # type: ignore[arg-type]
        case "accepted":
            reference = f"{step.detail:08}"
            return Fact(DiversionAccepted(), reference=reference, **offer)  # type: ignore[arg-type]
        case what if what in RECONCILED:
            line = id_of(step.detail, 5)
            why = "reversal" if what == "undone" else None
            return Fact(RECONCILED[what], subject=line, reason=why, **offer)  # type: ignore[arg-type]
        case "completed":
            evidence = EVIDENCE[step.detail % 4]
            return Fact(DiversionCompleted(), evidence=evidence, **offer)  # type: ignore[arg-type]
        case stage:
            return Fact(STAGES[stage](), reason=reason, **offer)  # type: ignore[arg-type]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """A visit begins with its start and a ticket with its issue; all else comes as it likes."""
    steps: list[Step] = []
    spans = st.sampled_from([0, 1, 59, 600, 1_800, 3_600, -1_800, -3_600])
    started: set[int] = set()
    issued: set[tuple[int, int]] = set()
    for _ in range(draw(st.integers(1, 18))):
        visit = draw(st.integers(1, VISITS))
        detail, seconds = draw(st.integers(0, 5)), draw(spans)
        if visit not in started:
            started.add(visit)
            steps.append(Step(visit, "started", 0, detail, seconds))
            continue
        what = draw(st.sampled_from((*OF_A_VISIT, *OF_AN_OFFER * 2, "ticket", "ticket")))
        which = draw(st.integers(0, 1)) if what in (*OF_AN_OFFER, "ticket") else 0
        if what == "ticket":
            what = "cancelled" if (visit, which) in issued else "issued"
            issued.add((visit, which))
        steps.append(Step(visit, what, which, detail, seconds))
    return steps


def sizes_of(cuts: list[int], total: int) -> list[int]:
    """Batches of events that together are all of them."""
    sizes, left = [], total
    for cut in cuts:
        if left <= 0:
            break
        sizes.append(min(cut, left))
        left -= sizes[-1]
    return sizes + [1] * left


# --- what is compared -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One file for all examples: each is taken back."""
    return make_store(tmp_path_factory.mktemp("projections") / "store.db")


class _TakeBack(Exception):  # noqa: N818 (nothing went wrong)
    pass


@contextmanager
def scratch(store: Database) -> Iterator[Connection]:
    """A transaction that leaves nothing behind."""
    try:
        with store.write() as connection:
            yield connection
            raise _TakeBack
    except _TakeBack:
        pass


def play(
    store: Database, connection: Connection, steps: list[Step], terminal: str = TERMINAL
) -> Journal:
    """Write the events one after the other, as a terminal does."""
    clock = FakeClock(START)
    journal = make_journal(store, clock, terminal=terminal)
    arrivals: dict[int, datetime] = {}
    for step in steps:
        clock.jump(seconds=step.seconds)
        arrived_at = arrivals.setdefault(step.visit, clock.now())
        transaction = Transaction(connection, journal)
        transaction.record(fact_of(step, arrived_at))
        transaction.flush()
    return journal


def replay(connection: Connection, journal: Journal, sizes: list[int]) -> None:
    """Bring empty projections up to date in batches, as a branch does."""
    for table in PROJECTIONS:
        connection.execute(delete(table))
    origin, first = journal.origin, 1
    for size in sizes:
        batch = projections.EventRange(
            origin.branch, origin.terminal, origin.epoch, first, first + size - 1
        )
        projections.apply(connection, batch, list(Kind))
        first += size


def state_of(connection: Connection) -> State:
    """Every row of every projection; figures that are all zero say what a missing row says."""
    state: State = {}
    for table in PROJECTIONS:
        found = [tuple(row) for row in connection.execute(select(table)).all()]
        if table is FIGURES:
            found = [row for row in found if any(row[len(KEYS) :])]
        state[table.name] = sorted(found, key=repr)
    return state


def figures_of(connection: Connection) -> Figures:
    figures: Figures = {}
    for row in connection.execute(select(FIGURES)).mappings():
        counts = Counter({name: row[name] for name in row if name not in KEYS and row[name]})
        if counts:
            figures[tuple(row[name] for name in KEYS)] = counts
    return figures


def naive_figures(connection: Connection) -> Figures:
    """Count the events by hand."""
    events = connection.execute(select(table_of(Event)).order_by(Event.seq)).mappings().all()  # type: ignore[arg-type]  # SQLModel types columns as their values
    left_out = {each["visit"] for each in events if each["stage"] == "left_out"}
    figures: Figures = defaultdict(Counter)

    def cell(event: Any, service: str = "", channel: str = "") -> Counter[str]:
        key = (event["branch"], event["business_date"], event["local_hour"], service, channel)
        return figures[key]

    offers: dict[UUID, list[Any]] = defaultdict(list)
    gone = {each["ticket"] for each in events if each["stage"] == "cancelled"}
    for event in events:
        out = event["visit"] in left_out
        if event["kind"] == "visit" and event["stage"] == "started":
            cell(event)["visits"] += 1
            cell(event)["visits_left_out"] += out
        elif event["kind"] == "ticket" and event["stage"] == "issued":
            if event["ticket"] not in gone:
                counts = cell(event, event["service"] or "")
                counts["tickets"] += 1
                counts["tickets_left_out"] += out
                counts["tickets_transferable"] += bool(event["transferable"]) and not out
        elif event["kind"] in {"diversion", "reconciliation"} and not out:
            offers[event["offer"]].append(event)
    for stages in offers.values():
        names = {each["stage"] for each in stages}
        shown = [each for each in stages if each["stage"] == "offered"] or stages
        first = dict(shown[0])
        if len(shown) > 1:  # what should be once and is not counts where it is earliest
            first |= {name: min(each[name] for each in shown) for name in KEYS[1:3]}
        counts = cell(first, first["service"], first["channel"])
        counts["offered"] += "offered" in names
        counts["accepted"] += "accepted" in names
        counts["declined"] += "declined" in names and "accepted" not in names
        done, gave_up = (
            min((each["occurred_at"] for each in stages if each["stage"] == stage), default=None)
            for stage in ("completed", "fell_back")
        )
        stands = Counter(each["stage"] for each in stages)
        proven = stands["matched"] > stands["undone"]
        completed = proven or (done is not None and (gave_up is None or done > gave_up))
        counts["proven"] += proven
        counts["completed"] += completed
        counts["fell_back"] += gave_up is not None and not completed
    return {key: +counts for key, counts in figures.items() if +counts}


# --- histories, all in all --------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(steps=histories(), cuts=st.lists(st.integers(1, 9), max_size=8))
@example(  # the language was switched
    steps=[Step(1, "started", detail=1), Step(1, "ended", detail=0)], cuts=[2]
)
@example(  # midnight
    steps=[Step(1, "started"), Step(1, "ended", seconds=1_800)], cuts=[2]
)
@example(  # the clock was set back
    steps=[Step(1, "started"), Step(1, "issued"), Step(1, "cancelled", seconds=-3_600)], cuts=[3]
)
@example(  # staff and customer both know
    steps=[
        Step(1, "started"),
        Step(1, "offered"),
        Step(1, "completed"),
        Step(1, "completed", detail=1),
    ],
    cuts=[4],
)
@example(  # offered again an hour later
    steps=[Step(1, "started"), Step(1, "offered"), Step(1, "offered", seconds=3_600)], cuts=[3]
)
def test_batches_of_any_size_give_one_state_and_the_figures_are_those_of_a_naive_count(
    store: Database, steps: list[Step], cuts: list[int]
) -> None:
    with scratch(store) as connection:
        journal = play(store, connection, steps)
        kept = state_of(connection)
        assert figures_of(connection) == naive_figures(connection)
        replay(connection, journal, sizes_of(cuts, len(steps)))
        assert state_of(connection) == kept
        replay(connection, journal, [len(steps)])
        assert state_of(connection) == kept
        assert projections.rebuild(connection) == len(steps)
        assert state_of(connection) == kept


@settings(max_examples=15, deadline=None)
@given(steps=histories())
def test_the_check_finds_no_difference_where_there_is_none(
    store: Database, steps: list[Step]
) -> None:
    with scratch(store) as connection:
        play(store, connection, steps)
        assert differences(connection) == {}


@settings(max_examples=15, deadline=None)
@given(one=histories(), other=histories())
def test_origins_may_arrive_in_any_order(
    store: Database, one: list[Step], other: list[Step]
) -> None:
    with scratch(store) as connection:
        apart = [Step(s.visit + VISITS, s.what, s.which, s.detail, s.seconds) for s in other]
        first = play(store, connection, one)
        second = play(store, connection, apart, "T2")
        kept = state_of(connection)
        for table in PROJECTIONS:
            connection.execute(delete(table))
        for journal, steps in ((second, apart), (first, one)):
            origin = journal.origin
            events = projections.EventRange(
                origin.branch, origin.terminal, origin.epoch, 1, len(steps)
            )
            projections.apply(connection, events, list(Kind))
        assert state_of(connection) == kept


# --- single rules -----------------------------------------------------------------------------


def totals(store: Database, *steps: Step) -> Counter[str]:
    """The figures of a history, summed up; zeros left out."""
    with scratch(store) as connection:
        play(store, connection, [Step(1, "started"), *steps])
        return sum(figures_of(connection).values(), Counter())


OFFERED, ACCEPTED, DECLINED = Step(1, "offered"), Step(1, "accepted"), Step(1, "declined")
COMPLETED, FELL_BACK, LEFT_OUT = Step(1, "completed"), Step(1, "fell_back"), Step(1, "left_out")
MATCHED, UNDONE, LAPSED = (Step(1, stage) for stage in RECONCILED)
ISSUED, CANCELLED = Step(1, "issued"), Step(1, "cancelled")


@pytest.mark.parametrize(
    ("steps", "counts"),
    [
        ([], {}),
        ([OFFERED], {"offered": 1}),
        ([OFFERED, OFFERED, ACCEPTED, ACCEPTED], {"offered": 1, "accepted": 1}),
        ([OFFERED, ACCEPTED, COMPLETED], {"offered": 1, "accepted": 1, "completed": 1}),
        ([OFFERED, DECLINED, DECLINED], {"offered": 1, "declined": 1}),
        ([OFFERED, DECLINED, ACCEPTED], {"offered": 1, "accepted": 1}),
        (
            [OFFERED, ACCEPTED, COMPLETED, FELL_BACK],
            {"offered": 1, "accepted": 1, "fell_back": 1},
        ),
        (  # a detour that ended well
            [OFFERED, ACCEPTED, FELL_BACK, Step(1, "completed", seconds=60)],
            {"offered": 1, "accepted": 1, "completed": 1},
        ),
        (
            [OFFERED, ACCEPTED, COMPLETED, Step(1, "fell_back", seconds=60)],
            {"offered": 1, "accepted": 1, "fell_back": 1},
        ),
        (
            [OFFERED, ACCEPTED, MATCHED],
            {"offered": 1, "accepted": 1, "completed": 1, "proven": 1},
        ),
        (  # one line twice is one transaction
            [OFFERED, ACCEPTED, COMPLETED, MATCHED, MATCHED],
            {"offered": 1, "accepted": 1, "completed": 1, "proven": 1},
        ),
        (  # the journal knows better than who gave up
            [OFFERED, ACCEPTED, FELL_BACK, MATCHED],
            {"offered": 1, "accepted": 1, "completed": 1, "proven": 1},
        ),
        ([OFFERED, ACCEPTED, MATCHED, UNDONE], {"offered": 1, "accepted": 1}),
        ([OFFERED, ACCEPTED, UNDONE, MATCHED], {"offered": 1, "accepted": 1}),
        (
            [OFFERED, ACCEPTED, COMPLETED, MATCHED, UNDONE, LAPSED],
            {"offered": 1, "accepted": 1, "completed": 1},
        ),
        ([ISSUED], {"tickets": 1, "tickets_transferable": 1}),
        ([ISSUED, CANCELLED], {}),
        ([ISSUED, CANCELLED, Step(1, "issued", 1)], {"tickets": 1}),
    ],
)
def test_what_a_history_counts_as(
    store: Database, steps: list[Step], counts: dict[str, int]
) -> None:
    assert totals(store, *steps) == {"visits": 1, **counts}


@pytest.mark.parametrize("when", range(6))
def test_customers_of_60_and_more_are_in_no_diversion_figure_whenever_they_say_so(
    store: Database, when: int
) -> None:
    steps = [OFFERED, ACCEPTED, COMPLETED, ISSUED, DECLINED]
    steps.insert(when, LEFT_OUT)
    assert totals(store, *steps) == {
        "visits": 1, "visits_left_out": 1, "tickets": 1, "tickets_left_out": 1
    }  # fmt: skip


def test_a_completion_counts_in_the_hour_of_its_offer(store: Database) -> None:
    with scratch(store) as connection:
        later = [Step(1, each, seconds=3_600) for each in ("accepted", "completed")]
        play(store, connection, [Step(1, "started"), OFFERED, *later])
        [(key, counts)] = [
            (key, counts) for key, counts in figures_of(connection).items() if key[-1]
        ]
    assert (str(key[1]), key[2]) == ("2026-11-23", 23)
    assert counts == {"offered": 1, "accepted": 1, "completed": 1}


def test_what_is_known_is_not_lost_and_the_language_is_that_of_the_end(store: Database) -> None:
    with scratch(store) as connection:
        play(
            store,
            connection,
            [
                Step(1, "started", detail=1),
                OFFERED,
                Step(1, "declined", detail=2),  # without a reason
                Step(1, "declined", detail=0),
                Step(1, "declined", detail=2),
                Step(1, "completed", detail=1),
                Step(1, "completed", detail=0),
                Step(1, "ended", detail=0),
            ],
        )
        diversion = connection.execute(select(table_of(Diversion))).mappings().one()
        visit = connection.execute(select(table_of(Visit))).mappings().one()
    assert (diversion["decline_reason"], diversion["evidence"]) == ("limit", "staff_saw")
    assert visit["language"] == "zh_CN"


@pytest.mark.parametrize("order", list(permutations(range(len(EVIDENCE)))))
def test_the_best_evidence_stays_whichever_came_first(
    store: Database, order: tuple[int, ...]
) -> None:
    with scratch(store) as connection:
        steps = [Step(1, "started"), OFFERED, *(Step(1, "completed", detail=n) for n in order)]
        journal = play(store, connection, steps)
        evidence = select(table_of(Diversion).c.evidence)
        assert connection.execute(evidence).scalar() == "journal_match"
        for cuts in ([6], [3, 3], [4, 2]):
            replay(connection, journal, cuts)
            assert connection.execute(evidence).scalar() == "journal_match"


def test_a_rebuild_counts_up_to_all_events(store: Database) -> None:
    seen: list[tuple[int, int]] = []
    with scratch(store) as connection:
        play(store, connection, [Step(1, "started"), OFFERED, ACCEPTED])
        projections.rebuild(connection, lambda done, total: seen.append((done, total)))
    assert seen == [(3, 3)]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE diversion SET accepted_at = NULL", {"diversion": 2}),
        ("UPDATE hourly_figures SET offered = 7 WHERE offered = 1", {"hourly_figures": 2}),
        ("DELETE FROM ticket", {"ticket": 1}),
        ("INSERT INTO visit SELECT x'00', branch, terminal, business_date, local_hour, arrived_at,"
         " ended_at, end_reason, language, left_out FROM visit", {"visit": 1}),
    ],
)  # fmt: skip
def test_the_check_counts_what_differs(
    store: Database, statement: str, found: dict[str, int]
) -> None:
    with scratch(store) as connection:
        play(store, connection, [Step(1, "started"), OFFERED, ACCEPTED, ISSUED])
        connection.exec_driver_sql(statement)
        assert differences(connection) == found
