"""This terminal's store, read with the bare SQLite driver.

Importing SQLAlchemy takes several times as long as all else that a short command does.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.database_errors import DAMAGED, STORE_DAMAGED, error_code
from kiosk.errors import KioskError
from kiosk.migrations import HEAD, REVISIONS
from kiosk.services.replacement import refuse_half_replaced
from kiosk.sqlite_driver import driver

if TYPE_CHECKING:
    from sqlite3 import Connection


_READABLE_YEARS = range(1970, 9000)
"""Those that stay years in every time zone and on every engine."""


def moment_of_event(stored: object) -> datetime | None:
    """When an event happened, as its column says; None for what nobody can read.

    A damaged event must not keep the others from the branch, nor anybody from asking how that
    stands: at the branch it goes to quarantine.
    """
    try:
        moment = datetime.fromisoformat(str(stored)).replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year in _READABLE_YEARS else None


def existing_store(settings: Config) -> Path:
    """The store's file.

    Raises:
        KioskError: `store_not_ready` when the terminal was never started, `store_half_renewed`,
            `database_unreachable`.
    """
    path = settings.store_path
    refuse_half_replaced(path)
    try:
        if path.exists():
            return path
    except OSError as error:
        raise KioskError("database_unreachable", database=path) from error
    raise KioskError("store_not_ready", database=path)


@contextmanager
def reading(settings: Config) -> "Iterator[Connection]":
    """One state of the store, to be read only.

    Raises:
        KioskError: As `existing_store`; `schema_newer`, `store_older`; or what keeps the file from
            being read.
    """
    path = existing_store(settings)
    try:
        with closing(driver.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.isolation_level = None  # the driver shall not begin transactions by itself
            connection.execute("BEGIN")
            _require_schema(connection, path)
            yield connection
    except driver.Error as error:
        if (code := error_code(error)) is None:
            raise
        told = STORE_DAMAGED if code == DAMAGED else code
        raise KioskError(told, database=path) from error


def epoch_of(connection: "Connection", settings: Config) -> int:
    """The epoch of the events in the store, which must be this terminal's.

    Raises:
        KioskError: `store_not_ready` before the first start, `store_of_another`.
    """
    row = connection.execute("SELECT branch, code, epoch FROM terminal").fetchone()
    if row is None:
        raise KioskError("store_not_ready", database=settings.store_path)
    branch, terminal, epoch = row
    require_own(branch, terminal, settings)
    return int(epoch)


def require_own(branch: str, terminal: str, settings: Config) -> None:
    """Refuse a store that is of another branch or terminal than the configuration names.

    Raises:
        KioskError: `store_of_another`.
    """
    if (branch, terminal) != (settings.branch.code, settings.terminal.code):
        path = settings.store_path
        raise KioskError("store_of_another", database=path, branch=branch, terminal=terminal)


def _require_schema(connection: "Connection", path: Path) -> None:
    named = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    revision = None
    if connection.execute(named).fetchone():
        revision = connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0]
    if revision is None:
        raise KioskError("store_not_ready", database=path)
    if revision != HEAD:
        code = "store_older" if revision in REVISIONS else "schema_newer"
        raise KioskError(code, database=path, revision=revision)
