"""The lobby's call board: what it uses while nothing happens, and how soon a call is on it.

    .venv/bin/python benchmarks/call_board.py                # SQLite and PostgreSQL, two minutes
    .venv/bin/python benchmarks/call_board.py --seconds 10   # a shorter rest

A day with hundreds of tickets stands in the branch database. The floor of a look that finds nothing
is the same statement, run by the bare SQLite driver in a transaction.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from board_hall import SERVED, Hall
from outcome import Outcome, compared, report
from postgres_server import running_server
from pseudo_terminal import Terminal
from sync_world import BranchHere, PostgresBranch, SqliteBranch, World

from kiosk.clock import SystemClock
from kiosk.models.payloads import CounterOpened, TicketCalled
from kiosk.sqlite_driver import driver as sqlite

_TICKETS = 300
_CALLS = 20
_LOOKS = 300
_COMMAND = [str(Path(sys.executable).with_name("kiosk")), "board"]
_STATEMENT = """
    SELECT (SELECT last_seq FROM branch WHERE code = '0001'),
        (SELECT sum(last_seq) FROM counter WHERE branch = '0001'),
        (SELECT sum(acked_seq) FROM terminal WHERE branch = '0001'),
        (SELECT sum(epoch) FROM terminal WHERE branch = '0001'),
        (SELECT sum(version) FROM release WHERE branch = '0001')
"""


def busy_day(folder: Path, here: BranchHere) -> tuple[Hall, list[str]]:
    """A branch whose day is nearly over; returns who still waits, too."""
    world = World(folder, here)
    world.clock.time = SystemClock().now() - timedelta(hours=1)
    hall = Hall(world)
    hall.say(1, CounterOpened())
    numbers = [f"A1{number:03}" for number in range(1, _TICKETS + 1)]
    hall.issue(*numbers)
    for number in numbers[:-_CALLS]:
        hall.step(1, number, TicketCalled(), *SERVED)
    world.clock.time = SystemClock().now()
    return hall, numbers[-_CALLS:]


def looks(hall: Hall) -> Outcome:
    """A look that finds nothing new, beside the bare statement."""
    hall.view()
    bare = sqlite.connect(hall.world.branch_path, isolation_level=None)
    ours, floor = [], []
    for _ in range(_LOOKS):
        begun = time.perf_counter()
        hall.board.look()
        between = time.perf_counter()
        bare.execute("BEGIN")
        bare.execute(_STATEMENT).fetchone()
        bare.execute("ROLLBACK")
        ours.append((between - begun) * 1000)
        floor.append((time.perf_counter() - between) * 1000)
    bare.close()
    return compared("a look that finds nothing", ours, floor, "ms", 6)


def outside(form: str, hall: Hall, waiting: list[str], seconds: float) -> Iterator[Outcome]:
    """The program on a terminal: at rest, and when somebody is called."""
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "KIOSK_DATA_FOLDER": str(hall.world.folder),
        "KIOSK_BRANCH_DATABASE": hall.world.here.url,
        "KIOSK_BOARD_LANGUAGES": "en",
    }
    with Terminal(_COMMAND, environment) as ours:
        ours.wait_for("please go to counter")
        ours.settle(quiet=2.0, limit=10.0)
        spent, begun = ours.cpu_seconds(), time.perf_counter()
        while time.perf_counter() - begun < seconds:
            ours.settle(quiet=1.0, limit=1.0)
        used = (ours.cpu_seconds() - spent) / (time.perf_counter() - begun) * 100
        yield Outcome(f"{form}: at rest, of a core", used, "%", 0.6)
        yield Outcome(f"{form}: memory", ours.resident_kilobytes() / 1024, "MB", 110)
        times = []
        for number in waiting:
            hall.step(1, number, TicketCalled())
            committed = time.perf_counter()
            times.append(ours.wait_for(f"Ticket {number}") - committed)
            hall.step(1, number, *SERVED)
            ours.settle(quiet=0.11)
    yield Outcome(f"{form}: call to screen, median", statistics.median(times) * 1000, "ms", 1000)
    yield Outcome(f"{form}: call to screen, slowest", max(times) * 1000, "ms", 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30.0, help="of rest")
    seconds = parser.parse_args().seconds
    outcomes = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hall, waiting = busy_day(folder, SqliteBranch(folder))
        outcomes.append(looks(hall))
        outcomes += outside("SQLite", hall, waiting, seconds)
    with tempfile.TemporaryDirectory() as name, running_server() as server:
        folder = Path(name)
        hall, waiting = busy_day(folder, PostgresBranch(server, folder))
        outcomes += outside("PostgreSQL", hall, waiting, seconds)
        hall.board.close()
        hall.world.branch.close()
    report(outcomes)


if __name__ == "__main__":
    main()
