"""The branch database and the terminals that belong to it; and what a store knows of itself."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, insert, select, update

from kiosk.addresses import sqlite_url
from kiosk.clock import SystemClock
from kiosk.config import Branch as BranchSettings
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Branch, BranchMeta, Quarantine, Terminal
from kiosk.models.tables import table_of
from kiosk.projections.check import differences
from kiosk.services.journal import SCHEMA_VERSION, Origin, new_id
from kiosk.services.logins import keep_login
from kiosk.services.replacement import is_half_replaced
from kiosk.services.store import existing_store, require_own
from kiosk.services.sync.wire import Condition

if TYPE_CHECKING:
    from kiosk.services.sync.postgres_roles import Login

SCHEMA_MIN = 1
"""The oldest event schema that this program takes in; the newest is the one that it writes."""

_BRANCH = table_of(Branch)
_TERMINAL = table_of(Terminal)
_META = table_of(BranchMeta)
_QUARANTINE = table_of(Quarantine)
_NAME_LANGUAGE = "zh_CN"
_CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")
"""What the configuration takes as a terminal's code."""


@dataclass(frozen=True)
class TerminalState:
    """A terminal as its branch sees it."""

    branch: str
    code: str
    digit: int
    epoch: int
    batch_number: int
    acked_seq: int
    last_seen: datetime | None
    app_version: str | None
    clock_skew_seconds: int | None
    waiting: int | None
    """Events that it still had to bring when it was last in touch."""
    oldest_waiting_at: datetime | None
    """When the oldest of them happened, by its own clock."""
    quarantined: int
    audit_torn_at: datetime | None = None
    """When the end of its audit log first was not what it had been before."""
    condition: Condition | None = None
    """How it was when it was last in touch; None: it has never said."""


def initialise(database: Database, settings: Config) -> None:
    """Make a branch database of an empty one, or bring one up to date, and add a branch to it.

    Args:
        database: Where the events of terminals shall meet.
        settings: Names the branch to add, or whose name and zone may have changed.

    Raises:
        KioskError: `branch_rights_missing` on a server, `schema_newer`, `not_a_branch_database`
            (a terminal's store), `branch_half_restored`, or what keeps the database from being
            written.
    """
    if database.is_sqlite:
        refuse_half_restored(database.path)
    else:
        _require_rights(database)
    database.migrate()
    with database.write() as connection:
        _initialise_meta(connection, database)
        _keep_branch(connection, settings.branch)
        if connection.dialect.name == "postgresql":
            from kiosk.services import retention
            from kiosk.services.sync import postgres_functions, postgres_roles

            retention.make_months(connection, SystemClock().now().astimezone(settings.zone).date())
            postgres_roles.make_roles(connection)
            postgres_functions.install(connection)
            postgres_roles.grant(connection)


def refuse_half_restored(path: Path) -> None:
    """Make nothing new where an old one is on its way.

    Raises:
        KioskError: `branch_half_restored`.
    """
    if is_half_replaced(path):
        raise KioskError("branch_half_restored", database=path)


def _require_rights(database: Database) -> None:
    """Nothing shall be done by half because a right is missing for the other half."""
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            from kiosk.services.sync.postgres_roles import require_rights

            require_rights(connection, database.name)


def _initialise_meta(connection: Connection, database: Database) -> None:
    meta = connection.execute(select(_META)).first()
    if meta is None:
        if connection.execute(select(_TERMINAL.c.code).limit(1)).first():
            raise KioskError("not_a_branch_database", database=database.name)
        row = {"id": new_id(), "schema_min": SCHEMA_MIN, "schema_max": SCHEMA_VERSION}
        connection.execute(insert(_META).values(row))
    elif (meta.schema_min, meta.schema_max) != (SCHEMA_MIN, SCHEMA_VERSION):
        connection.execute(update(_META).values(schema_min=SCHEMA_MIN, schema_max=SCHEMA_VERSION))


