"""The terminal brings its events to the branch by itself, and leaves nothing behind."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import rows
from terminal import DEADLINE, TERMINATE, Terminal
from way import reach_attract, reach_home, stages

from kiosk.config import Config

ON = {"KIOSK_SYNC_IN_BACKGROUND": "true", "KIOSK_SYNC_EVERY": "5"}


def beside(terminal: Terminal) -> list[int]:
    """The processes that the program has started."""
    listed = Path(f"/proc/{terminal.process.pid}/task").glob("*/children")
    return [int(pid) for children in listed for pid in children.read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def log(data: Path) -> str:
    path = Config(data_folder=data).log_path
    return path.read_text(encoding="utf-8") if path.exists() else ""


def received(data: Path) -> list[str]:
    found = rows(data / "branch.db", "SELECT kind || '.' || stage FROM event ORDER BY seq")
    return [str(stage) for (stage,) in found]


def test_a_ticket_is_at_the_branch_long_before_the_next_round(tmp_path: Path) -> None:
    hourly = ON | {"KIOSK_SYNC_EVERY": "3600"}
    with Terminal(tmp_path, environment=hourly) as terminal:
        reach_home(terminal)
        terminal.wait(lambda: bool(beside(terminal)), "second process")
        terminal.wait(lambda: "kiosk.sync" in log(tmp_path), "line of the second process")
        terminal.send(b"0")
        terminal.wait(lambda: "ticket.issued" in received(tmp_path), "ticket at the branch")


def test_events_arrive_without_anybody_s_help(tmp_path: Path) -> None:
    with Terminal(tmp_path, environment=ON) as terminal:
        reach_home(terminal)
        terminal.wait(lambda: bool(beside(terminal)), "second process")
        terminal.wait(lambda: "visit.started" in received(tmp_path), "event at the branch")
        [child] = beside(terminal)
        [(up, free)] = rows(tmp_path / "branch.db", "SELECT up_seconds, free_mb FROM terminal")
        assert 0 <= int(str(up)) < DEADLINE
        assert int(str(free)) > 0
        assert "kiosk.sync" in log(tmp_path)
        # what it says is for the log, never for the customer
        assert log(tmp_path).splitlines()[0].split(": ", 1)[1] not in terminal.text
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
        assert not is_alive(child)
        terminal.assert_restored()
    assert stages(tmp_path) == ["visit.started", "visit.ended"]


@pytest.mark.parametrize("end", ["kill", "hang up"])
def test_it_goes_however_the_terminal_goes(end: str, tmp_path: Path) -> None:
    with Terminal(tmp_path, environment=ON) as terminal:
        reach_attract(terminal)
        terminal.wait(lambda: bool(log(tmp_path)), "line of the second process")
        [child] = beside(terminal)
        assert is_alive(child)
        if end == "kill":
            terminal.kill()
        else:
            terminal.hang_up()
        until(lambda: not is_alive(child))


def test_one_that_is_killed_comes_back(tmp_path: Path) -> None:
    with Terminal(tmp_path, environment=ON) as terminal:
        reach_attract(terminal)
        terminal.wait(lambda: bool(log(tmp_path)), "line of the second process")
        [first] = beside(terminal)
        os.kill(first, signal.SIGKILL)
        terminal.wait(lambda: beside(terminal) not in ([], [first]), "another second process")
        assert "ended (-9)" in log(tmp_path)


def test_without_it_there_is_one_process(tmp_path: Path) -> None:
    with Terminal(tmp_path, environment={"KIOSK_SYNC_IN_BACKGROUND": "false"}) as terminal:
        reach_home(terminal)
        terminal.until_silent(1.0)
        assert beside(terminal) == []
