"""Pushing a backlog: events a second and peak memory, beside the engine's own bulk load.

    .venv/bin/python benchmarks/sync.py                       # 9,000 and 100,000 events
    .venv/bin/python benchmarks/sync.py --events 1000000 --rounds 1
    .venv/bin/python benchmarks/sync.py postgresql --events 10000 100000

The push is a process of its own, as `kiosk sync` is; its memory is what the system says at its end.
Push and bulk loads take turns, each into an empty database.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import psycopg
from outcome import Outcome, report
from postgres_server import PostgresServer, running_server
from psycopg.types.json import Json
from sqlalchemy import JSON, Boolean, Date, DateTime, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

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
from kiosk.services.sync.postgres_roles import Login
from kiosk.sqlite_driver import driver as sqlite

PUSH = Path(__file__).with_name("push_once.py")
LEAST_OF_FLOOR = {"postgresql": 0.22, "sqlite": 0.5}
MOST_MEMORY_MB = 80
A_MONTH, MOST_SECONDS_A_MONTH = 9_000, 1.0
"""Thirty days without a branch database."""
_COLUMNS = table_of(Event).columns.keys()
_OPENING_HOURS = 8


@dataclass
class Times:
    """Of all rounds with one number of events."""

    push: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    loads: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By the way of loading, as bare as it gets."""


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
    wait = WaitShown(ahead=number % 23, low=number % 17, high=number % 17 + 6)
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
                TicketIssued(wait=wait), visit=visit, ticket=new_id(), queue="A",
                ticket_number=f"A{number:06}", service="cash_withdrawal", transferable=True,
                arrived_at=now, priority="normal",
            )
        ]  # fmt: skip
    return [
        Fact(VisitStarted(), visit=visit, language="zh_CN", arrived_at=now),
        Fact(IntentStated(), visit=visit, service="same_bank_transfer"),
        Fact(DiversionOffered(answers={}, wait=wait), **route),
        Fact(DiversionAccepted(), **route),
        *end,
        Fact(VisitEnded(), visit=visit, language="zh_CN", reason="finished"),
    ]


