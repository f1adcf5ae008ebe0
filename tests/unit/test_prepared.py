"""Statements that are compiled once say the same as SQLAlchemy's own way."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from support import make_store, rows

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Visit
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared

VISIT = table_of(Visit)
ROW: Mapping[str, object] = {
    "id": UUID(int=1),
    "branch": "0001",
    "terminal": "T1",
    "business_date": date(2026, 11, 23),
    "local_hour": 9,
    "arrived_at": datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
    "ended_at": None,
    "end_reason": None,
    "language": "en",
    "left_out": True,
}
INSERT = Prepared(insert(VISIT), list(ROW))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One store for all examples of a test."""
    return make_store(tmp_path_factory.mktemp("shared") / "store.db")


def row(number: int, **changes: object) -> dict[str, object]:
    return {**ROW, "id": UUID(int=number), **changes}


def test_values_are_written_as_sqlalchemy_writes_them(store: Database, path: Path) -> None:
    with store.write() as connection:
        INSERT.run_many(connection, [row(1)])
        connection.execute(insert(VISIT).values(row(2)))
    mine, theirs = rows(path, "SELECT * FROM visit ORDER BY id")
    assert mine[1:] == theirs[1:]
    with store.read() as connection:
        assert dict(connection.execute(select(VISIT)).mappings().all()[0]) == ROW


moments = st.datetimes(timezones=st.just(UTC))


@settings(max_examples=50, deadline=None)
@given(
    identity=st.uuids(),
    arrived=moments,
    ended=st.none() | moments,
    day=st.dates(),
    left_out=st.booleans(),
    reason=st.none() | st.text(),
)
def test_what_is_written_is_what_is_read(
    shared: Database,
    identity: UUID,
    arrived: datetime,
    ended: datetime | None,
    day: date,
    left_out: bool,
    reason: str | None,
) -> None:
    given_row = row(
        1, id=identity, arrived_at=arrived, ended_at=ended, business_date=day,
        left_out=left_out, end_reason=reason,
    )  # fmt: skip
    read = Prepared(select(VISIT).where(VISIT.c.id == bindparam("id", type_=VISIT.c.id.type)))
    with shared.write() as connection:
        INSERT.run_many(connection, [given_row])
        assert dict(connection.execute(select(VISIT)).mappings().one()) == given_row
        assert len(list(read.run(connection, {"id": identity}))) == 1
        connection.execute(VISIT.delete())


def test_a_run_binds_anew_each_time(store: Database) -> None:
    hours = Prepared(
        select(func.count()).where(VISIT.c.local_hour == bindparam("hour"), VISIT.c.left_out)
    )
    with store.write() as connection:
        INSERT.run_many(connection, [row(1), row(2), row(3, local_hour=10)])
        found = [next(iter(hours.run(connection, {"hour": hour}))) for hour in (9, 10, 11)]
    assert found == [(2,), (1,), (0,)]


def test_what_the_statement_says_itself_need_not_be_given(store: Database, path: Path) -> None:
    which = bindparam("which", type_=VISIT.c.id.type)
    mark = Prepared(
        update(VISIT)
        .where(VISIT.c.business_date == date(2026, 11, 23), VISIT.c.id == which)
        .values(end_reason="idle", ended_at=datetime(2026, 11, 23, 2, 0, tzinfo=UTC))
    )
    with store.write() as connection:
        INSERT.run_many(connection, [row(1), row(2)])
        mark.run(connection, {"which": UUID(int=2)})
    found = rows(path, "SELECT end_reason, ended_at FROM visit ORDER BY id")
    assert found == [(None, None), ("idle", "2026-11-23 02:00:00.000000")]


def test_a_value_that_is_missing_is_noticed(store: Database) -> None:
    statement = Prepared(select(VISIT).where(VISIT.c.local_hour == bindparam("hour")))
    with pytest.raises(KeyError, match="hour"), store.read() as connection:
        statement.run(connection, {})
    with pytest.raises(KeyError, match="language"), store.write() as connection:
        INSERT.run_many(connection, [{name: ROW[name] for name in ROW if name != "language"}])


def test_a_moment_without_a_zone_is_refused(store: Database) -> None:
    naive = row(1, arrived_at=datetime(2026, 11, 23))  # noqa: DTZ001 (that is the point)
    with pytest.raises(ValueError, match=r"(?i)aware|tz|time ?zone"), store.write() as connection:
        INSERT.run_many(connection, [naive])


def test_many_rows_are_counted(store: Database) -> None:
    with store.write() as connection:
        assert INSERT.run_many(connection, [row(number) for number in range(1, 8)]) == 7


def test_a_refused_row_takes_the_whole_transaction_back(store: Database, path: Path) -> None:
    with pytest.raises(IntegrityError), store.write() as connection:  # noqa: PT012
        INSERT.run_many(connection, [row(1)])
        INSERT.run_many(connection, [row(2), row(1)])
    assert rows(path, "SELECT * FROM visit") == []


def test_a_fault_in_a_statement_is_told_as_sqlalchemy_does(store: Database) -> None:
    with pytest.raises(OperationalError) as caught, store.read() as connection:
        Prepared(select(text("nonsense"))).run(connection, {})
    assert "nonsense" in str(caught.value)


def test_what_stops_the_database_has_its_code(store: Database) -> None:
    with pytest.raises(KioskError) as caught, store.write() as connection:  # noqa: PT012
        connection.exec_driver_sql("PRAGMA query_only = ON")
        INSERT.run_many(connection, [row(1)])
    assert caught.value.code == "database_read_only"
    store.close()


def test_a_run_is_part_of_the_transaction(store: Database) -> None:
    """Also when it is the first thing in it: what it read stays true."""
    count = Prepared(select(func.count()).select_from(VISIT))
    with store.read() as reader:
        assert list(count.run(reader, {})) == [(0,)]
        with store.write() as writer:
            INSERT.run_many(writer, [row(1)])
        assert list(count.run(reader, {})) == [(0,)]
    with store.read() as reader:
        assert list(count.run(reader, {})) == [(1,)]
