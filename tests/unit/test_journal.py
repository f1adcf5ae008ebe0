"""The event log: numbered without a gap, dated in the branch's zone, all or nothing."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from support import RELEASE, SHANGHAI, FakeClock, change, make_journal, make_store, rows

from kiosk import __version__
from kiosk.db import Database
from kiosk.models.payloads import (
    DiversionAccepted,
    HelpAsked,
    IntentStated,
    TicketIssued,
    VisitEnded,
    VisitStarted,
    WaitShown,
)
from kiosk.services.journal import Fact, Journal, new_id

BERLIN = ZoneInfo("Europe/Berlin")
VISIT = UUID("01890000-0000-7000-8000-000000000001")


def asked() -> Fact:
    """The smallest event that concerns no projection."""
    return Fact(HelpAsked(), screen="home", visit=VISIT, subject=VISIT)


def seqs(path: Path) -> list[object]:
    return [row[0] for row in rows(path, "SELECT seq FROM event ORDER BY rowid")]


# --- the order of events ----------------------------------------------------------------------


def test_events_are_numbered_from_one_without_a_gap(journal: Journal, path: Path) -> None:
    journal.record(asked())
    journal.record(asked(), asked(), asked())
    with journal.transaction() as transaction:
        transaction.record(asked())
        transaction.record(asked())
    assert seqs(path) == [1, 2, 3, 4, 5, 6]


def test_a_rollback_leaves_no_gap(journal: Journal, path: Path) -> None:
    journal.record(asked())
    with pytest.raises(ZeroDivisionError), journal.transaction() as transaction:  # noqa: PT012
        transaction.record(asked())
        _ = 1 // 0
    assert seqs(path) == [1]
    journal.record(asked())
    assert seqs(path) == [1, 2]


def test_numbers_go_on_after_a_restart(path: Path) -> None:
    for _ in range(3):
        store = make_store(path) if not path.exists() else Database(f"sqlite:///{path}")
        make_journal(store, FakeClock()).record(asked(), asked())
        store.close()
    assert seqs(path) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("kept", [0, 1])
def test_numbers_go_on_where_the_branch_has_the_older_events(
    journal: Journal, path: Path, kept: int
) -> None:
    """What the branch has acknowledged may be deleted here."""
    journal.record(*[asked()] * 5)
    change(
        path,
        "INSERT INTO watermark (target, epoch, acked_seq, batch_number, chain)"
        " VALUES ('branch', 1, 5, 1, '')",
    )
    if kept:
        journal.record(asked())
    change(path, "DELETE FROM event WHERE seq <= 5")
    journal.record(asked())
    assert seqs(path) == ([6, 7] if kept else [6])


def test_the_watermark_of_an_earlier_epoch_does_not_count(store: Database, path: Path) -> None:
    change(
        path,
        "INSERT INTO watermark (target, epoch, acked_seq, batch_number, chain)"
        " VALUES ('branch', 1, 500, 1, '')",
    )
    make_journal(store, FakeClock(), epoch=2).record(asked())
    assert rows(path, "SELECT epoch, seq FROM event") == [(2, 1)]


def test_every_origin_counts_for_itself(store: Database, path: Path, clock: FakeClock) -> None:
    one, other = make_journal(store, clock), make_journal(store, clock, terminal="T2")
    one.record(asked(), asked())
    other.record(asked())
    one.record(asked())
    found = rows(path, "SELECT terminal, seq FROM event ORDER BY terminal, seq")
    assert found == [("T1", 1), ("T1", 2), ("T1", 3), ("T2", 1)]


def test_a_jump_of_the_clock_changes_no_order(
    journal: Journal, clock: FakeClock, path: Path
) -> None:
    journal.record(asked())
    clock.advance(60)
    clock.jump(days=-400)
    journal.record(asked())
    clock.advance(60)
    clock.jump(days=800)
    journal.record(asked())
    assert seqs(path) == [1, 2, 3]
    times = [row[0] for row in rows(path, "SELECT occurred_at FROM event ORDER BY seq")]
    assert times != sorted(map(str, times))
    passed = [row[0] for row in rows(path, "SELECT monotonic_ns FROM event ORDER BY seq")]
    assert [int(str(later)) - int(str(passed[0])) for later in passed] == [
        0,
        60 * 10**9,
        120 * 10**9,
    ]


def test_ids_are_version_7_and_all_different(journal: Journal, path: Path) -> None:
    journal.record(*[asked()] * 50)
    ids = {UUID(hex=str(row[0])) for row in rows(path, "SELECT id FROM event")}
    assert len(ids) == 50
    assert {each.version for each in ids} == {7}
    assert new_id().version == 7
    assert isinstance(new_id(), UUID)


# --- when -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "utc", "day", "hour"),
    [
        (SHANGHAI, "2026-11-23T15:59:59", "2026-11-23", 23),
        (SHANGHAI, "2026-11-23T16:00:00", "2026-11-24", 0),
        (SHANGHAI, "2026-12-31T16:00:00", "2027-01-01", 0),
        # the clocks of Berlin go forward at 01:00 UTC on 29 March 2026
        (BERLIN, "2026-03-28T22:59:59", "2026-03-28", 23),
        (BERLIN, "2026-03-28T23:00:00", "2026-03-29", 0),
        (BERLIN, "2026-03-29T00:59:59", "2026-03-29", 1),
        (BERLIN, "2026-03-29T01:00:00", "2026-03-29", 3),
        (BERLIN, "2026-03-29T21:59:59", "2026-03-29", 23),
        (BERLIN, "2026-03-29T22:00:00", "2026-03-30", 0),
        # and back at 01:00 UTC on 25 October 2026
        (BERLIN, "2026-10-24T22:00:00", "2026-10-25", 0),
        (BERLIN, "2026-10-25T00:30:00", "2026-10-25", 2),
        (BERLIN, "2026-10-25T01:30:00", "2026-10-25", 2),
        (BERLIN, "2026-10-25T02:30:00", "2026-10-25", 3),
        (BERLIN, "2026-10-25T22:59:59", "2026-10-25", 23),
        (BERLIN, "2026-10-25T23:00:00", "2026-10-26", 0),
    ],
)
def test_day_and_hour_are_those_of_the_branch(
    store: Database, path: Path, zone: ZoneInfo, utc: str, day: str, hour: int
) -> None:
    clock = FakeClock(datetime.fromisoformat(utc).replace(tzinfo=UTC))
    journal = make_journal(store, clock, zone=zone)
    journal.record(asked())
    found = rows(path, "SELECT business_date, local_hour FROM event")
    assert found == [(day, hour)]
    assert journal.business_date() == date.fromisoformat(day)


def test_times_are_kept_in_utc_to_the_microsecond(
    journal: Journal, clock: FakeClock, path: Path
) -> None:
    clock.time = datetime(2026, 11, 23, 1, 2, 3, 456_789, tzinfo=UTC)
    arrived = datetime(2026, 11, 23, 9, 1, 0, 1, tzinfo=SHANGHAI)
    journal.record(Fact(VisitStarted(), visit=VISIT, language="en", arrived_at=arrived))
    assert rows(path, "SELECT occurred_at, arrived_at FROM event") == [
        ("2026-11-23 01:02:03.456789", "2026-11-23 01:01:00.000001")
    ]


def test_facts_of_one_transaction_share_their_moment(store: Database, path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 23, 15, 59, 59, 999_999, tzinfo=UTC))
    journal = make_journal(store, clock)
    with journal.transaction() as transaction:
        transaction.record(asked())
        clock.advance(1)  # past midnight in Shanghai
        transaction.record(asked())
    assert rows(path, "SELECT DISTINCT business_date FROM event") == [("2026-11-23",)]


# --- what is written --------------------------------------------------------------------------


def test_an_event_says_who_under_which_release_and_program(journal: Journal, path: Path) -> None:
    journal.record(Fact(IntentStated(), visit=VISIT, service="balance"))
    assert rows(
        path,
        "SELECT branch, terminal, epoch, kind, stage, visit, service, release, schema_version,"
        " app_version, boot_id, payload FROM event",
    ) == [
        ("0001", "T1", 1, "intent", "stated", VISIT.hex, "balance", RELEASE, 1, __version__,
         "boot", "{}")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "fact",
    [
        Fact(VisitStarted(), visit=VISIT),
        Fact(VisitStarted(), language="en"),
        Fact(VisitEnded(), visit=VISIT, language="en"),
        Fact(IntentStated(), visit=VISIT),
        Fact(DiversionAccepted(), visit=VISIT, service="a", channel="mobile"),
        Fact(
            TicketIssued(wait=WaitShown(ahead=0, low=0, high=0)),
            visit=VISIT,
            ticket=VISIT,
            ticket_number="A1001",
            queue="A",
            arrived_at=datetime(2026, 1, 1, tzinfo=UTC),
            priority="normal",
        ),
    ],
    ids=lambda fact: type(fact.payload).__name__,
)
def test_a_fact_that_leaves_something_open_is_refused_with_all_that_stand_beside_it(
    journal: Journal, path: Path, fact: Fact
) -> None:
    with pytest.raises(ValueError, match=f"{type(fact.payload).__name__} without"):
        journal.record(asked(), fact, asked())
    assert rows(path, "SELECT * FROM event") == []
    journal.record(asked())
    assert seqs(path) == [1]


def test_false_is_an_answer(journal: Journal, path: Path) -> None:
    journal.record(
        Fact(
            TicketIssued(wait=WaitShown(ahead=0, low=0, high=0)),
            visit=VISIT,
            ticket=VISIT,
            ticket_number="A1001",
            queue="A",
            transferable=False,
            arrived_at=datetime(2026, 1, 1, tzinfo=UTC),
            priority="normal",
        )
    )
    assert rows(path, "SELECT transferable FROM event") == [(0,)]


def test_what_was_recorded_survives_a_kill(journal: Journal, path: Path) -> None:
    """Another connection sees it at once, though nobody closed anything."""
    journal.record(asked())
    assert seqs(path) == [1]


def test_a_transaction_without_facts_writes_nothing(journal: Journal, path: Path) -> None:
    with journal.transaction():
        pass
    journal.record()
    assert seqs(path) == []


def test_projections_are_up_to_date_when_record_returns(journal: Journal, path: Path) -> None:
    journal.record(Fact(VisitStarted(), visit=VISIT, language="en"))
    assert rows(path, "SELECT id, language FROM visit") == [(VISIT.hex, "en")]
    assert rows(path, "SELECT visits FROM hourly_figures") == [(1,)]
