"""The `demo_run` table: one row for each run of a demo, with what became of it."""

from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import DemoOutcome, Kind
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    EVENT,
    Statement,
    any_id,
    in_range,
    insert_into,
    is_left_out,
    kinds,
    least,
    least_of_first,
    number,
    of_first,
)

_RUN = table_of(DemoOutcome)
TABLES = (_RUN,)
_OF_THE_START = ("business_date", "local_hour")
_LEAST = (
    "started_at", "finished_at", "right_answers", "questions", "left_at", "left_screen",
    "left_because",
)  # fmt: skip
_SUMS = ("steps", "wrong_keys")


def upsert(dialect: str) -> Statement:
    """Follow a run from its start to its end; each event is told once, so that sums hold."""
    event = EVENT.c

    def of(stage: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.min(case((event.stage == stage, value)))

    columns: dict[str, ColumnElement[Any]] = {
        "id": event.demo_run,
        "visit": any_id(event.visit),
        "staff": func.min(event.staff),
        "branch": func.min(event.branch),
        "terminal": func.min(event.terminal),
        "business_date": of_first("started", event.business_date),
        "local_hour": of_first("started", event.local_hour),
        "demo": func.min(event.demo),
        "way": func.min(event.way),
        "service": func.min(event.service),
        "channel": func.min(event.channel),
        "offer": any_id(event.offer),
        "left_out": func.max(case((is_left_out(event.visit), number(1)), else_=number(0))) == 1,
        "started_at": of("started", event.occurred_at),
        "steps": func.sum(case((event.stage == "step", number(1)), else_=number(0))),
        "wrong_keys": func.sum(func.coalesce(event.wrong_keys, number(0))),
        "finished_at": of("finished", event.occurred_at),
        "right_answers": of("finished", event.right_answers),
        "questions": of("finished", event.questions),
        "left_at": of("left", event.occurred_at),
        "left_screen": of("left", event.screen),
        "left_because": of("left", event.reason),
    }
    source = (
        select(*(value.label(name) for name, value in columns.items()))
        .where(in_range(), event.kind == Kind.DEMO.value, event.demo_run.is_not(None))
        .group_by(event.demo_run)
    )
    insert = insert_into(_RUN, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _RUN.c
    is_kept, is_new = kept.started_at.is_not(None), new.started_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "left_out": kept.left_out | new.left_out,
            **{name: least(kept[name], new[name]) for name in _LEAST},
            **{name: kept[name] + new[name] for name in _SUMS},
            **{
                name: least_of_first((is_kept, kept[name]), (is_new, new[name]))
                for name in _OF_THE_START
            },
        },
    )
    return Statement(clause, kinds(Kind.DEMO))
