"""Who may do what in a branch database on PostgreSQL.

A terminal's login may call the synchronisation's functions and nothing else. These run as a role
that may do what they do and nothing more, whoever installed them. A counter's login works on the
queue of its own branch, a board's shows it; a reader may read the figures and what they are made
of. Logins are members of these roles and own nothing. Roles are common to all databases of a
server: what keeps one database's logins out of another is that each may connect to its own only.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import LiteralString

from psycopg.sql import SQL, Composable, Identifier, Literal
from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from kiosk.errors import KioskError
from kiosk.models import (
    Assist,
    AuditEntry,
    Branch,
    BranchMeta,
    Consent,
    Counter,
    CounterNow,
    DemoOutcome,
    Diversion,
    Event,
    FollowUp,
    HelpCall,
    HourlyFigures,
    JournalCandidate,
    JournalDamage,
    JournalFile,
    JournalLine,
    Outage,
    Quarantine,
    Receipt,
    Release,
    SignUp,
    StoredContact,
    Terminal,
    Ticket,
    TicketEntry,
    Visit,
)
from kiosk.models.tables import table_of
from kiosk.services.releases import Name
from kiosk.services.sync.postgres_functions import FOR_COUNTERS, FOR_TERMINALS

TERMINALS, COUNTERS, READERS = "kiosk_terminal", "kiosk_counter", "kiosk_reader"
BOARDS = "kiosk_board"
FUNCTIONS = "kiosk_functions"
"""What the functions run as; nobody logs in as it."""
_ROLES = (TERMINALS, COUNTERS, BOARDS, READERS, FUNCTIONS)
_READABLE = (
    Assist, AuditEntry, Branch, BranchMeta, Consent, CounterNow, DemoOutcome, Diversion, Event,
    FollowUp, HelpCall, HourlyFigures, JournalCandidate, JournalDamage, JournalFile, JournalLine,
    Outage, Quarantine, Receipt, SignUp, Terminal, Ticket, Visit,
)  # fmt: skip
_OF_CONTACTS = (
    "id, branch, terminal, sign_up, purpose, number_encrypted, key_id, number_masked,"
    " consent_version, language, given_at, keep_until, withdrawal_code"
)
_FOR_COUNTERS = (Branch, Counter, CounterNow, Release, Ticket, TicketEntry)
"""What a counter sees of its own branch."""
_FOR_BOARDS: Mapping[type[SQLModel], str] = {
    Branch: "code, last_seq, board_login",
    Counter: "branch, number, queues, last_seq",
    CounterNow: "branch, number, business_date, state, staff, back_at, ticket",
    Release: "branch, name, version, body",
    Terminal: "branch, epoch, acked_seq",
    Ticket: "id, branch, business_date, queue, number, service, priority, state, counter,"
    " wanted_counter, wanted_staff, arrived_at, issued_at, first_called_at, called_at, ended_at,"
    " waiting_seconds, hold_seconds",
}
"""What a board reads of its own branch: what it shows, and what says whether that has changed."""
_SHOWN_RELEASES = (Name.SETTINGS, Name.CATALOG, Name.LEARNED)
_GUARDED = (Branch, Counter, CounterNow, Release, Terminal, Ticket)
"""Tables in which a login sees the rows of its own branch only."""
_EVENT, _TICKET, _COUNTER = (table_of(model).name for model in (Event, Ticket, Counter))
_REVISION = "alembic_version"
_LONGEST_NAME = 63
"""Bytes; PostgreSQL cuts off what is longer."""
_PASSWORD_BYTES = 24
_CONNECTIONS = 8
"""At once, of one login: a terminal gone wild must not take all that the server has."""
_SETTINGS = {
    "statement_timeout": "2min",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "idle_session_timeout": "10min",
}
"""So that a terminal that went away in the middle keeps nobody waiting for long."""
_GRANTED_SINCE_16 = 160_000
"""Before that version, who may make roles may also make anybody a member of any."""

_RIGHTS = """
    SELECT
        current_user AS login, me.rolsuper AS is_superuser, me.rolcreaterole AS makes_roles,
        pg_has_role(d.datdba, 'USAGE') AND pg_has_role(n.nspowner, 'USAGE') AS owns,
        current_setting('server_version_num')::integer AS version,
        (SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)) AS roles,
        (
            SELECT pg_has_role(oid, 'USAGE') OR pg_has_role(oid, 'USAGE WITH ADMIN OPTION')
            FROM pg_roles WHERE rolname = %s
        ) AS has_functions
    FROM pg_roles AS me, pg_database AS d, pg_namespace AS n
    WHERE me.rolname = current_user AND d.datname = current_database() AND n.nspname = 'public'
