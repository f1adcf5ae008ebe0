"""Old events go, figures stay; on PostgreSQL by whole months."""

from datetime import date
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from sync_world import FORMS, PostgresBranch, TerminalHere, World, at_counter, world_on

from kiosk import projections
from kiosk.errors import KioskError
from kiosk.models.payloads import TicketCalled, TicketFinished, TicketStarted
from kiosk.services.branch import check
from kiosk.services.demo.runs import DemoRun, DemoRuns, Way
from kiosk.services.journal import new_id
from kiosk.services.report import day_report
from kiosk.services.retention import keep_months, make_months
from kiosk.services.visits import Visits

TODAY = date(2027, 2, 28)
FIGURES = "SELECT * FROM hourly_figures ORDER BY business_date, local_hour, service, channel"


world = world_on(*FORMS[:2])


def filled(world: World) -> TerminalHere:
    """Customers on the 23rd of November, December and January."""
    terminal = world.terminal()
    for number in range(1, 4):
        terminal.visit(f"A1{number:03}")
        world.clock.advance(days=31)
    terminal.sync()
    return terminal


def days(world: World) -> list[object]:
    return [day for (day,) in world.rows("SELECT DISTINCT business_date FROM event ORDER BY 1")]


def test_old_events_go_and_what_was_counted_stays(world: World) -> None:
    filled(world)
    before = world.rows(FIGURES)
    assert len(days(world)) == 3
    assert keep_months(world.branch, 2, TODAY) == date(2026, 12, 1)
    assert days(world) == ["2026-12-24", "2027-01-24"]
    assert world.rows(FIGURES) == before
    assert day_report(world.branch, "0001", date(2026, 11, 23)).tickets == 1
    assert not check(world.branch).differences
    with world.branch.write() as connection:
        assert projections.rebuild(connection) == 10
    assert world.rows(FIGURES) == before
    assert world.rows("SELECT count(*) FROM visit") == [(3,)]


def test_what_was_dropped_can_t_be_promised_again(world: World) -> None:
    filled(world)
    keep_months(world.branch, 1, TODAY)
    assert keep_months(world.branch, 12, TODAY) == date(2026, 2, 1)
    assert world.rows("SELECT events_from FROM branch_meta") == [("2027-01-01",)]
    assert not check(world.branch).differences


def test_an_event_that_comes_late_is_counted_once(world: World) -> None:
    """Of a terminal that stood in a cellar for two months."""
    filled(world)
    late = world.terminal("T2", 2)
    world.clock.advance(days=-93)
    late.visit("A2001")
    keep_months(world.branch, 1, TODAY)
    late.sync()
    assert day_report(world.branch, "0001", date(2026, 11, 23)).tickets == 2
    for _ in range(2):
        with world.branch.write() as connection:
            projections.rebuild(connection)
        assert day_report(world.branch, "0001", date(2026, 11, 23)).tickets == 2
    assert not check(world.branch).differences


def test_what_counters_did_goes_with_its_tickets_and_their_numbers_go_on(world: World) -> None:
    """The last ticket of November was served past midnight."""
    terminal = world.terminal()
    world.clock.advance(days=7, hours=14)
    terminal.visit("A1001")
    terminal.sync()
    at_counter(world, "A1001", TicketCalled(), TicketStarted())
    world.clock.advance(hours=2)
    at_counter(world, "A1001", TicketFinished(services=("cash",)))
    before = world.rows(FIGURES), world.rows("SELECT * FROM ticket")
    keep_months(world.branch, 2, TODAY)
    assert world.rows("SELECT count(*) FROM event") == [(0,)]
    assert (world.rows(FIGURES), world.rows("SELECT * FROM ticket")) == before
    assert not check(world.branch).differences
    terminal.visit("A1002")
    terminal.sync()
    at_counter(world, "A1002", TicketCalled())
    assert world.rows("SELECT seq, step FROM event WHERE terminal = '@3'") == [(4, 1)]
    assert not check(world.branch).differences


def test_a_visit_and_a_demo_that_ended_after_the_days_that_go_stay_on_theirs(world: World) -> None:
    """A terminal stood without power for weeks, with a customer's visit open."""
    terminal = world.terminal()
    visit, runs = new_id(), DemoRuns(terminal.journal)
    run = DemoRun(new_id(), "transfer", 1, Way.TRY, visit, "transfer", "mobile")
    Visits(terminal.journal).start(visit, "en")
    runs.start(run, "home")
    runs.step(run, "home", "payee", 3, 2)
    world.clock.advance(days=62)
    Visits(terminal.journal).end_interrupted()
    terminal.sync()
    derived = [f"SELECT * FROM {table}" for table in ("visit", "demo_run", "hourly_figures")]  # noqa: S608 (our own words)
    before = [*map(world.rows, derived)]
    keep_months(world.branch, 1, TODAY)
    assert days(world) == ["2027-01-24"]
    assert not check(world.branch).differences
    with world.branch.write() as connection:
        projections.rebuild(connection)
    assert [*map(world.rows, derived)] == before
    said = "SELECT business_date, steps, wrong_keys, left_screen FROM demo_run"
    assert world.rows(said) == [("2026-11-23", 1, 2, "payee")]


def test_a_terminal_s_store_is_not_touched(world: World) -> None:
    terminal = filled(world)
    with pytest.raises(KioskError, match="not_a_branch_database"):
        keep_months(terminal.store, 1, TODAY)
    assert not check(terminal.store).differences


# --- months of PostgreSQL -------------------------------------------------------------------------


def test_every_event_stands_in_its_month(server: PostgresServer, tmp_path: Path) -> None:
    world = World(tmp_path, PostgresBranch(server, tmp_path))
    with world.branch.write() as connection:
        make_months(connection, TODAY)
    filled(world)
    month = "SELECT DISTINCT tableoid::regclass::text FROM event ORDER BY 1"
    assert world.rows(month) == [("event_2026_11",), ("event_2026_12",), ("event_2027_01",)]
    keep_months(world.branch, 1, TODAY)
    kept = "SELECT count(*) FROM pg_class WHERE relname IN ('event_2026_11', 'event_2026_12')"
    assert world.rows(kept) == [(0,)]
    world.branch.close()


def test_an_event_of_a_month_that_nobody_made_moves_there_later(
    server: PostgresServer, tmp_path: Path
) -> None:
    world = World(tmp_path, PostgresBranch(server, tmp_path))
    terminal = world.terminal()
    world.clock.advance(days=3653)
    terminal.visit("A1001")
    terminal.sync()
    place = "SELECT DISTINCT tableoid::regclass::text FROM event"
    assert world.rows(place) == [("event_default",)]
    with world.branch.write() as connection:
        make_months(connection, date(2036, 11, 23))
    assert world.rows(place) == [("event_2036_11",)]
    assert world.rows("SELECT count(*) FROM event") == [(5,)]
    assert not check(world.branch).differences
    terminal.visit("A1002")
    assert terminal.sync().events == 5
    world.branch.close()
