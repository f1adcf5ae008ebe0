"""What monitoring reads: a line of JSON, and a file for Prometheus."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from sync_world import LosesAnswers, TerminalHere, World, add_raw_event
from typer.testing import CliRunner, Result

from kiosk.cli import app
from kiosk.config import Config, Sync
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode
from kiosk.paths import resource
from kiosk.services.sync import metrics
from kiosk.services.sync.status import read_status
from kiosk.sync_json import json_line

DOCS = (resource("docs") / "monitoring.md").read_text(encoding="utf-8")


@pytest.fixture
def terminal(tmp_path: Path) -> TerminalHere:
    return World(tmp_path).terminal()


def kiosk(folder: Path, *words: str, **environment: str) -> Result:
    settings = {"KIOSK_DATA_FOLDER": str(folder), "LC_ALL": "en"}
    return CliRunner().invoke(app, words, env=settings | environment, prog_name="kiosk")


def answer(result: Result) -> dict[str, object]:
    """The one line on standard output."""
    told = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert isinstance(told, dict)
    return told


# --- JSON -------------------------------------------------------------------------------------


def test_a_run_and_the_status_in_json(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    terminal.store.close()
    before = answer(kiosk(tmp_path, "sync", "--status", "--json"))
    assert (before["waiting"], before["acknowledged"], before["last_batch"]) == (5, 0, None)
    assert before["oldest_waiting_at"] == "2026-11-23T01:30:00Z"
    age = before["oldest_waiting_seconds"]
    assert isinstance(age, int)
    assert age >= 0
    result = kiosk(tmp_path, "sync", "--json")
    done = answer(result)
    assert result.exit_code == ExitCode.DONE
    run = done["run"]
    assert isinstance(run, dict)
    assert (run["batches"], run["events"], run["inserted"]) == (1, 5, 5)
    assert (run["duplicates"], run["quarantined"]) == (0, 0)
    assert run["events_per_second"] == pytest.approx(5 / run["seconds"], rel=0.1)
    after = answer(kiosk(tmp_path, "sync", "--status", "--json"))
    assert after.pop("run") is None
    assert after == {key: value for key, value in done.items() if key != "run"} | {
        "last_receipt_seconds": after["last_receipt_seconds"]
    }
    assert (after["waiting"], after["oldest_waiting_at"], after["acknowledged"]) == (0, None, 5)
    assert (after["last_batch"], after["last_batch_events"], after["last_error"]) == (1, 5, None)


def test_what_stopped_a_run_is_in_its_line(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    terminal.store.close()
    away = f"sqlite:///{tmp_path / 'none.db'}"
    result = kiosk(tmp_path, "sync", "--json", "--branch-database", away)
    told = answer(result)
    assert result.exit_code == ExitCode.WRONG_USE
    assert told["error"] == told["last_error"] == "database_missing"
    assert "none.db" in str(told["error_message"])
    assert (told["run"], told["waiting"]) == (None, 5)


@pytest.mark.parametrize("words", [("sync", "--json"), ("sync", "--status", "--json")])
def test_what_can_t_be_known_is_null(words: tuple[str, ...], tmp_path: Path) -> None:
    nothing = kiosk(tmp_path, *words)
    told = answer(nothing)
    assert nothing.exit_code == ExitCode.WRONG_USE
    assert (told["error"], told["terminal"], told["waiting"]) == ("store_not_ready", "T1", None)
    unread = kiosk(tmp_path, *words, KIOSK_TERMINAL_DIGIT="x")
    told = answer(unread)
    assert unread.exit_code == ExitCode.WRONG_USE
    assert (told["error"], told["terminal"]) == ("config_not_whole", None)


def test_quarantine_is_an_exit_code_in_json_too(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    add_raw_event(terminal.path, kind="weather")
    terminal.store.close()
    for words in (("sync", "--json"), ("sync", "--status", "--json")):
        result = kiosk(tmp_path, *words)
        assert result.exit_code == ExitCode.IN_QUARANTINE
        assert answer(result)["quarantined"] == 1


def test_the_keys_are_the_documented_ones(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    terminal.store.close()
    told = answer(kiosk(tmp_path, "sync", "--json"))
    table = DOCS.split("## One line of JSON")[1].split("\n## ")[0]
    documented = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    run = told["run"]
    assert isinstance(run, dict)
    assert documented == [*told, *(f"run.{key}" for key in run)]


def test_the_direct_way_says_the_same(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    terminal.sync()
    terminal.store.close()
    done = subprocess.run(
        [sys.executable, "-m", "kiosk", "sync", "--status", "--json"],
        env=os.environ | {"KIOSK_DATA_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    ordinary = answer(kiosk(tmp_path, "sync", "--status", "--json"))
    ages = {"last_receipt_seconds": 0}
    assert json.loads(done.stdout) | ages == ordinary | ages


def test_a_clock_that_went_back_makes_no_negative_age(terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    earlier = terminal.clock.now() - timedelta(days=400)
    told = json.loads(json_line(earlier, terminal.config, read_status(terminal.config)))
    assert told["oldest_waiting_seconds"] == 0


# --- Prometheus -------------------------------------------------------------------------------


def families(text: str) -> dict[str, Metric]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def values(text: str) -> dict[str, float]:
    return {
        sample.name: sample.value for family in families(text).values() for sample in family.samples
    }


def exposed(terminal: TerminalHere) -> str:
    return metrics.exposition(read_status(terminal.config), "0001", "T1")


def test_the_figures_through_a_terminal_s_life(terminal: TerminalHere) -> None:
    assert values(exposed(terminal)) == {
        "kiosk_sync_waiting_events": 0,
        "kiosk_sync_acknowledged_events_total": 0,
        "kiosk_sync_batches_total": 0,
        "kiosk_sync_quarantined_events": 0,
        "kiosk_sync_refused_releases": 0,
    }
    begun = terminal.clock.now()
    terminal.visit("A1001")
    terminal.clock.advance(seconds=60)
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, []))
    found = values(exposed(terminal))
    assert found["kiosk_sync_waiting_events"] == 5
    assert found["kiosk_sync_oldest_waiting_timestamp_seconds"] == begun.timestamp()
    assert found["kiosk_sync_last_attempt_success"] == 0
    assert found["kiosk_sync_last_error_info"] == 1
    assert "kiosk_sync_last_receipt_timestamp_seconds" not in found
    [stopped] = families(exposed(terminal))["kiosk_sync_last_error_info"].samples
    assert stopped.labels == {"branch": "0001", "terminal": "T1", "code": "database_unreachable"}
    add_raw_event(terminal.path, kind="weather")
    terminal.clock.advance(seconds=60.25)
    terminal.sync()
    now = (begun + timedelta(seconds=120.25)).timestamp()
    assert values(exposed(terminal)) == {
        "kiosk_sync_waiting_events": 0,
        "kiosk_sync_acknowledged_events_total": 6,
        "kiosk_sync_batches_total": 2,
        "kiosk_sync_quarantined_events": 1,
        "kiosk_sync_refused_releases": 0,
        "kiosk_sync_last_pull_timestamp_seconds": now,
        "kiosk_sync_last_receipt_timestamp_seconds": now,
        "kiosk_sync_last_attempt_timestamp_seconds": now,
        "kiosk_sync_last_attempt_success": 1,
    }


def test_names_and_types_are_as_prometheus_wants_them(terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, []))
    text = exposed(terminal)
    for family in families(text).values():
        assert family.documentation.endswith(".")
        is_counter = family.type == "counter"
        assert all(sample.name.endswith("_total") is is_counter for sample in family.samples)
        assert family.name.startswith("kiosk_sync_")
        assert not family.name.endswith(("_count", "_sum", "_bucket"))
    assert text.endswith("\n")


def test_the_metrics_are_the_documented_ones(terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    terminal.sync()
    terminal.visit("A1002")
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, []))
    table = DOCS.split("## Prometheus")[1].split("\n## ")[0]
    documented = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(documented) == sorted(values(exposed(terminal)))


def test_the_file_is_written_after_every_run(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    terminal.store.close()
    file = tmp_path / "figures" / "kiosk.prom"
    file.parent.mkdir()
    here = {"KIOSK_SYNC_TEXTFILE": str(file)}
    assert kiosk(tmp_path, "sync", **here).exit_code == 0
    assert values(file.read_text())["kiosk_sync_acknowledged_events_total"] == 5
    assert file.stat().st_mode & 0o777 == 0o644
    # after one that was stopped, too
    away = f"sqlite:///{tmp_path / 'none.db'}"
    for words in (("sync",), ("sync", "--json")):
        file.unlink()
        assert kiosk(tmp_path, *words, "--branch-database", away, **here).exit_code == 2
        assert values(file.read_text())["kiosk_sync_last_attempt_success"] == 0
    assert [path.name for path in file.parent.iterdir()] == ["kiosk.prom"]


def test_a_reader_never_sees_half_a_file(terminal: TerminalHere, tmp_path: Path) -> None:
    """It is another file each time: one that is open stays what it was."""
    file = tmp_path / "kiosk.prom"
    settings = Config(data_folder=tmp_path, sync=Sync(textfile=file))
    metrics.publish(settings)
    with file.open() as reader:
        terminal.visit("A1001")
        metrics.publish(settings)
        assert values(reader.read())["kiosk_sync_waiting_events"] == 0
    assert values(file.read_text())["kiosk_sync_waiting_events"] == 5


def test_a_file_that_can_t_be_written_spoils_no_run(terminal: TerminalHere, tmp_path: Path) -> None:
    terminal.visit("A1001")
    terminal.store.close()
    there = tmp_path / "no such folder" / "kiosk.prom"
    result = kiosk(tmp_path, "sync", KIOSK_SYNC_TEXTFILE=str(there))
    assert result.exit_code == ExitCode.DONE
    assert "5 events brought" in result.stdout
    assert f"can't be written to {there}: No such file or directory" in result.stderr


def test_a_store_that_can_t_be_read_leaves_the_last_figures(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.prom"
    file.write_text("as it was")
    metrics.publish(Config(data_folder=tmp_path, sync=Sync(textfile=file)))
    assert file.read_text() == "as it was"


def test_moments_keep_their_fractions(terminal: TerminalHere) -> None:
    terminal.clock.time = datetime.fromisoformat("2026-11-23T01:30:00.123456+00:00")
    terminal.visit("A1001")
    found = values(exposed(terminal))["kiosk_sync_oldest_waiting_timestamp_seconds"]
    assert found == terminal.clock.time.timestamp()
