"""A branch and its terminals in one folder, for the tests of the synchronisation.

Files are read and changed with the program's own SQLite library: two libraries in one process lose
each other's locks.
"""

import shutil
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import pytest
from postgres_server import PostgresServer
from support import change as change
from support import rows as rows

from kiosk.config import Branch, Config, Terminal, default_path
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models.payloads import (
    DiversionAccepted,
    DiversionOffered,
    TicketIssued,
    TicketStep,
    VisitEnded,
    VisitStarted,
    WaitShown,
)
from kiosk.services.branch import enrol, initialise, prepare_store
from kiosk.services.counters import enrol_counter
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.journal import Fact, Journal, new_id
from kiosk.services.sync.postgres_roles import Login
from kiosk.services.sync.push import BATCH_SIZE, Outcome, Progress, synchronise
from kiosk.services.sync.reach import reach
from kiosk.services.sync.receive import DirectBranch
from kiosk.services.sync.wire import (
    Answer,
    BranchSide,
    Caller,
    Condition,
    DayPart,
    FilledIn,
    Held,
    Parcel,
    RenewalRequest,
    SentContact,
)
from kiosk.sqlite_driver import driver as sqlite

WAIT = WaitShown(ahead=2, low=5, high=10)


class FakeClock:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic_ns(self) -> int:
        return 1_000_000

    @property
    def boot_id(self) -> str:
        return "boot"

    def advance(self, **span: float) -> None:
        self.time += timedelta(**span)


@cache
def empty_database() -> Path:
    """A migrated file to copy: Alembic takes longer than most tests."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    database = Database(f"sqlite:///{path}", create=True)
    database.migrate()
    database.close()
    return path


@dataclass
class TerminalHere:
    """A terminal with its store."""

    config: Config
    store: Database
    journal: Journal
    clock: FakeClock
    branch_url: str
    connect: Callable[[str], BranchSide]
    """Reaches the branch at an address, as this terminal."""

    @property
    def path(self) -> Path:
        return self.config.store_path

    def visit(self, number: str | None = None) -> UUID:
        """A customer: offered, accepted, and with a ticket when a number is given."""
        visit, offer = new_id(), new_id()
        self.journal.record(
            Fact(VisitStarted(), visit=visit, language="zh_CN", arrived_at=self.clock.now())
        )
        route: dict[str, Any] = {"service": "transfer", "channel": "mobile"}
        self.journal.record(
            Fact(DiversionOffered(answers={}, wait=WAIT), visit=visit, offer=offer, **route)
        )
        self.journal.record(Fact(DiversionAccepted(), visit=visit, offer=offer, **route))
        if number:
            self.ticket(visit, number)
        self.journal.record(Fact(VisitEnded(), visit=visit, language="en", reason="finished"))
        return visit

    def ticket(self, visit: UUID, number: str, ticket: UUID | None = None) -> None:
        self.journal.record(
            Fact(
                TicketIssued(wait=WAIT),
                visit=visit,
                ticket=ticket or new_id(),
                ticket_number=number,
                queue=number[0],
                service="cash",
                transferable=True,
                arrived_at=self.clock.now(),
                priority="normal",
            )
        )

    def sync(
        self,
        around: Callable[[BranchSide], BranchSide] = lambda side: side,
        batch_size: int = BATCH_SIZE,
        progress: Progress = lambda done, total: None,
        condition: Condition | None = None,
    ) -> Outcome:
        return synchronise(
            self.store,
            self.journal.origin,
            lambda: around(self.connect(self.branch_url)),
            self.clock,
            progress,
            batch_size,
            condition,
        )

    def hand_over(self, parcel: Parcel) -> Answer:
        """One batch, past the terminal's own ledger."""
        side = self.connect(self.branch_url)
        try:
            return side.receive(parcel)
        finally:
            side.close()

    def copy(self, folder: Path) -> "TerminalHere":
        """The same terminal from a copy of its file, as after restoring a backup."""
        config = Config(
            data_folder=folder, terminal=self.config.terminal, branch_database=self.branch_url
        )
        folder.mkdir()
        with sqlite.connect(self.path) as source:
            source.execute("VACUUM INTO ?", (str(config.store_path),))
        source.close()
        return open_terminal(config, self.clock, self.branch_url, self.connect)


