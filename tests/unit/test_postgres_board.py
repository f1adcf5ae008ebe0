"""What the login of a lobby's boards can do on a real server: read what they show."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from board_hall import Hall
from network import road_to
from postgres_server import PostgresServer
from psycopg import errors
from sync_world import PostgresBranch, World
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.models.payloads import CounterOpened, TicketCalled
from kiosk.services.boards import enrol_board
from kiosk.services.branch import initialise
from kiosk.services.releases import Name, publish
from kiosk.services.sync.postgres_roles import Login

MINE, THEIRS = "0001", "0002"


@pytest.fixture
def hall(tmp_path: Path, server: PostgresServer) -> Iterator[Hall]:
    """Two branches in one database, each with a ticket that waits."""
    world = World(tmp_path, PostgresBranch(server, tmp_path))
    made = Hall(world)
    made.issue("A1001", "A1002")
    other = world.terminal("T2", 2, branch=THEIRS)
    other.visit("A2001")
    other.sync()
    made.say(3, CounterOpened())
    made.step(3, "A1001", TicketCalled())
    settings = "[board.line]\nen = 'Mind the step'"
    publish(world.branch, None, Name.SETTINGS, settings, world.clock.now())
    publish(world.branch, None, Name.STAFF, "", world.clock.now())
    yield made
    made.board.close()
    world.branch.close()


@pytest.fixture
def login(hall: Hall) -> Login:
    made = enrol_board(hall.world.branch, MINE)
    assert made is not None
    return made


@pytest.fixture
def board(hall: Hall, login: Login) -> Iterator[psycopg.Connection]:
    """As the boards of the first branch."""
    url = hall.world.here.url_for(login).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def test_a_board_shows_all_of_it_with_its_own_login(hall: Hall, login: Login) -> None:
    owner = hall.view()
    mine = hall.open_board(hall.world.here.url_for(login))
    view = mine.look()
    assert view is not None
    assert (view.calls, view.counters, view.queues) == (owner.calls, owner.counters, owner.queues)
    assert [(each.number, each.counter) for each in view.calls] == [("A1001", 3)]
    assert view.config.board.line.en == "Mind the step"
    assert mine.look() is None
    hall.issue("A1003")
    assert mine.look() is not None
    mine.close()


def test_another_branch_is_not_there_for_it(hall: Hall, login: Login) -> None:
    theirs = hall.open_board(hall.world.here.url_for(login), branch=THEIRS)
    with pytest.raises(KioskError, match="branch_unknown"):
        theirs.look()
    theirs.close()


def test_a_board_sees_its_own_branch_only(board: psycopg.Connection) -> None:
    for table, key in (
        ("branch", "code"), ("terminal", "branch"), ("counter", "branch"),
        ("counter_state", "branch"), ("ticket", "branch"), ("release", "branch"),
    ):  # fmt: skip
        found = board.execute(f"SELECT DISTINCT {key} FROM {table}").fetchall()  # noqa: S608 (ours)
        assert found == [(MINE,)], table
    board.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege):
        board.execute("SELECT number FROM ticket")


def test_a_board_sees_no_staff_list(hall: Hall, board: psycopg.Connection) -> None:
    assert board.execute("SELECT name FROM release").fetchall() == [("settings",)]
    assert ("staff",) in hall.world.rows("SELECT name FROM release")


def test_a_board_reads_nothing_else_and_changes_nothing(board: psycopg.Connection) -> None:
    for statement in (
        "SELECT FROM event", "SELECT FROM visit", "SELECT FROM diversion", "SELECT FROM receipt",
        "SELECT FROM hourly_figures", "SELECT FROM quarantine", "SELECT FROM branch_meta",
        "SELECT visit FROM ticket", "SELECT staff FROM ticket", "SELECT * FROM ticket",
        "SELECT login FROM terminal", "SELECT login FROM counter", "SELECT time_zone FROM branch",
        "UPDATE ticket SET state = 'called'", "DELETE FROM ticket", "TRUNCATE ticket",
        "INSERT INTO counter (branch, number) VALUES ('0001', 9)",
        "UPDATE branch SET board_login = session_user", "SELECT id FROM ticket FOR UPDATE",
        "SELECT kiosk_greet('{}')", "SELECT kiosk_record('0001', 3, '[]')",
        "SET ROLE kiosk_counter", "SET ROLE kiosk_reader", "CREATE TEMP TABLE own (a int)",
        "DROP POLICY board_shows ON ticket", "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ):  # fmt: skip
        with pytest.raises(errors.InsufficientPrivilege):
            board.execute(statement)


def test_others_are_not_held_up_by_the_rules_for_boards(hall: Hall, server: PostgresServer) -> None:
    hall.terminal.visit("A1009")
    assert hall.terminal.sync().events > 0
    with server.connect(str(hall.world.branch.url.database)) as connection:
        connection.execute("SET ROLE kiosk_reader")
        assert connection.execute("SELECT count(*) FROM terminal").fetchone() == (2,)


def test_boards_are_enrolled_once_a_branch(hall: Hall, login: Login) -> None:
    assert login.name.endswith(".0001.board")
    assert enrol_board(hall.world.branch, MINE) is None
    again = enrol_board(hall.world.branch, MINE, new_password=True)
    assert again is not None
    assert (again.name, again.password != login.password) == (login.name, True)
    theirs = enrol_board(hall.world.branch, THEIRS)
    assert theirs is not None
    assert theirs.name != login.name
    with pytest.raises(KioskError, match="branch_unknown"):
        enrol_board(hall.world.branch, "0009")


def test_an_update_of_the_branch_keeps_boards_working(
    hall: Hall, board: psycopg.Connection
) -> None:
    settings = dataclasses.replace(hall.world.config.branch, code=MINE)
    initialise(hall.world.branch, dataclasses.replace(hall.world.config, branch=settings))
    assert board.execute("SELECT DISTINCT branch FROM ticket").fetchall() == [(MINE,)]


def test_the_command_says_how_boards_come_in(hall: Hall, tmp_path: Path) -> None:
    file = tmp_path / "password"
    words = ["branch", "enrol-board", "--password-file", str(file)]
    settings = {
        "KIOSK_DATA_FOLDER": str(tmp_path),
        "KIOSK_BRANCH_DATABASE": hall.world.branch.url.render_as_string(),
        "LC_ALL": "en_US.UTF-8",
    }
    done = CliRunner().invoke(app, words, env=settings)
    assert done.exit_code == ExitCode.DONE, done.output
    said, address = done.stdout.splitlines()
    assert said == "Boards may show the queue of branch 0001."
    mine = hall.open_board(address.partition(": ")[2])
    assert mine.look() is not None
    mine.close()
    assert CliRunner().invoke(app, words, env=settings).exit_code == ExitCode.WRONG_USE


def test_a_file_has_no_logins(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert enrol_board(world.branch, MINE) is None
    world.branch.close()


def test_a_server_that_goes_away_and_comes_back(hall: Hall, server: PostgresServer) -> None:
    with road_to(server.port) as road:
        url = hall.world.here.url.replace(f":{server.port}/", f":{road.port}/")
        board = hall.open_board(url)
        assert board.look() is not None
        road.break_after("there", 0)
        for _ in range(3):
            with pytest.raises(KioskError, match="database_unreachable"):
                board.look()
        hall.issue("A1005")
        road.mend()
        view = board.look()
        assert view is not None
        assert [queue.waiting for queue in view.queues] == [2]
        board.close()
