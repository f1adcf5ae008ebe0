"""The day book: rounds through the lobby, complaints, special care and notes of a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from kiosk.errors import KioskError
from kiosk.models import DayBookCategory, Event, Kind
from kiosk.models.payloads import MAX_NOTE, DayBookChecked, DayBookWritten, holds_a_number
from kiosk.models.tables import table_of
from kiosk.services.journal import Fact, Journal

__all__ = [
    "MAX_NOTE",
    "DayBook",
    "DayBookCategory",
    "DayPage",
    "Note",
    "Round",
    "check_note",
    "read_day_page",
]

_EVENT = table_of(Event)


@dataclass(frozen=True)
class Round:
    """A round through the lobby."""

    number: int
    """1 to 3."""
    items: Mapping[str, bool]
    """Code → whether it was in order."""
    staff: str
    at: datetime


@dataclass(frozen=True)
class Note:
    """A line that somebody wrote."""

    category: str
    """One of `DayBookCategory`."""
    text: str
    staff: str
    at: datetime


@dataclass(frozen=True)
class DayPage:
    """A day of the book, as one database knows it."""

    rounds: tuple[Round, ...]
    """Of each number, as it was put down last."""
    notes: tuple[Note, ...]
    """In the order of writing."""


class DayBook:
    """Writes and reads the day book.

    Args:
        journal: Of the machine that staff work at.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def check(self, round_number: int, items: Mapping[str, bool], staff: str) -> None:
        """Put down a round; one that is put down again stands as it was last."""
        payload = DayBookChecked(items=dict(items), round=round_number)
        self._journal.record(Fact(payload, staff=staff))

    def write(self, category: DayBookCategory, text: str, staff: str) -> None:
        """Write a line.

        Raises:
            KioskError: As `check_note`.
        """
        line = check_note(text)
        self._journal.record(Fact(DayBookWritten(text=line), staff=staff, reason=category.value))

    def of_day(self, day: date | None = None) -> DayPage:
        """A page, as this machine's store has it; today's, if no day is named."""
        today = self._journal.business_date()
        with self._journal.database.read() as connection:
            return read_day_page(connection, self._journal.origin.branch, day or today)


def check_note(text: str) -> str:
    """A line as it may stand in the book.

    Raises:
        KioskError: `note_empty`, `note_too_long`, or `note_has_number`: nobody's phone, card or
            identity number may stand there.
    """
    line = " ".join(text.split())
    if not line:
        raise KioskError("note_empty")
    if len(line) > MAX_NOTE:
        raise KioskError("note_too_long", most=MAX_NOTE)
    if holds_a_number(line):
        raise KioskError("note_has_number")
    return line


def read_day_page(connection: Connection, branch: str, day: date) -> DayPage:
    """A page, from a terminal's store or the whole branch's database."""
    rows = connection.execute(
        select(
            _EVENT.c.stage, _EVENT.c.staff, _EVENT.c.reason, _EVENT.c.occurred_at, _EVENT.c.payload
        )
        .where(
            _EVENT.c.branch == branch,
            _EVENT.c.business_date == day,
            _EVENT.c.kind == Kind.DAY_BOOK.value,
        )
        .order_by(_EVENT.c.occurred_at, _EVENT.c.id)
    )
    rounds: dict[int, Round] = {}
    notes = []
    for row in rows:
        if row.stage == DayBookChecked.stage:
            said = DayBookChecked.model_validate(row.payload)
            rounds[said.round] = Round(said.round, said.items, row.staff, row.occurred_at)
        else:
            text = DayBookWritten.model_validate(row.payload).text
            notes.append(Note(row.reason, text, row.staff, row.occurred_at))
    return DayPage(tuple(rounds[number] for number in sorted(rounds)), tuple(notes))