def open_terminal(
    config: Config, clock: FakeClock, branch_url: str, connect: Callable[[str], BranchSide]
) -> TerminalHere:
    """A terminal as the program opens it when it starts."""
    store = Database(f"sqlite:///{config.store_path}", create=True, is_store=True)
    origin = prepare_store(store, config)
    journal = Journal(store, origin, clock, config.zone, "release-1")
    return TerminalHere(config, store, journal, clock, branch_url, connect)


def reopened(terminal: TerminalHere) -> TerminalHere:
    """The same terminal, once its store's file is another one."""
    return open_terminal(terminal.config, terminal.clock, terminal.branch_url, terminal.connect)


class BranchHere(Protocol):
    """A branch database of one engine."""

    @property
    def url(self) -> str:
        """For its owner."""

    def make(self, config: Config) -> Database:
        """An initialised one."""

    def url_for(self, login: Login | None) -> str:
        """For a terminal."""

    def connect(self, url: str, clock: FakeClock) -> BranchSide:
        """The end that a terminal speaks to."""

    def back_up(self) -> Callable[[], None]:
        """Keep a copy; what is returned goes back to it. Nobody may be connected."""

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Read past the program, as SQLite would have the values."""

    def change(self, statement: str, *values: object) -> None:
        """Change something behind the program's back."""


class SqliteBranch:
    """A file."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "branch.db"
        self.url = f"sqlite:///{self.path}"

    def make(self, config: Config) -> Database:
        shutil.copy(empty_database(), self.path)
        database = Database(self.url)
        initialise(database, config)
        return database

    def url_for(self, login: Login | None) -> str:
        return self.url

    def connect(self, url: str, clock: FakeClock) -> BranchSide:
        return DirectBranch(url, clock)

    def back_up(self) -> Callable[[], None]:
        content = self.path.read_bytes()

        def go_back() -> None:
            self.path.write_bytes(content)

        return go_back

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        return rows(self.path, query, *values)

    def change(self, statement: str, *values: object) -> None:
        change(self.path, statement, *values)


class PostgresBranch:
    """A database of its own on a server; terminals come with their own logins."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self.server = server
        self.name = f"branch_{new_id().hex}"
        self.url = server.url(self.name)
        self.passfile = folder / "passfile"

    def make(self, config: Config) -> Database:
        template = self.server.template("kiosk_template", _fill_template)
        with self.server.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {self.name} TEMPLATE {template}")
            # a right to the database itself is not copied with it
            connection.execute(f"REVOKE ALL ON DATABASE {self.name} FROM PUBLIC")
        with self.server.connect(self.name) as connection:
            connection.execute("UPDATE branch_meta SET id = %s", (new_id(),))
            connection.execute(
                "UPDATE branch SET code = %s, time_zone = %s",
                (config.branch.code, config.branch.time_zone),
            )
        return Database(self.url)

    def url_for(self, login: Login | None) -> str:
        if login is None:
            return self.url
        self.passfile.touch(mode=0o600)
        with self.passfile.open("a") as passfile:
            passfile.write(f"*:*:*:{login.name}:{login.password}\n")
        return self.server.url(self.name, login.name) + f"?passfile={self.passfile}"

    def connect(self, url: str, clock: FakeClock) -> BranchSide:
        return reach(url, clock)

    def back_up(self) -> Callable[[], None]:
        with self.server.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {self.name}_old TEMPLATE {self.name}")

        def go_back() -> None:
            with self.server.connect("postgres") as connection:
                connection.execute(f"DROP DATABASE {self.name}")
                connection.execute(f"ALTER DATABASE {self.name}_old RENAME TO {self.name}")

        return go_back

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with self.server.connect(self.name) as connection:
            found = connection.execute(query.replace("?", "%s"), values).fetchall()
        return [tuple(map(_as_in_sqlite, row)) for row in found]

    def change(self, statement: str, *values: object) -> None:
        with self.server.connect(self.name) as connection:
            connection.execute(statement.replace("?", "%s"), values)


class PostgresByStatements(PostgresBranch):
    """The form for servers without functions, tried on one that has them."""

    def url_for(self, login: Login | None) -> str:
        return self.url

    def connect(self, url: str, clock: FakeClock) -> BranchSide:
        return DirectBranch(url, clock)


FORMS = ("sqlite", "postgresql", "postgresql by statements")


def branch_of(form: str, request: pytest.FixtureRequest) -> Callable[[Path], BranchHere]:
    """Makes a branch database of one of `FORMS` in a folder; a server is started when needed."""
    if form == "sqlite":
        return SqliteBranch
    server: PostgresServer = request.getfixturevalue("server")
    kind = PostgresByStatements if form.endswith("statements") else PostgresBranch
    return lambda folder: kind(server, folder)


