"""The `assist` table: one row for each talk of a member of staff with a customer in the lobby."""

from typing import Any

from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import Assist, Kind
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    Statement,
    any_id,
    in_payload,
    insert_into,
    is_left_out,
    kinds,
    least,
    least_of_first,
    number,
)
from kiosk.projections.subject import at, events_of, from_start

_ASSIST = table_of(Assist)
TABLES = (_ASSIST,)
_OF_THE_START = ("terminal", "business_date", "local_hour")
_LEAST = (
    "staff", "started_at", "ended_at", "seconds", "service", "channel", "outcome", "objection",
    "segment",
)  # fmt: skip


def upsert(dialect: str) -> Statement:
    """Follow an assist from its start to its end."""
    event = events_of(Kind.ASSIST)
    columns: dict[str, ColumnElement[Any]] = {
        "id": event.subject,
        "visit": any_id(event.visit),
        "branch": func.min(event.branch),
        "terminal": from_start(event, "started", event.terminal),
        "business_date": from_start(event, "started", event.business_date),
        "local_hour": from_start(event, "started", event.local_hour),
        "staff": func.min(event.staff),
        "started_at": at(event, "started"),
        "ended_at": at(event, "ended"),
        "seconds": at(event, "ended", cast(in_payload(event.payload, "seconds"), Integer)),
        "service": at(event, "ended", event.service),
        "channel": at(event, "ended", event.channel),
        "outcome": at(event, "ended", event.outcome),
        "objection": at(event, "ended", event.reason),
        "segment": at(event, "ended", event.segment),
        "left_out": func.max(case((is_left_out(event.visit), number(1)), else_=number(0))) == 1,
    }
    source = select(*(value.label(name) for name, value in columns.items())).group_by(event.subject)
    insert = insert_into(_ASSIST, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _ASSIST.c
    is_kept, is_new = kept.started_at.is_not(None), new.started_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "left_out": kept.left_out | new.left_out,
            **{name: least(kept[name], new[name]) for name in _LEAST},
            **{
                name: least_of_first((is_kept, kept[name]), (is_new, new[name]))
                for name in _OF_THE_START
            },
        },
    )
    return Statement(clause, kinds(Kind.ASSIST))