def _keep_branch(connection: Connection, branch: BranchSettings) -> None:
    """Make the branch's row, or change it where it differs."""
    values = {"name": branch.name.in_language(_NAME_LANGUAGE), "time_zone": branch.time_zone}
    row = connection.execute(select(_BRANCH).where(_BRANCH.c.code == branch.code)).first()
    if row is None:
        connection.execute(insert(_BRANCH).values(code=branch.code, last_seq=0, **values))
    elif (row.name, row.time_zone) != (values["name"], values["time_zone"]):
        connection.execute(update(_BRANCH).where(_BRANCH.c.code == branch.code).values(values))


def enrol(
    database: Database, branch: str, terminal: str, digit: int, *, new_password: bool = False
) -> "Login | None":
    """Let a terminal hand its events to this branch database; saying it twice changes nothing.

    Args:
        database: The branch database.
        branch: The branch's code.
        terminal: The terminal's code.
        digit: 0–9, the second character of its ticket numbers.
        new_password: Give its login another password, as when the old one was lost.

    Returns:
        On a server, the login that was made for it: the password is kept nowhere else.

    Raises:
        KioskError: `terminal_code_invalid`, `branch_unknown`, `digit_taken` by another terminal
            of the branch, or `digit_fixed`: the terminal has been in touch with another digit.
    """
    if not _CODE.fullmatch(terminal):
        raise KioskError("terminal_code_invalid", terminal=terminal)
    database.require_schema()
    with database.write() as connection:
        require_branch(connection, database, branch)
        others = connection.execute(select(_TERMINAL).where(_TERMINAL.c.branch == branch)).all()
        if taken := [each.code for each in others if each.digit == digit and each.code != terminal]:
            raise KioskError("digit_taken", digit=digit, terminal=taken[0], branch=branch)
        known = next((each for each in others if each.code == terminal), None)
        if known is None:
            connection.execute(insert(_TERMINAL).values(_terminal_row(branch, terminal, digit)))
        elif known.digit != digit:
            # another terminal might get the old digit on a day whose numbers were given with it
            if known.last_seen is not None:
                raise KioskError("digit_fixed", terminal=terminal, digit=known.digit)
            _set_digit(connection, branch, terminal, digit)

        def make() -> "Login":
            from kiosk.services.sync.postgres_roles import make_login

            return make_login(connection, branch, terminal)

        this = (_TERMINAL.c.branch == branch) & (_TERMINAL.c.code == terminal)
        return keep_login(connection, (Terminal, "login"), this, make, new_password=new_password)


def require_branch(connection: Connection, database: Database, branch: str) -> None:
    """Check that this is a branch database and has the branch.

    Raises:
        KioskError: `not_a_branch_database`, `branch_unknown`.
    """
    if connection.execute(select(_META.c.id)).first() is None:
        raise KioskError("not_a_branch_database", database=database.name)
    if connection.execute(select(_BRANCH.c.code).where(_BRANCH.c.code == branch)).first() is None:
        raise KioskError("branch_unknown", branch=branch, database=database.name)


def _terminal_row(branch: str, code: str, digit: int) -> dict[str, object]:
    row = {"branch": branch, "code": code, "digit": digit}
    return row | {"epoch": 1, "acked_seq": 0, "batch_number": 0, "chain": ""}


def _set_digit(connection: Connection, branch: str, code: str, digit: int) -> None:
    this = (_TERMINAL.c.branch == branch) & (_TERMINAL.c.code == code)
    connection.execute(update(_TERMINAL).where(this).values(digit=digit))


