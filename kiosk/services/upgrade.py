"""What an update of the program means for the files that are there, and the way back from it."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from kiosk.addresses import sqlite_url
from kiosk.config import Config
from kiosk.db import Database, path_before
from kiosk.errors import KioskError
from kiosk.lock import held
from kiosk.migrations import HEAD, REVISIONS
from kiosk.services import replacement
from kiosk.services.branch import initialise, prepare_store
from kiosk.sqlite_copy import copy_whole, snapshot

_GROW_ONLY = ("event", "audit_entry", "receipt", "batch", "release")
"""What is recorded adds rows here: as many as before, and nothing was."""
_ROOM = 2
"""Times its size: the copy, and what the migration writes anew."""


class Form(StrEnum):
    """How a database's schema stands to this program's."""

    NONE = "none"
    """It is not made yet."""
    SAME = "same"
    OLDER = "older"
    """It would be migrated."""
    NEWER = "newer"
    """A newer program has been here."""


@dataclass(frozen=True)
class Finding:
    """One file that this program would use."""

    path: Path
    form: Form
    revision: str
    """Empty when it is not made yet."""
    needed: int
    """Bytes that must be free beside it, for a migration with its copy."""
    free: int
    is_busy: bool
    """Somebody uses it just now."""

    @property
    def is_ready(self) -> bool:
        """Whether this program can take it over as it is, or bring it up to date."""
        if self.form is Form.OLDER:
            return not self.is_busy and self.free >= self.needed
        return self.form is not Form.NEWER


def files_of(settings: Config) -> list[Path]:
    """The store, and the branch database where it is a file."""
    files = [settings.store_path]
    url = settings.branch_database_url
    if url.startswith("sqlite"):
        with closing(Database(url, create=True)) as database:
            files.append(database.path)
    return files


def look(path: Path) -> Finding:
    """How a file stands to this program; changes nothing.

    Raises:
        KioskError: What keeps it from being read.
    """
    free = shutil.disk_usage(_existing(path.parent)).free
    if not path.exists():
        return Finding(path, Form.NONE, "", 0, free, is_busy=False)
    revision = _revision(path)
    size = path.stat().st_size
    return Finding(path, _form(revision), revision, _ROOM * size, free, _is_busy(path))


def migrate(path: Path, settings: Config) -> Path | None:
    """Bring a file up to date; returns where it is kept as it was, None if its form is the same.

    Args:
        path: One of `files_of`.
        settings: The terminal's.

    Raises:
        KioskError: `store_in_use`, `schema_newer`, or there is no room.
    """
    with held(path, "terminal", "store_in_use"), held(path, "sync", "sync_running"):
        form = look(path).form
        if form is Form.NONE:
            return None
        with closing(Database(sqlite_url(path))) as database:
            if path == settings.store_path:
                prepare_store(database, settings)
            else:  # what events it takes in is said there, too
                initialise(database, settings)
    return path_before(path, HEAD) if form is Form.OLDER else None


def take_back(path: Path, moment: datetime) -> Path | None:
    """Put a file back as it was before a newer program migrated it.

    Args:
        path: The file.
        moment: The time.

    Returns:
        Where the newer one is kept; None where there is nothing to take back.

    Raises:
        KioskError: `upgrade_too_late` when something was recorded since, `upgrade_no_copy`,
            `store_in_use`, `database_busy`.
    """
    with held(path, "terminal", "store_in_use"), held(path, "sync", "sync_running"):
        if replacement.is_half_replaced(path):
            return replacement.finish(path)
        found = look(path)
        if found.form is not Form.NEWER:
            return None
        before = path_before(path, found.revision)
        if not before.exists() or _revision(before) not in REVISIONS:
            raise KioskError("upgrade_no_copy", database=path, path=before)
        if _rows(before) != _rows(path):
            raise KioskError("upgrade_too_late", database=path, path=before)
        kept = replacement.kept_path(path, moment)
        replacement.discard_fresh(path)
        try:
            copy_whole(before, replacement.fresh_path(path))
            shutil.copymode(path, replacement.fresh_path(path))
            replacement.put_in_place(path, kept)
        finally:
            replacement.discard_fresh(path)
        return kept


def _form(revision: str) -> Form:
    if revision == HEAD:
        return Form.SAME
    return Form.OLDER if revision in REVISIONS or not revision else Form.NEWER


def _revision(path: Path) -> str:
    with snapshot(path) as connection:
        named = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
        if connection.execute(named).fetchone() is None:
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""


def _rows(path: Path) -> dict[str, int]:
    return dict(_counted(path))


def _counted(path: Path) -> Iterator[tuple[str, int]]:
    with snapshot(path) as connection:
        for table in _GROW_ONLY:
            query = f"SELECT count(*) FROM {table}"  # noqa: S608 (our own words)
            yield table, connection.execute(query).fetchone()[0]


def _is_busy(path: Path) -> bool:
    try:
        with held(path, "terminal", "store_in_use"), held(path, "sync", "sync_running"):
            return False
    except KioskError as error:
        if error.code in ("store_in_use", "sync_running"):
            return True
        raise


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
