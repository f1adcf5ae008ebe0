"""A customer's coming, from the first touch to the wipe."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import FakeClock, TickingClock, make_journal, make_store, rows

from kiosk.db import Database
from kiosk.services.journal import Journal, new_id
from kiosk.services.visits import EndReason, Visits


@pytest.fixture
def visits(path: Path, clock: FakeClock) -> Visits:
    store: Database = make_store(path)
    journal: Journal = make_journal(store, clock)
    return Visits(journal)


def test_a_visit_starts_when_the_customer_comes(
    visits: Visits, clock: FakeClock, path: Path
) -> None:
    visit = new_id()
    arrived = visits.start(visit, "zh_TW")
    assert arrived == clock.now()
    assert rows(path, "SELECT id, arrived_at, language, left_out, ended_at FROM visit") == [
        (visit.hex, "2026-11-23 01:30:00.000000", "zh_TW", 0, None)
    ]


def test_the_session_and_the_store_agree_when_the_customer_came(path: Path) -> None:
    clock = TickingClock(datetime(2026, 11, 23, 1, 30, tzinfo=UTC), timedelta(seconds=1))
    arrived = Visits(make_journal(make_store(path), clock)).start(new_id(), "en")
    assert rows(path, "SELECT arrived_at FROM visit") == [(f"{arrived:%Y-%m-%d %H:%M:%S.%f}",)]


@pytest.mark.parametrize("reason", EndReason)
def test_a_visit_ends_in_the_language_that_was_read_last(
    visits: Visits, clock: FakeClock, path: Path, reason: EndReason
) -> None:
    visit = new_id()
    visits.start(visit, "en")
    clock.advance(90)
    visits.end(visit, "zh_CN", reason)
    assert rows(path, "SELECT arrived_at, ended_at, end_reason, language FROM visit") == [
        ("2026-11-23 01:30:00.000000", "2026-11-23 01:31:30.000000", reason.value, "zh_CN")
    ]


def test_who_is_left_out_stays_so(visits: Visits, path: Path) -> None:
    visit = new_id()
    visits.start(visit, "zh_CN")
    visits.leave_out(visit)
    visits.leave_out(visit)
    visits.end(visit, "zh_CN", EndReason.FINISHED)
    assert rows(path, "SELECT left_out FROM visit") == [(1,)]
    assert rows(path, "SELECT visits, visits_left_out FROM hourly_figures") == [(1, 1)]


def test_intent_and_help_say_what_and_where(visits: Visits, path: Path) -> None:
    visit = new_id()
    visits.start(visit, "zh_CN")
    visits.state_intent(visit, "balance")
    visits.ask_help(new_id(), visit, "offer", "balance")
    visits.ask_help(new_id(), visit, "home", None)
    found = rows(path, "SELECT kind, stage, service, screen FROM event ORDER BY seq")
    assert found[1:] == [
        ("intent", "stated", "balance", None),
        ("help", "asked", "balance", "offer"),
        ("help", "asked", None, "home"),
    ]
    assert rows(path, "SELECT visits FROM hourly_figures") == [(1,)]
