"""Whether the kept projections are what their events say."""

from typing import Any

from sqlalchemy import Connection, MetaData, Select, Table, and_, except_, func, select
from sqlalchemy.schema import CreateTableAs

from kiosk.projections import TABLES, figures, rebuild

_KEPT = {table.name: table.to_metadata(MetaData(), name=f"kept_{table.name}") for table in TABLES}
"""What the copies look like; made once, so that their statements are compiled once."""


def differences(connection: Connection) -> dict[str, int]:
    """Rebuild every projection and count the rows that come out different, by table.

    Leaves the rebuilt projections and copies of the kept ones behind: the caller rolls the
    transaction back.
    """
    for table in TABLES:
        connection.execute(CreateTableAs(select(table), _KEPT[table.name].name, temporary=True))
    rebuild(connection)
    found = {table.name: _differing(connection, table) for table in TABLES}
    return {name: count for name, count in found.items() if count}


def _differing(connection: Connection, table: Table) -> int:
    """Rows that only one of both has; a changed row counts twice, a missing one once."""
    kept = _KEPT[table.name]
    both = [(table, kept), (kept, table)]
    count = 0
    for this, other in both:
        only_here = except_(_told(this), _told(other)).subquery()
        count += connection.execute(select(func.count()).select_from(only_here)).scalar_one()
    return count


def _told(table: Table) -> Select[*tuple[Any, ...]]:
    rows = select(*table.columns)
    if figures.COUNTS[0] in table.columns:
        # a count that was added and taken back leaves a row of zeros, or none: both say the same
        rows = rows.where(~and_(*(table.c[name] == 0 for name in figures.COUNTS)))
    return rows
