"""How long a branch database keeps single events; its figures stay for ever.

On PostgreSQL the events of each month stand in a table of their own, which is made ahead of time
and dropped as a whole. Elsewhere old events are deleted.
"""

from datetime import date

from sqlalchemy import Connection, delete, select, update

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import BranchMeta, Event
from kiosk.models.tables import table_of

MONTHS_AHEAD = 24
"""A database that nobody looks after puts later events into the table of no month: slower."""

_EVENT = table_of(Event)
_META = table_of(BranchMeta)
_PARTITIONS = """
    SELECT inhrelid::regclass::text FROM pg_inherits
    WHERE inhparent = 'event'::regclass AND inhrelid::regclass::text ~ '^event_[0-9]{4}_[0-9]{2}$'
"""


def make_months(connection: Connection, today: date) -> None:
    """Make the tables of the last, this and the next months that are missing; PostgreSQL only.

    Events that stand in the table of no month, as those of a clock that is ahead, move along.
    """
    there = _months(connection)
    for ahead in range(-1, MONTHS_AHEAD + 1):
        first, after = _month(today, ahead), _month(today, ahead + 1)
        if _name(first) not in there:
            _make_month(connection, first, after)


def _make_month(connection: Connection, first: date, after: date) -> None:
    name, span = _name(first), f"business_date >= '{first}' AND business_date < '{after}'"
    for statement in (
        f"CREATE TABLE {name} (LIKE event INCLUDING ALL)",
        f"INSERT INTO {name} SELECT * FROM event_default WHERE {span}",  # noqa: S608 (our own words)
        f"DELETE FROM event_default WHERE {span}",  # noqa: S608
        f"ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{after}')",
    ):
        connection.exec_driver_sql(statement)


def keep_months(database: Database, months: int, today: date) -> date:
    """Drop the events of months that are too old; the figures and all that is derived stay.

    Args:
        database: A branch database.
        months: How many whole months are kept besides the current one, at least one.
        today: In the branch's zone.

    Returns:
        The first day whose events are kept.

    Raises:
        KioskError: `not_a_branch_database`, or what keeps the database from being written.
    """
    first = _month(today, -months)
    database.require_schema()
    with database.write() as connection:
        meta = connection.execute(select(_META)).first()
        if meta is None:
            raise KioskError("not_a_branch_database", database=database.name)
        if meta.events_from is None or meta.events_from < first:
            connection.execute(update(_META).values(events_from=first))
        if connection.dialect.name == "postgresql":
            for name in _months(connection):
                if name < _name(first):
                    connection.exec_driver_sql(f"DROP TABLE {name}")
        connection.execute(delete(_EVENT).where(_EVENT.c.business_date < first))
    return first


def _months(connection: Connection) -> list[str]:
    return list(connection.exec_driver_sql(_PARTITIONS).scalars())


def _name(first: date) -> str:
    return f"event_{first:%Y_%m}"


def _month(day: date, ahead: int) -> date:
    """The first day of the month that is so many after that of ``day``."""
    months = day.year * 12 + day.month - 1 + ahead
    return date(months // 12, months % 12 + 1, 1)
