"""Programs on a pseudo terminal, measured from the outside.

Output is stamped when it is read and emulated later, when the program has gone quiet: what the
emulator costs is in no measured time, nor is what a real terminal needs to draw.
(Not named `tty`: the standard library's `pty` imports a module of that name.)
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Self

import pyte

COLUMNS, ROWS = 80, 24
_QUIET = 0.04
"""Seconds without output that end a paint."""
_TIMEOUT = 60.0
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()].|[=>78])")
_ANSWERS = {
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[?2026$p": b"\x1b[?2026;0$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
}
"""What an xterm says to the questions that a program may ask."""


class NotShownError(Exception):
    """The program did not show what was expected."""


class _Screen(pyte.Screen):
    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        """Pyte stumbles over private colour queries."""
        if not private:
            super().select_graphic_rendition(*attrs)

    @property
    def display(self) -> list[str]:
        """The rows; pyte's own stumbles over a wide character of which half is written over."""
        return ["".join(row) for row in self.cells]

    @property
    def cells(self) -> list[list[str]]:
        """Each cell; the second one of a wide character is empty."""
        return [[self.buffer[y][x].data for x in range(self.columns)] for y in range(self.lines)]


class Terminal:
    """A program on a pseudo terminal of its own.

    Args:
        command: Its words.
        environment: All of it.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._screen = _Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._pending: list[tuple[float, bytes]] = []
        self.first_output: float | None = None
        """When the first output after the last key came."""
        self.started = self.last_output = time.perf_counter()
        self._ended = False
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
                os.execvpe(command[0], list(command), dict(environment))  # noqa: S606
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would; a second time does nothing."""
        if self._fd < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        os.close(self._fd)
        self._fd = -1
        if not self._ended:
            os.waitpid(self.pid, 0)

    def wait_for(self, text: str, timeout: float = _TIMEOUT) -> float:
        """When ``text`` came on the screen; NotShownError if it does not come."""
        wanted, deadline = text.encode(), time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            if self._read(0.002):
                continue
            quiet = time.perf_counter() - self.last_output > 0.1
            raw = b"".join(chunk for _, chunk in self._pending)
            if (quiet or wanted in _ESCAPES.sub(b"", raw)) and (shown := self._emulate(text)):
                return shown
            self._read(0.02)
        lines = [line.rstrip() for line in self._screen.display if line.strip()]
        raise NotShownError("\n".join([f"{text!r} did not show, but this:", *lines]))

    def settle(self, quiet: float = _QUIET, limit: float = 3.0) -> float:
        """When the last output came, once there was none for ``quiet`` seconds."""
        deadline = time.perf_counter() + limit
        while (left := deadline - time.perf_counter()) > 0 and self._read(min(quiet, left)):
            pass
        self._emulate()
        return self.last_output

    def press(self, key: str) -> float:
        """Strike a key; when it was struck."""
        self.first_output = None
        stamp = time.perf_counter()
        os.write(self._fd, key.encode())
        return stamp

    def touch(self, x: int, y: int) -> float:
        """Touch a cell, counted from 0; when that was."""
        return self.press("".join(f"\x1b[<0;{x + 1};{y + 1}{end}" for end in "Mm"))

    def resize(self, columns: int, rows: int) -> None:
        """Give it another size."""
        self._emulate()
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def rows(self) -> list[str]:
        """What stands on the screen, as far as it was emulated."""
        return self._screen.display

    def column_of(self, found: re.Match[str], row: int) -> int:
        """The cell in which something begins that was found in a row."""
        ends = accumulate(map(len, self._screen.cells[row]))
        return next(x for x, end in enumerate(ends) if end > found.start())

    def open_files(self) -> int:
        """How many it holds open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    @property
    def is_stopped(self) -> bool:
        """Whether a signal has suspended it."""
        status = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        return status.rpartition(")")[2].split()[0] in "Tt"

    def beside(self) -> int:
        """The process that it has started."""
        [pid] = [
            int(pid)
            for listed in Path(f"/proc/{self.pid}/task").glob("*/children")
            for pid in listed.read_text().split()
        ]
        return pid

    def cpu_seconds(self, pid: int | None = None) -> float:
        """What all its threads have used so far, or those of a process that it has started."""
        spent = 0
        for task in Path(f"/proc/{pid or self.pid}/task").iterdir():
            with contextlib.suppress(OSError):  # it ended while it was looked at
                spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e9

    def resident_kilobytes(self, pid: int | None = None) -> int:
        """Its memory, or that of a process that it has started."""
        status = Path(f"/proc/{pid or self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        assert found is not None
        return int(found[1])

    def _read(self, timeout: float) -> bool:
        if not select.select([self._fd], [], [], timeout)[0]:
            return False
        try:
            chunk = os.read(self._fd, 65_536)
        except OSError:  # it ended
            chunk = b""
        if not chunk:
            self._emulate()
            lines = [line.rstrip() for line in self._screen.display if line.strip()]
            how = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            self._ended = True
            raise NotShownError("\n".join([f"the program ended with {how}:", *lines]))
        self.last_output = time.perf_counter()
        self.first_output = self.first_output or self.last_output
        self._pending.append((self.last_output, chunk))
        for question in filter(chunk.__contains__, _ANSWERS):
            os.write(self._fd, _ANSWERS[question])
        return True

    def _emulate(self, text: str | None = None) -> float | None:
        """Feed the emulator; the stamp after which ``text`` stands on a line."""
        found = None
        for stamp, chunk in self._pending:
            self._stream.feed(chunk)
            if text is not None and found is None and self.shows(text):
                found = stamp
        if found is None and text is not None and self.shows(text):
            found = self.last_output
        self._pending.clear()
        return found

    def shows(self, text: str) -> bool:
        """Whether ``text`` stands on a line of the screen, as far as it was emulated."""
        return any(text in line for line in self._screen.display)
