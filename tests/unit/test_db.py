"""Transactions, and what stops a database in one clear word."""

import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError
from support import FakeClock, change, make_journal, make_store, rows

from kiosk import sqlite_driver
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.migrations import HEAD
from kiosk.services.journal import new_id
from kiosk.services.visits import Visits
from kiosk.sqlite_driver import driver as sqlite

NOBODY = 65_534


def tally(store: Database) -> None:
    with store.write() as connection:
        connection.execute(text("CREATE TABLE tally (n INTEGER)"))
        connection.execute(text("INSERT INTO tally VALUES (0)"))


def count(connection: Connection) -> int:
    return int(connection.execute(text("SELECT n FROM tally")).scalar_one())


def refusal(store: Database) -> KioskError:
    """How a read of the store is refused."""
    with pytest.raises(KioskError) as caught:
        store.require_schema()
    assert caught.value.params["database"] == store.name
    return caught.value


# --- transactions -----------------------------------------------------------------------------


def test_no_update_is_lost_between_threads(store: Database) -> None:
    tally(store)
    start = threading.Barrier(4)

    def add() -> None:
        start.wait()
        for _ in range(25):
            with store.write() as connection:
                n = count(connection)
                connection.execute(text("UPDATE tally SET n = :n"), {"n": n + 1})

    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(add) for _ in range(4)]:
            future.result()
    with store.read() as connection:
        assert count(connection) == 100


def test_an_error_takes_everything_back(store: Database) -> None:
    tally(store)
    with pytest.raises(ZeroDivisionError), store.write() as connection:  # noqa: PT012
        connection.execute(text("UPDATE tally SET n = 7"))
        connection.execute(text("CREATE TABLE other (n INTEGER)"))
        _ = 1 // 0
    with store.read() as connection:
        assert count(connection) == 0
        assert not connection.execute(text("SELECT 1 FROM sqlite_master WHERE name='other'")).all()
    with store.write() as connection:  # and the lock is free again
        connection.execute(text("UPDATE tally SET n = 8"))


def test_reading_changes_nothing(store: Database) -> None:
    tally(store)
    with store.read() as connection:
        connection.execute(text("UPDATE tally SET n = 7"))
    with store.read() as connection:
        assert count(connection) == 0


def test_a_reader_sees_one_state_while_others_write(store: Database) -> None:
    tally(store)
    with store.read() as reader:
        assert count(reader) == 0
        with store.write() as writer:
            writer.execute(text("UPDATE tally SET n = 1"))
        assert count(reader) == 0
    with store.read() as reader:
        assert count(reader) == 1


def test_every_connection_is_durable_and_keeps_its_references(store: Database) -> None:
    def settings(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5_000}
    with store.write() as writer, store.read() as one, store.read() as two:
        for connection in (writer, one, two):
            assert settings(connection) == wanted


def test_a_reference_to_nothing_is_refused(store: Database) -> None:
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(
            text(
                "INSERT INTO terminal (branch, code, digit, epoch, acked_seq, batch_number, chain)"
                " VALUES ('nowhere', 'T1', 1, 1, 0, 0, '')"
            )
        )


def test_a_fault_of_the_program_is_not_called_a_fault_of_the_database(store: Database) -> None:
    with pytest.raises(OperationalError), store.read() as connection:
        connection.execute(text("SELECT nonsense FROM nowhere"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET reason = 'tidier'",
        "UPDATE event SET seq = seq + 1",
    ],
)
def test_events_are_never_changed(store: Database, path: Path, statement: str) -> None:
    Visits(make_journal(store, FakeClock())).start(new_id(), "en")
    before = rows(path, "SELECT * FROM event")
    with pytest.raises(IntegrityError, match="never changed"), store.write() as connection:
        connection.execute(text(statement))
    assert rows(path, "SELECT * FROM event") == before
    assert len(before) == 1


# --- what stops a database --------------------------------------------------------------------


def test_a_file_that_is_missing_is_not_made_by_accident(path: Path) -> None:
    with pytest.raises(KioskError) as caught:
        Database(f"sqlite:///{path}")
    assert caught.value.code == "database_missing"
    assert caught.value.params == {"database": str(path)}
    assert not path.exists()


def test_a_new_store_gets_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "store.db"
    store = Database(f"sqlite:///{path}", create=True)
    assert refusal(store).code == "schema_missing"
    store.migrate()
    store.require_schema()


@pytest.mark.parametrize("create", [False, True])
def test_a_place_that_cannot_be(tmp_path: Path, create: bool) -> None:
    file = tmp_path / "file"
    file.touch()
    places = [file / "store.db", tmp_path / ("n" * 300) / "store.db", tmp_path / ("n" * 300)]
    for place in places:
        with pytest.raises(KioskError) as caught:
            Database(f"sqlite:///{place}", create=create).migrate()
        assert caught.value.code in {"database_unreachable", "database_missing"}, place
        assert caught.value.code == "database_unreachable" or not create


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    assert refusal(Database(f"sqlite:///{tmp_path}")).code == "database_unreachable"


