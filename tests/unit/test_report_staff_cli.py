"""`kiosk report people` and its neighbours: what they print and what their JSON says."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from receipt import read
from rich.cells import cell_len
from sqlalchemy import insert
from staff_year import STAFF, StaffYear
from support import SHANGHAI, default_catalog
from sync_world import World
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.cli.report_staff import Count, Rate
from kiosk.config import Branch
from kiosk.figure_words import FIGURES, FORMULAS, METRICS, UNITS
from kiosk.languages import LANGUAGES
from kiosk.models import HourlyFigures, SignUp
from kiosk.models.tables import table_of
from kiosk.services import followed
from kiosk.services.branch import initialise
from kiosk.services.demos_report import Days
from kiosk.services.journal import new_id
from kiosk.services.releases import Name, publish
from kiosk.services.staff.figures import COUNTS, people
from kiosk.services.staff.rates import COMPARED
from kiosk.services.target_list import Metric, Unit

DAYS = Days(date(2026, 11, 1), date(2026, 11, 22))
SPAN = ("--from", "2026-11-01", "--to", "2026-11-22")
ON = ("--day", "2026-11-20")
REPORTS = (
    ("people", *SPAN), ("ranking", *SPAN), ("ranking", "--branches", *SPAN), ("comparison", *SPAN),
    ("targets", *ON), ("follow-ups", *ON), ("morning", *ON), ("rhythm", *ON),
)  # fmt: skip
ROSTER = '[[staff]]\nnumber = "3101"\nname = "王芳"\nroles = ["lobby_manager"]\n'
TARGETS = """
[[targets]]
metric = "signed"
period = "2026-11"
unit = "count"
value = 45
[[targets]]
metric = "fee_income"
period = "2026"
unit = "ten_thousand_yuan"
value = "14"
[[actuals]]
metric = "fee_income"
period = "2026"
unit = "ten_thousand_yuan"
value = "15.22"
"""


@pytest.fixture(autouse=True)
def packaged_catalog_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than all that is done with it here."""
    monkeypatch.setattr(followed, "load_catalog", lambda _file: default_catalog())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("branch"))
    StaffYear("0001", SHANGHAI, DAYS.first, 22).write(world.branch)
    for name, body in ((Name.STAFF, ROSTER), (Name.TARGETS, TARGETS)):
        publish(world.branch, ["0001"], name, body, world.clock.now())
    yield world
    world.branch.close()


def invoke(world: World, *words: str, language: str = "en") -> Result:
    env = {"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": f"{language}.UTF-8"}
    return CliRunner().invoke(app, ["report", *words], env=env)


def shown(world: World, *words: str, language: str = "en") -> list[str]:
    result = invoke(world, *words, language=language)
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def told(world: World, *words: str) -> dict[str, Any]:
    (line,) = shown(world, *words, "--json")
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize("words", REPORTS, ids=" ".join)
def test_every_report_reads_in_every_language_and_as_json(
    world: World, words: tuple[str, ...]
) -> None:
    texts = ["\n".join(shown(world, *words, language=each)) for each in LANGUAGES]
    assert len(set(texts)) == len(LANGUAGES)
    assert not any(set(text) & set("{}") or "None" in text for text in texts)
    found = told(world, *words)
    assert (found["branch"], found["scope"]) == ("0001", "branch")


def test_people_with_their_names_and_pay(world: World) -> None:
    heading, _blank, title, head, *lines = shown(world, "people", *SPAN)
    assert heading.endswith("2026-11-01 – 2026-11-22")
    assert title == "By person"
    assert head.split()[0] == "Staff"
    assert lines[0].split()[:2] == ["3101", "王芳"]
    assert len({cell_len(line) for line in (head, *lines)}) == 1, "numbers stand on the right"
    rows = told(world, "people", *SPAN)["people"]
    expected = people(world.branch, "0001", DAYS)
    assert [{name: row[name] for name in COUNTS} for row in rows] == [
        {name: getattr(each, name) for name in COUNTS} for each in expected
    ]


@pytest.mark.parametrize("words", REPORTS, ids=" ".join)
def test_every_report_as_a_file(world: World, words: tuple[str, ...], tmp_path: Path) -> None:
    for form in ("csv", "xlsx", "html"):
        file = tmp_path / f"report.{form}"
        shown(world, *words, "--format", form, "--out", str(file))
        assert file.stat().st_size > 100
    if words[0] in ("people", "ranking", "comparison", "targets"):
        assert "Customers of 60+" in file.read_text(encoding="utf-8")


