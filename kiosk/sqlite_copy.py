"""A copy of an SQLite file that holds one moment, however many programs are writing it."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.database_errors import error_code
from kiosk.errors import KioskError
from kiosk.sqlite_driver import driver

if TYPE_CHECKING:
    from sqlite3 import Connection

_PARTS = ("", "-wal", "-shm", "-journal")


@contextmanager
def snapshot(path: Path) -> "Iterator[Connection]":
    """One state of a file, to be read only.

    Raises:
        KioskError: What keeps it from being read.
    """
    with (
        errors_of(path),
        closing(driver.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection,
    ):
        connection.isolation_level = None  # the driver shall not begin transactions by itself
        connection.execute("BEGIN")
        yield connection


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """Tell what a file or its disk can't do as a KioskError."""
    try:
        yield
    except driver.Error as error:
        if (code := error_code(error)) is None:
            raise
        raise KioskError(code, database=path) from error
    except OSError as error:
        raise KioskError("backup_not_written", path=path, reason=error.strerror) from error


@contextmanager
def new_file(path: Path) -> "Iterator[Path]":
    """A draft that takes its place when it is done, whole and on the disk; else it is gone.

    Raises:
        KioskError: `backup_not_written`, `disk_full` and the like.
    """
    draft = path.with_name(f".{path.name}.new")
    _remove(draft)  # of a run that was killed
    try:
        with errors_of(path):
            # a customer's codes are nobody else's to read
            os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            yield draft
            draft.rename(path)
            _flush_folder(path.parent)
    finally:
        _remove(draft)


def copy_into(source: "Connection", target: Path) -> None:
    """Copy the state that a connection sees into an empty file that needs no other beside it."""
    with errors_of(target), closing(driver.connect(target)) as connection:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=FULL")
        source.backup(connection)
        # a file in write-ahead mode could not be read where nothing can be written
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file, in the place of what may be there.

    Raises:
        KioskError: What keeps one of both from being read or written.
    """
    with new_file(target) as draft, snapshot(source) as connection:
        copy_into(connection, draft)


def _remove(draft: Path) -> None:
    for part in _PARTS:
        draft.with_name(draft.name + part).unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
