"""`kiosk simulate fit`: what branch IT reads, and the file that comes of it."""

import json
from datetime import date
from pathlib import Path

import pytest
from branch_history import History, lived
from branch_simulated import DEFAULT, scenario
from support import SHANGHAI
from sync_world import World
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.services.simulation.scenario_file import read_scenario

MONDAY = date(2025, 12, 1)
SPAN = ("--from", "2025-12-01", "--to", "2025-12-12")
runner = CliRunner()


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of ten days."""
    world = World(tmp_path_factory.mktemp("branch"))
    plain = DEFAULT.model_copy(update={"peak_days": None, "assumptions": (), "variants": ()})
    of = scenario(plain, walk_ins=60.0, customers={"priority_acceptance": 0.0})
    History(world.branch, "0001", SHANGHAI, of).write([*lived(of, MONDAY, 10, 2)])
    world.branch.close()
    return str(world.branch.url)


def run(branch: str, *arguments: str) -> Result:
    return runner.invoke(app, ["simulate", "fit", *arguments, "--branch-database", branch])


def test_values_stand_with_their_interval_and_what_nobody_measured(branch: str) -> None:
    done = run(branch, *SPAN)
    assert done.exit_code == 0, done.output
    for words in (
        "2025-12-01 – 2025-12-12",
        "From 10 days with customers.",
        "Needed no ticket:",
        "How many people come on a usual day",
        "When they come: 09:00–09:30",
        "How weekdays differ: Monday",
        "Counter 1: break 1 begins",
        "11:30",
        "What nobody measured here (",
        "who is 60+ or uses large type is offered nothing",
        "no event tells it; as the catalog has it",
    ):
        assert words in done.stdout, f"{words}\n{done.stdout}"


def test_the_file_is_a_scenario_that_can_be_compared(branch: str, tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    done = run(branch, *SPAN, "--out", str(file), "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    fitted = read_scenario(file)
    assert fitted.walk_ins == pytest.approx(60, rel=0.2)
    assert {each["name"] for each in told["assumed"]} == set(fitted.assumptions)
    assert all(each["low"] <= each["value"] <= each["high"] for each in told["estimates"])
    compared = runner.invoke(app, ["simulate", str(file), "--days", "5"])
    assert compared.exit_code == 0, compared.output


def test_days_without_customers_are_refused_in_a_sentence(branch: str) -> None:
    done = run(branch, "--from", "2025-12-11", "--to", "2025-12-12")
    assert done.exit_code != 0
    assert "There are 2 days with customers" in done.output
