"""Lock files beside a store: who else is at work on it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.errors import KioskError


@contextmanager
def held(store: Path, role: str, taken: str) -> Iterator[None]:
    """Hold the lock for a role on a store; the system lets go of it however this process ends.

    Args:
        store: The SQLite file; its folder is made if it is missing.
        role: Names the lock: one process at a time in each role.
        taken: The error code if another process has it.

    Raises:
        KioskError: ``taken``, `disk_full` or `database_read_only`, each with the database.
    """
    path = store.with_name(f"{store.name}.{role}-lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        code = "disk_full" if error.errno == errno.ENOSPC else "database_read_only"
        raise KioskError(code, database=str(store)) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise KioskError(taken, database=str(store)) from error
        yield
    finally:
        os.close(lock)