def world_on(*forms: str, is_now: bool = False) -> Any:
    """Make the fixture of a file whose tests are for several of `FORMS`.

    Args:
        forms: Every test is run on each of them.
        is_now: See `World`.
    """

    @pytest.fixture(params=forms)
    def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
        made = World(tmp_path, branch_of(request.param, request)(tmp_path), is_now=is_now)
        yield made
        made.branch.close()

    return world


def _fill_template(url: str) -> None:
    """With a branch: to make functions and to grant rights takes longer than most tests."""
    database = Database(url)
    initialise(database, Config())
    database.close()


def _as_in_sqlite(value: object) -> object:
    match value:
        case UUID():
            return value.hex
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        case date():
            return value.isoformat()
        case Decimal() | bool():
            return int(value)
    return value


def _zone_at_noon() -> str:
    """The time zone in which it is about noon; the signs of these names are the other way round."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"


def _tell_commands(time_zone: str) -> None:
    path = default_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'[branch]\ntime_zone = "{time_zone}"\n')


class World:
    """One branch database and the terminals that belong to it."""

    def __init__(
        self,
        folder: Path,
        here: BranchHere | None = None,
        branch: str = "0001",
        *,
        is_now: bool = False,
    ) -> None:
        """Make the databases.

        Args:
            folder: For everything.
            here: Where the branch database is, an SQLite file unless told otherwise.
            branch: Its code.
            is_now: The time is the machine's, as servers and commands know no other; it is noon
                there, so that nothing crosses a midnight at whatever hour the tests run.
        """
        self.folder = folder
        self.clock = FakeClock()
        time_zone = _zone_at_noon() if is_now else Branch().time_zone
        if is_now:
            self.clock.time = datetime.now(UTC)
            _tell_commands(time_zone)
        self.config = Config(data_folder=folder, branch=Branch(code=branch, time_zone=time_zone))
        self.here = here or SqliteBranch(folder)
        self.branch = self.here.make(self.config)

    @property
    def branch_path(self) -> Path:
        """The branch database's file, where it is one."""
        return self.branch.path

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What stands in the branch database."""
        return self.here.rows(query, *values)

    def change(self, statement: str, *values: object) -> None:
        """Change the branch database behind the program's back."""
        self.here.change(statement, *values)

    def terminal(
        self, code: str = "T1", digit: int = 1, *, enrolled: bool = True, branch: str = ""
    ) -> TerminalHere:
        """A new terminal, of the world's own branch or of another that shares its database."""
        config = replace(self.config, terminal=Terminal(code=code, digit=digit))
        if branch:
            config = replace(config, branch=Branch(code=branch))
            initialise(self.branch, config)
        shutil.copy(empty_database(), config.store_path)
        login = enrol(self.branch, config.branch.code, code, digit) if enrolled else None
        return open_terminal(
            config,
            self.clock,
            self.here.url_for(login),
            lambda url: self.here.connect(url, self.clock),
        )


def at_counter(world: World, number: str, *steps: TicketStep, counter: int = 3) -> None:
    """A counter of the world's branch works on the ticket of a number."""
    enrol_counter(world.branch, world.config.branch.code, counter)
    journal = DeskJournal(
        world.branch, world.config.branch.code, counter, world.clock, world.config.zone, "release-1"
    )
    [(ticket,)] = world.rows("SELECT id FROM ticket WHERE number = ?", number)
    with journal.transaction() as transaction:
        locked = transaction.lock(UUID(str(ticket)))
        assert locked is not None
        for step in steps:
            locked = transaction.step(locked, step, staff="s1")


def until_somebody_waits(world: World) -> None:
    """Until a transaction on the branch's server waits for what another one holds."""
    pause = threading.Event()
    while world.rows("SELECT count(*) FROM pg_locks WHERE NOT granted") == [(0,)]:
        pause.wait(0.01)


