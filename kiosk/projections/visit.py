"""The `visit` table, and what leaving a customer out does to the others."""

from uuid import UUID

from sqlalchemy import Select, Table, case, func, select, update
from sqlmodel import SQLModel

from kiosk.models import Assist, DemoOutcome, Diversion, Kind, SignUp, Ticket, Visit
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    EVENT,
    Statement,
    in_range,
    insert_into,
    kinds,
    least,
    least_of_first,
    of_first,
    touched_visits,
)

_VISIT = table_of(Visit)
TABLES = (_VISIT,)
_OF_THE_START = ("terminal", "business_date", "local_hour", "arrived_at")
_OF_A_VISIT: tuple[tuple[type[SQLModel], Kind], ...] = (
    (Ticket, Kind.TICKET),
    (Diversion, Kind.DIVERSION),
    (DemoOutcome, Kind.DEMO),
    (Assist, Kind.ASSIST),
    (SignUp, Kind.SIGN_UP),
)
"""What is left out with a customer."""


def upsert(dialect: str) -> Statement:
    """Start, leave out and end visits."""
    event = EVENT.c
    ended = event.stage == "ended"
    columns = {
        "id": event.visit,
        "branch": func.min(event.branch),
        "terminal": func.min(event.terminal),
        "business_date": of_first("started", event.business_date),
        "local_hour": of_first("started", event.local_hour),
        "arrived_at": of_first("started", func.coalesce(event.arrived_at, event.occurred_at)),
        "ended_at": func.min(case((ended, event.occurred_at))),
        "end_reason": func.min(case((ended, event.reason))),
        "language": of_first("ended", event.language),
        "left_out": func.max(case((event.stage == "left_out", 1), else_=0)) == 1,
    }
    source = (
        select(*(value.label(name) for name, value in columns.items()))
        .where(in_range(), event.kind == Kind.VISIT.value, event.visit.is_not(None))
        .group_by(event.visit)
    )
    insert = insert_into(_VISIT, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _VISIT.c
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            **{
                name: case(
                    (kept.language.is_not(None), kept[name]),
                    (new.language.is_not(None), new[name]),
                    else_=least(kept[name], new[name]),  # only left out, in the lobby
                )
                for name in _OF_THE_START
            },
            "ended_at": least(kept.ended_at, new.ended_at),
            "end_reason": least(kept.end_reason, new.end_reason),
            "language": least_of_first(
                (kept.ended_at.is_not(None), kept.language),
                (new.ended_at.is_not(None), new.language),
            ),
            "left_out": kept.left_out | new.left_out,
        },
    )
    return Statement(clause, kinds(Kind.VISIT))


def leave_out() -> list[Statement]:
    """Mark what customers had and did before they were left out of the figures."""
    return [_leave_out(table_of(model), kind) for model, kind in _OF_A_VISIT]


def _leave_out(table: Table, kind: Kind) -> Statement:
    clause = (
        update(table)
        .where(table.c.visit.in_(_left_out()), table.c.left_out.is_(False))
        .values(left_out=True)
    )
    return Statement(clause, kinds(Kind.VISIT, kind), if_left_out=True)


def _left_out() -> Select[UUID]:
    return select(_VISIT.c.id).where(_VISIT.c.left_out, _VISIT.c.id.in_(touched_visits()))
