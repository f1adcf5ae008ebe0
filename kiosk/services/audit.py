"""Who did what that somebody may have to answer for: a log that shows where it was changed.

Each entry is sealed with a key that no database holds, and holds the seal of the one before. Who
changes, adds or takes out an entry breaks the chain there; who cuts off its end is found by the
branch, which knows the last seal from each synchronisation.
"""

import getpass
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby

from sqlalchemy import Connection, insert, select

from kiosk.addresses import sqlite_url
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.models import AuditEntry
from kiosk.models.tables import table_of
from kiosk.services import keys
from kiosk.services.releases import lock_branch

KEY = "audit"
"""The name of its key."""
_ENTRY = table_of(AuditEntry)


class AuditAction(StrEnum):
    """What is kept."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OFF = "sign_off"
    PIN_CHANGED = "pin_changed"
    ROSTER_CHANGED = "roster_changed"
    PHONE_VIEWED = "phone_viewed"
    CONTACT_PURGED = "contact_purged"
    EXPORTED = "exported"
    TARGET_CHANGED = "target_changed"
    OUTAGE_CHANGED = "outage_changed"
    RECONCILED = "reconciled"
    """A probable line of a journal was confirmed."""


@dataclass(frozen=True)
class Entry:
    """An entry as it is sealed; `AuditEntry` says what each is."""

    branch: str
    terminal: str
    seq: int
    at: datetime
    staff: str
    action: str
    subject: str
    result: str
    previous: str

    def sealed(self, key: bytes) -> str:
        """The seal."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        told["at"] = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Kept:
    """An entry with the seal that stands beside it."""

    entry: Entry
    mac: str


class Fault(StrEnum):
    """How a chain is broken."""

    MISSING = "missing"
    """Entries before this one are gone."""
    CHANGED = "changed"
    """It is not what was sealed."""
    CUT_OFF = "cut_off"
    """The branch knows of a later one, or of another one in its place."""


@dataclass(frozen=True)
class Broken:
    """The first entry that is not right."""

    seq: int
    fault: Fault


@dataclass(frozen=True)
class Head:
    """The end of a chain."""

    seq: int = 0
    mac: str = ""


class AuditLog:
    """One chain, to which is written.

    Args:
        database: Where it stands.
        settings: Name the branch, and where the key is.
        clock: Says when something was done.
        terminal: Whose chain it is.
    """

    def __init__(self, database: Database, settings: Config, clock: Clock, terminal: str) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._terminal = terminal

    def record(self, action: AuditAction, staff: str, subject: str = "", result: str = "") -> None:
        """Keep that something was done; it is on disk when this returns.

        Raises:
            KioskError: What keeps the database from being written, or a `key_…` code.
        """
        with self._database.write() as connection:
            self.record_in(connection, action, staff, subject, result)

    def record_in(
        self,
        connection: Connection,
        action: AuditAction,
        staff: str,
        subject: str = "",
        result: str = "",
    ) -> None:
        """As `record`, together with what was done or not at all."""
        key, branch = keys.key(self._settings, KEY), self._settings.branch.code
        lock_branch(connection, branch)
        last = head(connection, branch, self._terminal)
        entry = Entry(
            branch, self._terminal, last.seq + 1, self._clock.now(), staff, action.value, subject,
            result, last.mac,
        )  # fmt: skip
        connection.execute(insert(_ENTRY).values(**vars(entry), mac=entry.sealed(key)))


def log_of_commands(database: Database, settings: Config, clock: Clock) -> AuditLog:
    """What is done to a branch database by commands on this machine: a chain of its own there."""
    return AuditLog(database, settings, clock, chain_of_commands(settings))


@contextmanager
def log_of_this_machine(settings: Config, clock: Clock) -> Iterator[AuditLog]:
    """Where a command that changes no database is kept: in the store, else with the branch."""
    has_store = settings.store_path.exists()
    url = sqlite_url(settings.store_path) if has_store else settings.branch_database_url
    with closing(Database(url)) as database:
        if has_store:
            yield AuditLog(database, settings, clock, settings.terminal.code)
        else:
            yield log_of_commands(database, settings, clock)


def chain_of_commands(settings: Config) -> str:
    """The chain of this machine's commands: only its key can go on with it."""
    return f"@{hashlib.sha256(keys.key(settings, KEY)).hexdigest()[:8]}"


def system_user() -> str:
    """Who says a command, as the system knows them."""
    try:
        return f"os:{getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as in some containers
        return "os:?"


def head(connection: Connection, branch: str, terminal: str) -> Head:
    """The end of a chain; nothing where there is none yet."""
    row = connection.execute(
        select(_ENTRY.c.seq, _ENTRY.c.mac)
        .where(_ENTRY.c.branch == branch, _ENTRY.c.terminal == terminal)
        .order_by(_ENTRY.c.seq.desc())
        .limit(1)
    ).first()
    return Head(*row) if row else Head()


def entries(connection: Connection, branch: str) -> Iterator[Kept]:
    """All that a database has of a branch, chain by chain."""
    columns = [_ENTRY.c[each.name] for each in fields(Entry)]
    for row in connection.execute(
        select(*columns, _ENTRY.c.mac)
        .where(_ENTRY.c.branch == branch)
        .order_by(_ENTRY.c.terminal, _ENTRY.c.seq)
    ):
        *told, mac = row
        yield Kept(Entry(*told), mac)


def chains(kept: Iterable[Kept]) -> dict[str, list[Kept]]:
    """Entries by the chain that they are of."""
    return {name: list(each) for name, each in groupby(kept, key=lambda each: each.entry.terminal)}


def first_broken(chain: Iterable[Kept], key: bytes, known: Head = Head()) -> Broken | None:
    """The first entry of a chain that is not right; None: all of it is as it was written.

    Args:
        chain: One chain, in order.
        key: What it is sealed with.
        known: Its end as somebody else knows it: nothing before may be missing.
    """
    last = Head()
    for each in chain:
        entry = each.entry
        if entry.seq != last.seq + 1 or entry.previous != last.mac:
            fault = Fault.MISSING if entry.seq > last.seq + 1 else Fault.CHANGED
            return Broken(last.seq + 1, fault)
        if not hmac.compare_digest(entry.sealed(key), each.mac):
            return Broken(entry.seq, Fault.CHANGED)
        last = Head(entry.seq, each.mac)
        if last.seq == known.seq and last.mac != known.mac:
            return Broken(last.seq, Fault.CUT_OFF)
    return Broken(last.seq + 1, Fault.CUT_OFF) if last.seq < known.seq else None
