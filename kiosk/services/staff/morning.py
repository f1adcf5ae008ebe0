"""The morning sheet: what yesterday was like, on one page."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select

from kiosk.db import Database
from kiosk.models import DayBookCategory, Diversion, Event, Kind, Outage, SignUp
from kiosk.models.payloads import DayBookChecked, DayBookWritten
from kiosk.models.tables import table_of
from kiosk.projections.diversion import is_completed
from kiosk.services.catalog_staff import FollowUpRules
from kiosk.services.demos_report import Days
from kiosk.services.report import DayReport, day_report
from kiosk.services.staff.figures import moments, zone_of
from kiosk.services.staff.follow_ups import to_do_in

_DIVERSION = table_of(Diversion)
_EVENT = table_of(Event)
_OUTAGE = table_of(Outage)
_SIGN_UP = table_of(SignUp)
Counts = tuple[tuple[str, int], ...]
"""Codes and how often, the most frequent first."""
SHOWN: Final = (DayBookCategory.COMPLAINT, DayBookCategory.SPECIAL_CARE, DayBookCategory.EQUIPMENT)
"""What of the day book is read out in the morning; notes are not."""


@dataclass(frozen=True)
class Note:
    """A line of the day book."""

    category: str
    text: str


@dataclass(frozen=True)
class Broken:
    """What was out of order, or was found not in order."""

    code: str
    """Of a channel, or of one machine of it, as the day book has it."""
    times: int


@dataclass(frozen=True)
class MorningSheet:
    """Yesterday, for the morning meeting."""

    day: DayReport
    """The day that it is about: diversion rates in both forms, declined by reason, waits."""
    activations: Counts
    """Sign-ups that came into use, by product."""
    failed: Counts
    """Diversions that came back to the counter, by what had failed; an empty code: not said."""
    overdue: Counts
    """Follow-ups that should have been done by then, by who signed the customer up."""
    notes: tuple[Note, ...]
    outages: tuple[Broken, ...]
    not_in_order: tuple[Broken, ...]
    """By item: in how many rounds it was not in order."""
    rounds: int
    """Of three a day."""


def morning_sheet(database: Database, branch: str, day: date, rules: FollowUpRules) -> MorningSheet:
    """The sheet about one business day.

    Args:
        database: Of the branch, or a terminal's own.
        branch: Its code.
        day: The day that it is about: on most mornings, yesterday.
        rules: The catalog's, for the follow-ups.

    Raises:
        KioskError: What keeps the database from being read.
    """
    with database.read() as connection:
        waiting = [each for each in to_do_in(connection, branch, day, rules) if each.due_on <= day]
        rounds = connection.execute(_written(branch, day, DayBookChecked.stage)).all()
        return MorningSheet(
            day=day_report(database, branch, day),
            activations=_activations(connection, branch, day),
            failed=_counts(connection, _failed(branch, day)),
            overdue=_most(Counter(each.staff or "" for each in waiting)),
            notes=_notes(connection, branch, day),
            outages=_outages(connection, branch, day),
            not_in_order=_not_in_order(rounds),
            rounds=len({row.payload["round"] for row in rounds}),
        )


def _most(found: Counter[str]) -> Counts:
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def _counts(connection: Connection, query: Select[*tuple[Any, ...]]) -> Counts:
    return _most(Counter(dict(tuple(row) for row in connection.execute(query))))


def _activations(connection: Connection, branch: str, day: date) -> Counts:
    s = _SIGN_UP.c
    since, until = moments(Days(day, day), zone_of(connection, branch))
    query = (
        select(s.product, func.count())
        .where(
            s.branch == branch,
            s.used_at >= since,
            s.used_at < until,
            s.left_out.is_(False),
            s.product.is_not(None),
        )
        .group_by(s.product)
    )
    return _counts(connection, query)


def _failed(branch: str, day: date) -> Select[*tuple[Any, ...]]:
    d = _DIVERSION.c
    reason = func.coalesce(d.failure_reason, "")
    return (
        select(reason, func.count())
        .where(
            d.branch == branch,
            d.business_date == day,
            d.left_out.is_(False),
            d.fell_back_at.is_not(None),
            ~is_completed(d),
        )
        .group_by(reason)
    )


def _written(branch: str, day: date, stage: str) -> Select[*tuple[Any, ...]]:
    e = _EVENT.c
    return (
        select(e.reason, e.payload)
        .where(
            e.branch == branch,
            e.business_date == day,
            e.kind == Kind.DAY_BOOK.value,
            e.stage == stage,
        )
        .order_by(e.occurred_at, e.id)
    )


def _notes(connection: Connection, branch: str, day: date) -> tuple[Note, ...]:
    shown = {each.value for each in SHOWN}
    return tuple(
        Note(row.reason, row.payload["text"])
        for row in connection.execute(_written(branch, day, DayBookWritten.stage))
        if row.reason in shown
    )


def _not_in_order(rounds: Any) -> tuple[Broken, ...]:
    found = Counter(
        item for row in rounds for item, is_right in row.payload["items"].items() if not is_right
    )
    return tuple(Broken(item, times) for item, times in _most(found))


def _outages(connection: Connection, branch: str, day: date) -> tuple[Broken, ...]:
    o = _OUTAGE.c
    query = (
        select(o.channel, o.machine, func.count())
        .where(o.branch == branch, o.business_date == day, o.began_at.is_not(None))
        .group_by(o.channel, o.machine)
    )
    found = [
        Broken(channel if machine is None else f"{channel}_{machine}", times)
        for channel, machine, times in connection.execute(query)
    ]
    return tuple(sorted(found, key=lambda each: (-each.times, each.code)))
