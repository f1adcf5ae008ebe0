"""What the statements of all projections share."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Select,
    String,
    Table,
    Uuid,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ClauseElement, ColumnElement

from kiosk.models import Event, Kind, Ticket, TicketState, Visit
from kiosk.models.payloads import PAYLOADS, STEPS, TicketRequeued, VisitLeftOut
from kiosk.models.tables import table_of


@dataclass(frozen=True)
class Statement:
    """One step of ``apply``; it is taken when the tables of all these kinds may change."""

    clause: ClauseElement
    kinds: frozenset[str]
    if_left_out: bool = False
    """Taken only when one of the new events leaves a customer out: few batches have one."""
    if_steps: bool = False
    """Taken only when one of the new events is a counter's: no terminal's is."""
    if_counted: bool = False
    """Taken only when one of the new events may change the figures: a call changes none."""
    if_ended: bool = False
    """Taken only when one of the new events may end a ticket for good."""
    if_new: bool = False
    """Not taken in a rebuild: on its way tables say what never was, and this can't be undone."""


EVENT = table_of(Event)
ENDS = (TicketState.SERVED, TicketState.NO_SHOW, TicketState.EXPIRED)
"""In which of its states a ticket that was not given back is at its end."""
_UNCOUNTED = {
    step.stage for step in STEPS if step.to_state not in ENDS and step is not TicketRequeued
}


def in_range() -> ColumnElement[bool]:
    """Chooses the new events; its parameters are the fields of ``EventRange``."""
    return (
        (EVENT.c.branch == bindparam("branch"))
        & (EVENT.c.terminal == bindparam("terminal"))
        & (EVENT.c.epoch == bindparam("epoch"))
        & EVENT.c.seq.between(bindparam("from_seq"), bindparam("to_seq"))
    )


def touched_visits() -> Select[Any]:
    """The visits that new events speak of."""
    return select(EVENT.c.visit).where(in_range(), EVENT.c.visit.is_not(None))


def leaves_out() -> ColumnElement[bool]:
    """Whether an event leaves a customer out of the figures."""
    return (EVENT.c.kind == VisitLeftOut.kind.value) & (EVENT.c.stage == VisitLeftOut.stage)


def of_first(stage: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """In a group: the value in the event that begins it, however many others came with it.

    A visit that goes past midnight stays on the day on which it began.
    """
    return func.coalesce(func.min(case((EVENT.c.stage == stage, value))), func.min(value))


def any_id(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """In a group: the id that its events have, if they have one; PostgreSQL knows no least."""
    return cast(func.min(cast(value, String)), Uuid)


def least(kept: ColumnElement[Any], new: ColumnElement[Any]) -> ColumnElement[Any]:
    """The lower of two values that may be missing.

    Together with ``min`` inside a batch it gives the same whichever way events are cut into
    batches, also when a clock went back between them; "the first known stays" would not.
    """
    return case((kept.is_(None) | (new < kept), new), else_=kept)


def least_of_first(
    kept: tuple[ColumnElement[bool], ColumnElement[Any]],
    new: tuple[ColumnElement[bool], ColumnElement[Any]],
) -> ColumnElement[Any]:
    """`of_first` over what is kept and what is new: each a value and whether the first is in it."""
    (kept_has, kept_value), (new_has, new_value) = kept, new
    return case(
        (kept_has & ~new_has, kept_value),
        (new_has & ~kept_has, new_value),
        else_=least(kept_value, new_value),
    )


def greatest(kept: ColumnElement[Any], new: ColumnElement[Any]) -> ColumnElement[Any]:
    """As `least`, the higher one."""
    return case((kept.is_(None) | (new > kept), new), else_=kept)


def is_left_out(visit: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the customer whom an event speaks of is left out of the figures so far."""
    visits = table_of(Visit)
    return exists().where(visits.c.id == visit, visits.c.left_out)


def is_step() -> ColumnElement[bool]:
    """Whether an event is what a counter, or the end of a day, does with a ticket."""
    return EVENT.c.step.is_not(None)


def is_counter_s() -> ColumnElement[bool]:
    """Whether an event is a step, or what a counter does with itself."""
    return is_step() | (EVENT.c.kind == Kind.COUNTER.value)


def is_counted() -> ColumnElement[bool]:
    """Whether an event may change the figures: also a step that comes after its ticket's end."""
    ticket = table_of(Ticket).c
    # no EXISTS: PostgreSQL might read all tickets for it
    ended_at = select(ticket.ended_at).where(ticket.id == EVENT.c.ticket).scalar_subquery()
    return or_(
        is_step() & ended_at.is_not(None),
        *(
            (EVENT.c.kind == kind) & (EVENT.c.stage == stage)
            for kind, stage in PAYLOADS
            if counts(kind, stage)
        ),
    )


def counts(kind: str, stage: str) -> bool:
    """As `is_counted`, of one event: a ticket is counted when it is issued and when it ends.

    Calls are many, and counters that call at the same moment would wait for each other's figures.
    """
    if kind == Kind.TICKET:
        return stage not in _UNCOUNTED
    return kind in {Kind.VISIT, Kind.DIVERSION, Kind.RECONCILIATION}


def in_payload(payload: ColumnElement[Any], name: str) -> ColumnElement[str]:
    """What a payload says, as text; null where it says nothing."""
    return payload.op("->>", return_type=String())(literal_column(f"'{name}'"))


def number(value: int) -> ColumnElement[int]:
    """A number that stands in the statement itself."""
    return literal_column(str(value))


def kinds(*these: Kind) -> frozenset[str]:
    """A set of kinds, as the column holds them."""
    return frozenset(kind.value for kind in these)


def insert_into(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """The engine's insert that knows ``ON CONFLICT``."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
