"""Without a journal nothing can be proven: then no rate says 0 %, but that there is no data."""

import json
from datetime import date, timedelta

import pytest
from journal_offers import accept, take_in, write
from journal_rows import put_file
from journal_world import Fate
from sync_world import FORMS, TerminalHere, World, world_on
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.services.demos_report import Days
from kiosk.services.reconcile.coverage import journal_channels
from kiosk.services.report import Share, day_report
from kiosk.services.staff.rates import Compared, branches_ranked, comparison, rates

world = world_on(*FORMS[:2])
BRANCH = "0001"


@pytest.fixture
def today(terminal: TerminalHere) -> date:
    """A day on which two accepted the mobile bank."""
    for _ in range(2):
        accept(terminal)
    terminal.sync()
    return terminal.journal.business_date()


def proof(world: World, day: date) -> Share | None:
    return day_report(world.branch, BRANCH, day).proof


def test_a_journal_of_the_channel_and_the_day_makes_rates(world: World, today: date) -> None:
    assert proof(world, today) is None
    put_file(world.branch, BRANCH, "atm", first=today)
    put_file(world.branch, "0002", "mobile", first=today)
    for other in (-1, 1):
        put_file(world.branch, BRANCH, "mobile", first=today + timedelta(days=other))
    assert proof(world, today) is None  # another channel, branch, or day
    put_file(world.branch, BRANCH, "mobile", first=today)
    assert proof(world, today) == Share(0, 2)
    with world.branch.read() as connection:
        found = journal_channels(connection, None, today, today)
    assert found == {BRANCH: {"atm", "mobile"}, "0002": {"mobile"}}


def test_what_is_proven_is_told_whenever_it_was(
    world: World, terminal: TerminalHere, today: date
) -> None:
    world.clock.advance(days=2)
    take_in(world, write(world, Fate.DONE, Fate.DONE).world)
    world.change("UPDATE journal_file SET first_day = ?, last_day = ?", *[date(2027, 1, 1)] * 2)
    assert proof(world, today) == Share(2, 2)


def test_branches_without_a_journal_have_no_place_and_no_part(world: World, today: date) -> None:
    asked = Days(today, today), world.clock.now(), 60
    [ranked] = branches_ranked(world.branch, "proof", *asked)
    assert (ranked.place, ranked.share) == (None, None)
    of_network = rates(world.branch, None, *asked)
    assert of_network.proof is of_network.proven_diversion is None
    compared = {each.rate: each for each in comparison(world.branch, BRANCH, *asked)}
    assert compared["proof"] == Compared("proof", None, None, None)
    assert compared["proof"].gap is None
    put_file(world.branch, BRANCH, "mobile", first=today)
    [ranked] = branches_ranked(world.branch, "proof", *asked)
    assert (ranked.place, ranked.share) == (1, Share(0, 2))
    assert rates(world.branch, None, *asked).proof == Share(0, 2)


def test_reports_say_that_there_is_no_data(
    world: World, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(world.folder))
    monkeypatch.setenv("KIOSK_BRANCH_DATABASE", world.here.url)

    def told(*words: str) -> str:
        result = CliRunner().invoke(app, ["report", *words])
        assert result.exit_code == 0, result.output
        return result.stdout

    day = ["--day", f"{today}"]
    for in_format, nothing in (("text", "no data"), ("csv", ""), ("html", "no data")):
        shown = told("diversion", *day, "--format", in_format)
        assert "0/2" in shown or "0,2" in shown  # as people say alone
        assert nothing in shown
        assert "Proven" in shown
    [row] = [line for line in told("diversion", *day, "--format", "csv").splitlines()
             if line.startswith(f"{today}")]  # fmt: skip
    assert ",,,,0.0,0,2," in row
    compared = json.loads(told("comparison", *day, "--json"))
    [of_proof] = [each for each in compared["comparison"] if each["rate"] == "proof"]
    assert (of_proof["branch"], of_proof["network"]) == (None, None)
