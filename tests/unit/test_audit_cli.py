"""`kiosk audit`, and what the branch learns of a terminal's audit log with each synchronisation."""

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import FakeClock, make_store
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.attention import Notice, attention
from kiosk.services.audit import AuditAction, AuditLog, log_of_commands
from kiosk.services.branch import enrol, initialise, prepare_store, terminals
from kiosk.services.doctor import State, check_audit
from kiosk.services.journal import Origin
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach
from kiosk.sqlite_driver import driver as sqlite


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    settings = Config(data_folder=tmp_path)
    with closing(make_store(settings.store_path)) as store:
        prepare_store(store, settings)
    with closing(make_store(tmp_path / "branch.db")) as branch:
        initialise(branch, settings)
        enrol(branch, "0001", "T1", 1)
    return settings


def record(settings: Config, count: int = 1) -> None:
    with closing(Database(f"sqlite:///{settings.store_path}")) as store:
        log = AuditLog(store, settings, FakeClock(), "T1")
        for _ in range(count):
            log.record(AuditAction.SIGN_IN, "2001", "staff mode")


def sync(settings: Config) -> None:
    clock = FakeClock()
    with closing(Database(f"sqlite:///{settings.store_path}", is_store=True)) as store:
        synchronise(
            store,
            Origin("0001", "T1", 1),
            lambda: reach(settings.branch_database_url, clock),
            clock,
        )


def attack(settings: Config, change: str) -> None:
    with closing(sqlite.connect(str(settings.store_path))) as attacker, attacker:
        attacker.execute("DROP TRIGGER IF EXISTS audit_is_never_changed")
        attacker.execute("DROP TRIGGER IF EXISTS audit_is_never_deleted")
        attacker.execute(change)


def kiosk(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == code, done.output
    return done.output


def notices(settings: Config) -> tuple[Notice, ...]:
    with closing(Database(settings.branch_database_url)) as branch:
        [state] = terminals(branch)
    return attention(state, datetime.now(UTC)).notices


def test_what_is_whole_and_what_was_changed(settings: Config) -> None:
    record(settings, 3)
    assert "T1: 3 entries, all as they were written." in kiosk("audit", "verify")
    attack(settings, "UPDATE audit_entry SET staff = '2002' WHERE seq = 2")
    assert "T1: BROKEN. Entry 2 is not as it was written." in kiosk("audit", "verify", code=1)
    listed = kiosk("audit", "list", "--last", "2")
    assert "2002" in listed
    assert listed.count("sign_in") == 2


def test_the_branch_knows_of_an_end_that_was_cut_off(settings: Config) -> None:
    record(settings, 3)
    sync(settings)
    assert Notice.AUDIT not in notices(settings)
    attack(settings, "DELETE FROM audit_entry WHERE seq = 3")
    told = "T1: BROKEN. Entry 3 is not the one that the branch knows of."
    assert told in kiosk("audit", "verify", code=1)
    sync(settings)
    assert Notice.AUDIT in notices(settings)
    assert "AUDIT LOG TORN" in kiosk("branch", "status")
    record(settings, 2)  # it goes on, and is longer than before
    sync(settings)
    assert Notice.AUDIT in notices(settings)


def test_all_of_it_gone_is_missed_too(settings: Config) -> None:
    record(settings, 2)
    sync(settings)
    attack(settings, "DELETE FROM audit_entry")
    assert "T1: BROKEN. Entry 1" in kiosk("audit", "verify", code=1)


def test_another_key_fits_nothing(settings: Config) -> None:
    record(settings)
    shutil.rmtree(settings.keys_folder)
    assert "BROKEN. Entry 1" in kiosk("audit", "verify", code=1)


def test_commands_have_a_chain_of_their_own_machine(settings: Config, tmp_path: Path) -> None:
    with closing(Database(settings.branch_database_url)) as branch:
        log_of_commands(branch, settings, FakeClock()).record(
            AuditAction.ROSTER_CHANGED, "os:it", "2001", "\x1b[2J"
        )
    told = kiosk("audit", "list")
    assert "os:it" in told
    assert "\x1b" not in told
    assert "1 entries, all as they were written" in kiosk("audit", "verify")
    settings.keys_folder.rename(tmp_path / "gone")
    assert "entries of another machine" in kiosk("audit", "verify")


def test_the_doctor_tells_of_it_too(settings: Config) -> None:
    assert check_audit(settings) is None
    record(settings, 3)
    whole = check_audit(settings)
    assert whole is not None
    assert (whole.code, whole.params) == ("audit_whole", {"count": 3})
    attack(settings, "UPDATE audit_entry SET at = '2026-11-23 00:00:00.000000' WHERE seq = 2")
    broken = check_audit(settings)
    assert broken is not None
    assert (broken.state, broken.params) == (State.FAULT, {"log": "T1", "entry": 2})


def test_where_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(tmp_path / "empty"))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert "no audit log here" in kiosk("audit", "verify", code=2)


def test_what_leaves_the_program_is_kept(settings: Config, tmp_path: Path) -> None:
    def report(*words: str) -> None:
        done = CliRunner().invoke(app, ("report", "practice", *words))
        assert done.exit_code == 0, done.output

    report()
    assert "exported" not in kiosk("audit", "list")
    report("--format", "csv", "--out", str(tmp_path / "figures.csv"))
    [line] = [each for each in kiosk("audit", "list").splitlines() if "exported" in each]
    assert "practice" in line
    assert line.endswith("csv")