"""


@dataclass(frozen=True)
class Login:
    """How a terminal or a counter comes to the branch database."""

    name: str
    password: str


def require_rights(connection: Connection, database: str) -> None:
    """Check that the login may do all that making a branch database takes, before any of it.

    Args:
        connection: To the database as the one who wants to make it.
        database: How to name it to people.

    Raises:
        KioskError: `branch_rights_missing`.
    """
    found = connection.exec_driver_sql(_RIGHTS, (list(_ROLES), FUNCTIONS)).one()
    makes_members = found.makes_roles and found.version < _GRANTED_SINCE_16
    may = (
        found.owns
        and (found.makes_roles or found.roles == len(_ROLES))
        and (found.has_functions is not False or makes_members)
    )
    if not (found.is_superuser or may):
        raise KioskError("branch_rights_missing", database=database, login=found.login)


def make_roles(connection: Connection) -> None:
    """Make the roles that are missing, before functions are installed.

    Args:
        connection: To the branch database as its owner, in a transaction.
    """
    for role in _ROLES:
        if not _exists(connection, role):
            _run(connection, "CREATE ROLE {} NOLOGIN", role)
    # who brings the functions up to date later must be one of those who own them
    is_one = connection.exec_driver_sql("SELECT pg_has_role(%s, 'USAGE')", (FUNCTIONS,)).scalar()
    if not is_one:
        _run(connection, "GRANT {} TO CURRENT_USER", FUNCTIONS)


def grant(connection: Connection) -> None:
    """Say what each role may do here; who may do something else after an update no longer may.

    Args:
        connection: As for `make_roles`, when tables and functions are there.
    """
    database = _database(connection)
    _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    _run(connection, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for role in _ROLES:
        _run(connection, "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}", role)
        _run(connection, "GRANT USAGE ON SCHEMA public TO {}", role)
    for login in _logins(connection):
        _let_in(connection, database, login)
    _grant_functions(connection)
    _grant_tables(connection, "SELECT", (*_names(_READABLE), _REVISION), READERS)
    # what is published and since when, but not the bodies: the staff's PINs are in one, as hashes
    columns = "branch, name, version, digest, format, published_at"
    _grant_tables(connection, f"SELECT ({columns})", _names((Release,)), READERS)
    _grant_tables(connection, "SELECT (branch, number, queues)", (_COUNTER,), READERS)
    # an encrypted number, but not what it could be compared by
    _grant_tables(connection, f"SELECT ({_OF_CONTACTS})", _names((StoredContact,)), READERS)
    _guard_rows(connection)
    _grant_queue(connection)
    _grant_board(connection)


def make_login(connection: Connection, branch: str, terminal: str) -> Login:
    """Make a terminal's login, or give the one that is there a new password.

    Raises:
        KioskError: `login_taken` when the server has such a role for something else.
    """
    return _make_login(connection, f"{branch}.{terminal}", TERMINALS)


def make_counter_login(connection: Connection, branch: str, number: int) -> Login:
    """As `make_login`, for a counter."""
    return _make_login(connection, f"{branch}.counter.{number}", COUNTERS)


def make_board_login(connection: Connection, branch: str) -> Login:
    """As `make_login`, for all boards of a branch."""
    return _make_login(connection, f"{branch}.board", BOARDS)


# --- what the roles may do ------------------------------------------------------------------------


def _grant_functions(connection: Connection) -> None:
    """The functions own nothing but themselves, and can't change an event even by mistake."""
    # to be given a function, a role must be allowed to make one
    _run(connection, "GRANT CREATE ON SCHEMA public TO {}", FUNCTIONS)
    for function in connection.exec_driver_sql(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'kiosk_')"
    ).scalars():
        named = SQL(function)  # as the server itself writes it
        _execute(connection, SQL("ALTER FUNCTION {} OWNER TO {}").format(named, _id(FUNCTIONS)))
        everybody = SQL(", ").join(
            [SQL("PUBLIC"), *map(_id, (TERMINALS, COUNTERS, BOARDS, READERS))]
        )
        _execute(connection, SQL("REVOKE ALL ON FUNCTION {} FROM {}").format(named, everybody))
    _run(connection, "REVOKE CREATE ON SCHEMA public FROM {}", FUNCTIONS)
    callable_ones = SQL(", ").join(map(SQL, FOR_TERMINALS))
    _execute(
        connection,
        SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(callable_ones, _id(TERMINALS)),
    )
    _execute(
        connection,
        SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(
            SQL(", ").join(map(SQL, FOR_COUNTERS)), _id(COUNTERS)
        ),
    )
    others = [name for name in SQLModel.metadata.tables if name not in {_EVENT, _COUNTER}]
    _grant_tables(connection, "SELECT, INSERT", (_EVENT,), FUNCTIONS)
    _grant_tables(connection, "SELECT, UPDATE", (_COUNTER,), FUNCTIONS)
    _grant_tables(connection, "SELECT, INSERT, UPDATE, DELETE", others, FUNCTIONS)


