"""A disk that is full: the terminal drops its ballast, goes on and synchronises."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_disk import SmallDisk
from sync_world import TerminalHere, World, rows

from kiosk.errors import KioskError
from kiosk.services import ballast
from kiosk.services.ballast import (
    ballast_path,
    drop_ballast,
    has_ballast,
    keep_ballast,
    relieved,
)
from kiosk.services.doctor import State, check_ballast

BALLAST = 8 << 20
"""The write-ahead log alone grows to four."""


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    monkeypatch.setattr(ballast, "BALLAST_BYTES", BALLAST)
    monkeypatch.setattr(ballast, "_ROOM", 1)
    with SmallDisk() as made:
        yield made


@pytest.fixture
def terminal(disk: SmallDisk, tmp_path: Path) -> TerminalHere:
    """On the small disk; its branch is on another."""
    made = World(tmp_path).terminal()
    made.visit()
    here = made.copy(disk.folder / "data")
    made.store.close()
    assert keep_ballast(here.path)
    return here


def repeat(visit: Callable[[], object]) -> None:
    for _ in range(1000):
        visit()


def until_it_is_full(visit: Callable[[], object]) -> None:
    with pytest.raises(KioskError, match="disk_full"):
        repeat(visit)


def test_the_terminal_goes_on_and_synchronises(
    terminal: TerminalHere, disk: SmallDisk, caplog: pytest.LogCaptureFixture
) -> None:
    visits = 0

    def visit() -> None:
        nonlocal visits
        terminal.visit()
        visits += 1

    disk.fill()
    until_it_is_full(visit)
    assert has_ballast(terminal.path), "nobody dropped it"
    for _ in range(20):
        relieved(terminal.path, visit)
    assert not has_ballast(terminal.path)
    assert "ballast" in caplog.text
    assert check_ballast(terminal.path).state is State.WARNING
    assert not keep_ballast(terminal.path), "there is no room yet"
    terminal.sync(batch_size=5)
    ((count,),) = rows(terminal.path, "SELECT count(*) FROM event")
    assert count == rows(terminal.path, "SELECT acked_seq FROM watermark")[0][0]
    assert isinstance(count, int)
    assert count >= 4 * (visits + 1)


def test_a_synchronisation_drops_it_itself(terminal: TerminalHere, disk: SmallDisk) -> None:
    disk.fill()
    until_it_is_full(terminal.visit)
    assert terminal.sync().events >= 4
    assert not has_ballast(terminal.path)


def test_it_is_made_again_when_there_is_room(terminal: TerminalHere, disk: SmallDisk) -> None:
    filler = disk.fill()
    assert drop_ballast(terminal.path)
    assert not drop_ballast(terminal.path), "there is only one"
    filler.unlink()
    assert keep_ballast(terminal.path)
    assert check_ballast(terminal.path).state is State.OK


def test_its_blocks_are_real(terminal: TerminalHere) -> None:
    assert ballast_path(terminal.path).stat().st_blocks * 512 >= BALLAST


def test_a_half_made_one_is_completed(terminal: TerminalHere) -> None:
    os.truncate(ballast_path(terminal.path), 100)
    assert not has_ballast(terminal.path)
    assert keep_ballast(terminal.path)
    assert has_ballast(terminal.path)


def test_another_full_disk_leaves_it_alone(terminal: TerminalHere, tmp_path: Path) -> None:
    other = tmp_path / "branch.db"
    for database, code in ((other, "disk_full"), (terminal.path, "database_busy")):

        def act(database: Path = database, code: str = code) -> None:
            raise KioskError(code, database=str(database))

        with pytest.raises(KioskError):
            relieved(terminal.path, act)
        assert has_ballast(terminal.path)


def test_a_folder_without_rights_is_no_reason_to_stop(tmp_path: Path) -> None:
    assert not keep_ballast(tmp_path / "no such folder" / "store.db")


def test_first_start_makes_it_of_16_mb(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; import sys; from kiosk.bootstrap import build;"
        "from kiosk.config import Config; build(Config(data_folder=Path(sys.argv[1]))).close()"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, timeout=60)
    assert (tmp_path / "terminal-T1.db.ballast").stat().st_size == 16 << 20
