"""`kiosk simulate`: what a branch manager reads, as text and on a page, and what is refused."""

import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.reporting.files import Format, written
from kiosk.reporting.simulated import headline, simulated
from kiosk.services.simulation.comparison import Comparison, compare
from kiosk.services.simulation.scenario import assumable
from kiosk.services.simulation.scenario_file import default_scenario
from kiosk.services.simulation.scenario_file import written as as_toml
from kiosk.services.simulation.told import Progress, Told, read_line
from kiosk.simulation_words import ASSUMED, WHY_WORK, ScenarioNames

DAYS = "6"
"""The sixth is a pension day."""
runner = CliRunner()
SCENARIO = default_scenario()


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(SCENARIO, int(DAYS), 1)


def run(*arguments: str, stdin: str | None = None) -> str:
    done = runner.invoke(app, ["simulate", *arguments], input=stdin)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_text_tells_waits_tickets_and_work_and_what_it_rests_on(tmp_path: Path) -> None:
    file = tmp_path / "branch.toml"
    file.write_text(as_toml(SCENARIO), encoding="utf-8")
    text = run(str(file), "--days", DAYS)
    for words in (
        "6 simulated days, seed 1",
        "56.3 % diverted, on usual days: the mean wait goes from",
        "56.3 % diverted, on pension days: the mean wait goes from",
        WHY_WORK,
        "Usual days (5)",
        "Pension days (1)",
        "9 of 10 wait at most (P90, min)",
        "Wait more than 20 min (%)",
        "Do not come when called (%)",
        "Counters at work (utilisation, %)",
        "The last customer leaves at",
        "Queue at Smart counter",
        "Work that comes with them (min a day)",
        "Usual days: mean wait by half hour",
        f"What nobody measured here ({len(SCENARIO.assumptions)})",
    ):
        assert words in text, f"{words}\n{text}"
    assert "not yours" not in text  # it is somebody's own file


def test_without_a_scenario_it_says_that_it_is_nobodys() -> None:
    assert "These are the assumptions of a default branch, not yours." in run("--days", "2")


def test_tickets_are_never_told_without_work(found: Comparison) -> None:
    told = [*headline(found)]
    assert len(told) == 2
    less = r"−\d+\.\d\s%"
    for line in told:
        assert re.search(f"Tickets {less}, the work that comes with them {less}", line), line


def test_one_difference_that_may_be_chance_says_so(found: Comparison) -> None:
    usual, peak = headline(found)
    assert "may be chance" in peak  # one pension day alone
    assert "may be chance" not in usual


def test_a_page_shows_the_curve_first_and_loads_nothing(found: Comparison) -> None:
    names = ScenarioNames(SCENARIO, None)
    page = written(simulated(found, names, picture_first=True), Format.HTML).decode()
    assert page.index('class="lead"') < page.index("<svg") < page.index("Usual days (5)")
    assert "<script" not in page
    assert set(re.findall(r'(?:https?:)?//[^"\s<]+', page)) == {"http://www.w3.org/2000/svg"}
    curve = page[page.index("<svg") : page.index("</svg>")]
    assert "09:00" in curve
    assert "56.3 % diverted" in curve
    assert "stroke-dasharray" in curve  # told apart in black, too


def test_files_hold_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    told = run("--days", "2", "--format", "csv", "--out", str(path))
    assert str(path) in "".join(told.split("\n"))
    mean = next(
        line for line in path.read_text("utf-8-sig").splitlines() if line.startswith("Waiting")
    )
    assert all(Decimal(cell) > 0 for cell in mean.split(",")[1:])


def test_lines_for_a_program_end_with_the_result(found: Comparison) -> None:
    lines = run("-", "--json", "--days", DAYS, stdin=as_toml(SCENARIO)).splitlines()
    *progress, last = [read_line(line.encode()) for line in lines]
    assert progress[-1] == Progress(done=12, of=12)
    assert isinstance(last, Told)
    assert [each.usual for each in last.outcomes] == [each.usual for each in found.outcomes]
    assert last.outcomes[1].usual_change == found.outcomes[1].usual_change


def test_a_wrong_value_is_named(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(as_toml(SCENARIO).replace("head_start = 20", "head_start = -20"), "utf-8")
    done = runner.invoke(app, ["simulate", str(file), "--days", "2"])
    assert done.exit_code != 0
    assert "customers.head_start" in done.stderr
    in_lines = runner.invoke(app, ["simulate", str(file), "--days", "2", "--json"])
    assert json.loads(in_lines.stdout)["code"] == "scenario_invalid"


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "simpy", None)
    done = runner.invoke(app, ["simulate", "--days", "2"])
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "branch-kiosk[simulate]" in done.stderr


def test_ctrl_c_says_that_nothing_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_of: object) -> Comparison:
        raise KeyboardInterrupt

    monkeypatch.setattr("kiosk.services.simulation.comparison.compare", interrupt)
    done = runner.invoke(app, ["simulate"])
    assert done.exit_code == 130
    assert done.stderr == "Stopped: nothing was compared and nothing written.\n"


def test_it_ends_when_nobody_reads_it_any_more() -> None:
    command = [sys.executable, "-m", "kiosk", "simulate", "--json", "--days", "10000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert isinstance(read_line(child.stdout.readline()), Progress)
        child.stdout.close()
        assert child.wait(timeout=30) == 1
        assert child.stderr.read() == b""


def test_whatever_nobody_measured_has_words() -> None:
    words = {key if key in ASSUMED else _of_table(key) for key in assumable(SCENARIO)}
    assert words == set(ASSUMED)


def _of_table(key: str) -> str:
    table, *_code, last = key.split(".")
    return f"{table}.{last}"