@dataclass
class Recorder:
    """Keeps the parcels that go through it."""

    side: BranchSide
    parcels: list[Parcel]

    @property
    def name(self) -> str:
        return self.side.name

    def greet(self, caller: Caller) -> Answer:
        return self.side.greet(caller)

    def receive(self, parcel: Parcel) -> Answer:
        self.parcels.append(parcel)
        return self.side.receive(parcel)

    def pull(self, caller: Caller, held: Mapping[str, Held]) -> Answer:
        return self.side.pull(caller, held)

    def retry(self, caller: Caller, events: Mapping[int, str]) -> Answer:
        return self.side.retry(caller, events)

    def drop(self, caller: Caller, events: Collection[int], why: str) -> Answer:
        return self.side.drop(caller, events, why)

    def list_day(self, caller: Caller, part: DayPart) -> Answer:
        return self.side.list_day(caller, part)

    def renew(self, caller: Caller, request: RenewalRequest) -> Answer:
        return self.side.renew(caller, request)

    def which_are_known(self, caller: Caller, events: Collection[tuple[date, UUID]]) -> Answer:
        return self.side.which_are_known(caller, events)

    def fill_in(self, caller: Caller, entries: Collection[FilledIn]) -> Answer:
        return self.side.fill_in(caller, entries)

    def keep_contacts(
        self, caller: Caller, contacts: Collection[SentContact], held: Collection[UUID]
    ) -> Answer:
        return self.side.keep_contacts(caller, contacts, held)

    def close(self) -> None:
        self.side.close()


@dataclass
class LosesAnswers(Recorder):
    """The branch commits, and its answer is lost on the way; or the batch already was."""

    after: int = 0
    fails_before: bool = False

    def receive(self, parcel: Parcel) -> Answer:
        if self.fails_before:
            raise KioskError("database_unreachable", database=self.name)
        answer = super().receive(parcel)
        if len(self.parcels) > self.after:
            raise KioskError("database_unreachable", database=self.name)
        return answer


class LosesDecisions(Recorder):
    """The branch does what was decided, and its answer is lost on the way."""

    def retry(self, caller: Caller, events: Mapping[int, str]) -> Answer:
        super().retry(caller, events)
        raise KioskError("database_unreachable", database=self.name)

    def drop(self, caller: Caller, events: Collection[int], why: str) -> Answer:
        super().drop(caller, events, why)
        raise KioskError("database_unreachable", database=self.name)


def add_raw_event(path: Path, **changes: object) -> str:
    """Append an event that the journal would never write; returns its id as it is stored."""
    connection = sqlite.connect(path)
    connection.row_factory = sqlite.Row
    try:
        last = dict(connection.execute("SELECT * FROM event ORDER BY seq DESC").fetchone())
        last |= {"seq": last["seq"] + 1, "id": new_id().hex} | changes
        columns = ", ".join(last)
        marks = ", ".join("?" * len(last))
        connection.execute(
            f"INSERT INTO event ({columns}) VALUES ({marks})",  # noqa: S608 (a test's own words)
            list(last.values()),
        )
        connection.commit()
    finally:
        connection.close()
    return str(last["id"])


def assert_consistent(world: World, *terminals: TerminalHere, drained: bool = True) -> None:
    """What must hold after whatever happened."""
    for terminal in terminals:
        code = terminal.config.terminal.code
        acked, number, chain = _position(terminal)
        theirs = world.rows(
            "SELECT acked_seq, batch_number, chain FROM terminal WHERE code = ?", code
        )[0]
        here = rows(terminal.path, "SELECT seq, id FROM event ORDER BY seq")
        there = world.rows("SELECT seq, id FROM event WHERE terminal = ? ORDER BY seq", code)
        aside = world.rows("SELECT seq FROM quarantine WHERE terminal = ? ORDER BY seq", code)
        assert [row[0] for row in here] == list(range(1, len(here) + 1))
        assert set(there) <= set(here)
        assert len(there) + len(aside) == theirs[0]
        _assert_receipts_tile(world, code, theirs[0])
        if drained:
            assert (acked, number, chain) == theirs
            assert acked == len(here)
            assert aside == rows(terminal.path, "SELECT seq FROM quarantine ORDER BY seq")
    if world.branch.is_sqlite:
        assert world.rows("PRAGMA integrity_check") == [("ok",)]


def _position(terminal: TerminalHere) -> tuple[object, ...]:
    found = rows(terminal.path, "SELECT acked_seq, batch_number, chain FROM watermark")
    return found[0] if found else (0, 0, "")


def _assert_receipts_tile(world: World, code: str, acked: object) -> None:
    at = 0
    for number, (of, first, last, events, *parts) in enumerate(
        world.rows(
            "SELECT number, from_seq, to_seq, events, inserted, duplicates, quarantined"
            " FROM receipt WHERE terminal = ? ORDER BY number",
            code,
        ),
        1,
    ):
        assert (of, first) == (number, at + 1)
        assert isinstance(last, int)
        assert events == last - at == sum(int(str(part)) for part in parts)
        at = last
    assert at == acked
