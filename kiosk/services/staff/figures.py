"""What each member of staff did on some days, counted; and what the pieces of it are paid.

Customers of 60+ or in large type are in none of it, and nothing can change that. What became of a
sign-up counts on the day on which it did, and for whoever signed it up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    func,
    literal_column,
    select,
)

from kiosk.db import Database
from kiosk.models import Assist, AssistOutcome, Branch, FollowUp, HourlyFigures, SignUp
from kiosk.models.tables import table_of
from kiosk.services.catalog_staff import PieceRates
from kiosk.services.demos_report import Days
from kiosk.services.reconcile.coverage import provable
from kiosk.services.target_list import Metric, Target

_ASSIST = table_of(Assist)
_BRANCH = table_of(Branch)
_FIGURES = table_of(HourlyFigures)
_FOLLOW_UP = table_of(FollowUp)
_SIGN_UP = table_of(SignUp)

_ACCEPTED: Final = (AssistOutcome.ACCEPTED, AssistOutcome.TAUGHT, AssistOutcome.DONE)
_OFFERED: Final = (AssistOutcome.DECLINED, *_ACCEPTED)
_TAUGHT: Final = (AssistOutcome.TAUGHT, AssistOutcome.DONE)


@dataclass(frozen=True)
class SignUps:
    """One person's sign-ups of one product."""

    signed: int = 0
    taught: int = 0
    used: int = 0


_STAGES: Final = tuple(each.name for each in fields(SignUps))


@dataclass(frozen=True)
class PersonFigures:
    """What one member of staff did."""

    staff: str
    approached: int = 0
    """Talks with customers in the lobby, whatever came of them."""
    offered: int = 0
    """Of them, those in which an e-channel was offered."""
    accepted: int = 0
    shown: int = 0
    """Of them, those in which the customer was shown how, or did it."""
    completed: int = 0
    """Of them, those in which staff saw it done, by which channel."""
    signed: int = 0
    """Sign-ups."""
    taught: int = 0
    """Sign-ups whose customer was taught; for whoever taught."""
    used: int = 0
    """Sign-ups that came into use."""
    follow_ups: int = 0
    by_product: Mapping[str, SignUps] | None = None
    """The three of sign-ups."""

    def pay(self, rates: PieceRates) -> int:
        """Pieces × their rates, in fen."""
        of_products = sum(
            counted.signed * rates.signed.get(product, 0)
            + counted.taught * rates.taught.get(product, 0)
            + counted.used * rates.used.get(product, 0)
            for product, counted in (self.by_product or {}).items()
        )
        others = self.completed * rates.completed + self.follow_ups * rates.follow_ups
        return of_products + others


COUNTS: Final = tuple(
    each.name for each in fields(PersonFigures) if each.name not in ("staff", "by_product")
)
"""The figures of a person, in the order of a customer's way."""


@dataclass(frozen=True)
class Ranked:
    """A place in a ranking; who has as much shares the place."""

    place: int
    figures: PersonFigures


def ranking(people: Iterable[PersonFigures], by: str) -> tuple[Ranked, ...]:
    """People by one of `COUNTS`, the most first."""
    ordered = sorted(people, key=lambda each: (-getattr(each, by), each.staff))
    counts = [getattr(each, by) for each in ordered]
    return tuple(Ranked(counts.index(getattr(each, by)) + 1, each) for each in ordered)


def people(database: Database, branch: str, days: Days) -> tuple[PersonFigures, ...]:
    """The figures of everybody who did something on some days, by staff number.

    Raises:
        KioskError: What keeps the database from being read.
    """
    with database.read() as connection:
        return people_in(connection, branch, days)


