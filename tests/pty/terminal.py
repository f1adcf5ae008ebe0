"""The real program in a real terminal: a pty, and an emulator that reads it as a screen."""

import contextlib
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

DEADLINE = 40.0
"""Seconds until a picture that never comes is a failure; machines may be busy."""
COLUMNS, ROWS = 83, 24
RUN = (sys.executable, "-m", "kiosk", "run")


class Terminal:
    """A program in a terminal of its own; what it draws is read by waiting for it."""

    def __init__(
        self,
        data: Path,
        command: Sequence[str] = RUN,
        environment: Mapping[str, str] | None = None,
        *,
        is_told_of_its_end: bool = True,
    ) -> None:
        """Start the program.

        Args:
            data: Its data folder.
            command: What to run.
            environment: Over the test's own.
            is_told_of_its_end: A hang-up is a signal to it, as to any program that a terminal
                controls.
        """
        self.raw = b""
        """All that the program has ever written."""
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._ours, self._theirs = os.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.modes = termios.tcgetattr(self._theirs)
        """How the terminal was set before."""
        known = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LC_ALL": "C.UTF-8",
            "KIOSK_DATA_FOLDER": str(data),
            # a second process takes its share of the machine: for the tests that are about it
            "KIOSK_SYNC_IN_BACKGROUND": "false",
        }
        self.process = subprocess.Popen(
            command,
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            env={**os.environ, **known, **(environment or {})},
            start_new_session=True,
            preexec_fn=_take_control if is_told_of_its_end else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        for end in (self._ours, self._theirs):
            with contextlib.suppress(OSError):  # it may be closed already
                os.close(end)
        self._ours = self._theirs = -1

    def hang_up(self) -> int:
        """Take the terminal away from the program; returns the exit status."""
        self._close()
        return self.process.wait(DEADLINE)

    # reading

    @property
    def text(self) -> str:
        """What stands on the screen."""
        # not Screen.display: in the middle of a picture it stumbles over halves of wide characters
        rows = (self._screen.buffer[row] for row in range(ROWS))
        return "\n".join("".join(row[x].data for x in range(COLUMNS)) for row in rows)

    def read(self, seconds: float) -> bool:
        """Take in what the program writes within this time; returns whether it wrote."""
        readable, _, _ = select.select([self._ours], [], [], seconds)
        if not readable:
            return False
        content = os.read(self._ours, 65_536)
        self.raw += content
        self._stream.feed(content)
        return bool(content)

    def wait(self, condition: Callable[[], bool], wish: str) -> None:
        """Read until the condition holds."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"no {wish}\n{self.text}"
            if not self.read(0.05):
                assert self.process.poll() is None, f"ended before {wish}\n{self.text}"

    def wait_for(self, *texts: str) -> None:
        """Read until all of these stand on the screen."""
        self.wait(lambda: all(text in self.text for text in texts), " and ".join(texts))

    def wait_without(self, text: str) -> None:
        """Read until this is gone."""
        self.wait(lambda: text not in self.text, f"screen without {text}")

    def until_silent(self, seconds: float) -> None:
        """Read until nothing was written for so long."""
        while self.read(seconds):
            pass

    # doing

    def send(self, content: bytes) -> None:
        """Type."""
        os.write(self._ours, content)

    def choose(self, label: str) -> None:
        """Type the digit that stands before a label."""
        button = re.compile(rf"(\d)  {re.escape(label)}")
        self.wait(lambda: button.search(self.text) is not None, f"digit before {label}")
        found = button.search(self.text)
        assert found
        # two strikes of one key in a row are a trembling hand; another key between them is not
        self.send(b"x" + found[1].encode())

    def signal(self, number: int) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def exit_status(self) -> int:
        """Wait until the program ends; takes in what it writes meanwhile."""
        deadline = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"does not end\n{self.text}"
            self.read(0.02)
        self.until_silent(0)
        return self.process.returncode

    # looking after it

    @property
    def is_stopped(self) -> bool:
        """Whether a signal has suspended the program."""
        status = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii")
        return status.rpartition(")")[2].split()[0] in "Tt"

    def assert_restored(self) -> None:
        """The terminal is as it was before."""
        assert comparable(termios.tcgetattr(self._theirs)) == comparable(self.modes)
        for mode in (1049, 1000, 1003, 1006, 2004):
            on, off = f"\x1b[?{mode}h".encode(), f"\x1b[?{mode}l".encode()
            assert self.raw.rfind(off) > self.raw.rfind(on) or on not in self.raw, mode
        assert b"\x1b[?1049h" in self.raw
        assert self.raw.rfind(b"\x1b[?25h") > self.raw.rfind(b"\x1b[?25l")


def _take_control() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def comparable(modes: list[Any]) -> list[Any]:
    """Terminal settings without what the kernel itself notes in them."""
    return [*modes[:3], modes[3] & ~getattr(termios, "PENDIN", 0), *modes[4:]]


HANGUP, TERMINATE, INTERRUPT, SUSPEND = (
    signal.SIGHUP,
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGTSTP,
)
