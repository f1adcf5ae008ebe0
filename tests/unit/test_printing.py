"""Slips: what stands on the paper, and what becomes of them whatever the printer does."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from receipt import read
from support import SHANGHAI, FakeClock, default_catalog
from typer.testing import CliRunner

from kiosk import i18n
from kiosk.cli import app
from kiosk.config import Config, Printer
from kiosk.errors import KioskError
from kiosk.languages import LANGUAGES
from kiosk.screens.customer.slips import route_slip, ticket_slip
from kiosk.services import doctor
from kiosk.services.printing import sinks
from kiosk.services.printing.charset import columns_of, printable
from kiosk.services.printing.commands import COLUMNS, Paper, commands, row_lines
from kiosk.services.printing.printing import Outcome, Printing, printer_state, read_failure
from kiosk.services.printing.slip import Code, Row, Text
from kiosk.services.tickets import IssuedTicket
from kiosk.services.wait import Wait

PAPERS: tuple[Paper, ...] = (58, 80)
SLIP = [Text("取号", size=2), Text("A1001")]
ENOUGH, LOW, NONE, ONLINE, OFFLINE = 0x12, 0x1E, 0x72, 0x16, 0x1E


# --- what stands on the paper -----------------------------------------------------------------


def ticket(service: str | None = "large_withdrawal") -> IssuedTicket:
    return IssuedTicket(uuid4(), "A1001", "A", service, Wait(3, 5, 10))


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ticket(paper: Paper, language: str) -> None:
    i18n.use_language(language)
    moment = FakeClock().now().astimezone(SHANGHAI)
    slip = ticket_slip(
        default_catalog(), ticket(), "示例银行 · 城南支行", moment, large=False, is_copy=False
    )
    receipt = read(commands(slip, paper))
    [number] = [line for line in receipt.lines if line.text == "A1001"]
    assert (number.size, number.align, number.bold) == (6, 1, True)
    assert receipt.is_chinese
    assert receipt.is_cut
    assert "2026-11-23 09:30" in receipt.text
    service = default_catalog().service("large_withdrawal").name.in_language(language)
    assert "".join(service.split()) in "".join(receipt.text.split())
    assert i18n._("Printed again") not in receipt.text
    assert all(line.columns <= COLUMNS[paper] for line in receipt.lines)


def test_large_type_is_larger_and_a_copy_says_so() -> None:
    moment = FakeClock().now()
    slip = ticket_slip(default_catalog(), ticket(), "Bank", moment, large=True, is_copy=True)
    receipt = read(commands(slip, 58))
    assert max(line.size for line in receipt.lines if "ahead" in line.text) == 2
    assert "Printed again" in receipt.text


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("large", [False, True])
def test_every_route_is_printable(paper: Paper, language: str, large: bool) -> None:
    i18n.use_language(language)
    catalog = default_catalog()
    for route in catalog.routes:
        moment = FakeClock().now()
        slip = route_slip(catalog, route, "7K3M9QZT", "示例银行", moment, large=large)
        receipt = read(commands(slip, paper))
        link = (route.link or "").replace("{reference}", "7K3M9QZT")
        assert receipt.codes == ([link] if link else [])
        assert "7K3M-9QZT" in receipt.text
        assert all(line.columns <= COLUMNS[paper] for line in receipt.lines)
        bare = "".join(receipt.text.split())
        assert "".join(route.safety.in_language(language).split())[:8] in bare
        assert "?" not in receipt.text.replace("？", "") or "?" in route.safety.en
        assert "〓" not in receipt.text


@given(st.text(max_size=200), st.integers(1, 8), st.sampled_from(PAPERS))
def test_any_text_is_printable_and_no_line_wider_than_the_paper(
    text: str, size: int, paper: Paper
) -> None:
    receipt = read(commands([Text(text, size=size)], paper))
    assert all(line.columns <= COLUMNS[paper] for line in receipt.lines)


@given(st.text(max_size=100), st.text(max_size=60), st.sampled_from(PAPERS))
def test_a_figure_ends_at_the_right_edge_and_nothing_of_its_row_is_lost(
    text: str, figure: str, paper: Paper
) -> None:
    lines = row_lines(Row(text, figure), COLUMNS[paper])
    assert all(columns_of(line) <= COLUMNS[paper] for line in lines)
    if bare := printable(figure).strip():
        assert lines[-1].endswith(bare[-1])
        assert columns_of(lines[-1]) == COLUMNS[paper]
    told = "".join("".join(lines).split())
    assert told == "".join((printable(text) + printable(figure)).split())


def test_a_figure_without_room_beside_its_words_stands_below_them() -> None:
    beside = read(commands([Row("没有按时回访", "12", bold=True), Text("王芳")], 58)).lines
    assert [line.text for line in beside] == ["没有按时回访" + " " * 18 + "12", "王芳"]
    assert [line.bold for line in beside] == [True, False]
    below = read(commands([Row("办成 ÷（办成 + 可分流的取号）", "41.54 % (54/130)")], 58)).lines
    assert [line.text for line in below] == [
        "办成 ÷（办成 + 可分流的取号）", " " * 16 + "41.54 % (54/130)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("手续费 ¥12.50。", "手续费 12.50元。"),
        ("单位：¥", "单位：元"),
        ("（A1001），“号”", "（A1001），“号”"),
        ("：；", "：；"),
        ("about 5–10 min · it’s free", "about 5-10 min - it's free"),
        ("约 5–10 分钟", "约 5–10 分钟"),
        ("㙍村\U00020000", "〓村〓"),
        ("繁體轉帳", "繁體轉帳"),
        ("a\x1b@b\tc", "a@b c"),
        ("piñata", "pinata"),
    ],
)
def test_characters(text: str, printed: str) -> None:
    assert read(commands([Text(text)], 80)).text.rstrip("\n") == printed


def test_a_size_is_lowered_where_a_word_has_no_room() -> None:
    [line] = read(commands([Text("A1001", size=8)], 58)).lines
    assert (line.text, line.size) == ("A1001", 6)
    folded = read(commands([Text("请坐下等候叫号请坐下等候叫号", size=4)], 58)).lines
    assert {line.size for line in folded} == {4}


def test_a_code() -> None:
    assert read(commands([Code("https://bank.example/k/1")], 58)).codes == [
        "https://bank.example/k/1"
    ]


# --- whatever the printer does ----------------------------------------------------------------


class FakePrinter:
    """A printer on the network."""

    def __init__(self, answers: dict[int, int], *, breaks_after: int | None = None) -> None:
        """Make it.

        Args:
            answers: What it says to DLE EOT n; nothing else is answered.
            breaks_after: It closes the connection after so many bytes of a slip.
        """
        self.answers = answers
        self.breaks_after = breaks_after
        self.printed = b""
        self.done = threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def settings(self) -> Printer:
        return Printer(kind="network", host="127.0.0.1", port=self.server.getsockname()[1])

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection:
                self._print(connection)
            self.done.set()

    def _print(self, connection: socket.socket) -> None:
        try:
            while data := connection.recv(4096):
                while (at := data.find(b"\x10\x04")) >= 0:
                    if (answer := self.answers.get(data[at + 2])) is not None:
                        connection.sendall(bytes([answer]))
                    data = data[:at] + data[at + 3 :]
                self.printed += data
                if self.breaks_after is not None and len(self.printed) > self.breaks_after:
                    return
        except OSError:
            return


@contextmanager
def fake(answers: dict[int, int], *, breaks_after: int | None = None) -> Iterator[FakePrinter]:
    printer = FakePrinter(answers, breaks_after=breaks_after)
    try:
        yield printer
    finally:
        printer.server.shutdown(socket.SHUT_RDWR)
        printer.server.close()
        printer.thread.join(5)


def printing(settings: Printer, folder: Path) -> Printing:
    return Printing(settings, folder / "failure.json", FakeClock())


def outcome(told: "Future[Outcome]") -> Outcome:
    return told.result(10)


def failure(folder: Path) -> KioskError | None:
    found = read_failure(folder / "failure.json")
    return found.error if found else None


def test_printed(tmp_path: Path) -> None:
    with fake({4: ENOUGH, 1: ONLINE}) as printer:
        assert outcome(printing(printer.settings(), tmp_path).start(SLIP)) is Outcome.PRINTED
        printer.done.wait(5)
        assert read(printer.printed).text == "取号\nA1001"
    assert failure(tmp_path) is None


def test_paper_that_runs_out_soon_is_known_until_a_new_roll_is_in(tmp_path: Path) -> None:
    settings = Config(data_folder=tmp_path)
    seen = []
    for paper in (LOW, ENOUGH, NONE, LOW):
        with fake({4: paper, 1: ONLINE}) as printer:
            one = Printing(printer.settings(), settings.printer_failure_path, FakeClock())
            outcome(one.start(SLIP))
            printer.done.wait(5)
        seen.append(printer_state(settings))
        assert (read_failure(settings.printer_failure_path) is None) == (paper != NONE)
    assert seen == ["paper_low", "ok", "printer_no_paper", "paper_low"]


def test_a_printer_that_says_nothing(tmp_path: Path) -> None:
    with fake({}) as printer:
        assert outcome(printing(printer.settings(), tmp_path).start(SLIP)) is Outcome.SENT
        printer.done.wait(5)
        assert read(printer.printed).text == "取号\nA1001"


@pytest.mark.parametrize(
    ("answers", "code"),
    [({4: NONE, 1: OFFLINE}, "printer_no_paper"), ({4: ENOUGH, 1: OFFLINE}, "printer_offline")],
)
def test_nothing_is_sent_to_a_printer_that_would_keep_it_for_later(
    answers: dict[int, int], code: str, tmp_path: Path
) -> None:
    with fake(answers) as printer:
        one = printing(printer.settings(), tmp_path)
        assert outcome(one.start(SLIP)) is Outcome.FAILED
        printer.done.wait(5)
        assert printer.printed == b""
    error = failure(tmp_path)
    assert error is not None
    assert error.code == code
    assert one.problem is not None
    assert one.problem.code == code, "staff are told why"


def test_closed_in_the_middle(tmp_path: Path) -> None:
    with fake({4: ENOUGH, 1: ONLINE}, breaks_after=5) as printer:
        assert outcome(printing(printer.settings(), tmp_path).start(SLIP)) is Outcome.FAILED
    error = failure(tmp_path)
    assert error is not None
    assert error.code == "printer_broke_off"


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    one = printing(Printer(kind="network", host="127.0.0.1", port=closed_port()), tmp_path)
    with caplog.at_level(logging.WARNING, "kiosk"):
        for _ in range(3):
            assert outcome(one.start(SLIP)) is Outcome.FAILED
    found = read_failure(tmp_path / "failure.json")
    assert found is not None
    assert (found.error.code, found.count) == ("printer_unreachable", 3)
    assert len(caplog.records) == 1, "the log is not flooded"


def test_a_pipe_that_nobody_reads(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    one = printing(Printer(kind="file", device=pipe), tmp_path)
    assert outcome(one.start(SLIP)) is Outcome.FAILED
    error = failure(tmp_path)
    assert error is not None
    assert error.code == "printer_unreachable"
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert outcome(one.start(SLIP)) is Outcome.SENT
        assert read(os.read(reader, 4096)).text == "取号\nA1001"
    finally:
        os.close(reader)
    assert failure(tmp_path) is None, "a slip that came out makes the failure good"


def test_a_device_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    one = printing(Printer(kind="file", device=tmp_path / "lp0"), tmp_path)
    assert outcome(one.start(SLIP)) is Outcome.FAILED
    assert not (tmp_path / "lp0").exists()


def test_a_printer_that_hangs_holds_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def hang(settings: Printer, deadline: float) -> sinks.Sink:
        let_go.wait(20)
        raise KioskError("printer_unreachable", printer="p", reason="late")

    module = "kiosk.services.printing.printing"
    monkeypatch.setattr(f"{module}.reach", hang)
    monkeypatch.setattr(f"{module}.LONGEST_SECONDS", 0.1)
    one = printing(Printer(kind="network", host="nowhere"), tmp_path)
    before = time.monotonic()
    assert outcome(one.start(SLIP)) is Outcome.FAILED
    assert time.monotonic() - before < 5
    error = failure(tmp_path)
    assert error is not None
    assert error.code == "printer_timeout"
    assert outcome(one.start(SLIP)) is Outcome.FAILED
    error = failure(tmp_path)
    assert error is not None
    assert error.code in {"printer_busy", "printer_timeout"}
    let_go.set()


class FakeUsb:
    """A printer on USB, as pyusb shows it."""

    def __init__(self, *ends: int, printer_class: int = 7) -> None:
        interface = type("Interface", (list,), {"bInterfaceClass": printer_class})(
            SimpleNamespace(bEndpointAddress=end) for end in ends
        )
        self.configuration = [interface]
        self.backend = self
        self.written: dict[int, bytes] = {}

    def get_active_configuration(self) -> list[list[SimpleNamespace]]:
        return self.configuration

    def set_configuration(self) -> None: ...

    def reset(self) -> None: ...

    def write(self, end: int, data: bytes, timeout: int) -> None:
        assert 0 < timeout <= 3000
        self.written[end] = self.written.get(end, b"") + data

    def read(self, end: int, size: int) -> bytes:
        assert end == 0x81
        return bytes([ENOUGH, ONLINE][self.written[0x03].endswith(b"\x01") :][:1])


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (FakeUsb(0x81, 0x03), Outcome.PRINTED),
        (FakeUsb(0x03), Outcome.SENT),
        (FakeUsb(0x81, 0x03, printer_class=8), Outcome.FAILED),
        (None, Outcome.FAILED),
    ],
)
def test_usb(
    device: FakeUsb | None, expected: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("usb.core.find", lambda **ids: device)
    monkeypatch.setattr("usb.util.dispose_resources", lambda device: None)
    one = printing(Printer(kind="usb", vendor="04b8", product="0e15"), tmp_path)
    assert outcome(one.start(SLIP)) is expected
    if device is not None and expected is not Outcome.FAILED:
        slip = device.written[0x03].replace(b"\x10\x04\x04", b"").replace(b"\x10\x04\x01", b"")
        assert read(slip).text == "取号\nA1001"


def test_cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lpstat").write_text('#!/bin/sh\n[ "$2" = slips ] || { echo none >&2; exit 1; }\n')
    (tmp_path / "lp").write_text('#!/bin/sh\nexec /bin/cat > "${0%/lp}/job"\n')
    for name in ("lp", "lpstat"):
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert outcome(printing(Printer(kind="cups", queue="slips"), tmp_path).start(SLIP)) is (
        Outcome.SENT
    )
    assert read((tmp_path / "job").read_bytes()).text == "取号\nA1001"
    assert outcome(printing(Printer(kind="cups", queue="other"), tmp_path).start(SLIP)) is (
        Outcome.FAILED
    )
    error = failure(tmp_path)
    assert error is not None
    assert error.params["reason"] == "none"


def test_a_note_that_is_damaged_says_nothing(tmp_path: Path) -> None:
    for content in ("", "{", "[]", '{"code": 1}'):
        (tmp_path / "failure.json").write_text(content)
        assert read_failure(tmp_path / "failure.json") is None


# --- what branch IT sees ----------------------------------------------------------------------


def found(settings: Printer, folder: Path) -> doctor.Finding:
    return doctor.check_printer(Config(printer=settings, data_folder=folder))


@pytest.mark.parametrize(
    ("answers", "state", "code"),
    [
        ({4: ENOUGH, 1: ONLINE}, doctor.State.OK, "printer_good"),
        ({4: LOW, 1: ONLINE}, doctor.State.WARNING, "printer_low"),
        ({4: NONE}, doctor.State.FAULT, "printer_no_paper"),
        ({}, doctor.State.OK, "printer_silent"),
    ],
)
def test_doctor_asks_the_printer(
    answers: dict[int, int], state: doctor.State, code: str, tmp_path: Path
) -> None:
    with fake(answers) as printer:
        finding = found(printer.settings(), tmp_path)
    assert (finding.state, finding.code) == (state, code)


def test_doctor_tells_the_last_failure(tmp_path: Path) -> None:
    config = Config(data_folder=tmp_path)
    assert found(Printer(), tmp_path).code == "printer_none_set"
    refused = Printer(kind="network", host="127.0.0.1", port=closed_port())
    outcome(Printing(refused, config.printer_failure_path, FakeClock()).start(SLIP))
    with fake({4: ENOUGH}) as printer:
        finding = found(printer.settings(), tmp_path)
    assert (finding.state, finding.code) == (doctor.State.WARNING, "printer_failed")
    from kiosk.cli.doctor import _line

    assert "were not printed (1; the last at" in _line(finding)
    assert "Connection refused" in _line(finding)


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["printer", *arguments], env=environment)
    return done.exit_code, done.output


def test_the_command_prints_a_sample(tmp_path: Path) -> None:
    device = tmp_path / "lp"
    device.touch()
    named = {"KIOSK_PRINTER_KIND": "file", "KIOSK_PRINTER_DEVICE": str(device)}
    code, told = run("test", **named, KIOSK_PRINTER_PAPER="58")
    assert code == 0, told
    assert "does not say" in told
    receipt = read(device.read_bytes())
    assert receipt.lines[0].text == "12345678901234567890123456789012"
    assert "简体中文" in receipt.text
    assert receipt.codes == ["https://bank.example/"]


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    assert run("test")[0] == 2
    missing = str(tmp_path / "none")
    code, told = run("test", KIOSK_PRINTER_KIND="file", KIOSK_PRINTER_DEVICE=missing)
    assert code == 1
    assert "can't be reached: No such file or directory" in told
