"""Lock files beside a store: who else is at work on it."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kiosk.clock import SystemClock
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
    path = _path(store, role)
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
        _sign(lock)
        yield
    finally:
        os.close(lock)


def held_since_ns(store: Path, role: str, boot_id: str) -> int | None:
    """Since when somebody holds a lock, by the machine's monotonic clock; None: nobody does.

    The lock itself is not tried: who tries holds it for a moment, and could keep out its owner.
    """
    try:
        process, boot, begun = _path(store, role).read_text(encoding="ascii").split()
        os.kill(int(process), 0)
    except PermissionError:  # it is there, and another user's
        pass
    except (OSError, ValueError):
        return None
    return int(begun) if boot == boot_id else None


def _path(store: Path, role: str) -> Path:
    return store.with_name(f"{store.name}.{role}-lock")


def _sign(lock: int) -> None:
    """Say who holds it since when."""
    clock = SystemClock()
    said = f"{os.getpid()} {clock.boot_id} {clock.monotonic_ns()}\n".encode("ascii")
    with suppress(OSError):  # a full disk keeps nobody from starting
        os.ftruncate(lock, 0)
        os.pwrite(lock, said, 0)
