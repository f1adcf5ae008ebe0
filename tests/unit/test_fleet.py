"""`kiosk fleet`: everything of all branches, and those first that need somebody."""

import dataclasses
import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from sync_world import World
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.exit_codes import ExitCode
from kiosk.models.payloads import OutageBegan, OutageEnded
from kiosk.services.branch import enrol, initialise
from kiosk.services.journal import Fact, new_id
from kiosk.services.sync.wire import Condition

WELL = Condition(7260, "ok", 5000)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, is_now=True)


def fleet(world: World, *words: str, language: str = "en_US.UTF-8") -> Result:
    settings = {"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": language}
    return CliRunner().invoke(app, ["fleet", *words], env=settings, prog_name="kiosk")


def test_the_worst_come_first_from_whichever_branch(world: World) -> None:
    good, dry, low = (world.terminal(f"T{n}", n) for n in (1, 2, 3))
    good.sync(condition=WELL)
    dry.sync(condition=dataclasses.replace(WELL, printer="printer_no_paper"))
    crashed = dataclasses.replace(WELL, last_error="program_fault", last_error_at=world.clock.now())
    low.sync(condition=dataclasses.replace(crashed, free_mb=500, printer="paper_low"))
    other = dataclasses.replace(world.config.branch, code="0002")
    initialise(world.branch, dataclasses.replace(world.config, branch=other))
    enrol(world.branch, "0002", "T1", 1)
    result = fleet(world)
    first, heads, *lines = result.output.splitlines()
    assert first == "Terminals: 4. With a fault: 2. To be looked after: 1. In order: 1."
    assert [line.split()[:3] for line in lines] == [
        ["×", "0002", "T1"], ["×", "0001", "T2"], ["!", "0001", "T3"], ["✓", "0001", "T1"],
    ]  # fmt: skip
    assert "NEVER IN TOUCH" in lines[0]
    assert "NO PAPER" in lines[1]
    assert "LITTLE PAPER, LITTLE DISK SPACE, ERROR program_fault" in lines[2]
    assert "in order" in lines[3]
    assert "2 hours 1 minute" in lines[3]
    assert "5000 MB" in lines[3]
    assert result.exit_code == ExitCode.NEEDS_A_PERSON
    columns = [heads.index(head) for head in ("State", "Printer", "Version")]
    assert all(line[column - 2 : column] == "  " for line in lines for column in columns)


def test_what_only_should_be_known_is_no_alarm(world: World) -> None:
    world.terminal().sync(condition=dataclasses.replace(WELL, free_mb=500))
    assert fleet(world).exit_code == ExitCode.DONE
    world.terminal("T2", 2).sync(condition=dataclasses.replace(WELL, free_mb=50))
    assert fleet(world).exit_code == ExitCode.NEEDS_A_PERSON


@pytest.mark.parametrize("language", ["en_US.UTF-8", "zh_CN.UTF-8", "zh_TW.UTF-8"])
def test_machines_that_are_out_of_use_stand_below(world: World, language: str) -> None:
    terminal = world.terminal()
    mended = new_id()
    for subject, machine, staff in ((new_id(), 2, "1001"), (mended, 1, "1001")):
        began = OutageBegan(machine=machine, until=None)
        terminal.journal.record(Fact(began, subject=subject, staff=staff, channel="atm"))
    terminal.journal.record(Fact(OutageEnded(), subject=mended, staff="1001", channel="atm"))
    terminal.sync(condition=WELL)
    lines = fleet(world, language=language).output.splitlines()
    assert [line for line in lines if "atm" in line] == [lines[-1]]
    assert "atm 2" in lines[-1]
    assert "1001" in lines[-1]
    heads, row = lines[1:3]
    assert cell_len(heads) > 60
    assert row.startswith("✓")
    [told] = json.loads(fleet(world, "--json").output)["out_of_use"]
    assert (told["branch"], told["channel"], told["machine"]) == ("0001", "atm", 2)


def test_as_json(world: World) -> None:
    world.terminal().sync(condition=WELL)
    told = json.loads(fleet(world, "--json").output)
    [terminal] = told["terminals"]
    assert (terminal["level"], terminal["notices"], terminal["up_seconds"]) == ("ok", [], 7260)
    assert (told["out_of_use"], told["error"]) == ([], None)
    nowhere = fleet(world, "--json", "--branch-database", f"sqlite:///{world.folder}/nowhere.db")
    told = json.loads(nowhere.output)
    assert (told["terminals"], told["error"]) == (None, "database_missing")
    assert nowhere.exit_code == ExitCode.WRONG_USE


def test_nobody_there(world: World) -> None:
    assert fleet(world).output == "No terminal is enrolled.\n"


def test_the_guide_lists_every_key(world: World) -> None:
    world.terminal()
    guide = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text(encoding="utf-8")
    told = json.loads(fleet(world, "--json").output)
    assert not {key for key in told if f"| `{key}" not in guide}
