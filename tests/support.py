"""What tests of several kinds share: time that is moved by hand, stores that are ready.

Files are read and changed with the program's own SQLite library: two libraries in one process lose
each other's locks.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.config import HeadStart
from kiosk.db import Database
from kiosk.services.branch_rules import BranchRules
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog
from kiosk.services.journal import Journal, Origin
from kiosk.services.queue_order import CallingOrder
from kiosk.sqlite_driver import driver as sqlite

BRANCH, TERMINAL, RELEASE = "0001", "T1", "release-1"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NANOSECONDS = 1_000_000_000


class FakeClock:
    """A wall clock and a monotonic clock that move together, and only when told to."""

    def __init__(self, time: datetime = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)) -> None:
        self.time = time
        """Half past nine in Shanghai, unless told otherwise."""
        self.passed = timedelta()

    def now(self) -> datetime:
        return self.time

    def monotonic_ns(self) -> int:
        return NANOSECONDS + int(self.passed.total_seconds() * NANOSECONDS)

    @property
    def boot_id(self) -> str:
        return "boot"

    def advance(self, seconds: float = 0, **span: float) -> None:
        """Let time pass."""
        passed = timedelta(seconds=seconds) + timedelta(**span)
        self.time += passed
        self.passed += passed

    def jump(self, **span: float) -> None:
        """Set the wall clock alone, as a time server does."""
        self.time += timedelta(**span)


class TickingClock(FakeClock):
    """Every look at the wall clock takes a while."""

    def __init__(self, time: datetime, step: timedelta) -> None:
        super().__init__(time)
        self.step = step

    def now(self) -> datetime:
        self.time += self.step
        return self.time


@cache
def _migrated_file() -> bytes:
    """A migrated file to copy: Alembic takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "migrated.db"
        database = Database(f"sqlite:///{path}", create=True)
        database.migrate()
        database.close()
        return path.read_bytes()


def make_store(path: Path) -> Database:
    """A store with the schema and nothing in it."""
    path.write_bytes(_migrated_file())
    return Database(f"sqlite:///{path}")


def make_journal(
    store: Database,
    clock: FakeClock,
    *,
    zone: ZoneInfo = SHANGHAI,
    terminal: str = TERMINAL,
    epoch: int = 1,
) -> Journal:
    return Journal(store, Origin(BRANCH, terminal, epoch), clock, zone, RELEASE)


@cache
def default_catalog() -> Catalog:
    return load_catalog(None)


def default_rules(
    counters: int = 3, catalog: Catalog | None = None, peak_days: tuple[int, ...] = ()
) -> BranchRules:
    order = CallingOrder.configured(HeadStart())
    return BranchRules(catalog or default_catalog(), order, SHANGHAI, counters, peak_days)


def rows(path: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """Read a file past the program."""
    connection = sqlite.connect(path)
    try:
        found: list[tuple[object, ...]] = connection.execute(query, values).fetchall()
        return found
    finally:
        connection.close()


def change(path: Path, statement: str, *values: object) -> None:
    """Change a file behind the program's back."""
    connection = sqlite.connect(path)
    try:
        connection.execute(statement, values)
        connection.commit()
    finally:
        connection.close()


@contextmanager
def open_elsewhere(path: Path) -> Iterator[None]:
    """A SQLite file that another program has open."""
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute('SELECT count(*) FROM event').fetchall(); print('open', flush=True); input()"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"open\n"
        yield
        reader.communicate(b"\n")
