"""The `help_call` table: who called for a person, and whether somebody came."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import HelpCall, Kind
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    Statement,
    any_id,
    insert_into,
    kinds,
    least,
    least_of_first,
)
from kiosk.projections.subject import at, at_first, earlier, events_of, from_start

_CALL = table_of(HelpCall)
TABLES = (_CALL,)
_OF_THE_START = ("terminal", "business_date")
_LEAST = ("screen", "service", "asked_at", "taken_at", "done_at")


def upsert(dialect: str) -> Statement:
    """Follow a call: the first who takes it has it."""
    event = events_of(Kind.HELP)
    columns: dict[str, ColumnElement[Any]] = {
        "id": event.subject,
        "branch": func.min(event.branch),
        "terminal": from_start(event, "asked", event.terminal),
        "business_date": from_start(event, "asked", event.business_date),
        "visit": any_id(event.visit),
        "screen": at(event, "asked", event.screen),
        "service": at(event, "asked", event.service),
        "asked_at": at(event, "asked"),
        "taken_at": at(event, "taken"),
        "taken_by": at_first(event, "taken", event.staff),
        "done_at": at(event, "done"),
    }
    source = select(*(value.label(name) for name, value in columns.items())).group_by(event.subject)
    insert = insert_into(_CALL, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _CALL.c
    is_kept, is_new = kept.asked_at.is_not(None), new.asked_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "visit": func.coalesce(kept.visit, new.visit),
            **{name: least(kept[name], new[name]) for name in _LEAST},
            "taken_by": earlier(kept, new, "taken_at", "taken_by"),
            **{
                name: least_of_first((is_kept, kept[name]), (is_new, new[name]))
                for name in _OF_THE_START
            },
        },
    )
    return Statement(clause, kinds(Kind.HELP))
