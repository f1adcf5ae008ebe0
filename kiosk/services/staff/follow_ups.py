"""Whom to call or visit after a sign-up, by the rules of the catalog; and whose account sleeps.

This is a list of work, not a figure: customers of 60+ are on it like everybody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, and_, func, or_, select

from kiosk.db import Database
from kiosk.models import FollowUp, FollowUpBy, FollowUpResult, SignUp
from kiosk.models.tables import table_of
from kiosk.services.catalog_staff import FollowUpRules
from kiosk.services.demos_report import Days
from kiosk.services.staff.figures import moments, zone_of

MAX_DORMANT: Final = 200
"""Of the dormant list; more would not be called in a month."""
_FOLLOW_UP = table_of(FollowUp)
_SIGN_UP = table_of(SignUp)
_SETTLED: Final = frozenset(
    each.value
    for each in (
        FollowUpResult.ACTIVATED, FollowUpResult.DOES_NOT_WANT, FollowUpResult.VISITED,
    )
)  # fmt: skip
"""After one of these nobody calls again."""
_COLUMNS: Final = (
    "id", "staff", "product", "receipt", "business_date", "follow_ups",
    "last_follow_up_at", "last_result",
)  # fmt: skip


@dataclass(frozen=True)
class ToDo:
    """A call or a visit that is due, or will be."""

    sign_up: UUID
    """The first of them, for a company."""
    products: tuple[str, ...]
    """One for a call; all that a company signed up for at one time."""
    staff: str | None
    """Who signed it up."""
    receipt: str | None
    signed_on: date
    due_on: date
    by: FollowUpBy
    tries: int
    """Follow-ups so far."""
    last_result: str | None

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been done before a day."""
        return self.due_on < today


@dataclass(frozen=True)
class Dormant:
    """A sign-up that nobody uses."""

    sign_up: UUID
    product: str
    staff: str | None
    receipt: str | None
    signed_on: date


@dataclass(frozen=True)
class FollowUpList:
    """What is to be done, and what sleeps."""

    today: date
    to_do: tuple[ToDo, ...]
    """Due until today, the longest due first."""
    coming: tuple[ToDo, ...]
    """Due later."""
    dormant: tuple[Dormant, ...]
    """The last that were signed up, at most `MAX_DORMANT`."""
    dormant_count: int

    @property
    def overdue(self) -> tuple[ToDo, ...]:
        """Due before today."""
        return tuple(each for each in self.to_do if each.is_overdue(self.today))

    @property
    def due_today(self) -> tuple[ToDo, ...]:
        """Due on this very day."""
        return tuple(each for each in self.to_do if not each.is_overdue(self.today))

    def of(self, staff: str) -> "FollowUpList":
        """What one member of staff signed up."""

        def own(listed: Iterable[Any]) -> tuple[Any, ...]:
            return tuple(each for each in listed if each.staff == staff)

        dormant = own(self.dormant)
        return FollowUpList(self.today, own(self.to_do), own(self.coming), dormant, len(dormant))


def follow_ups(database: Database, branch: str, today: date, rules: FollowUpRules) -> FollowUpList:
    """The work after sign-ups of a branch.

    Args:
        database: Of the branch, or a terminal's own.
        branch: Its code.
        today: Its business day.
        rules: The catalog's.

    Raises:
        KioskError: What keeps the database from being read.
    """
    with database.read() as connection:
        found = to_do_in(connection, branch, today, rules)
        now = _end_of(connection, branch, today)
        slept = [
            row
            for condition in (_never_used(now, rules), _said_to_sleep(now, rules))
            for row in connection.execute(_dormant(branch, condition))
        ]
        count = sum(
            connection.execute(_count(branch, condition)).scalar_one()
            for condition in (_never_used(now, rules), _said_to_sleep(now, rules))
        )
    slept.sort(key=lambda row: row.signed_at, reverse=True)
    return FollowUpList(
        today,
        tuple(each for each in found if each.due_on <= today),
        tuple(each for each in found if each.due_on > today),
        tuple(Dormant(*row[:-1]) for row in slept[:MAX_DORMANT]),
        count,
    )


def to_do_in(connection: Connection, branch: str, today: date, rules: FollowUpRules) -> list[ToDo]:
    """The calls and visits that are due or will be, the longest due first."""
    zone = zone_of(connection, branch)
    calls = connection.execute(_to_call(branch, today, rules, zone)).all()
    found = [_to_do(row, (row.product,), FollowUpBy.CALL, rules, zone) for row in calls]
    visits = connection.execute(_to_visit(branch, _end_of(connection, branch, today))).all()
    found += _visits(visits, rules, zone)
    found.sort(key=lambda each: (each.due_on, each.signed_on, each.sign_up.int))
    return found


