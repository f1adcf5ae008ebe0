"""`kiosk staff` in a real terminal: staff sign in and off, and no PIN is seen or kept."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import argon2
from support import rows
from terminal import RUN, TERMINATE, Terminal
from way import reach_home, said, store

from kiosk.config import Config
from kiosk.db import Database
from kiosk.exit_codes import ExitCode
from kiosk.services.branch import initialise
from kiosk.services.releases import Name, publish

PIN = "739164"
ROSTER = """
[[staff]]
number = "2001"
name = "王芳"
roles = ["lobby_manager"]
pin_hash = "{hash}"
"""
STAFF = (sys.executable, "-m", "kiosk", "staff")
BAND = "员工模式 · 王芳"


def branch(folder: Path) -> dict[str, str]:
    """What says where the branch is, which knows its staff."""
    url = f"sqlite:///{folder / 'branch.db'}"
    with closing(Database(url, create=True)) as database:
        initialise(database, Config())
        roster = ROSTER.format(hash=argon2.PasswordHasher(1, 8, 1).hash(PIN))
        publish(database, None, Name.STAFF, roster, datetime.now(UTC))
    return {"KIOSK_BRANCH_DATABASE": url}


def sign_in(terminal: Terminal) -> None:
    terminal.wait_for(said("Sign in to staff mode"))
    terminal.send(b"2001\r")
    terminal.wait_for("2001")
    terminal.send(PIN.encode())
    terminal.wait_for("•" * len(PIN))
    terminal.send(b"\r")
    terminal.wait_for(BAND)


def audited(folder: Path) -> list[tuple[object, ...]]:
    return rows(store(folder), "SELECT staff, action, result FROM audit_entry ORDER BY seq")


def test_from_signing_in_to_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "staff"
    environment = branch(tmp_path)
    with Terminal(folder, STAFF, environment) as terminal:
        sign_in(terminal)
        with Terminal(folder, RUN, environment) as refused:
            assert refused.exit_status() == ExitCode.TRY_AGAIN
        terminal.send(b"0")
        sign_in(terminal)
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
        assert PIN.encode() not in terminal.raw
    came = ("2001", "sign_in", "")
    gone = ("2001", "sign_off", "asked"), ("2001", "sign_off", "stopped")
    assert audited(folder) == [came, gone[0], came, gone[1]]
    for path in folder.rglob("*"):
        assert not path.is_file() or PIN.encode() not in path.read_bytes()


def test_behind_a_customer_s_back(tmp_path: Path) -> None:
    folder = tmp_path / "terminal"
    with Terminal(folder, RUN, branch(tmp_path)) as terminal:
        reach_home(terminal)
        terminal.send(b"\x13")
        sign_in(terminal)
        assert rows(store(folder), "SELECT end_reason FROM visit") == [("staff",)]
        terminal.send(b"0")
        reach_home(terminal)
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0
