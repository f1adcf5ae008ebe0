"""`kiosk staff pin`: a PIN is typed unseen and comes out as a hash."""

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from terminal import Terminal
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.exit_codes import ExitCode
from kiosk.services.pins import matches
from kiosk.services.staff_roster import Role, StaffMember

PIN, OTHER = "739164", "739165"


def test_the_command_makes_a_line_for_the_roster(tmp_path: Path) -> None:
    with asked(tmp_path, PIN, PIN) as terminal:
        assert terminal.exit_status() == 0
        line = terminal.text.replace("\n", "").partition("pin_hash = ")[2].strip()
        assert PIN.encode() not in terminal.raw
    member = StaffMember(number="1001", name="王芳", roles=(Role.TELLER,), pin_hash=line.strip('"'))
    assert matches(SecretStr(PIN), member.pin_hash)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [(PIN, OTHER, "differ"), ("123456", "123456", "easily guessed"), ("7391", "7391", "6 digits")],
)
def test_the_command_refuses(tmp_path: Path, first: str, second: str, told: str) -> None:
    with asked(tmp_path, first, second) as terminal:
        assert terminal.exit_status() == ExitCode.WRONG_USE
        assert told in terminal.text
        assert "pin_hash" not in terminal.text
        assert first.encode() not in terminal.raw


def asked(folder: Path, first: str, second: str) -> Terminal:
    command = (sys.executable, "-m", "kiosk", "staff", "pin", "1001")
    terminal = Terminal(folder, command, {"LC_ALL": "en_US.UTF-8"})
    terminal.wait_for("New PIN for 1001:")
    terminal.send(first.encode() + b"\n")
    terminal.wait_for("Once more:")
    terminal.send(second.encode() + b"\n")
    return terminal


def test_a_script_is_not_asked() -> None:
    done = CliRunner().invoke(app, ["staff", "pin", "1001"], input=f"{PIN}\n{PIN}\n")
    assert done.exit_code == ExitCode.WRONG_USE
    assert "needs a terminal" in done.output
