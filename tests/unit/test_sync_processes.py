"""`kiosk sync` as branch IT has it: real processes, real signals, a real notification socket."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sync_world import TerminalHere, World, rows

from kiosk.exit_codes import ExitCode
from kiosk.sqlite_driver import driver as sqlite

DEADLINE = 40.0
"""Seconds until something that never comes is a failure; machines may be busy."""
AT_ONCE = 4.0
"""Seconds: less than SQLite waits for a lock; much for a process to end, on a busy machine."""


@pytest.fixture
def terminal(tmp_path: Path) -> TerminalHere:
    world = World(tmp_path)
    terminal = world.terminal()
    terminal.visit("A1001")
    terminal.store.close()
    world.branch.close()
    return terminal


def kiosk(terminal: TerminalHere, *words: str, **environment: str) -> "subprocess.Popen[str]":
    own = {
        "KIOSK_DATA_FOLDER": str(terminal.config.data_folder),
        "KIOSK_SYNC_EVERY": "5",
        "LC_ALL": "en_US.UTF-8",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "kiosk", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | own | environment,
    )


@contextmanager
def branch_held(terminal: TerminalHere) -> Iterator[None]:
    """Another program writes into the branch database: a run waits within the SQLite library."""
    holder = sqlite.connect(terminal.config.data_folder / "branch.db")
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.rollback()
        holder.close()


def wait_until_at_work(terminal: TerminalHere) -> None:
    """Until a run holds the store's lock; trying to take it would be in the run's way."""
    path = terminal.path.with_name(f"{terminal.path.name}.sync-lock")
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        held = Path("/proc/locks").read_text(encoding="ascii")
        if path.exists() and f":{path.stat().st_ino} " in held:
            return
        time.sleep(0.01)
    raise AssertionError("no run took the lock")


def received(terminal: TerminalHere) -> int:
    [(count,)] = rows(terminal.config.data_folder / "branch.db", "SELECT count(*) FROM event")
    assert isinstance(count, int)
    return count


def test_two_at_once_the_second_says_so_and_leaves(terminal: TerminalHere) -> None:
    with branch_held(terminal):
        first = kiosk(terminal, "sync")
        wait_until_at_work(terminal)
        first.send_signal(signal.SIGSTOP)  # SQLite would give up waiting for the branch
        second = kiosk(terminal, "sync")
        _, told = second.communicate(timeout=DEADLINE)
    first.send_signal(signal.SIGCONT)
    assert second.returncode == ExitCode.TRY_AGAIN
    assert told.startswith("Another synchronisation of")
    done, _ = first.communicate(timeout=DEADLINE)
    assert (first.returncode, done) == (0, "5 events brought to the branch; nothing is waiting.\n")
    assert received(terminal) == 5


@pytest.mark.parametrize(
    ("ask", "exits"),
    [(signal.SIGTERM, 0), (signal.SIGINT, 130), ("end of input", 0)],
    ids=str,
)
def test_a_service_leaves_at_once_even_in_the_midst_of_a_round(
    terminal: TerminalHere, ask: signal.Signals | str, exits: int
) -> None:
    with branch_held(terminal):
        service = kiosk(terminal, "sync", "--watch", "--until-eof")
        wait_until_at_work(terminal)
        asked = time.monotonic()
        if isinstance(ask, signal.Signals):
            service.send_signal(ask)
        elif service.stdin is not None:
            service.stdin.close()
        assert service.wait(DEADLINE) == exits
        assert time.monotonic() - asked < AT_ONCE
    with service:
        told = service.stderr.read() if service.stderr else ""
    assert "Traceback" not in told
    assert "database_busy" not in told, "it waited until SQLite gave up"
    assert received(terminal) == 0
    done = kiosk(terminal, "sync")
    assert done.communicate(timeout=DEADLINE)[0].startswith("5 events brought")


def test_a_service_tells_systemd_how_it_goes(terminal: TerminalHere) -> None:
    figures = terminal.config.data_folder / "kiosk.prom"
    address = f"\0kiosk-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(address)
        ear.settimeout(DEADLINE)
        service = kiosk(
            terminal, "sync", "--watch",
            NOTIFY_SOCKET="@" + address[1:],
            WATCHDOG_USEC="500000",
            KIOSK_SYNC_TEXTFILE=str(figures),
        )  # fmt: skip
        heard = [ear.recv(4096).decode()]
        while "brought to the branch" not in heard[-1]:
            heard.append(ear.recv(4096).decode())
        # the file is written behind the status
        while not figures.exists():
            heard.append(ear.recv(4096).decode())
        service.terminate()
        assert service.wait(DEADLINE) == 0
        while heard[-1] != "STOPPING=1":
            heard.append(ear.recv(4096).decode())
    assert heard[0] == "READY=1"
    assert heard[1].startswith("STATUS=2")
    assert heard.count("WATCHDOG=1") >= 2
    assert received(terminal) == 5
    assert 'kiosk_sync_waiting_events{branch="0001",terminal="T1"} 0' in figures.read_text()
    with service:
        _, told = service.stdout, service.stderr
        assert told is not None
        assert len(told.read().splitlines()) == 2


HANGS = """
import threading
from kiosk import sync_watch
sync_watch._HANG_SECONDS = 0.2
secret = "13800138000"
def hang(step):
    step(1, 2)
    threading.Event().wait()
sync_watch._bounded(hang)(lambda done, total: print("a step", flush=True))
"""


def test_a_round_that_hangs_ends_the_process_and_says_where() -> None:
    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == "a step\n"
    assert "in hang" in done.stderr
    assert "13800138000" not in done.stderr


def test_a_watch_does_not_go_with_an_answer(terminal: TerminalHere) -> None:
    for other in ("--status", "--json"):
        refused = kiosk(terminal, "sync", "--watch", other)
        _, told = refused.communicate(timeout=DEADLINE)
        assert refused.returncode == ExitCode.WRONG_USE
        assert f"--watch does not go together with {other}." in told
