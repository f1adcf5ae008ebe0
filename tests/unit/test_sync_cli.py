"""`kiosk sync`, `kiosk branch` and `kiosk db`, as they are typed."""

import time
from pathlib import Path

import pytest
from sync_world import LosesAnswers, TerminalHere, World, add_raw_event, change, rows
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.sentences import known_codes


def kiosk(world: World, *words: str, **environment: str) -> Result:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LANG": "en", "LC_ALL": "en"}
    return CliRunner().invoke(app, words, env=settings | environment, prog_name="kiosk")


def visited(world: World) -> TerminalHere:
    terminal = world.terminal()
    terminal.visit("A1001")
    terminal.store.close()
    return terminal


def test_sync_twice(world: World) -> None:
    visited(world)
    result = kiosk(world, "sync")
    assert (result.exit_code, result.output) == (
        ExitCode.DONE,
        "5 events brought to the branch; nothing is waiting.\n",
    )
    result = kiosk(world, "sync")
    assert result.exit_code == ExitCode.DONE
    assert "nothing to bring" in result.output


def test_sync_before_the_first_start(world: World) -> None:
    result = kiosk(world, "sync")
    assert result.exit_code == ExitCode.WRONG_USE
    assert "kiosk run" in result.output
    assert not world.config.store_path.exists()


def test_sync_to_a_missing_database(world: World) -> None:
    terminal = visited(world)
    away = world.folder / "no-such.db"
    result = kiosk(world, "sync", "--branch-database", f"sqlite:///{away}")
    assert result.exit_code == ExitCode.WRONG_USE
    assert str(away) in result.output
    assert not away.exists()
    status = kiosk(world, "sync", "--status").output
    assert str(away) in status
    assert rows(terminal.path, "SELECT count(*) FROM event") == [(5,)]


def test_sync_with_something_in_quarantine(world: World) -> None:
    add_raw_event(visited(world).path, kind="weather")
    result = kiosk(world, "sync")
    assert result.exit_code == ExitCode.IN_QUARANTINE
    assert "1 event can't be counted" in result.output
    result = kiosk(world, "sync", "--status")
    assert result.exit_code == ExitCode.IN_QUARANTINE
    assert "quarantine" in result.output


def test_status_in_plain_words(world: World) -> None:
    terminal = visited(world)
    before = kiosk(world, "sync", "--status")
    assert before.exit_code == ExitCode.DONE
    first, second, third, last = before.output.splitlines()
    assert first.startswith("5 events are waiting for the branch. The oldest is of 2026-11-23")
    assert second == "The branch has given no receipt yet."
    assert third == "Nobody has synchronised this terminal yet."
    assert last == "Nothing stands in quarantine."
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, []))
    terminal.store.close()
    world.branch.close()
    world.branch_path.unlink()  # the branch is away
    result = kiosk(world, "sync", "--status")
    assert result.exit_code == ExitCode.DONE
    assert "Batch 1 was offered and has no receipt yet" in result.output
    assert "was stopped: The database" in result.output


@pytest.mark.parametrize("words", [("sync", "--status"), ("branch", "status")])
def test_times_are_the_branch_s_and_not_the_machine_s(
    world: World, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    visited(world).sync()  # at half past one in UTC
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        shanghai = kiosk(world, *words).output
        urumqi = kiosk(world, *words, KIOSK_BRANCH_TIME_ZONE="Asia/Urumqi").output
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-11-23 09:30:00" in shanghai
    assert "2026-11-23 07:30:00" in urumqi


def test_status_after_a_sync(world: World) -> None:
    visited(world)
    kiosk(world, "sync")
    output = kiosk(world, "sync", "--status").output
    assert "Nothing is waiting" in output
    assert "The last receipt is for batch 1 with 5 events" in output
    assert "went well" in output


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "zh_TW.UTF-8"])
def test_status_speaks_every_language(world: World, language: str) -> None:
    visited(world)
    kiosk(world, "sync")
    assert kiosk(world, "sync", "--status", LANG=language, LC_ALL=language).exit_code == 0


def test_help_has_the_exit_codes(world: World) -> None:
    text = " ".join(kiosk(world, "sync", "--help").output.split())
    for code in ExitCode:
        assert f" {code.value} " in text


def test_branch_from_nothing(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    world = World(tmp_path)
    url = f"sqlite:///{tmp_path / 'new' / 'b.db'}"
    there = ("--branch-database", url)
    assert kiosk(world, "branch", "status", *there).exit_code == ExitCode.WRONG_USE
    assert kiosk(world, "branch", "init", *there).exit_code == 0
    assert kiosk(world, "branch", "enrol", "T1", "--digit", "1", *there).exit_code == 0
    assert kiosk(world, "branch", "enrol", "T1", "--digit", "1", *there).exit_code == 0
    taken = kiosk(world, "branch", "enrol", "T2", "--digit", "1", *there)
    assert taken.exit_code == ExitCode.WRONG_USE
    assert "T1" in taken.output
    assert kiosk(world, "branch", "enrol", "T2", "--digit", "12", *there).exit_code == 2
    _head, line, _summary = kiosk(world, "branch", "status", *there).output.splitlines()
    assert line.startswith("0001    T1        NEVER IN TOUCH")


def test_db_rebuild_and_check(world: World) -> None:
    terminal = visited(world)
    kiosk(world, "sync")
    assert kiosk(world, "db", "check").exit_code == 0
    assert kiosk(world, "db", "check", "--branch").exit_code == 0
    for path, option in ((terminal.path, ()), (world.branch_path, ("--branch",))):
        change(path, "DELETE FROM visit")
        result = kiosk(world, "db", "check", *option)
        assert result.exit_code == ExitCode.NEEDS_A_PERSON
        command = " ".join(["kiosk db rebuild", *option])
        assert f"Correct it with: {command}" in result.output
        assert "5 events" in kiosk(world, "db", "rebuild", *option).output
        assert kiosk(world, "db", "check", *option).exit_code == 0


def test_every_code_has_an_exit_code() -> None:
    for code in known_codes():
        assert exit_code(KioskError(code)) in {1, 2, 3}
