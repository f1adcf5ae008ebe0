"""The `ticket` table: the live queue.

A terminal issues tickets and takes them back; counters work on them in steps. Each step says all
that follows from it (`payloads.TicketStep`), and the highest one decides, so that the table is the
same whatever arrives first. What a step can't know comes with the issue; until then something
stands in for it.
"""

from typing import Any

from sqlalchemy import Integer, case, cast, func, literal, null, or_, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import Kind, Ticket, TicketState
from kiosk.models.payloads import STEPS
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    ENDS,
    EVENT,
    Statement,
    greatest,
    in_payload,
    in_range,
    insert_into,
    is_left_out,
    is_step,
    kinds,
    least,
    least_of_first,
    number,
    of_first,
)

_Columns = ReadOnlyColumnCollection[str, Any]

_TICKET = table_of(Ticket)
TABLES = (_TICKET,)
_OF_ISSUE = (
    "terminal", "business_date", "local_hour", "number", "service", "transferable", "arrived_at",
    "issued_at", "priority",
)  # fmt: skip
"""What the issue says, or something else stands in for."""
_OF_LAST_STEP = (
    "state", "state_since", "queue", "counter", "staff", "wanted_counter", "wanted_staff", "calls",
    "ended_at",
)  # fmt: skip
_SUMS = ("waiting_seconds", "service_seconds", "hold_seconds")


def upsert(dialect: str) -> Statement:
    """Issue and cancel tickets."""
    event = EVENT.c
    cancelled_at = func.min(case((event.stage == "cancelled", event.occurred_at)))
    issued_at = of_first("issued", event.occurred_at)
    columns: dict[str, ColumnElement[Any]] = {
        "id": event.ticket,
        "visit": event.visit,
        "branch": func.min(event.branch),
        "terminal": of_first("issued", event.terminal),
        "business_date": of_first("issued", event.business_date),
        "local_hour": of_first("issued", event.local_hour),
        "queue": of_first("issued", event.queue),
        "number": of_first("issued", event.ticket_number),
        "service": of_first("issued", event.service),
        "transferable": of_first("issued", case((event.transferable, 1), else_=0)) == 1,
        "left_out": is_left_out(event.visit),
        "priority": func.min(case((event.stage == "issued", event.priority))),
        "state": case(
            (cancelled_at.is_not(None), TicketState.CANCELLED.value),
            else_=TicketState.WAITING.value,
        ),
        "state_since": func.coalesce(cancelled_at, issued_at),
        "steps": number(0),
        "calls": number(0),
        "arrived_at": of_first("issued", func.coalesce(event.arrived_at, event.occurred_at)),
        "issued_at": issued_at,
        "ended_at": cancelled_at,
        "cancelled_at": cancelled_at,
        **{name: number(0) for name in _SUMS},
    }
    source = (
        select(*(value.label(name) for name, value in columns.items()))
        .where(in_range(), event.kind == Kind.TICKET.value, event.visit.is_not(None), ~is_step())
        .group_by(event.ticket, event.visit)
    )
    insert = insert_into(_TICKET, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _TICKET.c
    of_issue = {name: _of_issue(kept, new, name) for name in _OF_ISSUE}
    at = least(kept.cancelled_at, new.cancelled_at)
    has_steps = kept.steps > 0
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            **of_issue,
            "queue": case((has_steps, kept.queue), else_=_of_issue(kept, new, "queue")),
            "left_out": kept.left_out | new.left_out,
            "cancelled_at": at,
            "state": case(
                (has_steps, kept.state),
                (at.is_not(None), TicketState.CANCELLED.value),
                else_=TicketState.WAITING.value,
            ),
            "state_since": case(
                (has_steps, kept.state_since),
                (at.is_not(None), at),
                else_=of_issue["issued_at"],
            ),
            "ended_at": case((has_steps, kept.ended_at), else_=at),
        },
    )
    return Statement(clause, kinds(Kind.TICKET))


