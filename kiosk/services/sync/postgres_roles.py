"""Who may do what in a branch database on PostgreSQL.

A terminal's login may call the synchronisation's functions and nothing else; a reader may read the
figures and what they are made of. Logins are members of these roles and own nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Identifier, Literal
from sqlalchemy import Connection

from kiosk.models import (
    Branch,
    BranchMeta,
    Diversion,
    Event,
    HourlyFigures,
    Quarantine,
    Receipt,
    Terminal,
    Ticket,
    Visit,
)
from kiosk.models.tables import table_of
from kiosk.services.sync.postgres_functions import FOR_TERMINALS

TERMINALS, READERS = "kiosk_terminal", "kiosk_reader"
_READABLE = (
    Branch, BranchMeta, Diversion, Event, HourlyFigures, Quarantine, Receipt, Terminal, Ticket,
    Visit,
)  # fmt: skip
_LONGEST_NAME = 63
"""Bytes; PostgreSQL cuts off what is longer."""
_PASSWORD_BYTES = 24
_SETTINGS = {"statement_timeout": "2min", "lock_timeout": "30s", "idle_session_timeout": "10min"}
"""So that a terminal that went away in the middle keeps nobody waiting for long."""


@dataclass(frozen=True)
class Login:
    """How a terminal comes to the branch database."""

    name: str
    password: str


def prepare(connection: Connection) -> None:
    """Make the roles that are missing and say what each may do.

    Args:
        connection: To the branch database as its owner, in a transaction.
    """
    for role in (TERMINALS, READERS):
        if not _exists(connection, role):
            _run(connection, SQL("CREATE ROLE {} NOLOGIN").format(Identifier(role)))
    _run(connection, SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    roles = SQL(", ").join(map(Identifier, (TERMINALS, READERS)))
    _run(connection, SQL("GRANT USAGE ON SCHEMA public TO {}").format(roles))
    functions = SQL(", ".join(FOR_TERMINALS))
    _run(
        connection,
        SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(functions, Identifier(TERMINALS)),
    )
    # and the revision, by which every command sees that it knows these tables
    names = ("alembic_version", *(table_of(model).name for model in _READABLE))
    tables = SQL(", ").join(map(Identifier, names))
    _run(connection, SQL("GRANT SELECT ON {} TO {}").format(tables, Identifier(READERS)))


def make_login(connection: Connection, branch: str, terminal: str) -> Login:
    """Make a terminal's login, or give the one that is there a new password."""
    login = Login(_name(connection, branch, terminal), secrets.token_urlsafe(_PASSWORD_BYTES))
    name = Identifier(login.name)
    if not _exists(connection, login.name):
        _run(connection, SQL("CREATE ROLE {} LOGIN IN ROLE {}").format(name, Identifier(TERMINALS)))
        for setting, value in _SETTINGS.items():
            _run(
                connection,
                SQL("ALTER ROLE {} SET {} = {}").format(name, Identifier(setting), Literal(value)),
            )
    _run(
        connection,
        SQL("ALTER ROLE {} PASSWORD {}").format(name, Literal(_verifier(connection, login))),
    )
    return login


def _name(connection: Connection, branch: str, terminal: str) -> str:
    """The roles of a server are common to all its databases."""
    database = connection.exec_driver_sql("SELECT current_database()").scalar_one()
    whole = f"{database}-{branch}-{terminal}"
    if len(whole.encode()) <= _LONGEST_NAME:
        return whole
    return f"kiosk-{hashlib.sha256(whole.encode()).hexdigest()[:32]}"


def _verifier(connection: Connection, login: Login) -> str:
    """What the server keeps instead of the password, so that no log of it ever has that."""
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 (tells mypy that it is connected)
    made: bytes = driver.pgconn.encrypt_password(
        login.password.encode(), login.name.encode(), b"scram-sha-256"
    )
    return made.decode("ascii")


def _exists(connection: Connection, role: str) -> bool:
    found = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
    return found.first() is not None


def _run(connection: Connection, statement: Composable) -> None:
    """Names and literals can't be parameters here: the driver puts them into the text."""
    connection.exec_driver_sql(statement.as_string().replace("%", "%%"))
