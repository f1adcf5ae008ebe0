"""The `ticket` table: the live queue."""

from sqlalchemy import case, func, select

from kiosk.models import Kind, Ticket
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    EVENT,
    Statement,
    in_range,
    insert_into,
    kinds,
    least,
    of_first,
    visit_is_left_out,
)

_TICKET = table_of(Ticket)
TABLES = (_TICKET,)


def upsert(dialect: str) -> Statement:
    """Issue and cancel tickets."""
    event = EVENT.c
    cancelled_at = func.min(case((event.stage == "cancelled", event.occurred_at)))
    columns = {
        "id": event.ticket,
        "visit": event.visit,
        "branch": func.min(event.branch),
        "terminal": func.min(event.terminal),
        "business_date": of_first("issued", event.business_date),
        "local_hour": of_first("issued", event.local_hour),
        "queue": func.max(event.queue),
        "number": func.max(event.ticket_number),
        "service": func.max(event.service),
        "transferable": func.max(case((event.transferable, 1), else_=0)) == 1,
        "left_out": visit_is_left_out(),
        "state": case((cancelled_at.is_not(None), "cancelled"), else_="waiting"),
        "arrived_at": of_first("issued", func.coalesce(event.arrived_at, event.occurred_at)),
        "issued_at": of_first("issued", event.occurred_at),
        "cancelled_at": cancelled_at,
    }
    source = (
        select(*(value.label(name) for name, value in columns.items()))
        .where(in_range(), event.kind == Kind.TICKET.value, event.visit.is_not(None))
        .group_by(event.ticket, event.visit)
    )
    insert = insert_into(_TICKET, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _TICKET.c
    at = least(kept.cancelled_at, new.cancelled_at)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "left_out": kept.left_out | new.left_out,
            "cancelled_at": at,
            "state": case((at.is_not(None), "cancelled"), else_=kept.state),
        },
    )
    return Statement(clause, kinds(Kind.TICKET))
