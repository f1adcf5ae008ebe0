"""The `counter_state` table: what each counter does at present."""

from typing import Any

from sqlalchemy import Integer, bindparam, case, cast, func, or_, select, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement, FunctionElement

from kiosk.models import CounterNow, Kind, Ticket, TicketState
from kiosk.models.payloads import COUNTER_EVENTS
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    EVENT,
    Statement,
    in_payload,
    in_range,
    insert_into,
    is_counter_s,
    kinds,
)

_NOW = table_of(CounterNow)
_TICKET = table_of(Ticket)
TABLES = (_NOW,)
_IN_HAND = (TicketState.CALLED, TicketState.SERVING)


class _MinutesAfter(FunctionElement[Any]):
    """A moment and minutes: the moment that is so much later, to the millisecond at least."""

    type = EVENT.c.occurred_at.type
    inherit_cache = True


@compiles(_MinutesAfter, "sqlite")
def _in_sqlite(element: _MinutesAfter, compiler: SQLCompiler, **given: Any) -> str:
    moment, minutes = (compiler.process(clause, **given) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f000', {moment}, {minutes} || ' minutes')"


@compiles(_MinutesAfter, "postgresql")
def _in_postgresql(element: _MinutesAfter, compiler: SQLCompiler, **given: Any) -> str:
    moment, minutes = (compiler.process(clause, **given) for clause in element.clauses)
    return f"{moment} + {minutes} * interval '1 minute'"


def follow(dialect: str) -> Statement:
    """Take over the last that each counter said of itself: its events arrive in order."""
    last = func.max(EVENT.c.seq).over(partition_by=EVENT.c.counter)
    event = (
        select(EVENT, last.label("last"))
        .where(in_range(), EVENT.c.kind == Kind.COUNTER.value)
        .subquery("said")
        .c
    )
    minutes = cast(in_payload(event.payload, "minutes"), Integer)
    columns: dict[str, ColumnElement[Any]] = {
        "branch": event.branch,
        "number": cast(event.counter, Integer),
        "business_date": event.business_date,
        "state": case(
            *((event.stage == each.stage, each.to_state.value) for each in COUNTER_EVENTS)
        ),
        "staff": event.staff,
        "since": event.occurred_at,
        "back_at": _MinutesAfter(event.occurred_at, minutes),
    }
    source = select(*(value.label(name) for name, value in columns.items())).where(
        event.seq == event.last
    )
    insert = insert_into(_NOW, dialect).from_select(list(columns), source)
    clause = insert.on_conflict_do_update(
        index_elements=[_NOW.c.branch, _NOW.c.number],
        set_={name: insert.excluded[name] for name in list(columns)[2:]},
    )
    return Statement(clause, kinds(Kind.COUNTER), if_steps=True)


def have_tickets() -> Statement:
    """Say which ticket each counter has in hand, of those that are concerned."""
    news = in_range() & is_counter_s()
    spoken_of = select(cast(EVENT.c.counter, Integer)).where(news, EVENT.c.counter.is_not(None))
    changed = select(EVENT.c.ticket).where(news, EVENT.c.ticket.is_not(None))
    in_hand = or_(*(_TICKET.c.state == state.value for state in _IN_HAND))
    ticket = (
        select(_TICKET.c.id)
        .where(
            _TICKET.c.branch == _NOW.c.branch,
            _TICKET.c.counter == cast(_NOW.c.number, _TICKET.c.counter.type),
            in_hand,
        )
        .order_by(_TICKET.c.id)
        .limit(1)
        .scalar_subquery()
    )
    clause = (
        update(_NOW)
        .where(
            _NOW.c.branch == bindparam("branch"),
            _NOW.c.number.in_(spoken_of) | _NOW.c.ticket.in_(changed),
        )
        .values(ticket=ticket)
    )
    return Statement(clause, kinds(Kind.TICKET, Kind.COUNTER), if_steps=True)
