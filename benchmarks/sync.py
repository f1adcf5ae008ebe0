"""Pushing a backlog: events a second and peak memory, beside the engine's own bulk load.

    .venv/bin/python benchmarks/sync.py                       # 100,000 events, both engines
    .venv/bin/python benchmarks/sync.py --events 1000000
    .venv/bin/python benchmarks/sync.py postgresql --events 10000 100000

The push is a process of its own, as `kiosk sync` is; its memory is what the system says at its end.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from outcome import Outcome, report
from postgres_server import PostgresServer, running_server

from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.models import Event
from kiosk.models.payloads import (
    DiversionAccepted,
    DiversionCompleted,
    DiversionOffered,
    IntentStated,
    TicketIssued,
    VisitEnded,
    VisitStarted,
    WaitShown,
)
from kiosk.models.tables import table_of
from kiosk.services.branch import enrol, initialise, prepare_store
from kiosk.services.journal import Fact, Journal, new_id
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach
from kiosk.sqlite_driver import driver as sqlite

LEAST_OF_FLOOR = {"postgresql": 0.22, "sqlite": 0.5}
MOST_MEMORY_MB = 80
_COLUMNS = table_of(Event).columns.keys()
_WAIT = WaitShown(ahead=2, low=5, high=10)
_OPENING_HOURS = 8


class Days:
    """A clock on which every visit begins a little later, through the hours of many days."""

    def __init__(self) -> None:
        self._moment = datetime(2026, 1, 5, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._moment

    def monotonic_ns(self) -> int:
        return 0

    @property
    def boot_id(self) -> str:
        return "boot"

    def next_visit(self) -> None:
        self._moment += timedelta(minutes=8)
        if self._moment.hour > _OPENING_HOURS:
            self._moment += timedelta(hours=24 - _OPENING_HOURS)


def fill(settings: Config, events: int) -> None:
    """A store with as many events as a busy terminal writes in some months."""
    store = Database(f"sqlite:///{settings.store_path}", create=True)
    clock = Days()
    journal = Journal(store, prepare_store(store, settings), clock, settings.zone, "release-1")
    facts: list[Fact] = []
    for number in range(1, events // 6 + 1):
        facts += _visit(number, clock.now())
        if len(facts) >= 3000:
            journal.record(*facts)
            facts = []
        clock.next_visit()
    journal.record(*facts)
    store.close()


def _visit(number: int, now: datetime) -> list[Fact]:
    visit, offer = new_id(), new_id()
    route: dict[str, Any] = {
        "service": "same_bank_transfer",
        "channel": "mobile",
        "offer": offer,
        "visit": visit,
    }
    end: list[Fact]
    if number % 3:
        end = [Fact(DiversionCompleted(), evidence="customer_said", **route)]
    else:
        end = [
            Fact(
                TicketIssued(wait=_WAIT), visit=visit, ticket=new_id(), queue="A",
                ticket_number=f"A{number:06}", service="cash_withdrawal", transferable=True,
                arrived_at=now,
            )
        ]  # fmt: skip
    return [
        Fact(VisitStarted(), visit=visit, language="zh_CN", arrived_at=now),
        Fact(IntentStated(), visit=visit, service="same_bank_transfer"),
        Fact(DiversionOffered(answers={}, wait=_WAIT), **route),
        Fact(DiversionAccepted(), **route),
        *end,
        Fact(VisitEnded(), visit=visit, language="zh_CN", reason="finished"),
    ]


def push(settings: Config, url: str) -> tuple[float, float]:
    """What `kiosk sync` does, started afresh so that nothing of this process counts."""
    start = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, __file__, "--push", str(settings.data_folder), url],
        os.environ,
    )
    _, status, usage = os.wait4(child, 0)
    assert status == 0
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def _push(folder: str, url: str) -> None:
    settings = Config(data_folder=Path(folder))
    store = Database(f"sqlite:///{settings.store_path}")
    clock = SystemClock()
    synchronise(store, prepare_store(store, settings), lambda: reach(url, clock), clock)
    store.close()


def _rows(store: Path) -> Iterator[tuple[object, ...]]:
    with closing(sqlite.connect(store)) as connection:
        yield from connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM event ORDER BY seq")  # noqa: S608


def on_sqlite(settings: Config, folder: Path) -> tuple[float, float, float]:
    """Seconds of the push, its memory, and seconds of `executemany` into the same table."""
    times = []
    for name in ("branch.db", "floor.db"):
        database = Database(f"sqlite:///{folder / name}", create=True)
        initialise(database, settings)
        enrol(database, settings.branch.code, settings.terminal.code, settings.terminal.digit)
        database.close()
    seconds, memory = push(settings, f"sqlite:///{folder / 'branch.db'}")
    times.append(seconds)
    with closing(sqlite.connect(folder / "floor.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        marks = ",".join("?" * len(_COLUMNS))
        insert = f"INSERT OR IGNORE INTO event ({','.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608
        start = time.perf_counter()
        rows = _rows(settings.store_path)
        while some := list(islice(rows, 1000)):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insert, some)
            connection.execute("COMMIT")
        floor = time.perf_counter() - start
    return seconds, memory, floor


def on_postgresql(
    settings: Config, folder: Path, server: PostgresServer
) -> tuple[float, float, float]:
    """Seconds of the push, its memory, and seconds of one COPY into the same table."""
    for name in ("branch", "floor"):
        with server.connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name}")
            connection.execute(f"CREATE DATABASE {name}")
        database = Database(server.url(name))
        initialise(database, settings)
        login = enrol(
            database, settings.branch.code, settings.terminal.code, settings.terminal.digit,
            new_password=True,
        )  # fmt: skip
        database.close()
        if name == "branch" and login is not None:
            passfile = folder / "passfile"
            passfile.touch(mode=0o600)
            passfile.write_text(f"*:*:*:*:{login.password}\n")
            url = server.url(name, login.name) + f"?passfile={passfile}"
    seconds, memory = push(settings, url)
    with server.connect("floor") as connection, connection.cursor() as cursor:
        start = time.perf_counter()
        with cursor.copy(f"COPY event ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in _rows(settings.store_path):
                copy.write_row(row)
        floor = time.perf_counter() - start
    return seconds, memory, floor


def measure(engine: str, events: int, folder: Path, server: PostgresServer) -> list[Outcome]:
    """One line for the rate and one for the memory."""
    settings = Config(data_folder=folder)
    fill(settings, events)
    count = sum(1 for _ in _rows(settings.store_path))
    if engine == "sqlite":
        seconds, memory, floor = on_sqlite(settings, folder)
    else:
        seconds, memory, floor = on_postgresql(settings, folder, server)
    rate = Outcome(
        f"{engine}, {count:,} events: thousands a second", count / seconds / 1000, "k/s",
        LEAST_OF_FLOOR[engine], count / floor / 1000, floor / seconds,
        goal_is_ratio=True, more_is_better=True,
    )  # fmt: skip
    return [rate, Outcome(f"{engine}, {count:,} events: peak memory", memory, "MB", MOST_MEMORY_MB)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("engines", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--events", type=int, nargs="+", default=[100_000])
    parser.add_argument("--push", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.push:
        return _push(*options.push)
    outcomes = []
    with running_server(fsync="on") as server:
        for events in options.events:
            for engine in options.engines:
                with tempfile.TemporaryDirectory() as folder:
                    outcomes += measure(engine, events, Path(folder), server)
    report(outcomes)
    return None


if __name__ == "__main__":
    main()
