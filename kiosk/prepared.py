"""Statements that are compiled once and run on the driver's own cursor.

A Core `execute` costs several times what SQLite takes to run one of our statements, and the
terminal runs half a dozen of them for every event. Here the statement is compiled once for each
engine; a run only binds values.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

Values = Mapping[str, object]
_Bind = Callable[[Any], Any]
_Bound = Sequence[object] | dict[str, object]
_Order = Callable[[dict[str, object]], _Bound]


class _Compiled:
    """A statement as one dialect says it."""

    def __init__(
        self, statement: ClauseElement, dialect: Dialect, columns: Sequence[str] | None
    ) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101 (tells mypy what compile() made)
        self.sql = str(compiled)
        constants: dict[str, object] = {}
        binds: dict[str, _Bind | None] = {}
        for parameter, name in compiled.bind_names.items():
            bind = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            if parameter.required:
                binds[name] = bind
            else:
                value = parameter.effective_value
                constants[name] = bind(value) if bind else value
        self._binds = [(name, bind) for name, bind in binds.items() if bind]
        self._constants = constants
        self._in_order = _in_order(compiled.positiontup)
        selected = statement.selected_columns if isinstance(statement, Select) else ()
        self._readers = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in selected
        ]

    def read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            reader(value) if reader else value
            for reader, value in zip(self._readers, row, strict=True)
        )

    def bind(self, values: Values) -> _Bound:
        """The values as the driver takes them: by position, if it knows no names."""
        given = {**self._constants, **values}
        for name, bind in self._binds:
            given[name] = bind(given[name])
        return self._in_order(given)


def _in_order(positions: Sequence[str] | None) -> _Order:
    """From values by name to what the driver takes; by position, nothing is quicker than this."""
    if positions is None:
        return lambda given: given
    if len(positions) > 1:
        return itemgetter(*positions)
    return lambda given: [given[name] for name in positions]


class Prepared:
    """One statement, ready for any engine.

    Args:
        statement: With a bind parameter for everything that changes between runs.
        columns: For an insert: the columns that the values name.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def _for(self, dialect: Dialect) -> _Compiled:
        if (compiled := self._compiled.get(dialect.name)) is None:
            compiled = _Compiled(self._statement, dialect, self._columns)
            self._compiled[dialect.name] = compiled
        return compiled

    def run(self, connection: Connection, values: Values) -> Iterable[tuple[Any, ...]]:
        """Run with one set of values; results come as the driver gives them."""
        compiled = self._for(connection.dialect)
        cursor = execute(connection, compiled.sql, compiled.bind(values))
        return cast("Iterable[tuple[Any, ...]]", cursor)  # more than PEP 249 says of it

    def rows(self, connection: Connection, values: Values) -> list[tuple[Any, ...]]:
        """Run a select; results come in Python's types."""
        read = self._for(connection.dialect).read
        return [read(row) for row in self.run(connection, values)]

    def run_many(self, connection: Connection, rows: Sequence[Values]) -> int:
        """Run once for each set of values; returns how many rows were changed in all."""
        compiled = self._for(connection.dialect)
        bound = [compiled.bind(row) for row in rows]
        return execute(connection, compiled.sql, bound, many=True).rowcount


def execute(
    connection: Connection, sql: str, values: Any = (), *, many: bool = False
) -> DBAPICursor:
    """Run SQL in the connection's transaction, past everything that SQLAlchemy does for a result.

    Raises:
        DBAPIError: As SQLAlchemy's own `execute` would.
    """
    if not connection.in_transaction():
        connection.begin()
    return on_cursor(connection, sql, values, many=many)


def on_cursor(
    connection: Connection, sql: str, values: Any = (), *, many: bool = False
) -> DBAPICursor:
    """As `execute`, in a transaction or not."""
    cursor = connection.connection.cursor()
    try:
        if many:
            cursor.executemany(sql, values)
        else:
            cursor.execute(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told_by_sqlalchemy(connection, sql, error) from error
    return cursor


def _told_by_sqlalchemy(connection: Connection, sql: str, error: Any) -> DBAPIError:
    dialect = connection.dialect
    if is_lost := dialect.is_disconnect(error, connection.connection, None):
        connection.invalidate(error)
    told: DBAPIError = DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error,
        connection_invalidated=is_lost, dialect=dialect,
    )  # fmt: skip
    return told
