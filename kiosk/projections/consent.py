"""The `consent` table: what a customer agreed to with a phone number, and how that ended."""

from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.sql.expression import ColumnElement

from kiosk.models import Consent, Kind
from kiosk.models.tables import table_of
from kiosk.projections.statement import (
    Statement,
    in_payload,
    insert_into,
    kinds,
    least,
    least_of_first,
)
from kiosk.projections.subject import at, events_of, from_start

_CONSENT = table_of(Consent)
TABLES = (_CONSENT,)
_OF_THE_START = ("terminal", "business_date")
_LEAST = (
    "purpose", "version", "digest", "language", "given_at", "withdrawn_at", "purged_at",
)  # fmt: skip


def upsert(dialect: str) -> Statement:
    """Follow a consent to its end, which may be said at another terminal."""
    event = events_of(Kind.CONSENT)
    columns: dict[str, ColumnElement[Any]] = {
        "id": event.subject,
        "branch": func.min(event.branch),
        "terminal": from_start(event, "given", event.terminal),
        "business_date": from_start(event, "given", event.business_date),
        "purpose": func.min(in_payload(event.payload, "purpose")),
        "version": func.min(cast(in_payload(event.payload, "version"), Integer)),
        "digest": at(event, "given", in_payload(event.payload, "digest")),
        "language": at(event, "given", event.language),
        "given_at": at(event, "given"),
        "withdrawn_at": at(event, "withdrawn"),
        "purged_at": at(event, "purged"),
    }
    source = select(*(value.label(name) for name, value in columns.items())).group_by(event.subject)
    insert = insert_into(_CONSENT, dialect).from_select(list(columns), source)
    new, kept = insert.excluded, _CONSENT.c
    is_kept, is_new = kept.given_at.is_not(None), new.given_at.is_not(None)
    clause = insert.on_conflict_do_update(
        index_elements=[kept.id],
        set_={
            **{name: least(kept[name], new[name]) for name in _LEAST},
            **{
                name: least_of_first((is_kept, kept[name]), (is_new, new[name]))
                for name in _OF_THE_START
            },
        },
    )
    return Statement(clause, kinds(Kind.CONSENT))
