"""The audit log: nobody changes it unseen."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from support import BRANCH, TERMINAL, FakeClock, make_store

from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.audit import (
    AuditAction,
    AuditLog,
    Broken,
    Entry,
    Fault,
    Head,
    Kept,
    chains,
    entries,
    first_broken,
    head,
)
from kiosk.services.keys import key
from kiosk.sqlite_driver import driver as sqlite

KEY = bytes(32)


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return Config(data_folder=tmp_path)


@pytest.fixture
def store(settings: Config) -> Database:
    return make_store(settings.store_path)


@pytest.fixture
def log(store: Database, settings: Config) -> AuditLog:
    return AuditLog(store, settings, FakeClock(), TERMINAL)


def chain(store: Database) -> list[Kept]:
    with store.read() as connection:
        return chains(entries(connection, BRANCH)).get(TERMINAL, [])


def test_each_entry_holds_the_seal_of_the_one_before(
    log: AuditLog, store: Database, settings: Config
) -> None:
    for action in AuditAction:
        log.record(action, "2001", "对象", "好")
    kept = chain(store)
    assert [each.entry.action for each in kept] == list(AuditAction)
    assert [each.entry.previous for each in kept] == ["", *(each.mac for each in kept[:-1])]
    assert first_broken(kept, key(settings, "audit")) is None
    assert first_broken(kept, KEY) == Broken(1, Fault.CHANGED)
    with store.read() as connection:
        end = head(connection, BRANCH, TERMINAL)
    assert end == Head(len(AuditAction), kept[-1].mac)
    assert first_broken(kept, key(settings, "audit"), end) is None


@pytest.mark.parametrize(
    "change",
    ["UPDATE audit_entry SET staff = 'x'", "DELETE FROM audit_entry WHERE seq = 3"],
)
def test_the_database_itself_refuses_to_change_it(
    change: str, log: AuditLog, store: Database
) -> None:
    log.record(AuditAction.SIGN_IN, "2001")
    for _ in range(3):
        log.record(AuditAction.SIGN_OFF, "2001")
    with pytest.raises(IntegrityError, match="never changed"), store.write() as connection:
        connection.exec_driver_sql(change)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("staff", "'2002'"), ("at", "'2026-11-23 01:30:00.000001'"), ("action", "'sign_off'"),
        ("subject", "'0002'"), ("result", "'x'"), ("previous", "''"), ("mac", "'00'"),
        ("branch", "'0002'"), ("seq", "9"),
    ],
)  # fmt: skip
def test_tampering_with_one_row_is_found_and_named(
    column: str, value: str, log: AuditLog, store: Database, settings: Config
) -> None:
    """Somebody who owns the file: the triggers are no hindrance, the seal is."""
    for number in range(5):
        log.record(AuditAction.PHONE_VIEWED, "2001", f"contact {number}", "ok")
    store.close()
    with closing(sqlite.connect(str(settings.store_path))) as attacker, attacker:
        attacker.execute("DROP TRIGGER audit_is_never_changed")
        attacker.execute(f"UPDATE audit_entry SET {column} = {value} WHERE seq = 3")  # noqa: S608
    found = first_broken(chain(store), key(settings, "audit"))
    assert found is not None
    assert found.seq == 3


def _sealed(count: int, key: bytes = KEY) -> list[Kept]:
    made: list[Kept] = []
    for seq in range(1, count + 1):
        before = made[-1].mac if made else ""
        at = datetime(2026, 11, 23, 1, seq % 60, tzinfo=UTC)
        entry = Entry(BRANCH, TERMINAL, seq, at, "2001", "sign_in", "", "", before)
        made.append(Kept(entry, entry.sealed(key)))
    return made


@given(st.integers(1, 12), st.data())
def test_what_is_taken_out_put_in_or_cut_off_is_found(count: int, data: st.DataObject) -> None:
    whole = _sealed(count)
    end = Head(count, whole[-1].mac)
    at = data.draw(st.integers(0, count - 1))
    assert first_broken(whole, KEY, end) is None
    without = [*whole[:at], *whole[at + 1 :]]
    assert first_broken(without, KEY, end) == Broken(
        at + 1, Fault.CUT_OFF if at == count - 1 else Fault.MISSING
    )
    assert first_broken(whole[:at], KEY, end) == Broken(at + 1, Fault.CUT_OFF)
    twice = [*whole[: at + 1], *whole[at:]]
    assert first_broken(twice, KEY, end) == Broken(at + 2, Fault.CHANGED)
    forged = replace(whole[at].entry, staff="2002")
    others = [*whole[:at], Kept(forged, forged.sealed(b"guessed")), *whole[at + 1 :]]
    assert first_broken(others, KEY, end) == Broken(at + 1, Fault.CHANGED)


def test_another_history_of_the_same_length_is_found(settings: Config) -> None:
    """Who has the key too, and cuts off and writes anew, has another seal than the branch knows."""
    whole = _sealed(4)
    known = Head(3, "the branch's")
    assert first_broken(whole, KEY, known) == Broken(3, Fault.CUT_OFF)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_can_pass_for_another(first: str, second: str) -> None:
    one, other = (
        replace(_sealed(1)[0].entry, staff=a, subject=b) for a, b in ((first, second), ("", ""))
    )
    assert (one.sealed(KEY) == other.sealed(KEY)) == (one == other)
