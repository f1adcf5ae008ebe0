"""From the customer's hand to the branch's report: the whole way, through the commands."""

from pathlib import Path

import pytest
from lobby import HANDS, Lobby, lobby
from stations import LARGE_CASH, TRANSFER
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.report import DayReport, Share, day_report


async def three_ways(here: Lobby) -> None:
    hand = HANDS["keys"](here)
    for codes in ((*TRANSFER, "done", "finish"), (*LARGE_CASH, "finish")):
        await hand.start()
        for code in codes:
            await hand.choose(code)
    await hand.start()
    await here.drive("*")
    for code in (*TRANSFER[:2], "finish"):  # 60+: a ticket, no offer
        await hand.choose(code)


def figures(config: Config, here: Lobby) -> DayReport:
    branch = Database(config.branch_database_url)
    try:
        return day_report(
            branch, config.branch.code, here.clock.now().astimezone(config.zone).date()
        )
    finally:
        branch.close()


async def test_three_ways_are_in_the_branch_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lobby(tmp_path) as here:
        await three_ways(here)
        config, events = here.config, len(here.events())
    monkeypatch.setenv("KIOSK_DATA_FOLDER", str(config.data_folder))
    commands = CliRunner()
    first = commands.invoke(app, ["sync"])
    again = commands.invoke(app, ["sync"])
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert f"{events} events brought" in first.output
    assert "nothing to bring" in again.output

    report = figures(config, here)
    # counted by hand: three people; one offer, accepted and done; tickets for cash and for 60+
    assert (report.visits, report.visits_left_out) == (3, 1)
    assert (report.offered, report.accepted, report.completed) == (1, 1, 1)
    assert (report.declined, report.fell_back) == (0, 0)
    assert (report.tickets, report.tickets_left_out, report.tickets_transferable) == (2, 1, 0)
    assert report.diversion_share == Share(1, 1)
    assert report.diversion_ratio == Share(1, 1)
    assert report == here.report()