def _guard_rows(connection: Connection) -> None:
    """Nobody sees a row that no rule lets them see."""
    for name in _names(_GUARDED):
        _run(connection, "ALTER TABLE {} ENABLE ROW LEVEL SECURITY", name)
        _make_policy(connection, (name, "whole_table", "ALL"), FUNCTIONS, SQL("true"))
        _make_policy(connection, (name, "all_rows_read", "SELECT"), READERS, SQL("true"))


def _grant_queue(connection: Connection) -> None:
    """A counter sees what concerns its branch's queue, and records its steps through a function.

    To lock a row is a kind of changing it: the right is there, and a rule that no changed row fits.
    Which branch and counter it is, the table of counters says: nothing that a login can set.
    """
    _grant_tables(connection, "SELECT", (*_names(_FOR_COUNTERS), _REVISION), COUNTERS)
    _grant_tables(connection, "UPDATE (state)", (_TICKET,), COUNTERS)
    _grant_tables(connection, "UPDATE (last_seq)", (_COUNTER,), COUNTERS)
    own_row = SQL("login = session_user")
    for model in _FOR_COUNTERS:
        table = table_of(model)
        key = SQL("code" if model is Branch else "branch")
        # asked once in a statement
        own_branch = SQL("{} = (SELECT kiosk_own_branch())").format(key)
        _make_policy(connection, (table.name, "own_branch_seen", "SELECT"), COUNTERS, own_branch)
        if model in (Ticket, Counter):
            mine = own_row if model is Counter else own_branch
            _make_policy(connection, (table.name, "own_branch_locked", "UPDATE"), COUNTERS, mine)


def _grant_board(connection: Connection) -> None:
    """A board reads what it shows of its branch; which one that is, the branch's own row says."""
    _grant_tables(connection, "SELECT", (_REVISION,), BOARDS)
    shown = SQL(", ").join(Literal(name.value) for name in _SHOWN_RELEASES)
    for model, columns in _FOR_BOARDS.items():
        name = table_of(model).name
        _grant_tables(connection, f"SELECT ({columns})", (name,), BOARDS)
        own = SQL("branch = (SELECT code FROM branch WHERE board_login = session_user)")
        if model is Branch:
            own = SQL("board_login = session_user")
        rows: Composable = own
        if model is Release:
            rows = SQL("{} AND name IN ({})").format(own, shown)
        _make_policy(connection, (name, "board_shows", "SELECT"), BOARDS, rows)


