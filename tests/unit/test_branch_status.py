"""`kiosk branch status`: how every terminal stands, and what stands out."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from sync_world import LosesAnswers, World, add_raw_event
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.services.attention import Notice, attention
from kiosk.services.branch import TerminalState, initialise, terminals
from kiosk.services.sync.wire import Condition

NOW, DAY = datetime(2026, 11, 25, 8, tzinfo=UTC), timedelta(days=1)
WELL = Condition(3600, "ok", 5000)
FINE = TerminalState(
    "0001", "T1", 1, 1, 3, 900, NOW, "0.1.0", 0, 0, None, 0, condition=WELL
)  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, is_now=True)


def status(world: World, *words: str, language: str = "en_US.UTF-8") -> Result:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": language}
    return CliRunner().invoke(app, ["branch", "status", *words], env=settings, prog_name="kiosk")


# --- what stands out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "notices"),
    [
        ({}, ()),
        ({"last_seen": None}, (Notice.NEVER_SEEN,)),
        ({"last_seen": NOW - timedelta(minutes=119)}, ()),
        ({"last_seen": NOW - timedelta(hours=2)}, (Notice.SILENT,)),
        ({"last_seen": NOW + timedelta(days=1)}, ()),
        ({"waiting": 1}, (Notice.WAITING,)),
        ({"waiting": None}, ()),
        ({"quarantined": 1}, (Notice.QUARANTINE,)),
        ({"clock_skew_seconds": -61}, (Notice.CLOCK,)),
        ({"clock_skew_seconds": 60}, ()),
        (
            {"last_seen": NOW - timedelta(days=3), "waiting": 7},
            (Notice.SILENT, Notice.WAITING),
        ),
    ],
)
def test_what_stands_out(changes: dict[str, object], notices: tuple[Notice, ...]) -> None:
    state = dataclasses.replace(FINE, **changes)  # type: ignore[arg-type]  # any of its fields
    assert attention(state, NOW).notices == notices


@pytest.mark.parametrize(
    ("changes", "notices"),
    [
        ({}, ()),
        ({"printer": None, "last_error": "disk_full", "last_error_at": NOW - DAY}, ()),
        ({"up_seconds": None}, (Notice.STOPPED,)),
        ({"printer": "printer_no_paper"}, (Notice.PRINTER,)),
        ({"printer": "paper_low"}, (Notice.PAPER_LOW,)),
        ({"free_mb": 99}, (Notice.DISK_FULL,)),
        ({"free_mb": 100}, (Notice.DISK_LOW,)),
        ({"free_mb": 1000}, ()),
        ({"last_error": "disk_full", "last_error_at": NOW - DAY * 0.99}, (Notice.ERROR,)),
    ],
)
def test_what_stands_out_of_how_it_is(
    changes: dict[str, object], notices: tuple[Notice, ...]
) -> None:
    told = dataclasses.replace(WELL, **changes)  # type: ignore[arg-type]  # any of its fields
    assert attention(dataclasses.replace(FINE, condition=told), NOW).notices == notices


def test_a_laptop_that_goes_out_to_people_is_out_and_no_fault() -> None:
    told = dataclasses.replace(WELL, goes_out=True)
    state = dataclasses.replace(FINE, condition=told, last_seen=NOW - DAY * 4)
    found = attention(state, NOW)
    assert (found.notices, found.is_fault) == ((Notice.OUT,), False)
    assert not attention(dataclasses.replace(FINE, condition=told), NOW).notices


@pytest.mark.parametrize(("skew", "minutes"), [(0, 30), (600, 40), (-600, 20), (-3600, 0)])
def test_a_backlog_s_age_does_not_follow_a_clock_that_is_off(skew: int, minutes: int) -> None:
    state = dataclasses.replace(
        FINE, waiting=1, oldest_waiting_at=NOW - timedelta(minutes=30), clock_skew_seconds=skew
    )
    assert attention(state, NOW).backlog_age == timedelta(minutes=minutes)


# --- as it is printed -----------------------------------------------------------------------------


def test_a_laptop_that_is_out(world: World) -> None:
    world.clock.time = datetime.now(UTC)
    terminal = world.terminal()
    terminal.sync(condition=dataclasses.replace(WELL, goes_out=True))
    world.change("UPDATE terminal SET last_seen = ?", datetime.now(UTC) - DAY * 4)
    _head, line, summary = status(world).output.splitlines()
    assert " T1        out with people for 4 days " in line
    assert "Silent: 0." in summary
    [told] = json.loads(status(world, "--json").output)["terminals"]
    assert (told["notices"], told["goes_out"]) == (["out"], True)


def test_terminals_that_are_in_order_and_one_that_is_not(world: World) -> None:
    good, late = world.terminal(), world.terminal("T2", 2)
    world.terminal("T3", 3)
    good.visit()
    good.sync()
    world.clock.advance(hours=-5)
    late.visit()
    with pytest.raises(KioskError):
        late.sync(lambda side: LosesAnswers(side, [], fails_before=True))
    result = status(world)
    assert result.exit_code == ExitCode.DONE
    _head, first, second, third, summary = result.output.splitlines()
    assert first.startswith("0001    T1        in order ")
    assert second.startswith("0001    T2        SILENT for 5 hours, EVENTS WAIT ")
    assert "  4        5 hours  " in second
    assert third.startswith("0001    T3        NEVER IN TOUCH ")
    assert summary == (
        "Terminals: 3. Never in touch: 1. Silent: 1. With events waiting: 1. With events in "
        "quarantine: 0. Clock off: 0."
    )


def test_a_sync_that_went_well_leaves_no_old_figure(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, []))
    terminal.sync()
    assert "in order" in status(world).output
    add_raw_event(terminal.path, kind="weather")
    terminal.sync()
    assert "QUARANTINE" in status(world).output


def test_one_branch_of_many(world: World) -> None:
    for code in ("0002", "0003"):
        branch = dataclasses.replace(world.config.branch, code=code)
        initialise(world.branch, dataclasses.replace(world.config, branch=branch))
    world.terminal()
    assert len(status(world).output.splitlines()) == 3
    assert len(status(world, "--branch", "0001").output.splitlines()) == 3
    assert status(world, "--branch", "0002").output == "No terminal is enrolled.\n"
    unknown = status(world, "--branch", "0009")
    assert unknown.exit_code == ExitCode.NEEDS_A_PERSON
    assert "has no branch 0009" in unknown.output
    with pytest.raises(KioskError, match="branch_unknown"):
        terminals(world.branch, "0009")


@pytest.mark.parametrize("language", ["zh_CN.UTF-8", "zh_TW.UTF-8"])
def test_columns_stand_below_each_other_in_chinese(world: World, language: str) -> None:
    world.terminal().sync()
    world.terminal("T2", 2)
    head, *rows, _summary = status(world, language=language).output.splitlines()
    last_column = cell_len(head) - cell_len(head.split("  ")[-1])
    assert {cell_len(row) - 1 for row in rows} == {last_column}


# --- for monitoring -------------------------------------------------------------------------------


def test_the_same_as_json(world: World) -> None:
    terminal = world.terminal()
    world.terminal("T2", 2)
    terminal.visit()
    terminal.sync()
    result = status(world, "--json")
    assert result.exit_code == ExitCode.DONE
    [line] = result.output.splitlines()
    told = json.loads(line)
    assert (told["error"], told["error_message"]) == (None, None)
    first, second = told["terminals"]
    assert first["terminal"] == "T1"
    assert first["notices"] == []
    assert first["last_seen_at"] == f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert first["last_seen_seconds"] < 60
    assert (first["waiting"], first["events"], first["batches"]) == (0, 4, 1)
    assert second["notices"] == ["never_seen"]
    assert second["last_seen_at"] is second["waiting"] is second["app_version"] is None
    assert second.keys() == first.keys()


def test_an_error_as_json(world: World) -> None:
    result = status(world, "--json", "--branch-database", f"sqlite:///{world.folder}/no.db")
    assert result.exit_code == ExitCode.WRONG_USE
    told = json.loads(result.output)
    assert (told["terminals"], told["error"]) == (None, "database_missing")
    assert "no.db" in told["error_message"]


def test_the_guide_lists_every_key(world: World) -> None:
    world.terminal()
    guide = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text(encoding="utf-8")
    [told] = json.loads(status(world, "--json").output)["terminals"]
    assert not {key for key in told if f"| `terminals[].{key}` |" not in guide}
