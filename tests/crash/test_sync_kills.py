"""kill -9 at every step and at random moments: nothing promised is lost, nothing counted twice."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import pytest
from forked import run_forked
from postgres_server import PostgresServer
from sync_driver import ON_A_SERVER, STEPS
from sync_world import PostgresBranch, World, assert_consistent, rows

from kiosk.clock import SystemClock
from kiosk.config import Config, branch_settings_beside
from kiosk.db import Database
from kiosk.services.branch import check, enrol, initialise
from kiosk.services.releases import Name, publish

RANDOM_KILLS = 40
SETTINGS = "branch.counters = 5\n"


@cache
def prepared() -> Path:
    """A branch database in which T1 is enrolled, and T1's empty store."""
    folder = Path(tempfile.mkdtemp())
    with opened(folder / "branch.db", create=True) as branch:
        initialise(branch, Config(data_folder=folder))
        enrol(branch, "0001", "T1", 1)
        publish(branch, None, Name.SETTINGS, SETTINGS, SystemClock().now())
    with opened(folder / "terminal-T1.db", create=True) as store:
        store.migrate()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(prepared(), tmp_path / "data")


@contextmanager
def opened(path: Path, *, create: bool = False) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}", create=create)
    try:
        yield database
    finally:
        database.close()


def run(folder: Path, *command: str, driver: str = "sync_driver", branch: str = "") -> list[str]:
    """The tickets that were promised until the kills."""
    return run_forked(driver, folder, command, BRANCH_DATABASE=branch).split()


def assert_whole(folder: Path, promised: list[str]) -> None:
    """Read past the program, in a process that holds neither file open."""
    with closing(sqlite3.connect(folder / "terminal-T1.db")) as here:
        here.execute("ATTACH ? AS branch", (str(folder / "branch.db"),))
        assert here.execute("PRAGMA main.integrity_check").fetchall() == [("ok",)]
        assert here.execute("PRAGMA branch.integrity_check").fetchall() == [("ok",)]
        events = here.execute("SELECT seq, id, lower(ticket) FROM event ORDER BY seq").fetchall()
        there = here.execute(
            "SELECT seq, id, lower(ticket) FROM branch.event ORDER BY seq"
        ).fetchall()
        receipts = here.execute(
            "SELECT from_seq, to_seq, events, inserted FROM branch.receipt ORDER BY number"
        ).fetchall()
        marks = here.execute("SELECT acked_seq, batch_number, chain FROM watermark").fetchall()
        known = here.execute(
            "SELECT acked_seq, batch_number, chain FROM branch.terminal"
        ).fetchall()
        assert here.execute("SELECT count(*) FROM branch.quarantine").fetchone() == (0,)
    kept = {ticket for _, _, ticket in events if ticket}
    assert len(promised) == len(set(promised))
    assert set(promised) <= kept, "a promised event is lost"
    assert [seq for seq, *_ in events] == list(range(1, len(events) + 1))
    assert there == events
    assert marks == known
    ends = [0, *(last for _, last, _, _ in receipts)]
    assert [first - 1 for first, *_ in receipts] == ends[:-1]
    assert all(last - first + 1 == n == new for first, last, n, new in receipts)
    assert ends[-1] == len(events)


def assert_figures(folder: Path) -> None:
    """What both sides kept is what their events say."""
    for name in ("branch.db", "terminal-T1.db"):
        with opened(folder / name) as database:
            found = check(database)
        assert not found.faults
        assert not found.differences


def assert_followed(store: Path) -> None:
    """The last good release is in use, and the file is its copy."""
    with closing(sqlite3.connect(store)) as here:
        assert here.execute("SELECT body FROM release WHERE name = 'settings'").fetchall() == [
            (SETTINGS,)
        ]
    assert branch_settings_beside(store).read_text(encoding="utf-8") == SETTINGS


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step(folder: Path, step: str) -> None:
    promised = run(folder, "step", step)
    assert promised
    assert_whole(folder, promised)
    assert_followed(folder / "terminal-T1.db")


@pytest.mark.parametrize("step", ON_A_SERVER)
def test_killed_at_a_step_before_a_server(
    tmp_path: Path, server: PostgresServer, step: str
) -> None:
    world = World(tmp_path, PostgresBranch(server, tmp_path))
    publish(world.branch, None, Name.SETTINGS, SETTINGS, world.clock.now())
    terminal = world.terminal()
    terminal.store.close()
    promised = run(tmp_path, "step", step, branch=terminal.branch_url)
    kept = {ticket for (ticket,) in rows(terminal.path, "SELECT lower(ticket) FROM event")}
    assert promised
    assert set(promised) <= kept
    assert_consistent(world, terminal)
    assert_followed(terminal.path)
    assert not check(world.branch).differences
    world.branch.close()


def test_killed_at_random_moments(folder: Path) -> None:
    promised = run(folder, "storm", str(RANDOM_KILLS), "7")
    assert len(promised) > RANDOM_KILLS
    assert_whole(folder, promised)
    assert_figures(folder)
