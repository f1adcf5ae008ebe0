"""Many accepted offers and lines of journals in a branch database, and what is read of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, event, insert

from kiosk.db import Database
from kiosk.models import Diversion, JournalCandidate, JournalFile, JournalLine, LineState
from kiosk.models.tables import table_of
from kiosk.services.journal import new_id

FIRST = datetime(2026, 11, 20, 2, tzinfo=UTC)
"""Ten in the morning in Shanghai."""
TODAY = FIRST.date()
KINDS = (("mobile", "transfer"), ("mobile", "transfer"), ("atm", "cash_withdrawal"))


def put_offers(database: Database, branch: str, count: int, days: int = 4) -> list[UUID]:
    """Accepted offers, a minute after each other, dealt out to some days; in their order."""
    offers: list[dict[str, Any]] = [
        {
            "id": new_id(), "visit": new_id(), "branch": branch, "terminal": "T1",
            "business_date": moment.date(), "local_hour": 10, "left_out": False,
            "channel": KINDS[number % 3][0], "service": KINDS[number % 3][1],
            "offered_at": moment, "accepted_at": moment, "journal_matches": 0,
        }
        for number in range(count)
        for moment in [FIRST + timedelta(days=number * days // count, minutes=number)]
    ]  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(table_of(Diversion)), offers)
    return [each["id"] for each in offers]


def put_lines(database: Database, branch: str, offers: list[UUID]) -> list[UUID]:
    """A probable line for each of some offers, and as many lines that have something wrong."""
    file = put_file(database, branch, "mobile", "atm")
    probable = [_line(branch, file, number) for number in range(len(offers))]
    wrong: list[dict[str, Any]] = [
        {
            **_line(branch, file, len(offers) + number),
            "state": LineState.NONE.value, "fault": ("duplicate", "before_acceptance")[number % 2],
        }
        for number in range(len(offers))
    ]  # fmt: skip
    pairs = [
        {"line": line["id"], "offer": offer} for line, offer in zip(probable, offers, strict=True)
    ]
    with database.write() as connection:
        connection.execute(insert(table_of(JournalLine)), [*probable, *wrong])
        connection.execute(insert(table_of(JournalCandidate)), pairs)
    return [line["id"] for line in probable]


def put_file(database: Database, branch: str, *channels: str, first: date = TODAY) -> UUID:
    """A journal of one day, and of some channels."""
    file = {
        "id": new_id(), "branch": branch, "layout": "mobile", "name": "journal.txt",
        "digest": new_id().hex, "size": 1, "channels": channels, "has_terminals": True,
        "lines": 2, "damaged": 0, "first_at": FIRST, "last_at": FIRST,
        "first_day": first, "last_day": first, "imported_at": FIRST,
    }  # fmt: skip
    with database.write() as connection:
        connection.execute(insert(table_of(JournalFile)), [file])
    return UUID(str(file["id"]))


def _line(branch: str, file: object, number: int) -> dict[str, Any]:
    return {
        "id": new_id(), "branch": branch, "file": file, "number": number, "channel": "mobile",
        "occurred_at": FIRST + timedelta(minutes=number), "state": LineState.PROBABLE.value,
        "fault": None,
    }  # fmt: skip


@contextmanager
def rows_read(about: tuple[str, ...] = ("FROM diversion", "FROM journal_")) -> Iterator[list[int]]:
    """How many rows each query has that is asked meanwhile: it is asked once more for that.

    Args:
        about: Only queries in which one of these stands.
    """
    counts: list[int] = []

    def count(
        connection: Connection, cursor: object, statement: str, parameters: Any, *_rest: object
    ) -> None:
        if statement.startswith("SELECT") and any(each in statement for each in about):
            again = connection.connection.cursor()
            again.execute(statement, parameters)
            counts.append(len(again.fetchall()))
            again.close()

    event.listen(Engine, "after_cursor_execute", count)
    try:
        yield counts
    finally:
        event.remove(Engine, "after_cursor_execute", count)
