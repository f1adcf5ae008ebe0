"""`kiosk counter` in a real terminal: it signs in, works, ends properly, and shows no PIN."""

import sys
from collections.abc import Iterator
from pathlib import Path

import argon2
import pytest
from desk_world import BRANCH, Hall
from terminal import HANGUP, SUSPEND, TERMINATE, Terminal

from kiosk.services.releases import Name, publish

PIN = "739164"
ROSTER = """
[[staff]]
number = "1001"
name = "王芳"
roles = ["teller"]
pin_hash = "{hash}"
"""
COUNTER = (sys.executable, "-m", "kiosk", "counter", "--counter", "3")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    made.enrol(3)
    roster = ROSTER.format(hash=argon2.PasswordHasher(1, 8, 1).hash(PIN))
    publish(made.database, [BRANCH], Name.STAFF, roster, made.clock.now())
    yield made
    made.close()


def started(hall: Hall, folder: Path, command: tuple[str, ...] = COUNTER, **more: str) -> Terminal:
    environment = {"KIOSK_BRANCH_DATABASE": str(hall.database.url), **more}
    return Terminal(folder / "counter", command, environment)


def sign_in(terminal: Terminal, pin: str = PIN) -> None:
    terminal.wait_for("登录本窗口", "3 号窗口")
    terminal.send(b"1001\r")
    terminal.wait_for("1001")
    terminal.send(pin.encode())
    terminal.wait_for("•" * len(pin))
    terminal.send(b"\r")


def test_from_signing_in_to_signing_off(hall: Hall, tmp_path: Path) -> None:
    with started(hall, tmp_path) as terminal:
        sign_in(terminal)
        terminal.wait_for("王芳 1001", "没有人等候")
        terminal.send(b"-")
        terminal.wait_for("登录本窗口")
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
        terminal.assert_restored()
        assert PIN.encode() not in terminal.raw
    assert PIN not in "".join(
        path.read_text("utf-8", errors="replace") for path in (tmp_path / "counter").iterdir()
    )


@pytest.mark.parametrize("number", [TERMINATE, HANGUP], ids=lambda n: n.name)
def test_a_signal_ends_it_properly(number: int, hall: Hall, tmp_path: Path) -> None:
    with started(hall, tmp_path) as terminal:
        sign_in(terminal)
        terminal.wait_for("没有人等候")
        terminal.signal(SUSPEND)
        for key in (b"\x11", b"\x03", b"\x10", b"\x1a", b"\x1c", b"\x04"):
            terminal.send(key)
        terminal.send(b"#")
        terminal.wait_for("Nobody is waiting")
        assert not terminal.is_stopped
        terminal.signal(number)
        assert terminal.exit_status() == 0
        terminal.assert_restored()


def test_a_second_window_for_the_same_counter_is_refused(hall: Hall, tmp_path: Path) -> None:
    with started(hall, tmp_path) as first:
        first.wait_for("登录本窗口")
        with started(hall, tmp_path, LC_ALL="en_US.UTF-8") as second:
            assert second.exit_status() == 3
            assert "works at this counter already" in " ".join(second.text.split())


def test_without_a_branch_database_it_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere.db'}"
    more = {"KIOSK_BRANCH_DATABASE": url, "LC_ALL": "en_US.UTF-8"}
    with Terminal(tmp_path / "counter", COUNTER, more) as terminal:
        assert terminal.exit_status() == 2
        terminal.assert_restored()
        assert "nowhere.db" in terminal.text.replace("\n", "")
        assert "登" not in terminal.text
        assert b"Traceback" not in terminal.raw


CRASH = """
from kiosk.services.sign_in import SignIn


def sign_in(self, number, pin):
    typed = pin.get_secret_value()
    raise RuntimeError(f"the PIN is {typed}")


SignIn.sign_in = sign_in

from kiosk.__main__ import main

main()
"""


def test_a_crash_shows_no_pin(hall: Hall, tmp_path: Path) -> None:
    launcher = tmp_path / "crash.py"
    launcher.write_text(CRASH, encoding="utf-8")
    command = (sys.executable, str(launcher), "counter", "--counter", "3")
    with started(hall, tmp_path, command) as terminal:
        sign_in(terminal)
        assert terminal.exit_status() == 1
        terminal.assert_restored()
        for word in (PIN.encode(), b"Traceback", b"RuntimeError"):
            assert word not in terminal.raw
    log = (tmp_path / "counter" / "counter-3.log").read_text(encoding="utf-8")
    assert "unhandled" in log
    assert PIN not in log


def test_a_debug_variable_is_refused(tmp_path: Path) -> None:
    with Terminal(tmp_path, COUNTER, {"TEXTUAL_LOG": "x", "LC_ALL": "en_US.UTF-8"}) as terminal:
        assert terminal.exit_status() == 2
        assert "TEXTUAL_LOG" in terminal.text
