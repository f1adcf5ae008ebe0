"""The `visit` table, and what leaving a customer out does to the others."""

from uuid import UUID

from sqlalchemy import Select, case, func, select, update

from kiosk.models import DemoOutcome, Diversion, Kind, Ticket, Visit
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


def leave_out_tickets() -> Statement:
    """Mark the tickets that customers had before they were left out of the figures."""
    ticket = table_of(Ticket)
    clause = (
        update(ticket)
        .where(ticket.c.visit.in_(_left_out()), ticket.c.left_out.is_(False))
        .values(left_out=True)
    )
    return Statement(clause, kinds(Kind.VISIT, Kind.TICKET), if_left_out=True)


def leave_out_diversions() -> Statement:
    """Mark the offers that customers had before they were left out of the figures."""
    diversion = table_of(Diversion)
    clause = (
        update(diversion)
        .where(diversion.c.visit.in_(_left_out()), diversion.c.left_out.is_(False))
        .values(left_out=True)
    )
    return Statement(clause, kinds(Kind.VISIT, Kind.DIVERSION), if_left_out=True)


def leave_out_demo_runs() -> Statement:
    """Mark the demos that customers went through before they were left out of the figures."""
    run = table_of(DemoOutcome)
    clause = (
        update(run)
        .where(run.c.visit.in_(_left_out()), run.c.left_out.is_(False))
        .values(left_out=True)
    )
    return Statement(clause, kinds(Kind.VISIT, Kind.DEMO), if_left_out=True)


def _left_out() -> Select[UUID]:
    return select(_VISIT.c.id).where(_VISIT.c.left_out, _VISIT.c.id.in_(touched_visits()))
