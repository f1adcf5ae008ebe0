"""Puts a new store in the place of an old one, which is kept beside it under another name.

So is a branch database's file replaced when its backup takes its place.

A store is up to four files, and its write-ahead log must never meet another store's file. They
can't be moved at once, so a marker says meanwhile that a replacement is under way: nobody opens the
store until it is finished. May be killed at any moment and finished later.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from kiosk.errors import KioskError

_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510
PARTS = ("", "-wal", "-shm", "-journal")
"""What is added to a store's name for each of its files."""


def fresh_path(store: Path) -> Path:
    """Where the new store is made ready."""
    return store.with_name(f"{store.name}.new")


def kept_path(store: Path, moment: datetime) -> Path:
    """A name for an old store that nothing has."""
    name = f"{store.stem}.kept-{moment:%Y%m%d-%H%M%S}"
    names = (f"{name}{again}.db" for again in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(
        path
        for path in map(store.with_name, names)
        if not any(path.with_name(path.name + part).exists() for part in PARTS)
    )


def _marker(store: Path) -> Path:
    return store.with_name(f"{store.name}.renewal")


def refuse_half_replaced(store: Path) -> None:
    """Keep programs from a store whose replacement was interrupted.

    Raises:
        KioskError: `store_half_renewed`.
    """
    if _marker(store).exists():
        raise KioskError("store_half_renewed", database=store)


def is_half_replaced(store: Path) -> bool:
    """Whether a replacement was begun and not finished."""
    return _marker(store).exists()


def put_in_place(store: Path, kept: Path) -> None:
    """Move an old store away and the one at `fresh_path` to its place.

    Args:
        store: The old store's file; may be missing.
        kept: Its new name, in the same folder.

    Raises:
        KioskError: `database_busy`, `disk_full`, `database_read_only`.
    """
    try:
        with _alone(store):
            _mark(store, kept)
            _move(store)
    except OSError as error:
        raise _told(error, store) from error


def finish(store: Path) -> Path:
    """Finish a replacement that was begun; returns where the old store is kept.

    Raises:
        KioskError: `database_busy`, `disk_full`, `database_read_only`.
    """
    try:
        with _alone(store):
            return _move(store)
    except OSError as error:
        raise _told(error, store) from error


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    """Keep every SQLite connection away from the old file while it is moved.

    One that is open would delete a log by its name when it ends: by then the new store's. Each
    holds a shared lock on these bytes for as long as it is open (SQLite's os_unix.c).
    """
    if not store.exists():
        yield
        return
    file = os.open(store, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except (BlockingIOError, PermissionError) as error:
            raise KioskError("database_busy", database=store) from error
        yield
    finally:
        os.close(file)


def _mark(store: Path, kept: Path) -> None:
    draft = _marker(store).with_name(f"{_marker(store).name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        json.dump({"kept": kept.name}, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(_marker(store))
    _flush_folder(store)


def _move(store: Path) -> Path:
    marker, fresh = _marker(store), fresh_path(store)
    kept = store.with_name(json.loads(marker.read_text(encoding="utf-8"))["kept"])
    if fresh.exists():  # else the last kill came behind it
        for part in PARTS:
            old = store.with_name(store.name + part)
            if old.exists():
                old.rename(kept.with_name(kept.name + part))
        _flush_folder(store)
        fresh.rename(store)
        _flush_folder(store)
    marker.unlink()
    _flush_folder(store)
    return kept


def _told(error: OSError, store: Path) -> KioskError:
    code = "disk_full" if error.errno == errno.ENOSPC else "database_read_only"
    return KioskError(code, database=store)


def discard_fresh(store: Path) -> None:
    """Remove a new store that is not on its way into its place."""
    if is_half_replaced(store):
        return
    for part in PARTS:
        fresh_path(store).with_name(fresh_path(store).name + part).unlink(missing_ok=True)


def _flush_folder(store: Path) -> None:
    """Have the disk know the names, too."""
    folder = os.open(store.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
