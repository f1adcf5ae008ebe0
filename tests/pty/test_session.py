"""What the terminal emulator runs on a machine in the lobby: it starts again, and waits wisely."""

import os
import socket
import subprocess
from pathlib import Path

from sessions import session
from terminal import TERMINATE, Terminal
from way import reach_attract

OUT_OF_SERVICE = "本机暂停服务"
PAGE = (OUT_OF_SERVICE, "请到人工窗口办理", "This terminal is out of service", "本機暫停服務")


class Manager:
    """The service manager's end of the line."""

    def __init__(self, folder: Path) -> None:
        self.address = folder / "notify"
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(self.address))
        self._line.settimeout(20)

    def __enter__(self) -> "Manager":
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def told(self, wish: str) -> None:
        """Wait until this is said."""
        while wish not in self._line.recv(4096).decode():
            pass


def starts(folder: Path) -> list[str]:
    return (folder / "starts").read_text("utf-8").split()


def test_who_ends_again_and_again_sends_customers_to_the_counter(tmp_path: Path) -> None:
    script = session(tmp_path, f"echo >> {tmp_path}/ran; exit 3")
    surroundings = {"STATE_DIRECTORY": str(tmp_path)}
    # four starts in the last minutes before the service was restarted, and one of yesterday
    now = int(subprocess.run(["date", "+%s"], capture_output=True, check=True).stdout)
    (tmp_path / "starts").write_text(" ".join(map(str, [now - 90_000, *[now - 60] * 4])))
    with Manager(tmp_path) as manager:
        surroundings["NOTIFY_SOCKET"] = str(manager.address)
        with Terminal(tmp_path, [str(script)], surroundings) as terminal:
            terminal.wait_for(*PAGE)
            assert (tmp_path / "ran").read_text().count("\n") == 1
            manager.told("customers are sent to the counter")
            terminal.send(b"\x03\x1a\x1c\x04q\r")  # no key ends it
            # it tries again by itself: once, since it has ended so often
            terminal.wait(lambda: (tmp_path / "ran").read_text().count("\n") == 2, "second try")
            terminal.wait_for(OUT_OF_SERVICE)
            terminal.signal(TERMINATE)
            assert terminal.exit_status() == 0
    # a stop that was wished for is forgotten
    assert not (tmp_path / "starts").exists()


def test_who_ends_once_is_started_again(tmp_path: Path) -> None:
    script = session(tmp_path, f"echo >> {tmp_path}/ran; echo here $COLORTERM; read line; exit 1")
    surroundings = {"STATE_DIRECTORY": str(tmp_path), "COLORTERM": ""}
    with Terminal(tmp_path, [str(script)], surroundings) as terminal:
        terminal.wait_for("here truecolor")
        terminal.send(b"\r")
        terminal.wait_for("请稍候")
        terminal.wait(lambda: (tmp_path / "ran").read_text().count("\n") == 2, "second start")
        terminal.wait_for("here")
        assert len(starts(tmp_path)) == 2
        assert OUT_OF_SERVICE not in terminal.text


def test_a_stop_ends_program_and_session(tmp_path: Path) -> None:
    """As systemd does it: everybody in the service is told."""
    wait = "trap 'exit 0' TERM; echo here; while :; do sleep 1; done"
    script = session(tmp_path, wait)
    with Terminal(tmp_path, [str(script)], {"STATE_DIRECTORY": str(tmp_path)}) as terminal:
        terminal.wait_for("here")
        os.killpg(terminal.process.pid, TERMINATE)
        assert terminal.exit_status() == 0
    assert not (tmp_path / "starts").exists()


def test_the_terminal_tells_the_service_manager_that_it_is_alive(tmp_path: Path) -> None:
    with Manager(tmp_path) as manager:
        surroundings = {"NOTIFY_SOCKET": str(manager.address), "WATCHDOG_USEC": "400000"}
        with Terminal(tmp_path, environment=surroundings) as terminal:
            manager.told("READY=1")
            for _ in range(3):
                manager.told("WATCHDOG=1")
            reach_attract(terminal)
