"""`kiosk report today`: the lines, and what they can't know."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sync_world import TerminalHere, World
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.languages import LANGUAGES
from kiosk.models import MatchRule
from kiosk.models.payloads import ReconciliationMatched
from kiosk.services.journal import new_id
from kiosk.services.reconcile.facts import JournalFact, record_facts


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, is_now=True)


def report(world: World, *words: str, language: str = "en", name: str = "today") -> list[str]:
    shown = CliRunner().invoke(
        app,
        ["report", name, *words],
        env={"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": f"{language}.UTF-8"},
    )
    assert shown.exit_code == 0, shown.output
    return shown.stdout.splitlines()


def visited(world: World, times: int) -> TerminalHere:
    terminal = world.terminal()
    for _ in range(times):
        terminal.visit()  # accepted, and then nothing more
    return terminal


def test_what_nobody_knows_is_said(world: World) -> None:
    visited(world, 3).sync()
    lines = report(world)
    assert "  Completed ÷ accepted: 0.0 % (0/3)" in lines
    assert "  Fell back ÷ accepted: 0.0 % (0/3)" in lines
    assert "  Outcome unknown ÷ accepted: 100.0 % (3/3)" in lines


def test_what_the_channel_s_journal_has_is_apart_from_what_people_say(world: World) -> None:
    visited(world, 3).sync()
    offers = world.rows("SELECT id, visit FROM diversion ORDER BY id")
    matched = ReconciliationMatched(rule=MatchRule.REFERENCE)
    day = world.clock.time.astimezone(world.config.zone).date()
    facts = [
        JournalFact(
            matched, UUID(f"{visit}"), "transfer", "mobile", UUID(f"{offer}"), day, new_id()
        )
        for offer, visit in offers[:2]
    ]
    with world.branch.write() as connection:
        assert record_facts(connection, world.branch, world.config, world.clock, facts) == 2
    lines = report(world)
    place = lines.index("  Completed ÷ accepted: 66.7 % (2/3)")
    assert lines[place + 1 : place + 3] == [
        "    Proven by the channel's journal ÷ accepted: 66.7 % (2/3)",
        "    As people say alone ÷ accepted: 0.0 % (0/3)",
    ]
    assert lines.count("    Proven part: 100.0 % (2/2)") == 1
    assert "  Outcome unknown ÷ accepted: 33.3 % (1/3)" in lines
    in_csv = report(world, "--day", f"{day}", "--format", "csv", name="diversion")
    assert in_csv[2].startswith(f"{day},3,100.0,3,3,66.7,2,3,66.7,2,3,0.0,0,3,")


def test_events_that_have_not_come_are_said(world: World) -> None:
    terminal = visited(world, 1)
    terminal.sync()
    assert not [line for line in report(world) if "synced" in line]
    terminal.visit()
    missing = "4 events of terminal T1 are not yet synced and not in these figures."
    title, second, *rest = report(world)
    assert title.startswith("South Branch  ")
    assert second == missing
    assert rest[0].startswith("Visits: 1,")
    assert missing not in report(world, "--store")


def test_the_terminal_s_own_figures_say_so(world: World) -> None:
    visited(world, 1)
    title, second, *rest = report(world, "--store")
    assert title.startswith("South Branch · T1  ")
    assert second == "This terminal only."
    assert rest[0].startswith("Visits: 1,")


def test_a_machine_without_a_terminal_shows_the_branch_s_figures(world: World) -> None:
    terminal = visited(world, 1)
    terminal.sync()
    terminal.store.close()
    terminal.path.unlink()
    assert report(world)[1].startswith("Visits: 1,")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_lines(world: World, language: str) -> None:
    visited(world, 2)
    assert len(report(world, language=language)) == len(report(world))
    assert len(report(world, "--store", language=language)) == len(report(world, "--store"))


def test_what_was_offered_day_by_day(world: World) -> None:
    terminal = visited(world, 2)
    first = world.clock.time.astimezone(world.config.zone).date()
    world.clock.advance(days=1)
    terminal.visit()
    terminal.sync()
    words = ("--from", f"{first}", "--to", f"{first + timedelta(days=1)}")
    lines = [" ".join(line.split()) for line in report(world, *words, name="diversion")]
    nothing = (
        "0.0 % (0/{n}) no data "
        + "0.0 % (0/{n}) " * 2
        + "100.0 % ({n}/{n}) no data no data no data"
    )
    assert lines[4] == f"{first} 2 100.0 % (2/2) {nothing.format(n=2)}"
    assert lines[5] == f"{first + timedelta(days=1)} 1 100.0 % (1/1) {nothing.format(n=1)}"
    assert lines[-1] == "nobody declined"
    in_csv = report(world, *words, "--format", "csv", name="diversion")
    assert in_csv[2].startswith(f"{first},2,100.0,2,2,0.0,0,2,")
