"""One digest for each event of a day, the same from every engine.

It is made of the event's line as it travels, which PostgreSQL makes in `kiosk_day` and which is
made here on the terminal and on engines without functions.
"""

import hashlib
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, cast, literal_column, select
from sqlalchemy.sql.sqltypes import JSON

from kiosk.models import Event
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.journal import Origin
from kiosk.services.sync import wire
from kiosk.services.sync.wire import DayPart, EventThere

_EVENT = table_of(Event)
_FIRST_SEQ, _LAST_SEQ = -(1 << 63), (1 << 63) - 1
_OF_PART = (
    (_EVENT.c.branch == bindparam("branch"))
    & (_EVENT.c.terminal == bindparam("terminal"))
    & (_EVENT.c.epoch == bindparam("epoch"))
    & (_EVENT.c.business_date == bindparam("day"))
    & _EVENT.c.seq.between(bindparam("first"), bindparam("last"))
)


def digests(
    connection: Connection, origin: Origin, part: DayPart, wire_format: int
) -> list[EventThere]:
    """The events of a part of a day, by their seq.

    Args:
        connection: In a transaction.
        origin: Whose events; the part says of which epoch.
        part: Which of them.
        wire_format: Of the lines; both ends must take the same.
    """
    bounds = {
        "first": _FIRST_SEQ if part.first is None else part.first,
        "last": _LAST_SEQ if part.last is None else part.last,
    }
    values = {**vars(origin), "epoch": part.epoch, "day": part.day, **bounds}
    if connection.dialect.name == "sqlite":
        rows = _select_lines(wire_format).run(connection, values)
        return [EventThere(seq, wire.to_text(kind), _digest(line)) for seq, kind, line in rows]
    names = wire.COLUMNS[wire_format]
    found = connection.execute(_select_columns(wire_format), values).mappings()
    return [
        EventThere(
            row["seq"], row["kind"], _digest(wire.line_of_row({name: row[name] for name in names}))
        )
        for row in found
    ]


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


@cache
def _select_lines(wire_format: int) -> Prepared:
    return Prepared(
        select(
            _EVENT.c.seq,
            literal_column("CAST(kind AS BLOB)"),
            literal_column(wire.line_of_event(wire_format)),
        )
        .where(_OF_PART)
        .order_by(_EVENT.c.seq)
    )


@cache
def _select_columns(wire_format: int) -> Select[Any]:
    columns = (_EVENT.c[name] for name in wire.COLUMNS[wire_format])
    as_stored = (
        cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column
        for column in columns
    )
    return select(*as_stored).where(_OF_PART).order_by(_EVENT.c.seq)
