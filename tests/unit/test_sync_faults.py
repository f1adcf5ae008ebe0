"""Disks that are full or read-only, files that are damaged, newer or away: nothing is lost."""

import os
import shutil
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool
from sync_world import TerminalHere, World, assert_consistent, change, rows

from kiosk import db
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.sentences import sentence
from kiosk.services.branch import check
from kiosk.services.sync.receive import DirectBranch

NOBODY = 65534


@contextmanager
def on_connect(path: Path, pragma: str) -> Iterator[None]:
    """Say a pragma on every new connection to one file: the engine's own limits, not ours."""

    def limit(connection: Any, _: object) -> None:
        if connection.execute("PRAGMA database_list").fetchone()[2] == str(path):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(Pool, "connect", limit)
    try:
        yield
    finally:
        event.remove(Pool, "connect", limit)


@contextmanager
def full(path: Path) -> Iterator[None]:
    """A disk on which the file can't grow."""
    ((pages,),) = rows(path, "PRAGMA page_count")
    with on_connect(path, f"max_page_count={pages}"):
        yield


def stopped(act: Callable[[], object], code: str, exits: ExitCode) -> None:
    """It ends with this code, a whole sentence and this exit code."""
    with pytest.raises(KioskError) as caught:
        act()
    assert caught.value.code == code
    assert "{" not in sentence(caught.value)
    assert exit_code(caught.value) == exits


def until_it_stops(act: Callable[[], object]) -> None:
    for _ in range(500):
        act()


def test_branch_disk_full(world: World, terminal: TerminalHere) -> None:
    for _ in range(30):
        terminal.visit()
    with full(world.branch_path):
        stopped(terminal.sync, "disk_full", ExitCode.NEEDS_A_PERSON)
        assert_consistent(world, terminal, drained=False)
        assert rows(terminal.path, "SELECT last_error FROM watermark") == [("disk_full",)]
    assert terminal.sync().events == 120
    assert_consistent(world, terminal)


def test_branch_disk_full_half_way(world: World, terminal: TerminalHere) -> None:
    for _ in range(30):
        terminal.visit()
    ((pages,),) = rows(world.branch_path, "PRAGMA page_count")
    with on_connect(world.branch_path, f"max_page_count={int(str(pages)) + 4}"):
        stopped(lambda: terminal.sync(batch_size=10), "disk_full", ExitCode.NEEDS_A_PERSON)
    assert rows(world.branch_path, "SELECT count(*) > 0 FROM receipt") == [(1,)]
    assert_consistent(world, terminal, drained=False)
    terminal.sync()
    assert_consistent(world, terminal)
    assert not check(world.branch).differences