def follow_steps(dialect: str) -> Statement:
    """Follow tickets through the hands of counters, to their end."""
    event = _steps()
    is_last = event.step == event.last_step

    def at(*stages: str) -> ColumnElement[Any]:
        return case((or_(*(event.stage == stage for stage in stages)), event.occurred_at))

    def spent(condition: ColumnElement[bool]) -> ColumnElement[int]:
        """The seconds in the state that a step ends, where the condition holds."""
        seconds = cast(in_payload(event.payload, "seconds"), Integer)
        return func.sum(case((condition, seconds), else_=number(0)))

    waits_again = or_(
        *(event.stage == step.stage for step in STEPS if step.to_state is TicketState.WAITING)
    )
    was = in_payload(event.payload, "was")
    of_last_step: dict[str, ColumnElement[Any]] = {
        "state": case(*((event.stage == step.stage, step.to_state.value) for step in STEPS)),
        "state_since": event.occurred_at,
        "queue": event.queue,
        "counter": case((waits_again, null()), else_=event.counter),
        "staff": case((waits_again, null()), else_=event.staff),
        "wanted_counter": in_payload(event.payload, "wanted_counter"),
        "wanted_staff": in_payload(event.payload, "wanted_staff"),
        "calls": cast(in_payload(event.payload, "calls"), Integer),
        "ended_at": at(*(step.stage for step in STEPS if step.to_state in ENDS)),
    }
    first = {
        "first_called_at": at("called"),
        "started_at": at("started", "resumed"),
        "finished_at": at("finished"),
    }
    columns: dict[str, ColumnElement[Any]] = {
        "id": event.ticket,
        "visit": event.visit,
        "branch": func.min(event.branch),
        # stand in for the issue's
        "terminal": func.min(event.terminal),
        "business_date": func.min(event.business_date),
        "local_hour": func.min(event.local_hour),
        "number": func.min(event.ticket_number),
        "transferable": literal(value=False),
        "arrived_at": func.min(event.occurred_at),
        "issued_at": func.min(event.occurred_at),
        "left_out": is_left_out(event.visit),
        "steps": func.max(event.step),
        **{name: func.min(case((is_last, value))) for name, value in of_last_step.items()},
        **{name: func.min(value) for name, value in first.items()},
        "called_at": func.max(at("called", "recalled")),
        "waiting_seconds": spent((was == TicketState.WAITING.value) & (event.stage == "called")),
        "service_seconds": spent(was == TicketState.SERVING.value),
        "hold_seconds": spent(was == TicketState.ON_HOLD.value),
    }
    source = select(*(value.label(name) for name, value in columns.items())).group_by(
        event.ticket, event.visit
    )
    insert = insert_into(_TICKET, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _TICKET.c
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "left_out": kept.left_out | new.left_out,
            "steps": greatest(kept.steps, new.steps),
            **{name: _of_last_step(kept, new, name) for name in _OF_LAST_STEP},
            **{name: least(kept[name], new[name]) for name in first},
            "called_at": greatest(kept.called_at, new.called_at),
            **{name: kept[name] + new[name] for name in _SUMS},
        },
    )
    return Statement(clause, kinds(Kind.TICKET), if_steps=True)


def _steps() -> _Columns:
    """The new steps, each with the last of its ticket among them."""
    last_step = func.max(EVENT.c.step).over(partition_by=EVENT.c.ticket)
    steps = (
        select(EVENT, last_step.label("last_step"))
        .where(in_range(), EVENT.c.kind == Kind.TICKET.value, EVENT.c.visit.is_not(None), is_step())
        .subquery("steps")
    )
    return steps.c


def _of_issue(kept: _Columns, new: _Columns, name: str) -> ColumnElement[Any]:
    """What the issue says, whether it is known already or comes now; priority is its own."""
    is_kept, is_new = kept["priority"].is_not(None), new["priority"].is_not(None)
    return least_of_first((is_kept, kept[name]), (is_new, new[name]))


def _of_last_step(kept: _Columns, new: _Columns, name: str) -> ColumnElement[Any]:
    return case(
        (new["steps"] > kept["steps"], new[name]),
        (new["steps"] < kept["steps"], kept[name]),
        else_=least(kept[name], new[name]),
    )
