"""Commands on a machine whose branch database is on a server: as a terminal, and as a reader."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from sync_world import PostgresBranch, TerminalHere, World, add_raw_event
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.clock import SystemClock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.services.doctor import Finding, State, check_branch_database
from kiosk.services.releases import Name, publish
from kiosk.services.sync.postgres_roles import Login


@pytest.fixture
def world(tmp_path: Path, server: PostgresServer) -> Iterator[World]:
    made = World(tmp_path, PostgresBranch(server, tmp_path), is_now=True)
    yield made
    made.branch.close()


def examined(terminal: TerminalHere) -> Finding:
    config = replace(terminal.config, branch_database=terminal.branch_url)
    return check_branch_database(config, SystemClock())


def kiosk(world: World, url: str, *words: str) -> Result:
    settings = {
        "KIOSK_DATA_FOLDER": str(world.folder), "KIOSK_BRANCH_DATABASE": url, "LC_ALL": "en",
    }  # fmt: skip
    return CliRunner().invoke(app, words, env=settings, prog_name="kiosk")


def test_doctor_greets_the_branch_as_the_terminal(terminal: TerminalHere) -> None:
    found = examined(terminal)
    assert (found.state, found.code) == (State.OK, "branch_good")


def test_doctor_names_what_the_branch_refuses(world: World, terminal: TerminalHere) -> None:
    world.change("UPDATE terminal SET digit = 7")
    found = examined(terminal)
    assert (found.state, found.code) == (State.FAULT, "sync_digit_differs")


def test_doctor_sees_the_quarantine(terminal: TerminalHere) -> None:
    terminal.visit()
    add_raw_event(terminal.path, kind="weather")
    terminal.sync()
    found = examined(terminal)
    assert (found.state, found.code, found.params["count"]) == (
        State.WARNING, "branch_quarantine", 1,
    )  # fmt: skip


def test_doctor_before_the_first_start(terminal: TerminalHere) -> None:
    terminal.store.close()
    terminal.path.unlink()
    found = examined(terminal)
    assert (found.state, found.code) == (State.WARNING, "branch_not_asked")


def test_a_terminal_s_login_reads_no_figures_and_is_told_how_to(
    world: World, terminal: TerminalHere
) -> None:
    terminal.visit()
    terminal.sync()
    refused = kiosk(world, terminal.branch_url, "report", "today")
    assert refused.exit_code == ExitCode.NEEDS_A_PERSON
    assert "kiosk report today --store" in refused.output
    assert "Visits: 1" in kiosk(world, terminal.branch_url, "report", "today", "--store").output


def test_a_reader_sees_the_figures(
    world: World, terminal: TerminalHere, server: PostgresServer
) -> None:
    terminal.visit()
    terminal.sync()
    with server.connect("postgres") as connection:
        connection.execute("CREATE ROLE figures LOGIN PASSWORD 'secret' IN ROLE kiosk_reader")
        connection.execute(f"GRANT CONNECT ON DATABASE {world.branch.url.database} TO figures")
    login = Login("figures", "secret")
    url = world.here.url_for(login)
    assert "Visits: 1" in kiosk(world, url, "report", "today").output
    publish(world.branch, None, Name.STAFF, "", world.clock.now())
    assert "Staff roster: version 1" in kiosk(world, url, "branch", "releases").output
    with (
        closing(Database(url)) as database,
        pytest.raises(KioskError, match="database_forbidden"),
        database.read() as connection,
    ):
        connection.exec_driver_sql("SELECT body FROM release")