def _end_of(connection: Connection, branch: str, day: date) -> datetime:
    return moments(Days(day, day), zone_of(connection, branch))[1]


def _visits(
    rows: Iterable[Row[*tuple[Any, ...]]], rules: FollowUpRules, zone: ZoneInfo
) -> Iterable[ToDo]:
    """One for each company, whatever it signed up for at that time."""
    for _, group in groupby(rows, key=lambda row: row.visit):
        first, *others = group
        products = (first.product, *(each.product for each in others))
        yield _to_do(first, products, FollowUpBy.VISIT, rules, zone)


def _to_do(
    row: Row[*tuple[Any, ...]],
    products: tuple[str, ...],
    by: FollowUpBy,
    rules: FollowUpRules,
    zone: ZoneInfo,
) -> ToDo:
    first = rules.company_days if by is FollowUpBy.VISIT else rules.personal_days
    due = row.business_date + timedelta(days=first)
    if row.last_follow_up_at is not None:
        last = row.last_follow_up_at.astimezone(zone).date()
        due = max(due, last + timedelta(days=rules.retry_days))
    return ToDo(
        row.id, products, row.staff, row.receipt, row.business_date, due, by, row.follow_ups,
        row.last_result,
    )  # fmt: skip


# --- what is asked of the database ------------------------------------------------------------


def _open(branch: str, *more: Column[Any]) -> Select[*tuple[Any, ...]]:
    s = _SIGN_UP.c
    return select(*(s[name] for name in _COLUMNS), *more).where(
        s.branch == branch,
        s.signed_at.is_not(None),
        s.product.is_not(None),
        s.closed_at.is_(None),
    )


def _to_call(
    branch: str, today: date, rules: FollowUpRules, zone: ZoneInfo
) -> Select[*tuple[Any, ...]]:
    """Persons who have not used what they signed up for, as long as it does not sleep yet."""
    s = _SIGN_UP.c
    young = Days(today - timedelta(days=rules.dormant_days - 1), today)
    since, until = moments(young, zone)
    return _open(branch).where(
        s.signed_at >= since,
        s.signed_at < until,
        s.is_company.is_(False),
        s.used_at.is_(None),
        s.dormant_at.is_(None),
        or_(s.last_result.is_(None), s.last_result.not_in(_SETTLED)),
    )


def _to_visit(branch: str, until: datetime) -> Select[*tuple[Any, ...]]:
    """Companies that nobody has visited, however long ago they signed up."""
    s, f = _SIGN_UP.c, _FOLLOW_UP.c
    of_customer = _SIGN_UP.alias("of_customer")
    visited = (
        select(of_customer.c.visit)
        .join_from(_FOLLOW_UP, of_customer, f.sign_up == of_customer.c.id)
        .where(
            f.branch == branch,
            f.by == FollowUpBy.VISIT.value,
            of_customer.c.visit.is_not(None),
        )
    )
    refused = FollowUpResult.DOES_NOT_WANT.value
    return (
        _open(branch, s.visit)
        .where(
            s.is_company,
            s.signed_at < until,
            s.visit.not_in(visited),
            or_(s.last_result.is_(None), s.last_result != refused),
        )
        .order_by(s.visit, s.signed_at, s.product)
    )


def _never_used(now: datetime, rules: FollowUpRules) -> ColumnElement[bool]:
    s = _SIGN_UP.c
    return and_(s.used_at.is_(None), s.signed_at <= now - timedelta(days=rules.dormant_days))


def _said_to_sleep(now: datetime, rules: FollowUpRules) -> ColumnElement[bool]:
    """Somebody said so, of one that was used before, or is not old enough to sleep by itself."""
    s = _SIGN_UP.c
    young = s.signed_at > now - timedelta(days=rules.dormant_days)
    return and_(
        s.dormant_at.is_not(None),
        or_(s.dormant_at > s.used_at, and_(s.used_at.is_(None), young)),
    )


def _sleeps(branch: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    s = _SIGN_UP.c
    return and_(
        s.branch == branch,
        s.signed_at.is_not(None),
        s.closed_at.is_(None),
        s.product.is_not(None),
        condition,
    )


def _dormant(branch: str, condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    s = _SIGN_UP.c
    return (
        select(s.id, s.product, s.staff, s.receipt, s.business_date, s.signed_at)
        .where(_sleeps(branch, condition))
        .order_by(s.signed_at.desc())
        .limit(MAX_DORMANT)
    )


def _count(branch: str, condition: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(_SIGN_UP).where(_sleeps(branch, condition))