def test_stores_disk_full(world: World, terminal: TerminalHere) -> None:
    for _ in range(30):
        terminal.visit()
    terminal.store.close()
    change(terminal.path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with full(terminal.path):
        stopped(lambda: until_it_stops(terminal.visit), "disk_full", ExitCode.NEEDS_A_PERSON)
        # the ledger may find room in its last page for some batches
        stopped(lambda: terminal.sync(batch_size=1), "disk_full", ExitCode.NEEDS_A_PERSON)
        assert_consistent(world, terminal, drained=False)
    terminal.store.close()
    terminal.sync()
    assert_consistent(world, terminal)


def test_branch_read_only(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    with on_connect(world.branch_path, "query_only=ON"):
        stopped(terminal.sync, "database_read_only", ExitCode.NEEDS_A_PERSON)
    terminal.sync()
    assert_consistent(world, terminal)


def test_store_read_only(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.store.close()
    with on_connect(terminal.path, "query_only=ON"):
        stopped(terminal.sync, "database_read_only", ExitCode.NEEDS_A_PERSON)
    terminal.store.close()
    assert rows(world.branch_path, "SELECT count(*) FROM event") == [(0,)]
    terminal.sync()
    assert_consistent(world, terminal)


def as_somebody_without_rights(act: Callable[[], None]) -> str:
    """Run in a child that may not write what root wrote; returns what went wrong there."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the other threads are the runner's
        child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(NOBODY)
            act()
        except BaseException:
            os.write(writing, traceback.format_exc().encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        text = said.read()
    os.waitpid(child, 0)
    return text


def test_branch_file_without_write_permission() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        world = World(folder)
        world.branch.close()
        world.branch_path.chmod(0o444)
        folder.chmod(0o555)

        def act() -> None:
            def greet() -> None:
                side = DirectBranch(world.config.branch_database_url, world.clock)
                with side._database.write():
                    pass

            with pytest.raises(KioskError) as caught:
                greet()
            assert caught.value.code in {"database_read_only", "database_unreachable"}

        assert as_somebody_without_rights(act) == ""
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_missing_branch_file_is_not_made(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    world.branch.close()
    world.branch_path.rename(world.folder / "away.db")
    stopped(terminal.sync, "database_missing", ExitCode.WRONG_USE)
    assert not world.branch_path.exists()
    (world.folder / "away.db").rename(world.branch_path)
    terminal.sync()
    assert_consistent(world, terminal)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nonsense", "database_url_invalid"),
        ("sqlite://", "database_url_invalid"),
        ("nosuchengine://host/db", "database_url_invalid"),
    ],
)
def test_wrong_url(terminal: TerminalHere, url: str, code: str) -> None:
    terminal.visit()
    terminal.branch_url = url
    stopped(terminal.sync, code, ExitCode.WRONG_USE)


def test_branch_path_is_a_folder(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.branch_url = f"sqlite:///{world.folder}"
    stopped(terminal.sync, "database_unreachable", ExitCode.TRY_AGAIN)


def test_branch_file_is_something_else(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    letter = world.folder / "letter.txt"
    letter.write_text("Dear customer, " * 100)
    terminal.branch_url = f"sqlite:///{letter}"
    stopped(terminal.sync, "database_damaged", ExitCode.NEEDS_A_PERSON)
    assert letter.read_text().startswith("Dear customer, ")


def test_branch_file_is_empty(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    (world.folder / "empty.db").touch()
    terminal.branch_url = f"sqlite:///{world.folder / 'empty.db'}"
    stopped(terminal.sync, "schema_missing", ExitCode.NEEDS_A_PERSON)


def test_branch_of_a_newer_program(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    change(world.branch_path, "UPDATE alembic_version SET version_num = '9999'")
    stopped(terminal.sync, "schema_newer", ExitCode.NEEDS_A_PERSON)
    change(world.branch_path, "UPDATE alembic_version SET version_num = '0001'")
    terminal.sync()
    assert_consistent(world, terminal)


def damage(path: Path) -> None:
    """Overwrite every page but the first."""
    change(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def test_damaged_branch(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    world.branch.close()
    saved = world.branch_path.read_bytes()
    damage(world.branch_path)
    stopped(terminal.sync, "database_damaged", ExitCode.NEEDS_A_PERSON)
    world.branch_path.write_bytes(saved)
    terminal.sync()
    assert_consistent(world, terminal)


def test_damaged_store(world: World, terminal: TerminalHere) -> None:
    terminal.visit()
    terminal.store.close()
    damage(terminal.path)
    stopped(terminal.sync, "store_damaged", ExitCode.NEEDS_A_PERSON)
    assert rows(world.branch_path, "SELECT count(*) FROM event") == [(0,)]


def test_busy_branch_is_tried_again_later(
    world: World, terminal: TerminalHere, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.visit()
    monkeypatch.setattr(db, "_PRAGMAS", (*db._PRAGMAS, "busy_timeout=50"))
    with world.branch.write():
        stopped(terminal.sync, "database_busy", ExitCode.TRY_AGAIN)
    terminal.sync()
    assert_consistent(world, terminal)


def test_check_finds_damage(world: World, terminal: TerminalHere) -> None:
    for _ in range(20):
        terminal.visit()
    terminal.store.close()
    change(terminal.path, "PRAGMA wal_checkpoint(TRUNCATE)")
    with terminal.path.open("r+b") as file:
        file.seek(terminal.path.stat().st_size - 4096)
        file.write(b"\xa5" * 4096)
    database = Database(f"sqlite:///{terminal.path}")
    stopped(lambda: check(database), "database_damaged", ExitCode.NEEDS_A_PERSON)
    database.close()
