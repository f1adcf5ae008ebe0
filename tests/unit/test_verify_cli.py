"""`kiosk sync --verify`, as it is typed."""

import json
from datetime import timedelta

import pytest
from rich.cells import cell_len
from sync_world import TerminalHere, World, add_raw_event
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.clock import SystemClock
from kiosk.exit_codes import ExitCode


@pytest.fixture
def terminal(world: World) -> TerminalHere:
    made = world.terminal()
    made.visit("A1001")
    made.sync()
    return made


def verify(
    world: World, day: str = "2026-11-23", *more: str, language: str = "en_US.UTF-8"
) -> Result:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": language}
    words = ["sync", "--verify", day, *more]
    return CliRunner().invoke(app, words, env=settings, prog_name="kiosk")


def test_a_day_without_a_difference(world: World, terminal: TerminalHere) -> None:
    result = verify(world)
    assert result.exit_code == ExitCode.DONE
    assert result.output.splitlines() == [
        "2026-11-23: no difference between terminal T1 and the branch.",
        "Events            Here  In the branch  In quarantine  Waiting",
        "E-channel offers  2     2              0              0",
        "Tickets           1     1              0              0",
        "Visits            2     2              0              0",
    ]


def test_what_differs_is_named(world: World, terminal: TerminalHere) -> None:
    world.change("DROP TRIGGER event_is_never_changed")
    world.change("UPDATE event SET service = 'loan' WHERE seq = 4")
    world.change("DELETE FROM event WHERE seq IN (2, 3)")
    result = verify(world)
    assert result.exit_code == ExitCode.NEEDS_A_PERSON
    lines = result.output.splitlines()
    assert lines[0] == "2026-11-23: 3 events of terminal T1 differ between terminal and branch."
    assert lines[-3:] == [
        "Missing in the branch: 2–3",
        "Not the same in the branch: 4",
        "Nothing was changed. Keep copies of both databases and call support.",
    ]


def test_what_was_not_compared_is_said(world: World, terminal: TerminalHere) -> None:
    add_raw_event(terminal.path, kind="weather")
    terminal.sync()
    terminal.visit()
    result = verify(world)
    assert result.exit_code == ExitCode.DONE
    table, waiting, quarantined = result.output.splitlines()[-3:]
    assert table.split() == ["weather", "1", "0", "1", "0"]
    assert waiting.startswith("4 events wait for the branch and were not compared.")
    assert quarantined.startswith("1 event can't be counted and stands in quarantine.")


def test_many_differences_fit_on_the_screen(world: World, terminal: TerminalHere) -> None:
    for _ in range(10):
        terminal.visit()
    terminal.sync()
    world.change("DELETE FROM event WHERE seq % 2 = 0")
    line = verify(world).output.splitlines()[-2]
    assert line.startswith("Missing in the branch: 2, 4, 6")
    assert line.endswith(", 40, …")


def test_today_and_yesterday_are_the_branch_s(world: World, terminal: TerminalHere) -> None:
    today = SystemClock().now().astimezone(world.config.zone).date()
    for word, day in (("today", today), ("yesterday", today - timedelta(days=1))):
        result = verify(world, word)
        assert result.exit_code == ExitCode.DONE
        assert result.output.startswith(f"{day}: ")


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "", "25.11.2026"])
def test_what_is_no_day(world: World, terminal: TerminalHere, day: str) -> None:
    result = verify(world, day)
    assert result.exit_code == ExitCode.WRONG_USE
    assert "is no day" in result.output


def test_the_same_as_json(world: World, terminal: TerminalHere) -> None:
    world.change("DELETE FROM event WHERE seq = 2")
    result = verify(world, "2026-11-23", "--json")
    assert result.exit_code == ExitCode.NEEDS_A_PERSON
    [line] = result.output.splitlines()
    told = json.loads(line)
    assert told["differences"] == [{"fault": "missing", "epoch": 1, "first": 2, "last": 2}]
    assert told["kinds"][0] == {
        "kind": "diversion", "here": 2, "there": 1, "quarantined": 0, "waiting": 0,
    }  # fmt: skip
    assert (told["day"], told["terminal"], told["error"]) == ("2026-11-23", "T1", None)
    stopped = verify(world, "never", "--json")
    assert stopped.exit_code == ExitCode.WRONG_USE
    assert json.loads(stopped.output).keys() == told.keys()
    assert json.loads(stopped.output)["error"] == "day_invalid"


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "zh_TW.UTF-8"])
def test_columns_stand_below_each_other_in_chinese(
    world: World, terminal: TerminalHere, language: str
) -> None:
    head, *rows = verify(world, language=language).output.splitlines()[1:]
    last_column = cell_len(head) - cell_len(head.split()[-1])
    assert len(rows) == 3
    assert {cell_len(row) - 1 for row in rows} == {last_column}
