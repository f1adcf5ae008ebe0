"""Room that is kept for the moment when the disk is full.

A full disk can neither log an event nor open a batch, so that nothing could be brought away any
more. A file beside the store, of real blocks, is dropped then: the terminal goes on and
synchronises while branch IT makes room. It is made again once there is some.
"""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from kiosk.errors import KioskError

log = logging.getLogger("kiosk")
T = TypeVar("T")

BALLAST_BYTES = 16 << 20
"""Ten thousand events and their way to the branch; the write-ahead log alone grows to 4 MB."""
_ROOM = 4
"""So many times the ballast must be free before it is made."""


def ballast_path(store: Path) -> Path:
    """The file beside a store."""
    return store.with_name(f"{store.name}.ballast")


def has_ballast(store: Path) -> bool:
    """Whether the room is there to be given up."""
    try:
        return ballast_path(store).stat().st_size >= BALLAST_BYTES
    except OSError:
        return False


def keep_ballast(store: Path) -> bool:
    """Make the ballast if it is missing and the disk has room; returns whether it is there."""
    if has_ballast(store):
        return True
    try:
        disk = os.statvfs(store.parent)
        if disk.f_bavail * disk.f_frsize < _ROOM * BALLAST_BYTES:
            return False
        file = os.open(ballast_path(store), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(file, 0, BALLAST_BYTES)
        finally:
            os.close(file)
    except OSError as error:
        log.warning("no ballast beside %s: %s", store, error.strerror)
        return False
    return True


def drop_ballast(store: Path) -> bool:
    """Give up the room; returns whether there was any."""
    try:
        ballast_path(store).unlink()
    except OSError:
        return False
    log.error("the disk is full: the ballast beside %s was dropped", store)
    return True


def relieved(store: Path, act: Callable[[], T]) -> T:
    """Do something; if the store's disk is full, drop the ballast and do it once more.

    Args:
        store: The terminal's file.
        act: Leaves nothing half done when it fails.

    Raises:
        KioskError: As ``act``.
    """
    try:
        return act()
    except KioskError as error:
        if not (_is_full_here(error, store) and drop_ballast(store)):
            raise
    return act()


def _is_full_here(error: KioskError, store: Path) -> bool:
    """Whether it is the disk that the store is on: a branch database may be on another."""
    if error.code != "disk_full":
        return False
    database = Path(str(error.params["database"]))
    try:
        return database.is_absolute() and database.stat().st_dev == store.stat().st_dev
    except OSError:
        return False
