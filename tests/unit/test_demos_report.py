"""`kiosk report demos`: what the lines say, of which days, and where."""

import json
from pathlib import Path

import pytest
from support import default_catalog
from sync_world import TerminalHere, World
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.languages import LANGUAGES
from kiosk.services.demo.runs import DemoRun, DemoRuns, LeftBecause, Way
from kiosk.services.diversion import Diversions, Evidence, OfferMade
from kiosk.services.journal import new_id
from kiosk.services.visits import Visits

DAY = ("--day", "2026-11-23")
DEMO, SERVICE, CHANNEL = "same_bank_transfer_mobile", "same_bank_transfer", "mobile"
NAME = default_catalog().demo(DEMO).name.en


def invoke(world: World, *words: str, language: str = "en") -> Result:
    return CliRunner().invoke(
        app,
        ["report", "demos", *words],
        env={"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": f"{language}.UTF-8"},
    )


def report(world: World, *words: str, language: str = "en") -> list[str]:
    shown = invoke(world, *words, language=language)
    assert shown.exit_code == 0, shown.output
    return shown.stdout.splitlines()


def learner(
    terminal: TerminalHere,
    way: Way = Way.TRY,
    *,
    leaves: str | None = None,
    wrong_keys: int = 0,
    completes: bool = False,
    large_type: bool = False,
    demo: str = DEMO,
) -> None:
    """A customer who comes, goes through a demo and perhaps does it then."""
    journal, visit = terminal.journal, new_id()
    runs, visits, diversions = DemoRuns(journal), Visits(journal), Diversions(journal, 1)
    visits.start(visit, "zh_CN")
    if large_type:
        visits.leave_out(visit)
    run = DemoRun(new_id(), demo, 1, way, visit, SERVICE, CHANNEL)
    runs.start(run, "home")
    runs.step(run, "home", "payee", 3, wrong_keys)
    if leaves:
        runs.leave(run, leaves, 20, 0, LeftBecause.STOPPED)
    elif way is Way.CHECK:
        runs.finish(run, 60, right_answers=2, questions=3)
    else:
        runs.finish(run, 60)
    if completes:
        offer = OfferMade(new_id(), visit, SERVICE, CHANNEL)
        terminal.clock.advance(minutes=5)
        diversions.offer(offer, {}, None)
        diversions.complete(offer, Evidence.CUSTOMER_SAID)


def told(world: World, *words: str) -> list[str]:
    """The lines with one space between words."""
    return [" ".join(line.split()) for line in report(world, *words)]


def test_what_was_taught_and_what_came_after(world: World, terminal: TerminalHere) -> None:
    learner(terminal, completes=True)
    learner(terminal, wrong_keys=3, leaves="payee")
    learner(terminal, leaves="confirm")
    learner(terminal, leaves="payee")
    learner(terminal, Way.SHOW)
    learner(terminal, Way.CHECK)
    learner(terminal, large_type=True, completes=True)
    terminal.sync()
    lines = told(world, *DAY)
    assert lines[0] == "Demos South Branch 2026-11-23"
    assert lines[4:7] == [
        f"{NAME} Show me 1 100.0 % (1/1) 0 0.0 – –",
        f"{NAME} Let me try 4 25.0 % (1/4) 3 0.8 – payee 2, confirm 1",
        f"{NAME} Check yourself 1 100.0 % (1/1) 0 0.0 66.7 % (2/3) –",
    ]
    assert lines[-1] == f"{NAME} 20.0 % (1/5)"
    assert lines[7] == (
        "By customers of 60+ or in large type, in no figure above: 1 begun, 1 finished"
    )


def test_a_day_without_demos_says_so(world: World, terminal: TerminalHere) -> None:
    learner(terminal)
    terminal.sync()
    assert "  no demo was begun" in report(world, "--day", "2026-11-20")
    [line] = report(world, "--day", "2026-11-20", "--json")
    assert json.loads(line) == {
        "branch": "0001", "from": "2026-11-20", "to": "2026-11-20", "by_way": [], "went_on": [],
        "left_out": {"started": 0, "finished": 0},
    }  # fmt: skip


def test_a_check_that_nobody_finished_has_no_data(world: World, terminal: TerminalHere) -> None:
    learner(terminal, Way.CHECK, leaves="check")
    terminal.sync()
    assert told(world, *DAY)[4].endswith("0.0 % (0/1) 0 0.0 no data check 1")


def test_a_demo_of_an_older_catalog_stands_with_its_code(
    world: World, terminal: TerminalHere
) -> None:
    learner(terminal, demo="of_long_ago")
    terminal.sync()
    assert told(world, *DAY)[4].startswith("of_long_ago Let me try")


def test_several_days_are_one_report(world: World, terminal: TerminalHere) -> None:
    for _ in range(3):
        learner(terminal)
        world.clock.advance(days=1)
    terminal.sync()
    for words, started in (
        (("--from", "2026-11-23", "--to", "2026-11-24"), 2),
        (("--from", "2026-11-24", "--to", "2026-11-25"), 2),
        (DAY, 1),
    ):
        [line] = report(world, *words, "--json")
        assert json.loads(line)["by_way"][0]["started"] == started
    assert report(world, "--from", "2026-11-23", "--to", "2026-11-24")[0].endswith(
        "2026-11-23 – 2026-11-24"
    )


def test_today_is_meant_where_no_day_is_named(tmp_path: Path) -> None:
    world = World(tmp_path, is_now=True)
    terminal = world.terminal()
    learner(terminal)
    terminal.sync()
    [line] = report(world, "--json")
    assert len(json.loads(line)["by_way"]) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--day", "today", "--from", "today"), "--day does not go together with --from"),
        (("--day", "today", "--to", "today"), "--day does not go together with --to"),
        (("--to", "today"), "--to needs --from"),
        (("--from", "today", "--to", "yesterday"), "--from is later than --to"),
    ],
)
def test_days_that_make_no_sense_are_refused(
    world: World, words: tuple[str, ...], told: str
) -> None:
    shown = invoke(world, *words)
    assert shown.exit_code == 2
    assert told in " ".join(shown.output.replace("│", " ").split())


def test_the_terminal_s_own_figures_are_the_branch_s_after_a_synchronisation(
    world: World, terminal: TerminalHere
) -> None:
    learner(terminal, leaves="payee")
    learner(terminal, Way.CHECK)
    assert report(world, *DAY, "--json") != report(world, *DAY, "--json", "--store")
    terminal.sync()
    assert report(world, *DAY, "--json") == report(world, *DAY, "--json", "--store")
    assert "This terminal only." in report(world, *DAY, "--store")


def test_what_staff_practise_is_not_in_it(world: World, terminal: TerminalHere) -> None:
    run = DemoRun(new_id(), DEMO, 1, Way.CHECK, None, SERVICE, CHANNEL, staff="1001")
    runs = DemoRuns(terminal.journal)
    runs.start(run, "check")
    runs.finish(run, 60, right_answers=3, questions=3)
    terminal.sync()
    lines = told(world, *DAY)
    assert "no demo was begun" in lines
    assert any(line.endswith("0 begun, 0 finished") for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_lines(
    world: World, terminal: TerminalHere, language: str
) -> None:
    learner(terminal, completes=True)
    terminal.sync()
    assert len(report(world, *DAY, language=language)) == len(report(world, *DAY))