def push(settings: Config, url: str) -> tuple[float, float]:
    """Seconds and peak megabytes of what `kiosk sync` does, started afresh."""
    done = subprocess.run(
        [sys.executable, PUSH, settings.data_folder, url],
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def _rows(store: Path) -> Iterator[tuple[object, ...]]:
    with closing(sqlite.connect(store)) as connection:
        yield from connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM event ORDER BY seq")  # noqa: S608


def on_sqlite(settings: Config, folder: Path, times: Times) -> None:
    """One round: the push, then `executemany` and `ATTACH` into the same table."""
    push_url, floor = f"sqlite:///{folder / 'branch.db'}", folder / "floor.db"
    prepared(Database(push_url, create=True), settings)
    _keep(times, *push(settings, push_url))
    marks = ",".join("?" * len(_COLUMNS))
    columns = ",".join(_COLUMNS)
    insert = f"INSERT OR IGNORE INTO event ({columns})"
    for name in ("executemany", "ATTACH"):
        prepared(Database(f"sqlite:///{floor}", create=True), settings)
        with closing(sqlite.connect(floor, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("ATTACH ? AS store", (str(settings.store_path),))
            start = time.perf_counter()
            if name == "executemany":
                rows = _rows(settings.store_path)
                while some := list(islice(rows, 1000)):
                    connection.execute("BEGIN IMMEDIATE")
                    connection.executemany(f"{insert} VALUES ({marks})", some)
                    connection.execute("COMMIT")
            else:
                of_store = f"{insert} SELECT {columns} FROM store.event"  # noqa: S608
                own = "branch = ? AND terminal = ? AND epoch = 1 AND seq BETWEEN ? AND ?"
                who = (settings.branch.code, settings.terminal.code)
                for first in range(1, _count(settings) + 1, 1000):
                    connection.execute(f"{of_store} WHERE {own}", (*who, first, first + 999))
            times.loads[name].append(time.perf_counter() - start)
        _remove(floor)
    _remove(folder / "branch.db")


def _remove(database: Path) -> None:
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


def prepared(database: Database, settings: Config) -> Login | None:
    """An empty branch database that knows the terminal."""
    initialise(database, settings)
    branch, terminal = settings.branch.code, settings.terminal
    login = enrol(database, branch, terminal.code, terminal.digit, new_password=True)
    database.close()
    return login


def on_postgresql(settings: Config, folder: Path, server: PostgresServer, times: Times) -> int:
    """One round: the push, then one COPY as text and one binary; returns bytes on the disk."""
    login = prepared(Database(new_database(server, "branch")), settings)
    assert login is not None
    passfile = folder / "passfile"
    passfile.touch(mode=0o600)
    passfile.write_text(f"*:*:*:*:{login.password}\n")
    _keep(times, *push(settings, server.url("branch", login.name) + f"?passfile={passfile}"))
    for name in ("COPY", "COPY binary"):
        prepared(Database(new_database(server, "floor")), settings)
        with server.connect("floor") as connection, connection.cursor() as cursor:
            types = _types(connection)
            start = time.perf_counter()
            form = "(FORMAT binary)" if name == "COPY binary" else ""
            with cursor.copy(f"COPY event ({','.join(_COLUMNS)}) FROM STDIN {form}") as copy:
                if form:
                    copy.set_types(types)
                for row in _rows(settings.store_path):
                    copy.write_row(_typed(row) if form else row)
            times.loads[name].append(time.perf_counter() - start)
    with server.connect("branch") as connection:
        size = connection.execute("SELECT pg_database_size('branch')").fetchone()
    assert size is not None
    return int(size[0])


def new_database(server: PostgresServer, name: str) -> str:
    with server.connect("postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return server.url(name)


def _types(connection: psycopg.Connection) -> list[str]:
    found: dict[str, str] = dict(
        connection.execute(
            "SELECT attname, atttypid::regtype::text FROM pg_attribute"
            " WHERE attrelid = 'event'::regclass AND attnum > 0"
        ).fetchall()
    )
    return [found[name] for name in _COLUMNS]


def _plain(column_type: TypeEngine[Any]) -> type[TypeEngine[Any]]:
    return type(
        column_type.impl_instance if isinstance(column_type, TypeDecorator) else column_type
    )


_READERS: dict[type[TypeEngine[Any]], Callable[[Any], object]] = {
    Uuid: UUID,
    DateTime: lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
    Date: date.fromisoformat,
    Boolean: bool,
    JSON: lambda text: Json(text, dumps=str),
}
_READ = [_READERS.get(_plain(column.type)) for column in table_of(Event).columns]


def _typed(row: tuple[object, ...]) -> list[object]:
    """As the binary protocol wants it."""
    return [
        value if read is None or value is None else read(value)
        for read, value in zip(_READ, row, strict=True)
    ]


def _keep(times: Times, seconds: float, memory: float) -> None:
    times.push.append(seconds)
    times.memory.append(memory)


def _count(settings: Config) -> int:
    with closing(sqlite.connect(settings.store_path)) as connection:
        [count] = connection.execute("SELECT count(*) FROM event").fetchone()
    return int(count)


def measure(
    engine: str, events: int, rounds: int, folder: Path, server: PostgresServer
) -> list[Outcome]:
    """Some lines on one engine with one number of events."""
    filled, times, size = Config(data_folder=folder / "filled"), Times(), 0
    filled.data_folder.mkdir()
    fill(filled, events)
    for number in range(rounds):
        settings = Config(data_folder=folder / str(number))
        settings.data_folder.mkdir()
        shutil.copy(filled.store_path, settings.store_path)
        if engine == "sqlite":
            on_sqlite(settings, settings.data_folder, times)
        else:
            size = on_postgresql(settings, settings.data_folder, server, times)
        shutil.rmtree(settings.data_folder)
    return list(_outcomes(engine, _count(filled), times, size))


def _outcomes(engine: str, count: int, times: Times, size: int) -> Iterator[Outcome]:
    what, seconds = f"{engine}, {count:,} events", statistics.median(times.push)
    for number, (name, loads) in enumerate(times.loads.items()):
        ratios = [load / push for load, push in zip(loads, times.push, strict=True)]
        yield Outcome(
            f"{what}: thousands a second, beside {name}", count / seconds / 1000, "k/s",
            # the goal is set beside the first way; the others are told for comparison
            LEAST_OF_FLOOR[engine] if number == 0 else 0, count / statistics.median(loads) / 1000,
            statistics.median(ratios), goal_is_ratio=True, more_is_better=True,
        )  # fmt: skip
    yield Outcome(f"{what}: peak memory", max(times.memory), "MB", MOST_MEMORY_MB)
    if count <= A_MONTH:
        yield Outcome(f"{what}: a month", seconds, "s", MOST_SECONDS_A_MONTH)
    if size:
        print(f"{what}: {size / count:.0f} bytes on the disk for each, the empty database included")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("engines", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--events", type=int, nargs="+", default=[9_000, 100_000])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    outcomes = []
    with running_server(fsync="on") as server:
        for events in options.events:
            for engine in options.engines:
                with tempfile.TemporaryDirectory() as folder:
                    outcomes += measure(engine, events, options.rounds, Path(folder), server)
    report(outcomes)


if __name__ == "__main__":
    main()
