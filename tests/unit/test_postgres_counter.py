"""What a counter's login can do on a real server: work on its own branch's queue."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from postgres_server import PostgresServer
from psycopg import errors
from sqlalchemy import select
from sync_world import PostgresBranch, World
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.models import Ticket
from kiosk.models.payloads import CounterOpened, TicketCalled, TicketFinished, TicketStarted
from kiosk.models.tables import table_of
from kiosk.services.branch import check, initialise
from kiosk.services.counters import enrol_counter
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.journal import new_id
from kiosk.services.sync.postgres_roles import Login
from kiosk.services.sync.wire import line_of_row

TICKET = table_of(Ticket)
MINE, THEIRS = "0001", "0002"


@pytest.fixture
def world(tmp_path: Path, server: PostgresServer) -> Iterator[World]:
    """Two branches in one database, each with a ticket that waits."""
    made = World(tmp_path, PostgresBranch(server, tmp_path))
    settings = dataclasses.replace(made.config.branch, code=THEIRS)
    initialise(made.branch, dataclasses.replace(made.config, branch=settings))
    terminal = made.terminal()
    terminal.visit("A1001")
    terminal.sync()
    columns = ", ".join(
        each.name for each in TICKET.columns if each.name not in {"id", "branch", "number"}
    )
    made.change(
        f"INSERT INTO ticket (id, branch, number, {columns})"  # noqa: S608 (our own words)
        f" SELECT gen_random_uuid(), '{THEIRS}', 'A1002', {columns} FROM ticket"
    )
    for branch in (MINE, THEIRS):
        made.change(f"INSERT INTO release VALUES ('{branch}', 'staff', 1, '', 1, '{{}}', now())")  # noqa: S608
    yield made
    made.branch.close()


@pytest.fixture
def counter(world: World) -> Iterator[psycopg.Connection]:
    """As counter 3 of the first branch."""
    with connected(world, enrolled(world, MINE, 3)) as connection:
        yield connection


def enrolled(world: World, branch: str, number: int) -> Login:
    login = enrol_counter(world.branch, branch, number)
    assert login is not None
    return login


def connected(world: World, login: Login) -> psycopg.Connection:
    url = world.here.url_for(login).replace("+psycopg", "")
    return psycopg.connect(url, autocommit=True)


def journal_of(world: World, login: Login, number: int) -> DeskJournal:
    """As the program has it, with the counter's own login."""
    database = Database(world.here.url_for(login))
    return DeskJournal(database, MINE, number, world.clock, world.config.zone, "release-1")


def called(world: World, **changed: object) -> dict[str, object]:
    """The event with which counter 3 would call the ticket of its branch, or something like it."""
    with world.branch.read() as connection:
        ticket = connection.execute(select(TICKET).where(TICKET.c.branch == MINE)).one()
    row: dict[str, object] = {
        "branch": MINE, "business_date": ticket.business_date, "id": new_id(), "terminal": "@3",
        "epoch": 1, "seq": 1, "occurred_at": world.clock.now(), "local_hour": 9,
        "monotonic_ns": 0, "boot_id": "", "kind": "ticket", "stage": "called",
        "visit": ticket.visit, "ticket": ticket.id, "ticket_number": ticket.number, "queue": "A",
        "counter": "3", "staff": "s1", "release": "", "schema_version": 1, "app_version": "",
        "payload": '{"was": "waiting", "seconds": 0, "calls": 1}', "step": 1,
    }  # fmt: skip
    return row | changed


def record(
    connection: psycopg.Connection, *rows: dict[str, object], branch: str = MINE, counter: int = 3
) -> None:
    events = ",".join(line_of_row(row).decode() for row in rows)
    connection.execute("SELECT kiosk_record(%s, %s, %s)", (branch, counter, f"[{events}]"))


