"""Copies of a store or of a branch database's file, and the proof that they are whole.

A copy says of itself, in a table of its own, what it held when it was made: how many events, and a
digest over every row of every table. So it can be proved years later, beside nothing but itself.
"""

import hashlib
import json
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk import __version__
from kiosk.database_errors import DAMAGED
from kiosk.errors import KioskError
from kiosk.migrations import REVISIONS
from kiosk.services.store import require_own
from kiosk.sqlite_copy import copy_into, errors_of, new_file, snapshot
from kiosk.sqlite_driver import driver

if TYPE_CHECKING:
    from sqlite3 import Connection

    from kiosk.config import Config

NOTE = "backup_note"
"""The table in which a copy says what it is; no database in use has it."""
_FAULTS = 10
_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    " AND name != ? ORDER BY name"
)


@dataclass(frozen=True)
class Contents:
    """What a database holds; the same digest, the same rows."""

    events: int
    digest: str


@dataclass(frozen=True)
class Note:
    """What a copy says of itself."""

    made_at: datetime
    program: str
    contents: Contents


@dataclass(frozen=True)
class Backup:
    """A copy, as it is found."""

    path: Path
    revision: str
    database_id: str | None
    """Of a branch database; None: it is a terminal's store."""
    branch: str
    terminal: str
    """Whose store it is; empty for a branch database."""
    epoch: int
    contents: Contents
    note: Note | None
    """None: it is a plain copy that nobody can prove."""
    faults: tuple[str, ...]
    """What SQLite says of the file; empty when it is sound."""

    @property
    def is_store(self) -> bool:
        """Whether it is of a terminal."""
        return self.database_id is None

    @property
    def is_changed(self) -> bool:
        """Whether it no longer holds what it held when it was made."""
        return self.note is not None and self.note.contents != self.contents

    @property
    def is_whole(self) -> bool:
        """Whether it is proved."""
        return self.note is not None and not self.is_changed and not self.faults


def back_up(source: Path, target: Path, moment: datetime) -> Backup:
    """Copy a database while programs go on using it, and prove the copy.

    Args:
        source: The file of a store or a branch database.
        target: A new file, for its owner alone.
        moment: The time.

    Raises:
        KioskError: `file_exists`, `backup_differs`, or what keeps one of both from being read or
            written. There is no copy then.
    """
    if target.exists():
        raise KioskError("file_exists", path=target)
    with new_file(target) as draft:
        with snapshot(source) as connection:
            note = Note(moment, __version__, _contents(connection))
            copy_into(connection, draft)
        _write_note(draft, note)
        found = look_at(draft)
        if not found.is_whole:
            raise KioskError("backup_differs", path=target)
    return replace(found, path=target)


def look_at(path: Path) -> Backup:
    """Read a copy from its first row to its last; changes nothing.

    Raises:
        KioskError: `backup_missing`, `backup_of_nothing`, `backup_damaged`, `schema_newer`.
    """
    try:
        return _look_at(path)
    except KioskError as error:
        if error.code != DAMAGED:
            raise
        raise KioskError("backup_damaged", path=path, fault="-") from error


def _look_at(path: Path) -> Backup:
    if not path.is_file():
        raise KioskError("backup_missing", path=path)
    with snapshot(path) as connection:
        rows = connection.execute(f"PRAGMA integrity_check({_FAULTS})").fetchall()
        revision = _revision(connection, path)
        branch, terminal, epoch = _owner(connection, path)
        return Backup(
            path,
            revision,
            _database_id(connection),
            branch,
            terminal,
            epoch,
            _contents(connection),
            _note(connection),
            tuple(fault for (fault,) in rows if fault != "ok"),
        )


def require_sound(backup: Backup) -> None:
    """Refuse a copy that is not what it was.

    Raises:
        KioskError: `backup_damaged`, `backup_changed`.
    """
    if backup.faults:
        raise KioskError("backup_damaged", path=backup.path, fault=backup.faults[0])
    if backup.is_changed:
        raise KioskError("backup_changed", path=backup.path)


def require_store_of(backup: Backup, settings: "Config") -> None:
    """Refuse a copy that is no store of this terminal.

    Raises:
        KioskError: `backup_of_branch`, `store_of_another`.
    """
    if not backup.is_store:
        raise KioskError("backup_of_branch", path=backup.path)
    try:
        require_own(backup.branch, backup.terminal, settings)
    except KioskError as error:
        raise KioskError(error.code, **error.params | {"database": backup.path}) from error


def database_id_of(path: Path) -> str | None:
    """The id of the branch database that is there; None where nobody can tell."""
    try:
        with snapshot(path) as connection:
            return _database_id(connection) if _has(connection, "branch_meta") else None
    except KioskError:
        return None


def drop_note(path: Path) -> None:
    """Let a copy become a database in use."""
    with errors_of(path), closing(driver.connect(path)) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {NOTE}")
        connection.commit()


def _contents(connection: "Connection") -> Contents:
    digest = hashlib.sha256()
    connection.text_factory = _text  # an event may be damaged, and is kept as it is
    for (table,) in connection.execute(_TABLES, (NOTE,)).fetchall():
        digest.update(f"{table}\n".encode())
        for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):  # noqa: S608 (its own names)
            digest.update(json.dumps(row, default=repr).encode() + b"\n")
    (events,) = connection.execute("SELECT count(*) FROM event").fetchone()
    return Contents(events, digest.hexdigest())


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def _write_note(path: Path, note: Note) -> None:
    with errors_of(path), closing(driver.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {NOTE} (made_at, program, events, digest)")
        connection.execute(
            f"INSERT INTO {NOTE} VALUES (?, ?, ?, ?)",  # noqa: S608 (our own words)
            (note.made_at.isoformat(), note.program, note.contents.events, note.contents.digest),
        )
        connection.commit()


def _note(connection: "Connection") -> Note | None:
    if not _has(connection, NOTE):
        return None
    row = connection.execute(f"SELECT made_at, program, events, digest FROM {NOTE}").fetchone()  # noqa: S608 (our own words)
    if row is None:
        return None
    made_at, program, events, digest = row
    return Note(datetime.fromisoformat(made_at), program, Contents(events, digest))


def _revision(connection: "Connection", path: Path) -> str:
    row = None
    if _has(connection, "alembic_version"):
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise KioskError("backup_of_nothing", path=path)
    revision = str(row[0])
    if revision not in REVISIONS:
        raise KioskError("schema_newer", database=path, revision=revision)
    return revision


def _owner(connection: "Connection", path: Path) -> tuple[str, str, int]:
    """Branch, terminal and epoch; of a branch database its first branch, and no terminal."""
    if _database_id(connection) is not None:
        row = connection.execute("SELECT min(code) FROM branch").fetchone()
        return str(row[0]), "", 0
    row = connection.execute("SELECT branch, code, epoch FROM terminal").fetchone()
    if row is None:
        raise KioskError("backup_of_nothing", path=path)
    branch, terminal, epoch = row
    return str(branch), str(terminal), int(epoch)


def _database_id(connection: "Connection") -> str | None:
    row = connection.execute("SELECT id FROM branch_meta").fetchone()
    return str(row[0]) if row else None


def _has(connection: "Connection", table: str) -> bool:
    named = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(named, (table,)).fetchone() is not None
