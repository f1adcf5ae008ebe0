"""The `diversion` table: one row for each offer, with what became of it.

What a channel's journal says of an offer comes from the branch, in whatever order with what the
terminal says: until the offer is known, its row has a place and a day, and nothing else.
"""

from typing import Any

from sqlalchemy import String, case, func, literal_column, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import BRANCH_ORIGIN, Diversion, Kind
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
    number,
    of_first,
)

_DIVERSION = table_of(Diversion)
TABLES = (_DIVERSION,)
_TIMES = ("offered", "accepted", "declined", "completed", "fell_back")
_LEAST = (
    *(f"{stage}_at" for stage in _TIMES), "lapsed_at", "decline_reason", "failure_reason",
    "amount_band", "reference",
)  # fmt: skip
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
        **{f"{stage}_at": at(stage) for stage in (*_TIMES, "lapsed")},
        "decline_reason": func.min(case((event.stage == "declined", event.reason))),
        "failure_reason": func.min(case((event.stage == "fell_back", event.reason))),
        "evidence": evidence.best(event.evidence),
        "amount_band": func.min(case((event.stage == "offered", _amount_band()))),
        "reference": func.min(case((event.stage == "accepted", event.reference))),
        "journal_matches": func.sum(
            case(
                (event.stage == "matched", number(1)),
                (event.stage == "undone", number(-1)),
                else_=number(0),
            )
        ),
    }
    source = (
        select(*(value.label(name) for name, value in columns.items()))
        .where(
            in_range(),
            or_(*(event.kind == kind.value for kind in (Kind.DIVERSION, Kind.RECONCILIATION))),
            event.offer.is_not(None),
            event.visit.is_not(None),
        )
        .group_by(event.offer, event.visit)
    )
    insert = insert_into(_DIVERSION, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _DIVERSION.c
    is_kept, is_new = kept.offered_at.is_not(None), new.offered_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "left_out": kept.left_out | new.left_out,
            "terminal": case((kept.terminal == BRANCH_ORIGIN, new.terminal), else_=kept.terminal),
            "journal_matches": kept.journal_matches + new.journal_matches,
            **{name: least(kept[name], new[name]) for name in _LEAST},
            "evidence": evidence.better(kept.evidence, new.evidence),
            **{
                name: least_of_first((is_kept, kept[name]), (is_new, new[name]))
                for name in _OF_THE_OFFER
            },
        },
    )
    return Statement(clause, kinds(Kind.DIVERSION, Kind.RECONCILIATION))


def _amount_band() -> ColumnElement[str]:
    """What the customer answered to the question about an amount; it is always called so."""
    answers = EVENT.c.payload.op("->")(literal_column("'answers'"))
    return answers.op("->>", return_type=String())(literal_column("'amount'"))


def is_completed(diversion: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Done, as somebody says or as the channel's journal does."""
    return is_proven(diversion) | is_claimed(diversion)


def is_proven(diversion: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """The channel's journal has a line of it."""
    matches: ColumnElement[Any] = diversion["journal_matches"]
    return matches > number(0)


def is_claimed(diversion: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """An offer is completed or fell back, whichever came later: a detour may end well."""
    completed_at: ColumnElement[Any] = diversion["completed_at"]
    fell_back_at: ColumnElement[Any] = diversion["fell_back_at"]
    return completed_at.is_not(None) & (fell_back_at.is_(None) | (completed_at > fell_back_at))
