"""What the tables share that follow one subject through its stages.

Several people may speak of it at several terminals: whoever was first stands, in whatever order
their events arrive.
"""

from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import Kind
from kiosk.projections.statement import EVENT, in_range, least

Columns = ReadOnlyColumnCollection[str, Any]


def events_of(*these: Kind) -> Columns:
    """The new events of some kinds, each with `first` and `last`: its stage's times among them."""
    of_stage = (EVENT.c.subject, EVENT.c.stage)
    source = (
        select(
            EVENT,
            func.min(EVENT.c.occurred_at).over(partition_by=of_stage).label("first"),
            func.max(EVENT.c.occurred_at).over(partition_by=of_stage).label("last"),
        )
        .where(
            in_range(),
            or_(*(EVENT.c.kind == kind.value for kind in these)),
            EVENT.c.subject.is_not(None),
        )
        .subquery("said")
    )
    return source.c


def at(event: Columns, stage: str, value: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """In a group: the least of what a stage's events say; when it was, if no value is named."""
    told = event["occurred_at"] if value is None else value
    return func.min(case((event["stage"] == stage, told)))


def at_first(event: Columns, stage: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """In a group: what the earliest event of a stage says."""
    is_first = (event["stage"] == stage) & (event["occurred_at"] == event["first"])
    return func.min(case((is_first, value)))


def at_last(event: Columns, stage: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """In a group: what the latest event of a stage says."""
    is_last = (event["stage"] == stage) & (event["occurred_at"] == event["last"])
    return func.min(case((is_last, value)))


def from_start(event: Columns, stage: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """In a group: what the stage that begins it says; until that is known, what others say."""
    return func.coalesce(at(event, stage, value), func.min(value))


def earlier(kept: Columns, new: Columns, moment: str, name: str) -> ColumnElement[Any]:
    """Of what is kept and what is new: the value that goes with the earlier moment."""
    return case(
        (kept[moment].is_(None) | (new[moment] < kept[moment]), new[name]),
        (new[moment] == kept[moment], least(kept[name], new[name])),
        else_=kept[name],
    )


def later(kept: Columns, new: Columns, moment: str, name: str) -> ColumnElement[Any]:
    """As `earlier`, of the later moment."""
    return case(
        (kept[moment].is_(None) | (new[moment] > kept[moment]), new[name]),
        (new[moment] == kept[moment], least(kept[name], new[name])),
        else_=kept[name],
    )
