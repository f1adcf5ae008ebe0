"""Paths and addresses with characters that mean something in an address."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kiosk.bootstrap import build
from kiosk.cli import app
from kiosk.config import Config
from kiosk.exit_codes import ExitCode


def kiosk(folder: Path, *words: str, **environment: str) -> Result:
    settings = {"KIOSK_DATA_FOLDER": str(folder), "LC_ALL": "en_US.UTF-8"}
    return CliRunner().invoke(app, words, env=settings | environment)


def databases(folder: Path) -> set[Path]:
    return {path for path in folder.iterdir() if ".db" in path.name and "-" not in path.suffix}


@pytest.mark.parametrize("name", ["what?", "a#b", "100%41", "%3F", "one & two, 三", "a?mode=ro"])
def test_a_data_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    build(Config(data_folder=folder)).close()
    assert kiosk(folder, "sync", "--status").exit_code == ExitCode.DONE
    assert kiosk(folder, "sync").exit_code == ExitCode.DONE
    assert kiosk(folder, "branch", "status").exit_code == ExitCode.DONE
    assert kiosk(folder, "report", "today", "--store").exit_code == ExitCode.DONE
    assert kiosk(folder, "db", "check").exit_code == ExitCode.DONE
    lines = {line.split()[1]: line for line in kiosk(folder, "doctor").output.splitlines()}
    assert str(folder) in lines["Store"]
    assert lines["Store"].startswith("ok ")
    assert lines["Branch"].startswith("ok ")
    assert [path for path in tmp_path.iterdir() if not path.name.startswith("xdg_")] == [folder]


@pytest.mark.parametrize("address", ["sqlite:////a?b/branch.db", "sqlite:///branch.db?mode=ro"])
def test_an_address_that_would_be_cut_off_is_refused(tmp_path: Path, address: str) -> None:
    build(Config(data_folder=tmp_path)).close()
    before = databases(tmp_path)
    for words, environment in (
        (("branch", "init"), {"KIOSK_BRANCH_DATABASE": address}),
        (("branch", "init", "--branch-database", address), {}),
        (("sync", "--branch-database", address), {}),
    ):
        shown = kiosk(tmp_path, *words, **environment)
        assert shown.exit_code == ExitCode.WRONG_USE, words
        assert shown.stderr.startswith(f"{address}: the address of an SQLite file"), words
        assert shown.stderr.count("\n") == 1
    assert databases(tmp_path) == before


def test_a_question_mark_can_be_written_by_its_number(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/a%3Fb.db"
    assert kiosk(tmp_path, "branch", "init", "--branch-database", address).exit_code == 0
    assert (tmp_path / "a?b.db").exists()
