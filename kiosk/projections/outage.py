"""The `outage` table: what is not to be offered for a while."""

from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement, FunctionElement

from kiosk.models import Kind, Outage
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    EVENT,
    Statement,
    in_payload,
    insert_into,
    kinds,
    least,
    least_of_first,
)
from kiosk.projections.subject import at, at_first, earlier, events_of, from_start

_OUTAGE = table_of(Outage)
TABLES = (_OUTAGE,)
_LEAST = ("machine", "began_at", "until", "ended_at")


class _Moment(FunctionElement[Any]):
    """A moment as a payload has it, as text; null: nobody who asks could read it."""

    type = EVENT.c.occurred_at.type
    inherit_cache = True


@compiles(_Moment, "sqlite")
def _in_sqlite(element: _Moment, compiler: SQLCompiler, **given: Any) -> str:
    [text] = (compiler.process(clause, **given) for clause in element.clauses)
    moment = f"strftime('%Y-%m-%d %H:%M:%f000', {text})"
    return f"CASE WHEN {moment} BETWEEN '1970' AND '9000' THEN {moment} END"


@compiles(_Moment, "postgresql")
def _in_postgresql(element: _Moment, compiler: SQLCompiler, **given: Any) -> str:
    [text] = (compiler.process(clause, **given) for clause in element.clauses)
    moment = f"CAST({text} AS timestamptz)"
    return f"CASE WHEN {moment} BETWEEN '1970-01-01' AND '9000-01-01' THEN {moment} END"


def upsert(dialect: str) -> Statement:
    """Follow an outage from its beginning to its end; the first who ends it has ended it."""
    event = events_of(Kind.OUTAGE)
    columns: dict[str, ColumnElement[Any]] = {
        "id": event.subject,
        "branch": func.min(event.branch),
        "business_date": from_start(event, "began", event.business_date),
        "channel": func.min(event.channel),
        "machine": at(event, "began", cast(in_payload(event.payload, "machine"), Integer)),
        "began_at": at(event, "began"),
        "began_by": at_first(event, "began", event.staff),
        "until": at(event, "began", _Moment(in_payload(event.payload, "until"))),
        "ended_at": at(event, "ended"),
        "ended_by": at_first(event, "ended", event.staff),
    }
    source = select(*(value.label(name) for name, value in columns.items())).group_by(event.subject)
    insert = insert_into(_OUTAGE, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _OUTAGE.c
    is_kept, is_new = kept.began_at.is_not(None), new.began_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            **{name: least(kept[name], new[name]) for name in _LEAST},
            "began_by": earlier(kept, new, "began_at", "began_by"),
            "ended_by": earlier(kept, new, "ended_at", "ended_by"),
            "business_date": least_of_first(
                (is_kept, kept.business_date), (is_new, new.business_date)
            ),
        },
    )
    return Statement(clause, kinds(Kind.OUTAGE))
