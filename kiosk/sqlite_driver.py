"""The one SQLite driver of a process: two SQLite libraries in it lose each other's locks."""

try:  # a newer SQLite than most systems have: see is_safe()
    from pysqlite3 import dbapi2 as driver
except ImportError:  # no wheel for this platform; `kiosk doctor` says so
    import sqlite3 as driver

__all__ = ["driver", "is_safe", "version"]


def version() -> str:
    """The version of the SQLite library in use."""
    found: str = driver.sqlite_version
    return found


def is_safe() -> bool:
    """Whether two processes may write one WAL file.

    SQLite 3.7.0 to 3.51.2 can damage it when two connections write and checkpoint at once (the
    "WAL-reset" fault, fixed in 3.51.3).
    """
    return tuple(int(part) for part in version().split(".")) >= (3, 51, 3)