def _make_policy(
    connection: Connection, named: tuple[str, str, str], role: str, condition: Composable
) -> None:
    table, policy, command = named
    _run(connection, "DROP POLICY IF EXISTS {} ON {}", policy, table)
    check = SQL("WITH CHECK (false)" if command == "UPDATE" else "")
    _execute(
        connection,
        SQL("CREATE POLICY {} ON {} FOR {} TO {} USING ({}) {}").format(
            _id(policy), _id(table), SQL(command), _id(role), condition, check
        ),
    )


def _grant_tables(connection: Connection, rights: str, tables: Iterable[str], role: str) -> None:
    named = SQL(", ").join(map(_id, tables))
    _execute(connection, SQL("GRANT {} ON {} TO {}").format(SQL(rights), named, _id(role)))


def _names(models: Iterable[type[SQLModel]]) -> tuple[str, ...]:
    return tuple(table_of(model).name for model in models)


# --- logins ---------------------------------------------------------------------------------------


def _make_login(connection: Connection, whose: str, role: str) -> Login:
    database = _database(connection)
    login = Login(_login_name(f"{database}.{whose}"), secrets.token_urlsafe(_PASSWORD_BYTES))
    if not _exists(connection, login.name):
        _run(connection, "CREATE ROLE {} LOGIN IN ROLE {}", login.name, role)
    elif not connection.exec_driver_sql(
        "SELECT pg_has_role(%s, %s, 'MEMBER') AND NOT rolsuper FROM pg_roles WHERE rolname = %s",
        (login.name, role, login.name),
    ).scalar():
        raise KioskError("login_taken", login=login.name)
    name = _id(login.name)
    for setting, value in _SETTINGS.items():
        _execute(
            connection, SQL("ALTER ROLE {} SET {} = {}").format(name, _id(setting), Literal(value))
        )
    _execute(
        connection,
        SQL("ALTER ROLE {} CONNECTION LIMIT {} PASSWORD {}").format(
            name, Literal(_CONNECTIONS), Literal(_verifier(connection, login))
        ),
    )
    _let_in(connection, database, login.name)
    return login


def _login_name(whole: str) -> str:
    """The roles of a server are common to all its databases; no code has a dot in it."""
    if len(whole.encode()) <= _LONGEST_NAME:
        return whole
    return f"kiosk-{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def _let_in(connection: Connection, database: str, login: str) -> None:
    _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", database, login)


def _logins(connection: Connection) -> list[str]:
    """Those that were enrolled here and still are: a copied database lets nobody in by itself."""
    found = [
        login
        for column in (
            table_of(Terminal).c.login,
            table_of(Counter).c.login,
            table_of(Branch).c.board_login,
        )
        for login in connection.execute(select(column).where(column.is_not(None))).scalars()
    ]
    return [login for login in found if _exists(connection, login)]


def _verifier(connection: Connection, login: Login) -> str:
    """What the server keeps instead of the password, so that no log of it ever has that."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 (tells mypy that it is connected)
    made: bytes = driver.pgconn.encrypt_password(
        login.password.encode(), login.name.encode(), b"scram-sha-256"
    )
    return made.decode("ascii")


# --- statements -----------------------------------------------------------------------------------


def _database(connection: Connection) -> str:
    name: str = connection.exec_driver_sql("SELECT current_database()").scalar_one()
    return name


def _exists(connection: Connection, role: str) -> bool:
    found = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    return found.first() is not None


def _id(name: str) -> Identifier:
    return Identifier(name)


def _run(connection: Connection, statement: LiteralString, *names: str) -> None:
    _execute(connection, SQL(statement).format(*map(_id, names)))


def _execute(connection: Connection, statement: Composable) -> None:
    """Names and literals can't be parameters here: the driver puts them into the text."""
    connection.exec_driver_sql(statement.as_string().replace("%", "%%"))