def terminals(database: Database, branch: str | None = None) -> list[TerminalState]:
    """Every terminal that is enrolled, ordered by branch and code.

    Args:
        database: The branch database.
        branch: A branch's code: only its terminals.

    Raises:
        KioskError: `not_a_branch_database`, `branch_unknown`.
    """
    database.require_schema()
    waiting = (
        select(func.count(_QUARANTINE.c.seq))
        .where(
            _QUARANTINE.c.branch == _TERMINAL.c.branch,
            _QUARANTINE.c.terminal == _TERMINAL.c.code,
            _QUARANTINE.c.dropped_at.is_(None),
        )
        .scalar_subquery()
    )
    statement = select(_TERMINAL, waiting.label("quarantined"))
    with database.read() as connection:
        if connection.execute(select(_META.c.id)).first() is None:
            raise KioskError("not_a_branch_database", database=database.name)
        if branch is not None:
            require_branch(connection, database, branch)
            statement = statement.where(_TERMINAL.c.branch == branch)
        rows = connection.execute(statement.order_by(_TERMINAL.c.branch, _TERMINAL.c.code)).all()
    return [
        TerminalState(
            row.branch, row.code, row.digit, row.epoch, row.batch_number, row.acked_seq,
            row.last_seen, row.app_version, row.clock_skew_seconds, row.waiting,
            row.oldest_waiting_at, row.quarantined, row.audit_torn_at, _condition(row),
        )
        for row in rows
    ]  # fmt: skip


def _condition(row: Row[*tuple[Any, ...]]) -> Condition | None:
    if row.free_mb is None:
        return None
    return Condition(
        row.up_seconds, row.printer, row.free_mb, row.last_error, row.last_error_at,
        bool(row.goes_out),
    )  # fmt: skip


def prepare_store(store: Database, settings: Config) -> Origin:
    """Make a terminal's store ready for its events; returns whose events they will be.

    Args:
        store: The terminal's own database, may be empty.
        settings: Says which branch and terminal this is.

    Raises:
        KioskError: `schema_newer`, `store_is_branch_database`, or `store_of_another` when the
            store holds the events of another branch or terminal.
    """
    store.migrate()
    with store.write() as connection:
        if connection.execute(select(_META.c.id)).first():
            raise KioskError("store_is_branch_database", database=store.name)
        origin = _origin(connection, settings)
        _keep_branch(connection, settings.branch)
        terminal = settings.terminal
        if origin is None:
            row = _terminal_row(settings.branch.code, terminal.code, terminal.digit)
            connection.execute(insert(_TERMINAL).values(row))
            return Origin(settings.branch.code, terminal.code, 1)
        if not _has_digit(connection, terminal.digit):  # on a full disk there is no room to write
            _set_digit(connection, origin.branch, origin.terminal, terminal.digit)
        return origin


def _has_digit(connection: Connection, digit: int) -> bool:
    return connection.execute(select(_TERMINAL.c.digit)).scalar() == digit


def open_store(settings: Config) -> Database:
    """This terminal's store, which must be there.

    Raises:
        KioskError: `store_not_ready` when the terminal was never started.
    """
    return Database(sqlite_url(existing_store(settings)), is_store=True)


def _origin(connection: Connection, settings: Config) -> Origin | None:
    row = connection.execute(
        select(_TERMINAL.c.branch, _TERMINAL.c.code, _TERMINAL.c.epoch)
    ).first()
    if row is None:
        return None
    require_own(row.branch, row.code, settings)
    return Origin(row.branch, row.code, row.epoch)


@dataclass(frozen=True)
class CheckResult:
    """What a check of a database has found."""

    faults: tuple[str, ...]
    """What the engine says of the file; empty when it is sound."""
    differences: dict[str, int]
    """Derived table → rows that are not what the events say."""


class _UndoError(Exception):
    """Leaves a transaction without committing it."""


def check(database: Database) -> CheckResult:
    """Check a store or a branch database without changing it.

    Raises:
        KioskError: `database_damaged` when it can't even be read.
    """
    found = CheckResult((), {})
    with suppress(_UndoError), database.write() as connection:
        faults = _faults(connection) if database.is_sqlite else ()
        found = CheckResult(faults, {} if faults else differences(connection))
        raise _UndoError
    return found


def _faults(connection: Connection) -> tuple[str, ...]:
    rows = connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars()
    return tuple(fault for fault in rows if fault != "ok")
