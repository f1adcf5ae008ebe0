"""The steps of docs/upgrade.md for a branch database on a server, with the server's own tools."""

import subprocess
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from sync_world import PostgresBranch, World, rows
from test_recovery_histories import replayed
from test_sync_renew import refused

from kiosk.db import Database
from kiosk.services.branch import check, enrol, initialise

IDS = "SELECT id FROM event ORDER BY id"


@pytest.fixture
def world(server: PostgresServer, tmp_path: Path) -> World:
    return World(tmp_path, PostgresBranch(server, tmp_path))


def test_dumped_and_restored_it_gets_back_what_its_terminals_have(
    world: World, server: PostgresServer, tmp_path: Path
) -> None:
    name, dump = str(world.branch.url.database), tmp_path / "branches.dump"
    terminal = world.terminal()
    terminal.visit("A1001")
    terminal.sync()
    run(server, "pg_dump", "--format=custom", f"--file={dump}", name)
    run(server, "pg_restore", "--list", str(dump))
    terminal.visit("A1002")
    terminal.sync()
    terminal.visit("A1003")
    world.branch.close()

    administrator = ("--dbname=postgres", "--command")
    run(server, "psql", *administrator, f"ALTER DATABASE {name} RENAME TO {name}_damaged")
    run(server, "createdb", name)
    run(server, "psql", *administrator, f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    run(server, "pg_restore", "--exit-on-error", f"--dbname={name}", str(dump))
    database = Database(world.here.url)
    initialise(database, world.config)

    assert len(world.rows(IDS)) == 5
    assert refused(terminal.sync) == "sync_branch_lost_data"
    replayed(terminal)
    assert world.rows(IDS) == rows(terminal.path, IDS)
    assert not check(database).differences
    assert enrol(database, "0001", "T2", 2), "rights and functions are there as before"
    database.close()
    terminal.store.close()


def run(server: PostgresServer, program: str, *words: str) -> None:
    reach = ("--host=127.0.0.1", f"--port={server.port}", "--username=postgres", "--no-password")
    done = subprocess.run(
        [server.programs / program, *reach, *words],
        env=server.surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
