"""Nothing that a customer can type or touch leads out of the terminal."""

import os
import sys
from pathlib import Path

import pytest
from support import rows
from terminal import HANGUP, INTERRUPT, RUN, SUSPEND, TERMINATE, Terminal
from way import MENU, SERVICE, reach_attract, reach_home, stages, store

from kiosk.config import Config
from kiosk.last_error import PROGRAM_FAULT, read_last_error

KEYS = {
    "ctrl+q": b"\x11",
    "ctrl+c": b"\x03",
    "ctrl+p": b"\x10",
    "ctrl+z": b"\x1a",
    "ctrl+backslash": b"\x1c",
    "ctrl+d": b"\x04",
    "escape": b"\x1b",
    "f1": b"\x1bOP",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    **{f"f{n}": f"\x1b[{code}~".encode() for n, code in
       zip(range(5, 13), (15, 17, 18, 19, 20, 21, 23, 24), strict=True)},
}  # fmt: skip
DRAG = b"\x1b[<0;6;8M\x1b[<32;20;9M\x1b[<32;40;16M\x1b[<0;40;16m"


def test_keys_lead_nowhere(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        reach_home(terminal)
        shown = {"English": "# English", "繁體中文": "# 繁體中文", "简体中文": "# 简体中文"}
        next_language = list(shown)
        for number, (name, key) in enumerate(KEYS.items()):
            terminal.send(key)
            if name == "escape":  # on its own it is known only by the silence after it
                terminal.until_silent(0.3)
            before = next_language[number % 3]
            terminal.wait_for(shown[before])
            terminal.send(b"#")  # the same screen answers
            terminal.wait_for(shown[next_language[(number + 1) % 3]])
            assert terminal.process.poll() is None, name
            assert not terminal.is_stopped, name
            assert "Quit" not in terminal.text, name
            assert "quit" not in terminal.text, name
        terminal.wait_for("1  ")
        assert stages(tmp_path) == ["visit.started"]


def test_the_chord_of_staff_lets_nobody_in_and_gives_the_screen_back(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        reach_home(terminal)
        terminal.send(b"\x13")
        terminal.wait_for("登录员工模式")
        terminal.send(b"2001\r")
        terminal.wait_for("2001")
        terminal.send(b"739164")
        terminal.wait_for("••••••")
        terminal.send(b"\r")
        terminal.wait_for("员工名单")
        terminal.send(b"\x1b")
        terminal.wait_for("1  ")
        assert stages(tmp_path) == ["visit.started"]
        assert b"739164" not in terminal.raw


def test_nothing_can_be_selected_or_copied(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        reach_home(terminal)
        terminal.send(DRAG)
        terminal.send(b"\x03")
        terminal.send(b"\x1b[67;6u")  # ctrl+shift+c
        terminal.send(b"#")
        terminal.wait_for("# 繁體中文")
        assert b"\x1b]52;" not in terminal.raw
        assert stages(tmp_path) == ["visit.started"]


@pytest.mark.parametrize("number", [TERMINATE, HANGUP, INTERRUPT], ids=lambda n: n.name)
def test_a_signal_ends_it_properly(number: int, tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        reach_home(terminal)
        terminal.choose(MENU)
        terminal.wait_for(SERVICE.name.zh_CN)
        terminal.signal(number)
        assert terminal.exit_status() == 0
        terminal.assert_restored()
    query = "SELECT kind, stage, reason FROM event ORDER BY seq DESC LIMIT 1"
    assert rows(store(tmp_path), query) == [("visit", "ended", "interrupted")]


@pytest.mark.parametrize("is_told", [True, False], ids=["by a signal", "by silence"])
def test_a_terminal_that_goes_away_in_mid_visit_ends_it(is_told: bool, tmp_path: Path) -> None:
    with Terminal(tmp_path, is_told_of_its_end=is_told) as terminal:
        reach_home(terminal)
        terminal.choose(MENU)
        terminal.wait_for(SERVICE.name.zh_CN)
        assert terminal.hang_up() == 0
    query = "SELECT kind, stage, reason FROM event ORDER BY seq DESC LIMIT 1"
    assert rows(store(tmp_path), query) == [("visit", "ended", "interrupted")]


def test_a_signal_before_anybody_came(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        reach_attract(terminal)
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
        terminal.assert_restored()


def test_it_can_not_be_suspended(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        reach_home(terminal)
        terminal.signal(SUSPEND)
        terminal.send(b"#")
        terminal.wait_for("# 繁體中文")
        assert not terminal.is_stopped
        assert terminal.raw.count(b"\x1b[?1049l") == 0


CRASH = """
from kiosk.screens.customer.menu import MenuScreen


def title_text(self):
    pin = "SECRET-4321"
    raise RuntimeError(f"the PIN is {pin}")


MenuScreen.title_text = title_text

from kiosk.__main__ import main

main()
"""


def test_a_crash_shows_nothing_and_is_known(tmp_path: Path) -> None:
    launcher = tmp_path / "crash.py"
    launcher.write_text(CRASH, encoding="utf-8")
    data = tmp_path / "data"
    with Terminal(data, (sys.executable, str(launcher), "run")) as terminal:
        reach_home(terminal)
        terminal.choose(MENU)
        assert terminal.exit_status() == 1
        for word in (b"SECRET", b"4321", b"Traceback", b"RuntimeError", b"title_text"):
            assert word not in terminal.raw
        terminal.assert_restored()
    log = "".join(path.read_text(encoding="utf-8") for path in data.glob("*.log"))
    assert "unhandled RuntimeError" in log
    assert "in title_text" in log
    assert "SECRET" not in log
    assert "4321" not in log
    error = read_last_error(Config(data_folder=data).last_error_path)
    assert error is not None
    assert error.code == PROGRAM_FAULT


VARIABLES = (
    "TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_DEVTOOLS_HOST", "TEXTUAL_DEVTOOLS_PORT",
    "TEXTUAL_SCREENSHOT", "TEXTUAL_SCREENSHOT_LOCATION", "TEXTUAL_PRESS", "TEXTUAL_ALLOW_SIGNALS",
    "TEXTUAL_DRIVER", "TEXTUAL_THEME",
)  # fmt: skip


@pytest.mark.parametrize("variable", VARIABLES)
def test_debug_variables_are_refused(variable: str, tmp_path: Path) -> None:
    with Terminal(tmp_path, environment={variable: "1", "LC_ALL": "en_US.UTF-8"}) as terminal:
        assert terminal.exit_status() == 2
        assert variable in terminal.text
        assert len(terminal.text.split()) < 25
        assert "Traceback" not in terminal.text
        assert b"\x1b[?1049h" not in terminal.raw
    assert not list(tmp_path.iterdir())


def test_the_console_script_starts_from_an_empty_folder(tmp_path: Path) -> None:
    """What `make run` does after it has installed."""
    script = Path(sys.executable).with_name("kiosk")
    assert script.exists()
    data = tmp_path / "not" / "there"
    with Terminal(data, (str(script), "run")) as terminal:
        reach_home(terminal)
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
    assert stages(data) == ["visit.started", "visit.ended"]
    assert (data / "branch.db").exists()
    assert os.environ.get("KIOSK_DATA_FOLDER") is None
    assert RUN[-1] == "run"


def test_a_start_that_fails_says_why(tmp_path: Path) -> None:
    store(tmp_path).write_bytes(b"this is no database, and never was one\n" * 100)
    with Terminal(tmp_path, environment={"LC_ALL": "en_US.UTF-8"}) as terminal:
        assert terminal.exit_status() not in (0, 2)
        terminal.assert_restored()
        after = terminal.raw.rpartition(b"\x1b[?1049l")[2]
        assert b"damaged" in after
        assert b"Traceback" not in terminal.raw
