"""Engines, transactions and what differs between SQLite and PostgreSQL."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from kiosk.database_errors import DAMAGED, STORE_DAMAGED, error_code
from kiosk.errors import KioskError
from kiosk.migrations import HEAD, REVISIONS
from kiosk.prepared import on_cursor
from kiosk.sqlite_copy import copy_whole
from kiosk.sqlite_driver import driver

if TYPE_CHECKING:
    import sqlite3

BUSY_TIMEOUT_MS = 5_000
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an event that was shown as recorded survives a power cut
    "foreign_keys=ON",
    "secure_delete=ON",  # what a customer filled in is gone from the file too, once it is deleted
    f"busy_timeout={BUSY_TIMEOUT_MS}",
)
_HERE = (None, "", "localhost", "127.0.0.1", "::1")
_PATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 20_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""A cut cable must not hang anybody: seconds, but milliseconds for what was sent and not confirmed.
Who only waits for an answer has sent nothing that could be confirmed: then keepalives notice."""


class Database:
    """The only holder of engines; services are given this object.

    Args:
        url: An SQLAlchemy URL. An SQLite file that is missing is refused unless ``create`` is set.
        create: Make the file and its folder if they are missing.
        is_store: A terminal's own: damage is told as `store_damaged`.

    Raises:
        KioskError: `database_url_invalid`, `database_url_options`, `database_missing`,
            `database_unreachable`, `database_driver_missing`.
    """

    def __init__(self, url: str, *, create: bool = False, is_store: bool = False) -> None:
        self._damaged = STORE_DAMAGED if is_store else DAMAGED
        self.url = _parse(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            _prepare_file(self.path, create=create)
        self._engine = _engine(self.url)
        self._idle: list[Connection] = []

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    @property
    def name(self) -> str:
        """How to name this database to people: no password in it."""
        if self.is_sqlite:
            return str(self.path)
        return self.url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits at the end and rolls back on any exception.

        On SQLite it takes the write lock when it starts, so that what it reads stays true.
        """
        with self._connected() as connection, connection.begin():
            if self.is_sqlite:
                on_cursor(connection, "BEGIN IMMEDIATE")
            yield connection

    def call(self, statement: str, values: Sequence[object]) -> object:
        """Run one statement that is a whole transaction, in one round trip; returns its one value.

        Raises:
            DBAPIError: What the statement itself refused; else KioskError, as ever.
        """
        with self._connected() as connection:
            alone = connection.execution_options(isolation_level="AUTOCOMMIT")
            row = on_cursor(alone, statement, values).fetchone()
            return row[0] if row else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._connected() as connection, connection.begin() as whole:
            if self.is_sqlite:
                on_cursor(connection, "BEGIN")
            yield connection
            whole.rollback()

    def forget(self) -> None:
        """Take what was deleted out of SQLite's log as well, as far as nobody reads just now.

        Before that, the log has the pages that were, and the file those that are not yet renewed.
        Whoever reads or writes is not kept waiting: it is forgotten later then.
        """
        if not self.is_sqlite:
            return
        # what was to be done is done: nothing that fails here may say something else
        with suppress(KioskError), self._connected() as connection:
            on_cursor(connection, "PRAGMA busy_timeout=0")
            try:
                on_cursor(connection, "PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                on_cursor(connection, f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def migrate(self, *, is_copy: bool = False) -> None:
        """Bring the schema to this program's revision.

        An SQLite file is copied first, to `path_before`: a step that turns out to be wrong can be
        taken back. On a server that is its owner's affair.

        Args:
            is_copy: It is a copy itself.

        Raises:
            KioskError: `schema_newer` when a newer program has been here before; or there is no
                room for the copy.
        """
        with self.write() as connection:
            current = _revision(connection)
            if current == HEAD:
                return
            if current is not None and current not in REVISIONS:
                raise KioskError("schema_newer", database=self.name, revision=current)
            if self.is_sqlite and current is not None and not is_copy:
                # nobody else can write meanwhile, and nothing is written yet
                copy_whole(self.path, path_before(self.path, HEAD))
            # Alembic is slow to import and not needed on most starts
            from kiosk.migrations.run import upgrade

            upgrade(connection)

    def require_schema(self) -> None:
        """Check that the schema is this program's, without changing it.

        Raises:
            KioskError: `schema_newer`, `schema_older` or `schema_missing`.
        """
        with self.read() as connection:
            current = _revision(connection)
        if current is None:
            raise KioskError("schema_missing", database=self.name)
        if current != HEAD:
            code = "schema_older" if current in REVISIONS else "schema_newer"
            raise KioskError(code, database=self.name, revision=current)

    def close(self) -> None:
        """Give back every connection."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection of its own; what stops the database is told as a KioskError."""
        try:
            connection = self._take()
            try:
                yield connection
            finally:
                self._give_back(connection)
        except DBAPIError as error:
            code = error_code(error.orig)
            if code is None and error.connection_invalidated:
                code = "database_unreachable"
            if code is None:
                raise
            raise self._told(code) from error
        except self._engine.dialect.loaded_dbapi.Error as error:
            # a row that can't be read is found when it is fetched, past SQLAlchemy
            if (code := error_code(error)) is None:
                raise
            raise self._told(code) from error

    def _told(self, code: str) -> KioskError:
        return KioskError(self._damaged if code == DAMAGED else code, database=self.name)

    def _take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def _give_back(self, connection: Connection) -> None:
        """Keep it for the next transaction: a round through the pool costs as much as an insert."""
        if self.is_sqlite and not connection.invalidated:
            self._idle.append(connection)
        else:  # a server may go away meanwhile: the pool looks after that
            connection.close()


def path_before(database: Path, revision: str) -> Path:
    """Where an SQLite file is kept as it was before it got a revision."""
    return database.with_name(f"{database.stem}.before-{revision}.db")


class minutes_before(FunctionElement[int]):  # noqa: N801 (named as the functions of SQL are)
    """The moment so many minutes before a moment, to sort by: exact on both engines.

    Args:
        moment: A column of moments.
        minutes: A whole number.
    """

    inherit_cache = True


@compiles(minutes_before, "sqlite")
def _minutes_before_in_sqlite(element: minutes_before, compiler: SQLCompiler, **kw: Any) -> str:
    # a text that keeps microseconds; SQLite's own functions keep milliseconds, and round
    moment, minutes = (compiler.process(each, **kw) for each in element.clauses)
    seconds = f"unixepoch(substr({moment}, 1, 19)) - 60 * ({minutes})"
    return f"(({seconds}) * 1000000 + CAST(substr({moment}, 21, 6) AS INTEGER))"


@compiles(minutes_before, "postgresql")
def _minutes_before_in_postgresql(element: minutes_before, compiler: SQLCompiler, **kw: Any) -> str:
    moment, minutes = (compiler.process(each, **kw) for each in element.clauses)
    return f"({moment} - make_interval(mins => {minutes}))"


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise KioskError("database_url_invalid", url=_without_password(url)) from error
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database:
            raise KioskError("database_url_invalid", url=_without_password(url))
        if "?" in url:  # a path would be cut off there
            raise KioskError("database_url_options", url=url)
    return parsed


def _without_password(url: str) -> str:
    _, at, server = url.rpartition("@")
    scheme, colon, _ = url.partition("://")
    return _hide_parameter(f"{scheme + colon if colon else ''}***@{server}" if at else url)


def _hide_parameter(url: str) -> str:
    return re.sub(r"(?i)(password=)[^&]*", r"\1***", url)


def _prepare_file(path: Path, *, create: bool) -> None:
    try:
        if path.exists():
            return
        if create:
            path.parent.mkdir(parents=True, exist_ok=True)
            return
    except OSError as error:
        raise KioskError("database_unreachable", database=str(path)) from error
    raise KioskError("database_missing", database=str(path))


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _server_engine(url)
    # every transaction here ends before its connection goes back: there is nothing to reset;
    # what a customer filled in is no word of an error
    engine = create_engine(url, module=driver, pool_reset_on_return=None, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connect(connection: "sqlite3.Connection", _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver shall not begin transactions by itself
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _server_engine(url: URL) -> Engine:
    if url.password is not None or "password" in url.query:
        raise KioskError("database_url_password")
    options: dict[str, object] = {}
    if url.get_backend_name() == "postgresql":
        options = _PATIENCE | {
            # behind a pooler, statements that one server prepared are not known to the next
            "prepare_threshold": None,
            "application_name": "branch-kiosk",
        }
        if url.host not in _HERE:
            options["sslmode"] = "verify-full"
    given = {name: value for name, value in options.items() if name not in url.query}
    try:
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=given)
    except ImportError as error:
        raise KioskError("database_driver_missing", driver=url.drivername) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
