"""What demos taught: how often they were gone through, where people left, and what came after.

A demo is evidence of *taught*, never of *completed*: that is counted from the offers, as in the
other figures. Customers of 60+ or in large type are counted apart and are in no rate, and so are
staff who practise. A run belongs to the day of its start; one whose start has not come is in no
figure.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, select

from kiosk.db import Database
from kiosk.models import DemoOutcome, Diversion, Way
from kiosk.models.tables import table_of
from kiosk.projections.diversion import is_completed
from kiosk.services.report import Share

_DIVERSION = table_of(Diversion)
_RUN = table_of(DemoOutcome)
_ORDER = {way.value: place for place, way in enumerate(Way)}
_PRACTICE = (Way.SHOW, Way.TRY)
SCORE = (
    func.coalesce(func.sum(_RUN.c.right_answers), 0),
    func.coalesce(func.sum(_RUN.c.questions), 0),
)
"""Right answers, and the questions that they are of."""


@dataclass(frozen=True)
class Days:
    """Business days, both ends included."""

    first: date
    last: date


@dataclass(frozen=True)
class WayFigures:
    """One demo, by one way."""

    demo: str
    way: str
    started: int
    finished: int
    wrong_keys: int
    """In all runs that were started."""
    right_answers: int
    questions: int
    """Of checks that were finished."""
    left: tuple[tuple[str, int], ...] = ()
    """Screen and how many runs were left there, the most frequent first. A run that was neither
    finished nor left goes on, or nobody knows how it ended."""

    @property
    def completion(self) -> Share:
        """Finished / started."""
        return Share(self.finished, self.started)

    @property
    def score(self) -> Share:
        """Right answers / questions."""
        return Share(self.right_answers, self.questions)


@dataclass(frozen=True)
class WentOn:
    """What came of practising one demo."""

    demo: str
    service: str
    channel: str
    practised: int
    """Visits in which it was shown or tried."""
    completed: int
    """Of them, those in which this service was then done on this channel."""

    @property
    def share(self) -> Share:
        """Completed / practised."""
        return Share(self.completed, self.practised)


@dataclass(frozen=True)
class DemosReport:
    """One branch, some business days."""

    branch: str
    days: Days
    by_way: tuple[WayFigures, ...]
    went_on: tuple[WentOn, ...]
    started_left_out: int
    """Runs of customers of 60+ or in large type; in nothing else."""
    finished_left_out: int


def begun_in(branch: str, days: Days) -> ColumnElement[bool]:
    """Whether a run was begun at a branch, on one of these days."""
    r = _RUN.c
    return and_(
        r.branch == branch,
        r.business_date.between(days.first, days.last),
        r.started_at.is_not(None),
    )


def demos_report(database: Database, branch: str, days: Days) -> DemosReport:
    """The figures of a branch's demos, from the projections of ``database``.

    Raises:
        KioskError: What keeps the database from being read.
    """
    r = _RUN.c
    of_customers = and_(begun_in(branch, days), r.visit.is_not(None))
    counted = and_(of_customers, r.left_out.is_(False))
    apart = and_(of_customers, r.left_out)
    with database.read() as connection:
        left = connection.execute(_left(counted)).all()
        by_way = [WayFigures(*row) for row in connection.execute(_ways(counted))]
        went_on = [WentOn(*row) for row in connection.execute(_went_on(counted))]
        started, finished = connection.execute(
            select(func.count(), func.count(r.finished_at)).where(apart)
        ).one()
    return DemosReport(
        branch=branch,
        days=days,
        by_way=tuple(
            replace(each, left=_screens(left, each))
            for each in sorted(by_way, key=lambda each: (each.demo, _ORDER[each.way]))
        ),
        went_on=tuple(sorted(went_on, key=lambda each: each.demo)),
        started_left_out=started,
        finished_left_out=finished,
    )


def _screens(left: Iterable[Row[*tuple[Any, ...]]], of: WayFigures) -> tuple[tuple[str, int], ...]:
    found = [(screen, runs) for *keys, screen, runs in left if keys == [of.demo, of.way]]
    return tuple(sorted(found, key=lambda each: (-each[1], each[0])))


def _ways(counted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    r = _RUN.c
    return (
        select(r.demo, r.way, func.count(), func.count(r.finished_at), func.sum(r.wrong_keys))
        .add_columns(*SCORE)
        .where(counted)
        .group_by(r.demo, r.way)
    )


def _left(counted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    r = _RUN.c
    return (
        select(r.demo, r.way, r.left_screen, func.count())
        .where(counted, r.left_at.is_not(None), r.finished_at.is_(None))
        .group_by(r.demo, r.way, r.left_screen)
    )


def _went_on(counted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    r, d = _RUN.c, _DIVERSION.c
    practised = (
        select(r.demo, r.service, r.channel, r.visit, func.min(r.started_at).label("since"))
        .where(counted, r.way.in_([way.value for way in _PRACTICE]), r.service.is_not(None))
        .group_by(r.demo, r.service, r.channel, r.visit)
        .subquery()
        .c
    )
    done = exists().where(
        d.visit == practised.visit,
        d.service == practised.service,
        d.channel == practised.channel,
        d.completed_at > practised.since,
        is_completed(d),
    )
    keys = (practised.demo, practised.service, practised.channel)
    return select(*keys, func.count(), func.sum(case((done, 1), else_=0))).group_by(*keys)
