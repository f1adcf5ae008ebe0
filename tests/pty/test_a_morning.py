"""A lobby manager's morning by keys alone, on the customers' own terminal."""

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from receipt import read
from support import SHANGHAI, rows
from terminal import RUN, TERMINATE, Terminal
from test_staff_program import branch, sign_in
from way import CATALOG, reach_attract, reach_home, said, store

from kiosk.clock import SystemClock
from kiosk.db import Database
from kiosk.services.journal import Journal, Origin, new_id
from kiosk.services.staff.sign_ups import Opened, Signing, SignUps

CASH = CATALOG.menus[1].name.zh_CN
WITHDRAWAL = CATALOG.service("withdrawal").name.zh_CN
ATM = CATALOG.channel("atm").name.zh_CN
YES = "带了"
CHORD, ENTER = b"\x13", b"\r"
NONE_OF_THESE = said("None of these, or not known")
PLACE = "员工模式 · 王芳 · {}"


class LastWeek(SystemClock):
    """Eight days ago."""

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() - timedelta(days=8)


def sign_two_up(url: str) -> None:
    """Two customers signed up eight days ago, and nobody has called them since."""
    with closing(Database(url)) as database:
        journal = Journal(database, Origin("0001", "T9", 1), LastWeek(), SHANGHAI, "release-1")
        for receipt in ("KH-000111", "KH-000222"):
            opened = (Opened(new_id(), "mobile", 1),)
            SignUps(journal).sign(Signing(new_id(), opened, "young", receipt), "2001")


def go_to(terminal: Terminal, digit: str, place: str) -> None:
    """Back to the first place, and from there to another, as fast as somebody types."""
    terminal.send(b"-" + digit.encode())
    terminal.wait_for(PLACE.format(said(place)))


def digit_of(terminal: Terminal, label: str) -> bytes:
    """What is typed in front of a label."""
    line = re.compile(rf"(\d+) +{re.escape(label)}")
    terminal.wait(lambda: line.search(terminal.text) is not None, f"digit before {label}")
    found = line.search(terminal.text)
    assert found
    return found[1].encode()


def turn_page(terminal: Terminal) -> None:
    """Enter, until another picture stands there whole."""
    before = terminal.text
    terminal.send(ENTER)
    terminal.wait(lambda: terminal.text != before, "next page")
    terminal.until_silent(0.3)


def _row(words: str, figure: str) -> str:
    """A line of a strip of 48 columns."""
    taken = len(f"{words}{figure}".encode("gb18030"))
    return words + " " * (48 - taken) + figure


def test_a_morning(tmp_path: Path) -> None:
    data = tmp_path / "terminal"
    environment = branch(tmp_path)
    sign_two_up(environment["KIOSK_BRANCH_DATABASE"])
    printer = tmp_path / "lp0"
    printer.touch()
    environment |= {
        "KIOSK_BRANCH_MACHINES": "atm=2",
        "KIOSK_PRINTER_KIND": "file", "KIOSK_PRINTER_DEVICE": str(printer),
    }  # fmt: skip
    with Terminal(data, RUN, environment) as terminal:
        # a customer calls, and the lobby manager comes
        reach_home(terminal)
        terminal.send(b"8")
        terminal.wait_for("请举手示意")
        terminal.send(CHORD)
        sign_in(terminal)
        terminal.wait_for("自助机 T1 呼叫")
        terminal.send(ENTER)
        terminal.wait_for("王芳 已去")
        terminal.until_silent(0.5)  # nobody is helped within the time of a double strike
        terminal.send(ENTER)
        terminal.wait_for(said("Nobody calls."))

        # a talk, with two keys
        go_to(terminal, "2", "Assist")
        terminal.wait_for(said("What was it about?"), "1  ")
        terminal.send(b"1")
        terminal.wait_for(said("Other channel"))
        terminal.send(b"4")
        terminal.wait_for(said("Shown how to do it"), "已记")

        # one of two cash machines is out of order
        terminal.send(b"-")
        terminal.wait_for(said("Switch off or on"))
        terminal.send(b".")
        terminal.send(digit_of(terminal, f"{ATM} 2 号机"))
        terminal.wait_for(said("Until the end of the day"))
        terminal.send(b"1")
        terminal.wait_for(f"{ATM} 2 号机  今天全天")

        # a bundle for a new customer, who leaves no number
        go_to(terminal, "3", "Sign up")
        terminal.wait_for(said("Who is the customer?"))
        terminal.send(b"1")
        terminal.wait_for("[ ]")
        terminal.send(b"1")
        terminal.wait_for("[x]")
        terminal.send(ENTER)
        terminal.wait_for("请客户看")
        while NONE_OF_THESE not in terminal.text:
            turn_page(terminal)
        terminal.send(digit_of(terminal, NONE_OF_THESE))
        terminal.wait_for(said("The number on the core system's receipt"))
        terminal.send(b"KH-000333\r")
        terminal.wait_for(said("No number is left"))
        terminal.send(b"1")
        terminal.wait_for("KH-000333", said("Finish"))
        terminal.send(ENTER)
        terminal.wait_for("今天签约 1 项")

        # two calls
        go_to(terminal, "4", "Follow-up")
        terminal.wait_for("到期 2", "逾期 2")
        terminal.send(b"1")
        terminal.wait_for("KH-000111")
        terminal.send(b"3")
        terminal.wait_for("到期 1", "已记")
        terminal.send(b"1")
        terminal.wait_for("KH-000222")
        terminal.send(b"1")
        terminal.wait_for("到期 0")

        # how everybody does, and yesterday
        go_to(terminal, "6", "Figures")
        terminal.send(b".")
        terminal.wait_for(said("This month"), "2001", "王芳")
        go_to(terminal, "9", "Morning sheet")
        terminal.wait_for("分流率")
        terminal.send(b"*")
        terminal.wait_for("已送到打印机。")
        paper = read(printer.read_bytes())
        assert paper.is_cut
        told = [line.text for line in paper.lines if line.bold]
        # of yesterday, when nobody was signed up, called or sent elsewhere
        assert told[1:] == [
            "晨会单", "分流率", *(_row(words, "无") for words in ("开始使用", "又回到窗口")),
            _row("没有按时回访", "共 2"), _row("日志", "无"), _row("设备；检查 0/3 次", "无"),
        ]  # fmt: skip
        assert _row("王芳", "2") in paper.text

        # and the customers find what changed
        terminal.send(b"0")
        reach_attract(terminal)
        reach_home(terminal)
        terminal.choose(CASH)
        terminal.choose(WITHDRAWAL)
        terminal.choose(YES)
        terminal.wait_for("1 号可用，2 号停用")
        terminal.signal(TERMINATE)
        assert terminal.exit_status() == 0

    kinds = rows(
        store(data),
        "SELECT kind || '.' || stage FROM event WHERE staff IS NOT NULL ORDER BY epoch, seq",
    )
    assert [str(kind) for (kind,) in kinds] == [
        "help.taken", "help.done",
        "assist.started", "assist.ended", "diversion.offered", "diversion.accepted",
        "outage.began",
        "sign_up.signed",
        "follow_up.done", "follow_up.done", "sign_up.used",
    ]  # fmt: skip
