"""What was filled in for a ticket goes with its end, in the transaction that ends it."""

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import Kind, Ticket, TicketEntry, TicketState
from kiosk.models.payloads import STEPS, TicketCancelled
from kiosk.models.tables import table_of
from kiosk.projections.statement import EVENT, Statement, in_range, kinds

_ENTRY = table_of(TicketEntry)
_TICKET = table_of(Ticket)
ENDED = (TicketState.SERVED, TicketState.CANCELLED, TicketState.EXPIRED)
"""A late comer may still come: what they filled in stays until the day ends."""

_ENDING = {
    TicketCancelled.stage, *(step.stage for step in STEPS if step.to_state in ENDED),
}  # fmt: skip


def wipe() -> Statement:
    """Delete what was filled in for tickets that have ended."""
    touched = select(EVENT.c.ticket).where(
        in_range(), EVENT.c.kind == Kind.TICKET.value, EVENT.c.ticket.is_not(None)
    )
    has_ended = exists().where(
        _TICKET.c.id == _ENTRY.c.ticket,
        or_(*(_TICKET.c.state == state.value for state in ENDED)),
    )
    clause = delete(_ENTRY).where(_ENTRY.c.ticket.in_(touched), has_ended)
    return Statement(clause, kinds(Kind.TICKET), if_ended=True, if_new=True)


def ends(kind: str, stage: str) -> bool:
    """Whether an event may end a ticket for good."""
    return kind == Kind.TICKET and stage in _ENDING


def is_ending() -> ColumnElement[bool]:
    """As `ends`, of the events at hand."""
    stages = or_(*(EVENT.c.stage == stage for stage in sorted(_ENDING)))
    return (EVENT.c.kind == Kind.TICKET.value) & stages
