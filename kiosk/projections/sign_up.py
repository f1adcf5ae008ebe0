"""The tables `sign_up`, with what became of each product that was opened, and `follow_up`."""

from typing import Any

from sqlalchemy import String, case, cast, func, or_, select
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import FollowUp, Kind, SignUp
from kiosk.models.tables import table_of
from kiosk.projections import evidence
from kiosk.projections.statement import (
    EVENT,
    Statement,
    any_id,
    greatest,
    in_payload,
    in_range,
    insert_into,
    is_left_out,
    kinds,
    least,
    least_of_first,
    number,
)
from kiosk.projections.subject import (
    Columns,
    at,
    at_first,
    at_last,
    earlier,
    events_of,
    from_start,
    later,
)

_SIGN_UP = table_of(SignUp)
_FOLLOW_UP = table_of(FollowUp)
TABLES = (_SIGN_UP, _FOLLOW_UP)
_OF_THE_START = ("terminal", "business_date")
_LEAST = (
    "staff", "product", "segment", "receipt", "bundle", "signed_at", "taught_at", "used_at",
    "closed_at",
)  # fmt: skip


def upsert(dialect: str) -> Statement:
    """Follow a sign-up to its end; each event is told once, so that sums hold."""
    event = events_of(Kind.SIGN_UP, Kind.FOLLOW_UP)
    columns = {
        "id": event.subject,
        "visit": any_id(event.visit),
        "branch": func.min(event.branch),
        "terminal": from_start(event, "signed", event.terminal),
        "business_date": from_start(event, "signed", event.business_date),
        **_signed(event),
        "left_out": _any(is_left_out(event.visit)),
        "taught_at": at(event, "taught"),
        "taught_by": at_first(event, "taught", event.staff),
        "taught_evidence": evidence.best(case((event.stage == "taught", event.evidence))),
        "used_at": at(event, "used"),
        "used_evidence": evidence.best(case((event.stage == "used", event.evidence))),
        "dormant_at": func.max(case((event.stage == "dormant", event.occurred_at))),
        "closed_at": at(event, "closed"),
        "follow_ups": func.sum(case((event.stage == "done", number(1)), else_=number(0))),
        "last_follow_up_at": func.max(case((event.stage == "done", event.occurred_at))),
        "last_result": at_last(event, "done", event.reason),
    }
    source = select(*(value.label(name) for name, value in columns.items())).group_by(event.subject)
    insert = insert_into(_SIGN_UP, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _SIGN_UP.c
    is_kept, is_new = kept.signed_at.is_not(None), new.signed_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            "visit": func.coalesce(kept.visit, new.visit),
            **{name: kept[name] | new[name] for name in ("is_company", "left_out")},
            **{name: least(kept[name], new[name]) for name in _LEAST},
            "taught_by": earlier(kept, new, "taught_at", "taught_by"),
            **{
                name: evidence.better(kept[name], new[name])
                for name in ("taught_evidence", "used_evidence")
            },
            "follow_ups": kept.follow_ups + new.follow_ups,
            **{
                name: greatest(kept[name], new[name])
                for name in ("dormant_at", "last_follow_up_at")
            },
            "last_result": later(kept, new, "last_follow_up_at", "last_result"),
            **{
                name: least_of_first((is_kept, kept[name]), (is_new, new[name]))
                for name in _OF_THE_START
            },
        },
    )
    return Statement(clause, kinds(Kind.SIGN_UP, Kind.FOLLOW_UP))


def _signed(event: Columns) -> dict[str, ColumnElement[Any]]:
    """What only the signature says."""
    company = cast(in_payload(event.payload, "company"), String)
    return {
        **{
            name: at(event, "signed", event[name])
            for name in ("staff", "product", "segment", "receipt")
        },
        "bundle": at(event, "signed", in_payload(event.payload, "bundle")),
        # SQLite's word for true, and PostgreSQL's
        "is_company": _any((event.stage == "signed") & or_(company == "1", company == "true")),
        "signed_at": at(event, "signed"),
    }


def _any(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return func.max(case((condition, number(1)), else_=number(0))) == 1


def follow_up(dialect: str) -> Statement:
    """Put down each call and visit."""
    event = EVENT.c
    columns: dict[str, ColumnElement[Any]] = {
        "id": event.id,
        "sign_up": event.subject,
        "branch": event.branch,
        "terminal": event.terminal,
        "business_date": event.business_date,
        "staff": event.staff,
        "done_at": event.occurred_at,
        "result": event.reason,
        "by": in_payload(event.payload, "by"),
    }
    source = select(*(value.label(name) for name, value in columns.items())).where(
        in_range(), event.kind == Kind.FOLLOW_UP.value, event.subject.is_not(None)
    )
    insert = insert_into(_FOLLOW_UP, dialect).from_select(list(columns), source)
    clause = insert.on_conflict_do_nothing(index_elements=[_FOLLOW_UP.c.id])
    return Statement(clause, kinds(Kind.FOLLOW_UP))