@pytest.mark.parametrize(
    "content", [b"This is a letter, not a database.\n" * 100, b"\xff" * 8192, b"SQLite format 3"]
)
def test_garbage_is_called_damaged(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    store = Database(f"sqlite:///{path}")
    assert refusal(store).code == "database_damaged"
    with pytest.raises(KioskError, match="database_damaged"):
        store.migrate()
    assert path.read_bytes() == content


def test_flipped_pages_are_called_damaged(store: Database, path: Path) -> None:
    visits = Visits(make_journal(store, FakeClock()))
    visits.start(new_id(), "en")
    store.close()
    content = bytearray(path.read_bytes())
    content[8192:] = bytes(byte ^ 0xFF for byte in content[8192:])
    path.write_bytes(content)
    with pytest.raises(KioskError) as caught:
        visits.start(new_id(), "en")
    assert caught.value.code == "database_damaged"


def test_another_writer_who_does_not_end(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.db._PRAGMAS", ("journal_mode=WAL", "busy_timeout=50"))
    hurried = Database(f"sqlite:///{path}")
    with store.write(), pytest.raises(KioskError) as caught, hurried.write():
        pass
    assert caught.value.code == "database_busy"


def test_a_full_disk(store: Database, path: Path) -> None:
    before = rows(path, "SELECT count(*) FROM sqlite_master")
    with pytest.raises(KioskError) as caught, store.write() as connection:  # noqa: PT012
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.exec_driver_sql("CREATE TABLE big (content BLOB)")
        connection.exec_driver_sql("INSERT INTO big VALUES (zeroblob(1000000))")
    assert caught.value.code == "disk_full"
    assert rows(path, "SELECT count(*) FROM sqlite_master") == before


def test_a_store_that_may_not_be_written(store: Database) -> None:
    with pytest.raises(KioskError) as caught, store.write() as connection:  # noqa: PT012
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    assert caught.value.code == "database_read_only"
    store.close()


@pytest.mark.parametrize(
    ("mode", "code"), [(0o444, "database_read_only"), (0o000, "database_unreachable")]
)
def test_a_file_of_somebody_else(mode: int, code: str, public_folder: Path) -> None:
    path = public_folder / "store.db"
    make_store(path).close()
    path.chmod(mode)
    with ordinary_user(), pytest.raises(KioskError) as caught:
        create_table(path)
    assert caught.value.code == code


def create_table(path: Path) -> None:
    with Database(f"sqlite:///{path}").write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user of the machine can enter; pytest's own are private."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@contextmanager
def ordinary_user() -> Iterator[None]:
    """Root may read and write everything; be somebody else for a while."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


# --- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///",
        "/var/lib/kiosk/branch.db",
        "nosuchdatabase://server/branch",
        "postgresql://server:port/branch",
    ],
)
def test_a_wrong_address_is_refused_before_anything_happens(url: str) -> None:
    with pytest.raises(KioskError) as caught:
        Database(url, create=True)
    assert caught.value.code == "database_url_invalid"
    assert caught.value.params == {"url": url}


@pytest.mark.parametrize(
    "url",
    [
        "nosuchdatabase://kiosk:secret@server/branch",
        "postgresql://kiosk:secret@server:port/branch",
        "postgresql:/kiosk:secret@server/branch",
        "kiosk:secret@server/branch",
        "postgresql://kiosk:secret@sign@server:port/branch",
        "sqlite://kiosk:secret@server",
        "nosuchdatabase://server/branch?user=kiosk&password=secret",
        "postgresql://server:port/branch?password=secret&sslmode=require",
        "postgresql+nosuchdriver://kiosk:secret@server/branch",
    ],
)
def test_a_password_is_in_no_message(url: str) -> None:
    with pytest.raises(KioskError) as caught:
        Database(url)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(caught.value.params)


def test_the_server_stays_readable_where_the_password_is_hidden() -> None:
    with pytest.raises(KioskError) as caught:
        Database("nosuchdatabase://kiosk:secret@server/branch?sslmode=require")
    assert "server/branch" in str(caught.value.params["url"])
    assert "nosuchdatabase" in str(caught.value.params["url"])


def test_a_driver_that_is_not_installed_is_named() -> None:
    with pytest.raises(KioskError) as caught:
        Database("mssql+pymssql://kiosk@server/branch")
    assert caught.value.code == "database_driver_missing"
    assert caught.value.params == {"driver": "mssql+pymssql"}


@pytest.mark.parametrize("end", ["kiosk:secret@server/branch", "server/branch?password=secret"])
def test_a_password_in_an_address_is_refused_and_not_repeated(end: str) -> None:
    with pytest.raises(KioskError) as caught:
        Database(f"postgresql+psycopg://{end}")
    assert caught.value.code == "database_url_password"
    assert "secret" not in str(caught.value)


def test_a_server_s_database_is_named_without_its_options() -> None:
    name = Database("postgresql+psycopg://kiosk@server/branch?passfile=/etc/secret").name
    assert name == "postgresql+psycopg://kiosk@server/branch"


def test_an_sqlite_database_is_named_by_its_file(store: Database, path: Path) -> None:
    assert store.name == str(path)
    assert store.path == path
    assert store.is_sqlite


# --- the schema -------------------------------------------------------------------------------


def test_a_newer_schema_is_left_alone(store: Database, path: Path) -> None:
    change(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with pytest.raises(KioskError) as caught:
        store.migrate()
    assert caught.value.code == "schema_newer"
    assert caught.value.params == {"database": str(path), "revision": "9999"}
    assert refusal(store).code == "schema_newer"
    assert path.read_bytes() == before


def test_an_older_schema_is_told_from_a_newer_one(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.db.REVISIONS", (HEAD, "0999"))
    monkeypatch.setattr("kiosk.db.HEAD", "0999")
    assert refusal(store).code == "schema_older"


# --- the engine -------------------------------------------------------------------------------


def test_the_engine_is_safe_for_two_processes() -> None:
    assert sqlite_driver.version() == sqlite.sqlite_version
    assert sqlite_driver.is_safe()


@pytest.mark.parametrize(
    ("version", "safe"),
    [("3.51.2", False), ("3.51.3", True), ("3.9.9", False), ("3.100.0", True), ("4.0.0", True)],
)
def test_versions_are_compared_as_numbers(
    version: str, safe: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "sqlite_version", version)
    assert sqlite_driver.is_safe() is safe