def people_in(connection: Connection, branch: str, days: Days) -> tuple[PersonFigures, ...]:
    """As `people`, within a transaction."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTS, 0))
    for staff, *found in connection.execute(_assists(branch, days)):
        counts[staff] |= dict(zip(COUNTS[:5], found, strict=True))
    for staff, found in connection.execute(_follow_ups(branch, days)):
        counts[staff]["follow_ups"] = found
    products = _by_product(connection, branch, days)
    for staff, of_products in products.items():
        for name in _STAGES:
            counts[staff][name] = sum(getattr(each, name) for each in of_products.values())
    return tuple(
        PersonFigures(staff, **counts[staff], by_product=products.get(staff, {}))
        for staff in sorted(counts)
    )


def total(people: Iterable[PersonFigures]) -> PersonFigures:
    """All of them together, without their products."""
    found = list(people)
    return PersonFigures(
        "", **{name: sum(getattr(each, name) for each in found) for name in COUNTS}
    )


class Counted:
    """Counts what targets are about, all from one state of the database; what was read is kept.

    Args:
        connection: Within a transaction that reads a branch's database, or a terminal's own.
        branch: Its code.
    """

    def __init__(self, connection: Connection, branch: str) -> None:
        self._connection = connection
        self._branch = branch
        self._zone = zone_of(connection, branch)
        self._kept: dict[tuple[str, Days], list[tuple[str, str | None, int]]] = {}

    def __call__(self, target: Target, days: Days) -> int | None:
        """What was reached of a target on some days; None where nothing could be proven."""
        if target.metric is Metric.PROVEN:
            is_told = self._branch in provable(
                self._connection, self._branch, days.first, days.last
            )
            return self._diversions(_FIGURES.c.proven, days) if is_told else None
        if target.metric is Metric.COMPLETED and target.staff is None:
            return self._diversions(_FIGURES.c.completed, days)
        key = (target.metric.value, days)
        if key not in self._kept:
            self._kept[key] = self._read(*key)
        return sum(
            count
            for staff, product, count in self._kept[key]
            if target.staff in (None, staff) and target.product in (None, product)
        )

    def _read(self, metric: str, days: Days) -> list[tuple[str, str | None, int]]:
        """By person and, for sign-ups, product."""
        ask = self._connection.execute
        if metric in _STAGES:
            return [(*row,) for row in ask(_sign_ups(metric, self._branch, days, self._zone))]
        if metric == Metric.FOLLOW_UPS:
            found = ask(_follow_ups(self._branch, days))
            return [(staff, None, count) for staff, count in found]
        place = 1 + COUNTS.index(metric)
        return [(row[0], None, row[place]) for row in ask(_assists(self._branch, days))]

    def _diversions(self, count: ColumnElement[int], days: Days) -> int:
        """All diversions: at the terminals, too, where nobody of the staff stood by."""
        f = _FIGURES.c
        query = select(func.coalesce(func.sum(count), 0)).where(
            f.branch == self._branch, f.business_date.between(days.first, days.last)
        )
        return int(self._connection.execute(query).scalar_one())


# --- what is asked of the database ------------------------------------------------------------


def zone_of(connection: Connection, branch: str) -> ZoneInfo:
    """The time zone of a branch, as its row has it; UTC where there is none."""
    zone = connection.execute(select(_BRANCH.c.time_zone).where(_BRANCH.c.code == branch)).scalar()
    return ZoneInfo(zone or "UTC")


def moments(days: Days, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of some days to the first after them."""
    first, last = (
        datetime.combine(day, time(), zone).astimezone(UTC)
        for day in (days.first, days.last + timedelta(days=1))
    )
    return first, last


def one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """1 or 0, to be summed up."""
    return case((condition, literal_column("1")), else_=literal_column("0"))


def _assists(branch: str, days: Days) -> Select[*tuple[Any, ...]]:
    a = _ASSIST.c
    outcomes = (_OFFERED, _ACCEPTED, _TAUGHT)
    is_done = and_(
        a.outcome == AssistOutcome.DONE.value, a.service.is_not(None), a.channel.is_not(None)
    )
    return (
        select(
            a.staff,
            func.count(),
            *(
                func.sum(one_if(a.outcome.in_([each.value for each in these])))
                for these in outcomes
            ),
            func.sum(one_if(is_done)),
        )
        .where(
            a.branch == branch,
            a.business_date.between(days.first, days.last),
            a.left_out.is_(False),
        )
        .group_by(a.staff)
    )


def _follow_ups(branch: str, days: Days) -> Select[*tuple[Any, ...]]:
    f, s = _FOLLOW_UP.c, _SIGN_UP.c
    return (
        select(f.staff, func.count())
        .join_from(_FOLLOW_UP, _SIGN_UP, f.sign_up == s.id)
        .where(
            f.branch == branch,
            f.business_date.between(days.first, days.last),
            s.left_out.is_(False),
        )
        .group_by(f.staff)
    )


def _sign_ups(stage: str, branch: str, days: Days, zone: ZoneInfo) -> Select[*tuple[Any, ...]]:
    """How many reached a stage, by who it counts for and product."""
    s = _SIGN_UP.c
    since, until = moments(days, zone)
    when = {
        "signed": and_(s.business_date.between(days.first, days.last), s.signed_at.is_not(None)),
        "taught": and_(s.taught_at >= since, s.taught_at < until),
        "used": and_(s.used_at >= since, s.used_at < until),
    }
    who = s.taught_by if stage == "taught" else s.staff
    return (
        select(who, s.product, func.count())
        .where(s.branch == branch, when[stage], s.left_out.is_(False))
        .where(who.is_not(None), s.product.is_not(None))
        .group_by(who, s.product)
    )


def _by_product(connection: Connection, branch: str, days: Days) -> dict[str, dict[str, SignUps]]:
    zone = zone_of(connection, branch)
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for stage in _STAGES:
        for staff, product, count in connection.execute(_sign_ups(stage, branch, days, zone)):
            found[staff, product][stage] = count
    people: dict[str, dict[str, SignUps]] = defaultdict(dict)
    for (staff, product), counts in found.items():
        people[staff][product] = SignUps(**counts)
    return people
