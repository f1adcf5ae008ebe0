"""What the statements of all projections share."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Table, bindparam, case, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import ClauseElement, ColumnElement

from kiosk.models import Event, Kind, Visit
from kiosk.models.payloads import VisitLeftOut
from kiosk.models.tables import table_of


@dataclass(frozen=True)
class Statement:
    """One step of ``apply``; it is taken when the tables of all these kinds may change."""

    clause: ClauseElement
    kinds: frozenset[str]
    if_left_out: bool = False
    """Taken only when one of the new events leaves a customer out: few batches have one."""


EVENT = table_of(Event)


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


def visit_is_left_out() -> ColumnElement[bool]:
    """Whether the customer whom an event speaks of is left out of the figures so far."""
    visit = table_of(Visit)
    return exists().where(visit.c.id == EVENT.c.visit, visit.c.left_out)


def kinds(*these: Kind) -> frozenset[str]:
    """A set of kinds, as the column holds them."""
    return frozenset(kind.value for kind in these)


def insert_into(table: Table, dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """The engine's insert that knows ``ON CONFLICT``."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
