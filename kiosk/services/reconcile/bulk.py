"""Many rows at once out of a branch database and into it, past what SQLAlchemy does for each.

Values come and go as SQLite has them, ids as 32 hexadecimal signs: PostgreSQL reads them as well.
"""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Select

from kiosk.prepared import Prepared, execute

Row = Sequence[object]
MOMENT: Final = {"sqlite": "%Y-%m-%d %H:%M:%S.%f", "postgresql": "%Y-%m-%d %H:%M:%S.%f+00"}
"""How a moment in UTC is written, by engine."""
_UNLESS_THERE = " ON CONFLICT DO NOTHING"


def add(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows."""
    _add(connection, table, columns, rows, "")


def add_missing(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    """Add rows; what is there stays as it is."""
    if connection.dialect.name == "sqlite":
        _add(connection, table, columns, rows, _UNLESS_THERE)
        return
    new, names = f"new_{table}", ", ".join(columns)
    execute(connection, f"CREATE TEMPORARY TABLE {new} (LIKE {table}) ON COMMIT DROP")
    add(connection, new, columns, rows)
    these = f"INSERT INTO {table} ({names}) SELECT {names} FROM {new}"  # noqa: S608 (our own words)
    execute(connection, these + _UNLESS_THERE)


def _add(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row], unless: str
) -> None:
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        signs = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({signs})"  # noqa: S608 (our own words)
        execute(connection, statement + unless, rows, many=True)
        return
    with connection.connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def put_down(connection: Connection, query: Select[Any], path: Path) -> None:
    """Write what a query finds as CSV, which DuckDB reads fastest of all that it reads."""
    if connection.dialect.name == "sqlite":
        with path.open("w", newline="", encoding="utf-8") as table:
            csv.writer(table).writerows(Prepared(query).run(connection, {}))
        return
    literal = {"literal_binds": True}
    words = query.compile(dialect=connection.dialect, compile_kwargs=literal)
    cursor = connection.connection.cursor()
    with path.open("wb") as table, cursor.copy(f"COPY ({words}) TO STDOUT (FORMAT csv)") as copy:
        table.writelines(copy)
