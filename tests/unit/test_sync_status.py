"""`kiosk sync --status`: it reads the store itself, changes nothing, and is quick about it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sync_world import TerminalHere, World, add_raw_event, change

from kiosk.exit_codes import ExitCode
from kiosk.languages import LANGUAGES


@pytest.fixture
def terminal(tmp_path: Path) -> TerminalHere:
    return World(tmp_path).terminal()


def kiosk(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *words],
        capture_output=True,
        text=True,
        env=os.environ | {"KIOSK_DATA_FOLDER": str(folder)} | environment,
    )


def synchronised(terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    terminal.sync()
    terminal.visit("A1002")


def never_started(terminal: TerminalHere) -> None:
    terminal.path.unlink()


def in_quarantine(terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    add_raw_event(terminal.path, kind="weather")
    terminal.sync()


def with_a_damaged_event_waiting(terminal: TerminalHere) -> None:
    terminal.visit("A1001")
    terminal.sync()
    add_raw_event(terminal.path, occurred_at="not a time")


def of_a_newer_program(terminal: TerminalHere) -> None:
    change(terminal.path, "UPDATE alembic_version SET version_num = '9999'")


def damaged(terminal: TerminalHere) -> None:
    terminal.path.write_text("hello, I am no database, and long enough to be read as one" * 100)


@pytest.mark.parametrize(
    ("prepare", "exits"),
    [
        (synchronised, ExitCode.DONE),
        (in_quarantine, ExitCode.IN_QUARANTINE),
        (with_a_damaged_event_waiting, ExitCode.DONE),
        (never_started, ExitCode.WRONG_USE),
        (of_a_newer_program, ExitCode.NEEDS_A_PERSON),
        (damaged, ExitCode.NEEDS_A_PERSON),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_direct_way_says_what_the_ordinary_way_says(
    terminal: TerminalHere, prepare: Callable[[TerminalHere], None], exits: int, language: str
) -> None:
    prepare(terminal)
    terminal.store.close()
    config = terminal.config.data_folder / "kiosk.toml"
    config.touch()
    locale = {"LC_ALL": f"{language}.UTF-8", "PYTHONUTF8": "1"}
    direct = kiosk(terminal.config.data_folder, "sync", "--status", **locale)
    ordinary = kiosk(
        terminal.config.data_folder, "--config", str(config), "sync", "--status", **locale
    )
    assert direct.returncode == ordinary.returncode == exits
    assert (direct.stdout, direct.stderr) == (ordinary.stdout, ordinary.stderr)
    assert bool(direct.stdout) is (exits in {ExitCode.DONE, ExitCode.IN_QUARANTINE})
    assert "Traceback" not in direct.stderr


def test_a_wrong_configuration_is_refused_on_the_direct_way(terminal: TerminalHere) -> None:
    done = kiosk(terminal.config.data_folder, "sync", "--status", KIOSK_TERMINAL_DIGIT="x")
    assert done.returncode == ExitCode.WRONG_USE
    assert done.stdout == ""
    assert done.stderr.startswith("KIOSK_TERMINAL_DIGIT must be")


def test_it_imports_nothing_slow(terminal: TerminalHere) -> None:
    """It runs from timers and scripts, on small machines."""
    synchronised(terminal)
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules))\n"
        "from kiosk.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "sync", "--status"],
        env=os.environ | {"KIOSK_DATA_FOLDER": str(terminal.config.data_folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "kiosk.services.sync.status" in loaded
    slow = {"typer", "rich", "textual", "sqlalchemy", "sqlmodel", "pydantic", "babel", "uuid_utils"}
    assert not loaded & slow
