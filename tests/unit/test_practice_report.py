"""`kiosk report practice`: who practised what, as the lines and the JSON say it."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support import default_catalog
from sync_world import FORMS, TerminalHere, World, world_on
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.services.demo.runs import DemoRun, DemoRuns, Way
from kiosk.services.drills import Drills
from kiosk.services.journal import new_id

DAY = ("--day", "2026-11-23")
DEMO = default_catalog().demo("balance_sms")
NO_TIME, FEES = (
    next(each for each in default_catalog().objections if each.code == code)
    for code in ("no_time", "fees")
)


world = world_on(*FORMS[:2])


def surroundings(world: World) -> dict[str, str]:
    return {
        "KIOSK_DATA_FOLDER": str(world.folder),
        "KIOSK_BRANCH_DATABASE": world.here.url,
        "LC_ALL": "en.UTF-8",
    }


def report(world: World, *words: str) -> list[str]:
    """The lines with one space between words."""
    shown = CliRunner().invoke(
        app,
        ["report", "practice", *words],
        env=surroundings(world),
    )
    assert shown.exit_code == 0, shown.output
    return [" ".join(line.split()) for line in shown.stdout.splitlines()]


def practise(terminal: TerminalHere) -> None:
    drills, runs = Drills(terminal.journal), DemoRuns(terminal.journal)
    for staff, objection, could_say in (
        ("1001", NO_TIME, False),
        ("1001", NO_TIME, True),
        ("1001", FEES, True),
        ("1002", FEES, False),
    ):
        drills.note(staff, objection.code, could_say=could_say)
    run = DemoRun(new_id(), DEMO.code, 1, Way.CHECK, None, DEMO.service, DEMO.channel, staff="1002")
    runs.start(run, "question")
    runs.finish(run, 40, right_answers=2, questions=3)
    terminal.sync()


def test_who_practised_what(world: World, terminal: TerminalHere) -> None:
    practise(terminal)
    assert report(world, *DAY) == [
        "Practice among staff South Branch 2026-11-23",
        "",
        "Demos",
        "Staff number Demo Way Begun Finished Right answers",
        f"1002 {DEMO.name.en} Check yourself 1 1 66.7 % (2/3)",
        "",
        "What customers say, answered; how well, they say themselves",
        "Staff number Sentence Could say it",
        f"1001 {FEES.reason.en} 100.0 % (1/1)",
        f"1001 {NO_TIME.reason.en} 50.0 % (1/2)",
        f"1002 {FEES.reason.en} 0.0 % (0/1)",
    ]


def test_json_has_the_codes(world: World, terminal: TerminalHere) -> None:
    practise(terminal)
    (line,) = report(world, *DAY, "--json")
    told = json.loads(line)
    assert told["drills"][1] == {
        "staff": "1001", "objection": "no_time", "answered": 2, "could_say": 1,
    }  # fmt: skip
    assert [each["demo"] for each in told["demos"]] == [DEMO.code]


def test_a_day_without_practice_says_so(world: World, terminal: TerminalHere) -> None:
    practise(terminal)
    assert report(world, "--day", "2026-11-20")[-1] == "Nobody practised."
    (told,) = report(world, "--day", "2026-11-20", "--json")
    assert json.loads(told)["drills"] == []


def test_it_can_be_had_as_a_file(
    world: World, terminal: TerminalHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    practise(terminal)
    monkeypatch.chdir(tmp_path)
    assert report(world, *DAY, "--format", "xlsx") == ["The report is in practice-2026-11-23.xlsx."]
    book = load_workbook(tmp_path / "practice-2026-11-23.xlsx")
    assert [cell.value for cell in book.worksheets[1][7]] == ["1001", NO_TIME.reason.en, 50, 1, 2]
    page = tmp_path / "page.html"
    assert report(world, *DAY, "--format", "html", "--out", str(page)) == [
        f"The report is in {page}."
    ]
    assert FEES.reason.en in page.read_text(encoding="utf-8")
    assert report(world, *DAY, "--format", "csv")[0].endswith("Demos")


def test_a_drill_is_in_no_figure_of_customers(world: World, terminal: TerminalHere) -> None:
    practise(terminal)
    shown = CliRunner().invoke(
        app, ["report", "demos", *DAY, "--json"],
        env=surroundings(world),
    )  # fmt: skip
    told = json.loads(shown.stdout)
    assert told["by_way"] == told["went_on"] == []
