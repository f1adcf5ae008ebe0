"""The `diversion` table: one row for each offer, with what became of it."""

from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import Diversion, Kind
from kiosk.models.tables import table_of
from kiosk.projections import evidence
from kiosk.projections.statement import (
    EVENT,
    Statement,
    in_range,
    insert_into,
    is_left_out,
    kinds,
    least,
    least_of_first,
    of_first,
)

_DIVERSION = table_of(Diversion)
TABLES = (_DIVERSION,)
_TIMES = ("offered", "accepted", "declined", "completed", "fell_back")
_LEAST = (*(f"{stage}_at" for stage in _TIMES), "decline_reason", "failure_reason")
_OF_THE_OFFER = ("business_date", "local_hour")


def upsert(dialect: str) -> Statement:
    """Follow an offer through its stages; the earliest of each stays, and the best evidence."""
    event = EVENT.c

    def at(stage: str) -> ColumnElement[Any]:
        return func.min(case((event.stage == stage, event.occurred_at)))

    columns: dict[str, ColumnElement[Any]] = {
        "id": event.offer,
        "visit": event.visit,
        "branch": func.min(event.branch),
        "terminal": func.min(event.terminal),
        "business_date": of_first("offered", event.business_date),
        "local_hour": of_first("offered", event.local_hour),
        "service": func.min(event.service),
        "channel": func.min(event.channel),
        "left_out": is_left_out(event.visit),
        **{f"{stage}_at": at(stage) for stage in _TIMES},
        "decline_reason": func.min(case((event.stage == "declined", event.reason))),
        "failure_reason": func.min(case((event.stage == "fell_back", event.reason))),
        "evidence": evidence.best(event.evidence),
    }
    source = (
        select(*(value.label(name) for name, value in columns.items()))
        .where(in_range(), event.kind == Kind.DIVERSION.value, event.visit.is_not(None))
        .group_by(event.offer, event.visit)
    )
    insert = insert_into(_DIVERSION, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _DIVERSION.c
    is_kept, is_new = kept.offered_at.is_not(None), new.offered_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "left_out": kept.left_out | new.left_out,
            **{name: least(kept[name], new[name]) for name in _LEAST},
            "evidence": evidence.better(kept.evidence, new.evidence),
            **{
                name: least_of_first((is_kept, kept[name]), (is_new, new[name]))
                for name in _OF_THE_OFFER
            },
        },
    )
    return Statement(clause, kinds(Kind.DIVERSION))


def is_completed(diversion: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """An offer is completed or fell back, whichever came later: a detour may end well."""
    completed_at: ColumnElement[Any] = diversion["completed_at"]
    fell_back_at: ColumnElement[Any] = diversion["fell_back_at"]
    return completed_at.is_not(None) & (fell_back_at.is_(None) | (completed_at > fell_back_at))
