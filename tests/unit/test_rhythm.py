"""The load by half hours: what is usual, and where a longer wait comes from."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from support import SHANGHAI, FakeClock
from sync_world import World

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Ticket
from kiosk.models.tables import table_of
from kiosk.services.journal import new_id
from kiosk.services.staff.reading import FiguresSource, Scope
from kiosk.services.staff.rhythm import Cause, Load, Rhythm, rhythm

TODAY = date(2026, 11, 23)  # a Monday
EARLIER = [TODAY - timedelta(weeks=week) for week in range(1, 9)]
NINE = time(9, 0)


def come(
    world: World,
    day: date,
    count: int,
    *,
    at: time = NINE,
    wait: int | None = 5,
    service: int = 4,
    counters: int = 2,
) -> None:
    """Customers of one half hour, called after a while; None: not called yet."""
    issued = datetime.combine(day, at, SHANGHAI).astimezone(UTC)
    rows = []
    for number in range(count):
        called = None if wait is None else issued + timedelta(minutes=wait)
        rows.append(
            {
                "id": new_id(), "visit": new_id(), "branch": "0001", "terminal": "T1",
                "business_date": day, "local_hour": at.hour, "queue": "A",
                "number": f"A1{at.hour:02}{at.minute:02}{number:03}", "transferable": True,
                "priority": "normal", "state": "waiting" if called is None else "served",
                "state_since": issued, "arrived_at": issued, "issued_at": issued,
                "first_called_at": called, "started_at": called,
                "counter": None if called is None else str(number % counters + 1),
                "waiting_seconds": 60 * (wait or 0), "service_seconds": 60 * service,
            }
        )  # fmt: skip
    with world.branch.write() as connection:
        connection.execute(insert(table_of(Ticket)), rows)


def usual_weeks(world: World, counts: Iterable[int] = (4,) * 8) -> None:
    for day, count in zip(EARLIER, counts, strict=True):
        if count:
            come(world, day, count)


def today(world: World) -> Rhythm:
    return rhythm(world.branch, "0001", TODAY)


def test_a_half_hour_beside_the_usual_one(world: World) -> None:
    usual_weeks(world)
    come(world, TODAY, 3, wait=2, service=6, counters=1)
    (half,) = today(world).half_hours
    assert half.begins == NINE
    assert half.today == Load(3, 2.0, 1, 6.0)
    assert half.usual == Load(4, 5.0, 2, 4.0)
    assert today(world).days_compared == 8


def test_one_strange_day_changes_nothing(world: World) -> None:
    usual_weeks(world, (4, 4, 4, 4, 4, 4, 4, 40))
    assert today(world).half_hours[0].usual.arrivals == 4


def test_days_without_tickets_say_nothing_and_half_hours_without_anybody_do(world: World) -> None:
    usual_weeks(world, (4, 4, 0, 0, 0, 0, 0, 0))
    come(world, EARLIER[0], 2, at=time(10, 30))
    found = today(world)
    assert found.days_compared == 2, "the branch was closed on the others"
    assert [each.begins for each in found.half_hours] == [
        NINE, time(9, 30), time(10, 0), time(10, 30),
    ]  # fmt: skip
    assert [each.usual.arrivals for each in found.half_hours] == [4, 0, 0, 1.0]


def test_nothing_is_usual_yet(world: World) -> None:
    come(world, TODAY, 2, wait=20)
    found = today(world)
    assert (found.days_compared, found.causes, found.usual_wait) == (0, (), None)
    assert found.wait == 20
    assert rhythm(world.branch, "0001", TODAY - timedelta(days=1)).half_hours == ()


@pytest.mark.parametrize(
    ("more", "causes"),
    [
        ({"count": 8}, [Cause("arrivals", 8, 4)]),
        ({"count": 4, "counters": 1}, [Cause("counters", 1, 2)]),
        ({"count": 4, "service": 9}, [Cause("service", 9, 4)]),
        ({"count": 5, "service": 8}, [Cause("service", 8, 4), Cause("arrivals", 5, 4)]),
        ({"count": 4}, []),
        ({"count": 8, "wait": 6}, []),  # so much longer nobody minds
    ],
)
def test_where_the_wait_comes_from(world: World, more: dict[str, int], causes: list[Cause]) -> None:
    usual_weeks(world)
    come(world, TODAY, **{"wait": 12} | more)  # type: ignore[arg-type]
    come(world, TODAY, 9, at=time(9, 30), wait=None)
    found = today(world)
    assert list(found.causes) == causes
    assert found.usual_wait == 5, "whoever was not called yet says nothing"


# --- which database is read ---------------------------------------------------------------------


def scope(source: FiguresSource) -> Scope:
    with source.read() as reading:
        with reading.database.read() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM hourly_figures")
        return reading.scope


def test_the_branch_is_read_where_it_can_be(world: World, store: Database) -> None:
    source = FiguresSource(store, world.here.url, FakeClock())
    assert scope(source) is scope(source) is Scope.BRANCH
    source.close()


def test_without_the_branch_the_own_store_is_read_and_the_branch_tried_again(
    tmp_path: Path, store: Database
) -> None:
    clock = FakeClock()
    source = FiguresSource(store, f"sqlite:///{tmp_path / 'branch.db'}", clock)
    assert scope(source) is Scope.TERMINAL
    world = World(tmp_path)
    assert scope(source) is Scope.TERMINAL, "not at every look: a screen waits for it"
    clock.advance(minutes=1)
    assert scope(source) is Scope.BRANCH
    source.close()
    world.branch.close()


def test_what_fails_while_it_is_read_is_told_and_the_store_stands_in(
    world: World, store: Database
) -> None:
    source = FiguresSource(store, world.here.url, FakeClock())
    with pytest.raises(KioskError, match="gone"), source.read():
        raise KioskError("gone")
    assert scope(source) is Scope.TERMINAL
