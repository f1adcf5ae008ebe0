"""DuckDB, which reads, casts and joins: what of the program needs the extra `[reconcile]`."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.errors import KioskError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = 44
"""Megabytes. What is more is put down in the folder meanwhile, as far as it can be."""


@contextmanager
def workbench(folder: Path) -> Iterator["DuckDBPyConnection"]:
    """A database in memory, for one piece of work.

    Args:
        folder: For what does not fit into memory.

    Raises:
        KioskError: `reconcile_not_installed`, `reconcile_too_large`.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise KioskError("reconcile_not_installed") from error
    connection = duckdb.connect(
        config={
            "memory_limit": f"{MEMORY}MB",
            "temp_directory": str(folder),
            # each has memory of its own
            "threads": 1,
            # nothing is ever loaded from elsewhere
            "autoinstall_known_extensions": False,
            "TimeZone": "UTC",
        }
    )
    try:
        yield connection
    except duckdb.OutOfMemoryException as error:
        raise KioskError("reconcile_too_large") from error
    finally:
        connection.close()


def run_script(connection: "DuckDBPyConnection", name: str) -> None:
    """Run the statements of a file of this package."""
    connection.execute(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def set_variables(connection: "DuckDBPyConnection", values: dict[str, object]) -> None:
    """Let statements have values by name: macros and views take no parameters."""
    for name, value in values.items():
        connection.execute(f"SET VARIABLE {name} = ?", [value])
