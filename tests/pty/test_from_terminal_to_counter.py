"""What a customer fills in at a terminal stands before the teller, and is nowhere afterwards."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from support import rows
from terminal import TERMINATE, Terminal
from test_counter_program import COUNTER, PIN, ROSTER, sign_in
from way import CATALOG, reach_home

from kiosk.db import Database
from kiosk.services.counters import enrol_counter
from kiosk.services.pins import hash_pin
from kiosk.services.releases import Name, publish

HOURLY = {"KIOSK_SYNC_IN_BACKGROUND": "true", "KIOSK_SYNC_EVERY": "3600"}
ENTRIES = "SELECT field, value FROM ticket_entry ORDER BY field"
AMOUNT = b"98765400"


def holding(folder: Path) -> list[str]:
    """The files that have the amount in them."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".ballast"]
    return [path.name for path in files if AMOUNT in path.read_bytes()]


def test_from_the_terminal_to_the_counter_and_gone(tmp_path: Path) -> None:
    data, branch = tmp_path / "terminal", tmp_path / "terminal" / "branch.db"
    with Terminal(data, environment=HOURLY) as terminal:
        reach_home(terminal)
        terminal.choose(CATALOG.menus[1].name.zh_CN)
        terminal.choose(CATALOG.service("large_withdrawal").name.zh_CN)
        terminal.choose("趁等候先填好")
        terminal.wait_for("20,001 至 1,000,000 元")
        terminal.send(b"987654")
        terminal.wait_for("987,654 元")
        terminal.send(b"\r")
        terminal.choose("大小搭配")
        terminal.choose("给窗口看")
        terminal.wait_for("窗口叫号时会看到")
        found = [("amount", AMOUNT.decode()), ("notes", "mixed")]
        terminal.wait(lambda: rows(branch, ENTRIES) == found, "what was filled in, at the branch")

        at_branch = Database(f"sqlite:///{branch}")
        enrol_counter(at_branch, "0001", 3)
        roster = ROSTER.format(hash=hash_pin(SecretStr(PIN), "1001"))
        publish(at_branch, ["0001"], Name.STAFF, roster, datetime.now(UTC))
        at_branch.close()
        at = {"KIOSK_BRANCH_DATABASE": f"sqlite:///{branch}"}
        with Terminal(tmp_path / "counter", COUNTER, at) as counter:
            sign_in(counter)
            counter.wait_for("A1001")
            counter.send(b"1")
            counter.wait_for("金额：987,654 元", "要什么面额：大小搭配")
            counter.send(b"3")
            counter.wait(lambda: in_state(branch, "serving"), "a ticket that is being served")
            counter.send(b"4")
            counter.wait_for("实际办了什么")
            counter.send(b"\r")
            counter.wait(lambda: in_state(branch, "served"), "a ticket that was served")
            counter.wait_without("987,654")
            assert holding(tmp_path) == []  # all programs are still at work
            counter.signal(TERMINATE)
            counter.exit_status()
        terminal.signal(TERMINATE)
        terminal.exit_status()
    assert rows(branch, ENTRIES) == rows(data / "terminal-T1.db", ENTRIES) == []
    assert holding(tmp_path) == []


def in_state(branch: Path, state: str) -> bool:
    return rows(branch, "SELECT state FROM ticket") == [(state,)]
