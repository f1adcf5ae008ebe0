"""Who among staff has practised what; how well they could answer, they say themselves."""

from dataclasses import dataclass

from sqlalchemy import Connection, Integer, case, func, select

from kiosk.db import Database
from kiosk.models import DemoOutcome, Event, Kind
from kiosk.models.payloads import DrillAnswered
from kiosk.models.tables import table_of
from kiosk.services.demos_report import SCORE, Days, begun_in

_EVENT = table_of(Event)
_RUN = table_of(DemoOutcome)


@dataclass(frozen=True)
class DemoFigures:
    """What one member of staff did with one demo, by one way."""

    staff: str
    demo: str
    way: str
    started: int
    finished: int
    right_answers: int
    questions: int
    """Of checks that were finished."""


@dataclass(frozen=True)
class DrillFigures:
    """What one member of staff did with one objection."""

    staff: str
    objection: str
    answered: int
    """How often it was answered."""
    could_say: int
    """How often of these they could say it."""


@dataclass(frozen=True)
class PracticeReport:
    """One branch, some business days."""

    branch: str
    days: Days
    demos: tuple[DemoFigures, ...]
    drills: tuple[DrillFigures, ...]


def practice_report(database: Database, branch: str, days: Days) -> PracticeReport:
    """What the staff of a branch practised.

    Raises:
        KioskError: What keeps the database from being read.
    """
    with database.read() as connection:
        demos, drills = _demos(connection, branch, days), _drills(connection, branch, days)
    return PracticeReport(branch, days, demos, drills)


def _demos(connection: Connection, branch: str, days: Days) -> tuple[DemoFigures, ...]:
    r = _RUN.c
    keys = (r.staff, r.demo, r.way)
    query = (
        select(*keys, func.count(), func.count(r.finished_at), *SCORE)
        .where(begun_in(branch, days), r.staff.is_not(None))
        .group_by(*keys)
    )
    return tuple(DemoFigures(*row) for row in sorted(connection.execute(query)))


def _drills(connection: Connection, branch: str, days: Days) -> tuple[DrillFigures, ...]:
    e = _EVENT.c
    objection = e.payload["objection"].as_string().label("objection")
    could_say = case((e.payload["could_say"].as_boolean(), 1), else_=0)
    query = (
        select(e.staff, objection, func.count(), func.sum(could_say, type_=Integer))
        .where(
            e.branch == branch,
            e.business_date.between(days.first, days.last),
            e.kind == Kind.DRILL.value,
            e.stage == DrillAnswered.stage,
        )
        # by the label: each mention of the path would be a parameter of its own
        .group_by(e.staff, "objection")
    )
    return tuple(DrillFigures(*row) for row in sorted(connection.execute(query)))
