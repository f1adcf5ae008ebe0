"""Reads the audit logs that a machine can read, and checks those that it has the key for."""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import Connection, select

from kiosk.addresses import sqlite_url
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Terminal
from kiosk.models.tables import table_of
from kiosk.services import keys
from kiosk.services.audit import (
    KEY,
    Broken,
    Head,
    Kept,
    chain_of_commands,
    chains,
    entries,
    first_broken,
)

log = logging.getLogger("kiosk")
_TERMINAL = table_of(Terminal)
_NOT_HERE = ("database_forbidden", "database_missing", "database_unreachable", "schema_missing")
"""The branch's log may be out of reach where the terminal's own is not."""


@dataclass(frozen=True)
class Chain:
    """One audit log."""

    name: str
    """A terminal's code, or `@` and the name of a machine's key."""
    kept: tuple[Kept, ...]
    known: Head
    """Its end as the branch knows it."""
    has_key: bool
    """Whether this machine can check it."""
    broken: Broken | None
    """The first entry that is not right."""


def read_chains(settings: Config, url: str) -> list[Chain]:
    """Every audit log of the branch that can be read from here, checked where that can be.

    Args:
        settings: Name the branch and the terminal, and where the key is.
        url: The branch database.

    Raises:
        KioskError: `audit_nowhere`; `key_unreadable`, `key_invalid`; what keeps the store from
            being read.
    """
    branch, terminal = settings.branch.code, settings.terminal.code
    heads, found = _of_branch(settings, url)
    if settings.store_path.exists():
        with closing(Database(sqlite_url(settings.store_path), is_store=True)) as store:
            store.require_schema()
            with store.read() as connection:
                own = chains(entries(connection, branch))
        # one that is gone as a whole is missed as well
        found = own | ({terminal: []} if terminal in heads and terminal not in own else {}) | found
    if not found and not heads and not settings.store_path.exists():
        raise KioskError("audit_nowhere", store=settings.store_path)
    return list(_checked(settings, found, heads))


def _of_branch(settings: Config, url: str) -> tuple[dict[str, Head], dict[str, list[Kept]]]:
    try:
        with closing(Database(url)) as database:
            database.require_schema()
            with database.read() as connection:
                branch = settings.branch.code
                return _heads(connection, branch), chains(entries(connection, branch))
    except KioskError as error:
        if error.code not in _NOT_HERE:
            raise
        log.warning("the branch database can't be asked: %s", error)
        return {}, {}


def _heads(connection: Connection, branch: str) -> dict[str, Head]:
    rows = connection.execute(
        select(_TERMINAL.c.code, _TERMINAL.c.audit_seq, _TERMINAL.c.audit_head).where(
            _TERMINAL.c.branch == branch, _TERMINAL.c.audit_seq > 0
        )
    )
    return {row.code: Head(row.audit_seq, row.audit_head) for row in rows}


def _checked(
    settings: Config, found: dict[str, list[Kept]], heads: dict[str, Head]
) -> Iterator[Chain]:
    key = keys.existing_key(settings, KEY)
    own = {settings.terminal.code}
    if key is not None:
        own.add(chain_of_commands(settings))
    for name, kept in found.items():
        known = heads.get(name, Head())
        # without a key, nothing that is said to be this machine's own can be right
        broken = first_broken(kept, key or b"", known) if name in own else None
        yield Chain(name, tuple(kept), known, name in own, broken)
