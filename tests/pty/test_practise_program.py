"""`kiosk practise` in a real terminal: it signs in, practises, ends properly, and shows no PIN."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import argon2
import pytest
from terminal import HANGUP, RUN, TERMINATE, Terminal

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
roles = ["it"]
pin_hash = "{hash}"
"""
PRACTISE = (sys.executable, "-m", "kiosk", "practise")


@pytest.fixture
def branch(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'branch.db'}"
    with closing(Database(url, create=True)) as database:
        initialise(database, Config())
        roster = ROSTER.format(hash=argon2.PasswordHasher(1, 8, 1).hash(PIN))
        publish(database, None, Name.STAFF, roster, datetime.now(UTC))
    return url


@pytest.mark.parametrize("signal", [TERMINATE, HANGUP])
def test_from_signing_in_to_the_end(signal: int, branch: str, tmp_path: Path) -> None:
    folder = tmp_path / "practice"
    with Terminal(folder, PRACTISE, {"KIOSK_BRANCH_DATABASE": branch}) as terminal:
        terminal.wait_for("登录后练习")
        terminal.send(b"2001\r")
        terminal.wait_for("2001")
        terminal.send(PIN.encode())
        terminal.wait_for("•" * len(PIN))
        terminal.send(b"\r")
        terminal.wait_for("王芳，要练哪一样")
        terminal.send(b"2")
        terminal.wait_for("我没时间学")
        terminal.send(b"1")
        terminal.wait_for("您说：")
        terminal.signal(signal)
        assert terminal.exit_status() == 0
        assert PIN.encode() not in terminal.raw
    assert PIN not in "".join(
        path.read_text("utf-8", errors="replace") for path in folder.iterdir() if path.is_file()
    )


@pytest.mark.parametrize(
    ("first", "its_picture", "second"),
    [(RUN, "繁體中文", PRACTISE), (PRACTISE, "登录后练习", RUN)],
    ids=["beside a terminal", "a terminal beside it"],
)
def test_one_store_is_not_used_twice(
    first: tuple[str, ...], its_picture: str, second: tuple[str, ...], branch: str, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    environment = {"KIOSK_BRANCH_DATABASE": branch}
    with Terminal(folder, first, environment) as running:
        running.wait_for(its_picture)
        with Terminal(folder, second, environment) as refused:
            assert refused.exit_status() == ExitCode.TRY_AGAIN
            assert "另一个自助程序正在使用" in refused.text
        running.signal(TERMINATE)
        assert running.exit_status() == 0