def test_the_morning_sheet_on_the_receipt_printer(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = invoke(world, "morning", *ON, "--print")
    assert refused.exit_code != 0
    assert "No printer is configured." in refused.stderr
    device = tmp_path / "lp0"
    device.touch()
    for name, value in (("KIND", "file"), ("DEVICE", str(device)), ("PAPER", "58")):
        monkeypatch.setenv(f"KIOSK_PRINTER_{name}", value)
    (said,) = shown(world, "morning", *ON, "--print", language="zh_CN")
    assert said.startswith(str(device))
    paper = read(device.read_bytes())
    assert all(line.columns <= 32 for line in paper.lines)
    told = [line.text for line in paper.lines]
    assert told[1:3] == ["晨会单", "2026-11-20"]
    overdue = next(at for at, text in enumerate(told) if text.startswith("没有按时回访"))
    listed = told[overdue + 1 : told.index("", overdue)]
    assert told[overdue].endswith(f" 共 {sum(int(each.split()[-1]) for each in listed)}")
    assert len(listed) > 1


def test_a_figure_says_how_it_is_worked_out(world: World) -> None:
    lines = shown(world, "comparison", *SPAN, "--formulas")
    assert "Coverage: approached in the lobby ÷ served at the counters" in lines
    assert lines[1] == "Customers of 60+ and in large type are in none of these figures."


def test_the_ranking_goes_by_what_was_asked(world: World) -> None:
    rows = told(world, "ranking", *SPAN, "--by", "signed")["ranking"]
    counts = [row["signed"] for row in rows]
    assert counts == sorted(counts, reverse=True)
    assert rows[0]["place"] == 1
    assert {row["staff"] for row in rows} <= set(STAFF)


def test_targets_with_what_was_counted_and_what_was_said(world: World) -> None:
    signed, income = told(world, "targets", *ON)["targets"]
    counted = sum(each.signed for each in people(world.branch, "0001", Days(DAYS.first, DAYS.last)))
    assert signed["actual"] == str(counted)
    assert (income["actual"], income["completion_rate"]) == ("15.22", "108.71")
    assert (income["metric"], income["unit"]) == ("fee_income", "ten_thousand_yuan")


def test_the_same_from_targets_show(world: World) -> None:
    env = {"KIOSK_DATA_FOLDER": str(world.folder), "LC_ALL": "en.UTF-8"}
    result = CliRunner().invoke(app, ["targets", "show", *ON], env=env)
    assert result.stdout.splitlines() == shown(world, "targets", *ON)


def test_the_follow_ups_of_one_person(world: World) -> None:
    every = told(world, "follow-ups", *ON)
    one = told(world, "follow-ups", *ON, "--staff", "3104")
    assert one["coming"] == [each for each in every["coming"] if each["staff"] == "3104"]


def test_the_codes_of_words_and_options_are_those_of_the_services() -> None:
    assert tuple(Count) == COUNTS
    assert tuple(Rate) == COMPARED
    assert FIGURES.keys() == FORMULAS.keys() >= {*COUNTS, *COMPARED}
    assert METRICS.keys() == {each.value for each in Metric}
    assert UNITS.keys() == {each.value for each in Unit}


# --- a branch beside the network ----------------------------------------------------------------


def diversions(branch: str, completed: int, transferable: int) -> dict[str, object]:
    return {
        "branch": branch, "business_date": DAYS.first, "local_hour": 9, "service": "",
        "channel": "", "completed": completed, "tickets_transferable": transferable,
        "waiting_seconds": 0, "service_seconds": 0,
    }  # fmt: skip


def sign_ups(branch: str, used: int, signed: int) -> list[dict[str, object]]:
    moment = datetime(2026, 11, 1, 2, tzinfo=UTC)
    return [
        {
            "id": new_id(), "visit": new_id(), "branch": branch, "terminal": "T1", "staff": "3101",
            "business_date": DAYS.first, "product": "company_net", "signed_at": moment,
            "used_at": moment if number < used else None,
        }
        for number in range(signed)
    ]  # fmt: skip


def test_the_comparison_to_two_decimals(tmp_path: Path) -> None:
    world = World(tmp_path)
    other = replace(world.config, branch=Branch(code="0002"))
    initialise(world.branch, other)
    with world.branch.write() as connection:
        connection.execute(
            insert(table_of(HourlyFigures)),
            [diversions("0001", 4153, 5847), diversions("0002", 7107, 2893)],
        )
        connection.execute(
            insert(table_of(SignUp)), [*sign_ups("0001", 1013, 2500), *sign_ups("0002", 5308, 7500)]
        )
    world.branch.close()
    lines = shown(world, "comparison", *SPAN)
    (diversion,) = (line for line in lines if "Diversion" in line)
    assert "41.53 % (4153/10000)" in diversion
    assert "56.30 % (11260/20000)" in diversion
    assert diversion.endswith("14.77")
    (active,) = (line for line in lines if "Company online banking" in line)
    assert "40.52 % (1013/2500)" in active
    assert "63.21 % (6321/10000)" in active
    assert active.endswith("22.69")
    (coverage,) = (line for line in lines if "Coverage" in line)
    assert coverage.split() == ["Coverage", "–", *["no", "data"] * 3]
    ranked = told(world, "ranking", "--branches", *SPAN)["ranking"]
    assert [(each["place"], each["branch"]) for each in ranked] == [(1, "0002"), (2, "0001")]