def test_a_counter_sees_and_locks_the_tickets_of_its_branch_and_changes_none(
    world: World, counter: psycopg.Connection
) -> None:
    assert counter.execute("SELECT branch, number FROM ticket").fetchall() == [(MINE, "A1001")]
    with counter.transaction():
        query = "SELECT number FROM ticket WHERE state = 'waiting' FOR UPDATE SKIP LOCKED"
        assert counter.execute(query).fetchall() == [("A1001",)]
        locked = counter.execute("SELECT number FROM counter FOR NO KEY UPDATE").fetchall()
        assert locked == [(3,)]
    for statement in (
        "UPDATE ticket SET state = 'called'",
        "UPDATE counter SET last_seq = 7",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            counter.execute(statement)
    assert world.rows("SELECT DISTINCT state FROM ticket") == [("waiting",)]


def test_two_counters_of_a_branch_never_take_the_same_ticket(
    world: World, counter: psycopg.Connection
) -> None:
    with connected(world, enrolled(world, MINE, 4)) as other, counter.transaction():
        counter.execute("SELECT id FROM ticket FOR UPDATE SKIP LOCKED")
        assert other.execute("SELECT id FROM ticket FOR UPDATE SKIP LOCKED").fetchall() == []


def test_a_counter_does_not_touch_another_branch_s_tickets(
    world: World, counter: psycopg.Connection
) -> None:
    for statement in (
        "UPDATE ticket SET branch = '0002'",
        "UPDATE ticket SET number = 'A1999'",
        "DELETE FROM ticket",
        "TRUNCATE ticket",
        "INSERT INTO ticket (id) VALUES (gen_random_uuid())",
        "UPDATE ticket SET state = 'x' WHERE branch = '0001'",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            counter.execute(statement)
    query = f"SELECT FROM ticket WHERE branch = '{THEIRS}' FOR UPDATE"
    assert counter.execute(query).fetchall() == []
    assert ("A1002", "waiting") in world.rows("SELECT number, state FROM ticket")


def test_nothing_that_a_counter_can_set_makes_it_another_branch_s(
    world: World, counter: psycopg.Connection
) -> None:
    theirs = enrolled(world, THEIRS, 3)
    for statement in (
        f'SET ROLE "{theirs.name}"',
        f'SET SESSION AUTHORIZATION "{theirs.name}"',
        "SET ROLE kiosk_functions",
        "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_branch_seen ON ticket",
        "UPDATE counter SET branch = '0002'",
        "INSERT INTO counter (branch, number, login) VALUES ('0002', 9, session_user)",
        "CREATE TEMP TABLE counter AS SELECT '0002' AS branch, session_user AS login",
        "SELECT kiosk_greet('{}')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            counter.execute(statement)
    counter.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege):
        counter.execute("SELECT FROM ticket")
    counter.execute("SET row_security = on")
    assert counter.execute("SELECT branch, number FROM counter").fetchall() == [(MINE, 3)]
    assert counter.execute("SELECT branch FROM ticket").fetchall() == [(MINE,)]


def test_a_condition_with_an_error_in_it_tells_nothing_of_other_branches(
    counter: psycopg.Connection,
) -> None:
    """Rows of others are sorted out before what the asker wrote is looked at."""
    for trap in (f"branch <> '{THEIRS}'", "number <> 'A1002'"):
        counter.execute(f"SELECT FROM ticket WHERE 1 / ({trap})::int = 1")


def test_a_counter_records_what_it_does_as_itself(world: World) -> None:
    journal = journal_of(world, enrolled(world, MINE, 3), 3)
    [(ticket,)] = world.rows("SELECT id FROM ticket WHERE branch = ?", MINE)
    with journal.transaction() as transaction:
        transaction.say(CounterOpened(), "s1")
        locked = transaction.lock(UUID(str(ticket)))
        assert locked is not None
        transaction.step(locked, TicketCalled(), staff="s1")
    with journal.transaction() as transaction:
        locked = transaction.lock(UUID(str(ticket)))
        assert locked is not None
        started = transaction.step(locked, TicketStarted(), staff="s1")
        transaction.step(started, TicketFinished(services=("cash",)), staff="s1")
    journal.database.close()
    assert world.rows("SELECT branch, state, counter FROM ticket ORDER BY branch") == [
        (MINE, "served", "3"), (THEIRS, "waiting", None),
    ]  # fmt: skip
    assert world.rows(
        "SELECT terminal, seq, stage, step FROM event WHERE terminal = '@3' ORDER BY seq"
    ) == [
        ("@3", 1, "opened", None), ("@3", 2, "called", 1), ("@3", 3, "started", 2),
        ("@3", 4, "finished", 3),
    ]  # fmt: skip
    assert world.rows("SELECT number, state FROM counter_state") == [(3, "open")]
    # the other branch's, which no event made
    assert check(world.branch).differences == {"ticket": 1}


FORGED: list[dict[str, object]] = [
    {"branch": THEIRS},
    {"terminal": "@4"}, {"terminal": "T1"}, {"terminal": "@branch"},
    {"counter": "4"}, {"counter": None}, {"staff": None},
    {"epoch": 2},
    {"seq": 2}, {"seq": 0},
    {"step": 2}, {"step": None}, {"step": 0},
    {"business_date": date(2026, 11, 24)}, {"ticket_number": "A1002"}, {"visit": new_id()},
    {"ticket": new_id()}, {"ticket": None},
    {"kind": "visit", "stage": "left_out"}, {"stage": "issued"}, {"stage": "cancelled"},
    {"stage": "expired"}, {"kind": "diversion", "stage": "completed"}, {"stage": "of a newer one"},
    {"kind": "counter", "stage": "opened"},
    {"payload": '{"was": "called", "seconds": 0, "calls": 1}'},
    {"payload": '{"was": "waiting", "seconds": -1, "calls": 1}'},
    {"payload": "{}"},
    {"local_hour": 24}, {"schema_version": 2}, {"priority": "x"},
]  # fmt: skip


def test_a_counter_records_nothing_that_is_not_so(
    world: World, counter: psycopg.Connection
) -> None:
    enrolled(world, MINE, 4)
    before = world.rows("SELECT count(*) FROM event")
    for changed in FORGED:
        with pytest.raises(psycopg.DatabaseError, match="malformed"):
            record(counter, called(world, **changed))
    assert world.rows("SELECT count(*) FROM event") == before
    record(counter, called(world))
    assert world.rows("SELECT state FROM ticket WHERE branch = ?", MINE) == [("called",)]


def test_a_counter_records_for_no_other_and_nothing_twice(
    world: World, counter: psycopg.Connection
) -> None:
    enrolled(world, MINE, 4)
    enrolled(world, THEIRS, 3)
    for branch, number in ((MINE, 4), (THEIRS, 3), ("0009", 3)):
        with pytest.raises(psycopg.DatabaseError, match="not_enrolled"):
            record(counter, called(world), branch=branch, counter=number)
    row = called(world)
    record(counter, row)
    for again in (row, row | {"seq": 2}, row | {"seq": 2, "step": 2}):
        with pytest.raises((psycopg.DatabaseError, errors.UniqueViolation)):
            record(counter, again)
    for nothing in ("[]", "null", "{}", "7"):
        with pytest.raises((psycopg.DatabaseError, errors.DataError)):
            counter.execute("SELECT kiosk_record(%s, 3, %s)", (MINE, nothing))
    assert world.rows("SELECT count(*) FROM event WHERE terminal = '@3'") == [(1,)]


def test_another_ticket_s_step_is_not_taken_for_granted(
    world: World, counter: psycopg.Connection
) -> None:
    [(theirs,)] = world.rows("SELECT id FROM ticket WHERE branch = ?", THEIRS)
    changed = {"ticket": UUID(str(theirs)), "ticket_number": "A1002"}
    with pytest.raises(psycopg.DatabaseError, match="malformed"):
        record(counter, called(world, **changed))


def test_a_counter_reads_and_writes_nothing_else(world: World, counter: psycopg.Connection) -> None:
    for table in ("branch", "counter", "counter_state", "release", "ticket"):
        for statement in (
            f"DELETE FROM {table}",  # noqa: S608 (our own words)
            f"TRUNCATE {table}",
            f"INSERT INTO {table} DEFAULT VALUES",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                counter.execute(statement)
    for statement in (
        "SELECT FROM event",
        "INSERT INTO event DEFAULT VALUES",
        "INSERT INTO event_default DEFAULT VALUES",
        "UPDATE event SET reason = 'x'",
        "DELETE FROM event",
        "UPDATE counter_state SET state = 'open'",
        "UPDATE branch SET last_seq = 7",
        "UPDATE release SET body = ''",
        "SELECT FROM visit",
        "SELECT FROM terminal",
        "SELECT FROM hourly_figures",
        "SELECT FROM quarantine",
        "SELECT kiosk_project(NULL, '0001', '@3', 1, 1, 1)",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            counter.execute(statement)
    assert counter.execute("SELECT code FROM branch").fetchall() == [(MINE,)]
    assert counter.execute("SELECT branch, body FROM release").fetchall() == [(MINE, "{}")]


def test_what_follows_is_made_of_the_events_at_hand_alone(world: World) -> None:
    """Never of the table of all events, which grows for years."""
    [(source,)] = world.rows("SELECT prosrc FROM pg_proc WHERE proname = 'kiosk_project'")
    assert "FROM unnest(fresh) AS event" in str(source)
    assert not re.search(r"(FROM|JOIN|,)\s+event\b(?!\.)", str(source))


def test_who_is_no_enrolled_counter_sees_nothing(world: World, server: PostgresServer) -> None:
    with server.connect(str(world.branch.url.database)) as connection:
        connection.execute("SET ROLE kiosk_counter")
        for table in ("branch", "counter", "counter_state", "release", "ticket"):
            assert connection.execute(f"SELECT FROM {table}").fetchall() == []
    with connected(world, enrolled(world, MINE, 3)) as connection:
        world.change("DELETE FROM counter")
        with pytest.raises(psycopg.DatabaseError, match="not_enrolled"):
            record(connection, called(world))


def test_a_terminal_and_a_reader_are_not_held_up_by_the_rules_for_counters(
    world: World, server: PostgresServer
) -> None:
    with server.connect(str(world.branch.url.database)) as connection:
        connection.execute("SET ROLE kiosk_reader")
        assert connection.execute("SELECT count(*) FROM ticket").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (5,)


# --- enrolment ------------------------------------------------------------------------------------


def test_a_counter_is_enrolled_once(world: World) -> None:
    login = enrolled(world, MINE, 3)
    assert enrol_counter(world.branch, MINE, 3) is None
    again = enrol_counter(world.branch, MINE, 3, new_password=True)
    assert again is not None
    assert (again.name, again.password != login.password) == (login.name, True)
    with pytest.raises(KioskError, match="branch_unknown"):
        enrol_counter(world.branch, "0009", 3)


def test_an_update_of_the_branch_keeps_counters_working(
    world: World, counter: psycopg.Connection
) -> None:
    initialise(world.branch, world.config)
    assert counter.execute("SELECT branch FROM ticket").fetchall() == [(MINE,)]


def test_the_command_says_how_a_counter_comes_in(world: World, tmp_path: Path) -> None:
    file = tmp_path / "password"
    words = ["branch", "enrol-counter", "3", "--password-file", str(file)]
    settings = {
        "KIOSK_DATA_FOLDER": str(tmp_path),
        "KIOSK_BRANCH_DATABASE": world.branch.url.render_as_string(),
        "LC_ALL": "en_US.UTF-8",
    }
    done = CliRunner().invoke(app, words, env=settings)
    assert done.exit_code == ExitCode.DONE, done.output
    said, address = done.stdout.splitlines()
    assert said == "Counter 3 may work on the queue of branch 0001."
    database = Database(address.partition(": ")[2])
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT branch FROM ticket").all() == [(MINE,)]
    database.close()
    assert CliRunner().invoke(app, words, env=settings).exit_code == ExitCode.WRONG_USE


def test_a_file_has_no_logins_but_knows_its_counters(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert enrol_counter(world.branch, MINE, 3, queues="CA") is None
    query = "SELECT branch, number, queues, login FROM counter"
    assert world.rows(query) == [(MINE, 3, '["A", "C"]', None)]
    enrol_counter(world.branch, MINE, 3)
    assert world.rows(query) == [(MINE, 3, '["A", "C"]', None)]
    enrol_counter(world.branch, MINE, 3, queues="")
    assert world.rows(query) == [(MINE, 3, None, None)]
    for queues in ("a", "A,B", "A B"):
        with pytest.raises(KioskError, match="queues_invalid"):
            enrol_counter(world.branch, MINE, 3, queues=queues)
    with pytest.raises(KioskError, match="branch_unknown"):
        enrol_counter(world.branch, "0009", 3)
    world.branch.close()


def test_who_is_not_enrolled_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    for counter, code in ((3, "counter_unknown"), (None, "branch_unknown")):
        branch = MINE if counter else "0009"
        journal = DeskJournal(
            world.branch, branch, counter, world.clock, world.config.zone, "release-1"
        )
        with pytest.raises(KioskError, match=code), journal.transaction():
            pass
    world.branch.close()
