"""Puts a backup in the place of a store or of a branch database's file.

A store is never simply put back: the branch may have events that the copy lacks, and what was
recorded behind it would come under numbers that were given already. So a restored store is a new
one (`sync.renew`), with the next epoch, that holds what the copy and the old store have together. A
branch database is put back as it was; terminals notice and bring what it lost (`sync.replay`).
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from kiosk.addresses import sqlite_url
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.lock import held
from kiosk.migrations import HEAD
from kiosk.services import replacement
from kiosk.services.backup import (
    Backup,
    database_id_of,
    drop_note,
    look_at,
    require_sound,
    require_store_of,
)
from kiosk.services.sync.renew import Renewal, renewal
from kiosk.sqlite_copy import copy_whole


@contextmanager
def store_restored(settings: Config, clock: Clock, file: Path) -> Iterator[tuple[Backup, Renewal]]:
    """Read a backup of this terminal's store beside the store, which may be missing or damaged.

    Raises:
        KioskError: As `look_at`, `require_sound`, `require_store_of` and `renewal`.
    """
    backup = look_at(file)
    require_sound(backup)
    require_store_of(backup, settings)
    with (
        _in_this_form(backup, settings.store_path) as path,
        renewal(settings, clock, path) as found,
    ):
        yield backup, found


def restore_branch(database: Path, file: Path, moment: datetime) -> Path | None:
    """Put a backup in the place of a branch database's file.

    Args:
        database: The file; may be missing.
        file: Its backup.
        moment: The branch's time.

    Returns:
        Where the old file is kept, if there was one.

    Raises:
        KioskError: As `look_at` and `require_sound`; `backup_of_store`, `backup_of_another`,
            `database_busy` as long as anybody has the old file open.
    """
    backup = look_at(file)
    require_sound(backup)
    if backup.database_id is None:
        raise KioskError("backup_of_store", path=file)
    if (known := database_id_of(database)) and known != backup.database_id:
        raise KioskError("backup_of_another", path=file, database=database)
    with held(database, "restore", "database_busy"):
        replacement.discard_fresh(database)
        fresh = replacement.fresh_path(database)
        try:
            copy_whole(file, fresh)
            _make_usable(fresh)
            is_there = database.exists()
            if is_there:
                shutil.copymode(database, fresh)
            kept = replacement.kept_path(database, moment)
            replacement.put_in_place(database, kept)
        finally:
            replacement.discard_fresh(database)
    return kept if is_there else None


def finish_branch(database: Path) -> Path | None:
    """Finish a restoration that was interrupted while files were moved; None: none was."""
    if not replacement.is_half_replaced(database):
        return None
    with held(database, "restore", "database_busy"):
        return replacement.finish(database)


@contextmanager
def _in_this_form(backup: Backup, store: Path) -> Iterator[Path]:
    """The backup, or a copy of it that has this program's schema."""
    if backup.revision == HEAD:
        yield backup.path
        return
    copy = store.with_name(f"{store.name}.restored")
    try:
        copy_whole(backup.path, copy)
        _make_usable(copy)
        yield copy
    finally:
        for part in replacement.PARTS:
            copy.with_name(copy.name + part).unlink(missing_ok=True)


def _make_usable(copy: Path) -> None:
    drop_note(copy)
    with closing(Database(sqlite_url(copy))) as database:
        database.migrate(is_copy=True)
