"""What a counter's login can do on a real server: work on its own branch's queue."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer
from psycopg import errors
from sync_world import PostgresBranch, World
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.services.branch import initialise
from kiosk.services.counters import enrol_counter
from kiosk.services.journal import new_id
from kiosk.services.sync.postgres_roles import Login

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
    columns = "visit, terminal, business_date, local_hour, queue, transferable, left_out, state"
    more = "arrived_at, issued_at"
    made.change(
        f"INSERT INTO ticket (id, branch, number, {columns}, {more})"  # noqa: S608 (our own words)
        f" SELECT gen_random_uuid(), '{THEIRS}', 'A1002', {columns}, {more} FROM ticket"
    )
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


def add_event(connection: psycopg.Connection, **changed: object) -> None:
    row: dict[str, object] = {
        "branch": MINE, "business_date": "2026-11-23", "id": new_id(), "terminal": "@branch",
        "epoch": 1, "seq": 1, "occurred_at": "2026-11-23 01:30Z", "local_hour": 9,
        "monotonic_ns": 0, "boot_id": "", "kind": "ticket", "stage": "called", "counter": "3",
        "release": "", "schema_version": 1, "app_version": "", "payload": "{}",
    }  # fmt: skip
    row |= changed
    connection.execute(
        f"INSERT INTO event ({', '.join(row)})"  # noqa: S608 (our own words)
        f" VALUES ({', '.join(['%s'] * len(row))})",
        list(row.values()),
    )


def test_a_counter_sees_and_moves_the_tickets_of_its_branch(
    world: World, counter: psycopg.Connection
) -> None:
    assert counter.execute("SELECT branch, number FROM ticket").fetchall() == [(MINE, "A1001")]
    with counter.transaction():
        found = counter.execute(
            "SELECT id FROM ticket WHERE state = 'waiting' FOR UPDATE SKIP LOCKED"
        ).fetchall()
        assert len(found) == 1
        counter.execute("UPDATE ticket SET state = 'called' WHERE id = %s", found[0])
    assert world.rows("SELECT branch, state FROM ticket ORDER BY branch") == [
        (MINE, "called"), (THEIRS, "waiting"),
    ]  # fmt: skip


def test_two_counters_of_a_branch_never_take_the_same_ticket(
    world: World, counter: psycopg.Connection
) -> None:
    with connected(world, enrolled(world, MINE, 4)) as other, counter.transaction():
        counter.execute("SELECT id FROM ticket FOR UPDATE SKIP LOCKED")
        assert other.execute("SELECT id FROM ticket FOR UPDATE SKIP LOCKED").fetchall() == []


def test_a_counter_does_not_touch_another_branch_s_tickets(
    world: World, counter: psycopg.Connection
) -> None:
    changed = counter.execute("UPDATE ticket SET state = 'x' WHERE branch = %s", (THEIRS,))
    assert changed.rowcount == 0
    for statement in (
        "UPDATE ticket SET branch = '0002'",
        "UPDATE ticket SET number = 'A1999'",
        "DELETE FROM ticket",
        "TRUNCATE ticket",
        "INSERT INTO ticket (id) VALUES (gen_random_uuid())",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            counter.execute(statement)
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
        "INSERT INTO counter VALUES ('0002', 9, session_user)",
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


def test_a_counter_records_events_of_its_branch_as_itself(
    world: World, counter: psycopg.Connection
) -> None:
    add_event(counter)
    assert world.rows("SELECT terminal, counter FROM event WHERE stage = 'called'") == [
        ("@branch", "3")
    ]
    for forged in (
        {"branch": THEIRS},
        {"terminal": "T1"},
        {"counter": "4"},
        {"counter": None},
        {"kind": "diversion"},
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            add_event(counter, seq=2, **forged)
    for statement in (
        "SELECT FROM event",
        "UPDATE event SET reason = 'x'",
        "DELETE FROM event",
        "INSERT INTO event_default DEFAULT VALUES",
        "SELECT FROM visit",
        "SELECT FROM terminal",
        "SELECT FROM hourly_figures",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            counter.execute(statement)


def test_who_is_no_enrolled_counter_sees_nothing(world: World, server: PostgresServer) -> None:
    with server.connect(str(world.branch.url.database)) as connection:
        connection.execute("SET ROLE kiosk_counter")
        assert connection.execute("SELECT FROM ticket").fetchall() == []
        with pytest.raises(errors.InsufficientPrivilege):
            add_event(connection)


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


def test_a_file_has_no_logins(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(KioskError, match="counters_need_server"):
        enrol_counter(world.branch, MINE, 3)
    assert world.rows("SELECT * FROM counter") == []
