"""The installed program as people see it: in xterm, on a display of its own, with mouse and keys.

Needs Debian's xvfb, xterm, xdotool, fonts-dejavu-core and fonts-noto-cjk.
"""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte
from PIL import Image, ImageGrab

from kiosk.paths import resource

DEADLINE = 40.0
"""Seconds until what never comes is a failure; machines may be busy."""
RUN = (str(Path(sys.executable).parent / "kiosk"), "run")
_SCREEN = "1024x600x24"
_SIZES = {(83, 24): (19, 22), (60, 20): (23, 26)}
"""Pixels of DejaVu Sans Mono and of Noto Sans Mono CJK, by how many cells there are: half of what
they are on a large screen."""
_TREMBLING_SECONDS = 0.5
"""A second touch sooner than this counts for nothing."""
_KEYS = {
    "enter": "Return", "full_stop": "period", "asterisk": "asterisk",
    "number_sign": "numbersign", "plus": "plus", "minus": "minus",
}  # fmt: skip
"""Textual's names and the X server's."""


class Display:
    """An X server that draws into memory."""

    def __init__(self) -> None:
        ours, theirs = os.pipe()
        words = ["Xvfb", "-displayfd", str(theirs), "-screen", "0", _SCREEN, "-nolisten", "tcp"]
        self._server = subprocess.Popen(words, pass_fds=[theirs], stderr=subprocess.DEVNULL)
        os.close(theirs)
        with os.fdopen(ours) as told:
            self.name = f":{told.readline().strip()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait()

    def act(self, *words: str) -> str:
        """Have xdotool do something."""
        environment = {**os.environ, "DISPLAY": self.name}
        command = ["xdotool", *words]
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return done.stdout

    def picture(self) -> Image.Image:
        """All pixels."""
        return ImageGrab.grab(xdisplay=self.name)


class Xterm:
    """The program in a terminal emulator that is set up as on a machine in the lobby."""

    def __init__(
        self,
        display: Display,
        data: Path,
        command: Sequence[str] = RUN,
        environment: Mapping[str, str] | None = None,
        cells: tuple[int, int] = (83, 24),
    ) -> None:
        """Start it.

        Args:
            display: Where it is shown.
            data: Its data folder.
            command: What to run.
            environment: Over the test's own.
            cells: Columns and rows; the fewer, the larger the type.
        """
        self._display = display
        self._columns, self._rows = cells
        self._screen = pyte.Screen(*cells)
        self._stream = pyte.ByteStream(self._screen)
        self._folder = tempfile.TemporaryDirectory()
        self._drawn = Path(self._folder.name) / "drawn"
        self._drawn.touch()
        self._at = 0
        # what the terminal is told to draw is kept, so that it can be waited for
        told = f"echo $$ > {self._folder.name}/process"
        # xterm takes it away from what it starts
        kept = f"{told}; COLORTERM=truecolor exec {shlex.join(command)}"
        size, wide = _SIZES[cells]
        self._xterm = subprocess.Popen(
            [
                "xterm", "-geometry", f"{cells[0]}x{cells[1]}+0+0",
                "-xrm", f"XTerm*faceName: DejaVu Sans Mono:pixelsize={size}",
                "-xrm", f"XTerm*faceNameDoublesize: Noto Sans Mono CJK SC:pixelsize={wide}",
                "-e", "script", "-qf", "-c", kept, str(self._drawn),
            ],
            env={
                **os.environ,
                "DISPLAY": display.name,
                "XENVIRONMENT": str(resource("deploy") / "xterm" / "xterm.resources"),
                "LC_ALL": "C.UTF-8",
                "SHELL": "/bin/sh",
                "KIOSK_DATA_FOLDER": str(data),
                "KIOSK_SYNC_IN_BACKGROUND": "false",
                **(environment or {}),
            },
            start_new_session=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # it may have ended, or not have begun
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            os.kill(self.process, signal.SIGTERM)
            self._xterm.wait(DEADLINE)
        self._xterm.kill()
        self._xterm.wait()
        self._folder.cleanup()

    @property
    def process(self) -> int:
        """The program's."""
        return int((Path(self._folder.name) / "process").read_text("ascii"))

    # what is seen

    @property
    def lines(self) -> list[str]:
        """The text of each row, as far as the program has told it."""
        with self._drawn.open("rb") as drawn:
            drawn.seek(self._at)
            self._stream.feed(drawn.read())
            self._at = drawn.tell()
        rows = (self._screen.buffer[row] for row in range(self._rows))
        return ["".join(row[x].data for x in range(self._columns)) for row in rows]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    def wait(self, condition: Callable[[], bool], wish: str) -> None:
        """Until the condition holds."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"no {wish}\n{self.text}"
            time.sleep(0.01)

    def wait_for(self, *texts: str) -> None:
        """Until all of these stand on the screen, folded or not."""
        wished = ["".join(text.split()) for text in texts]

        def is_there() -> bool:
            shown = "".join(self.text.split())
            return all(text in shown for text in wished)

        self.wait(is_there, " and ".join(texts))

    @property
    def drawn(self) -> int:
        """How much the program has drawn."""
        return self._drawn.stat().st_size

    def until_silent(self, seconds: float) -> None:
        """Until the program has drawn nothing for so long."""
        size, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            if self.drawn != size:
                size, since = self.drawn, time.monotonic()
            time.sleep(0.01)

    def cells_of(self, label: str) -> list[tuple[int, int]]:
        """Column and row of the digits of choices with this label."""
        button, found = re.compile(rf"\d  {re.escape(label)}"), []
        for y, line in enumerate(self.lines):
            cell_at = [x for x in range(self._columns) for _ in self._screen.buffer[y][x].data]
            found += [(cell_at[match.start()], y) for match in button.finditer(line)]
        return found

    def picture(self) -> Image.Image:
        """Its pixels, once they stay as they are."""
        before: Image.Image | None = None
        while (now := self._display.picture()) != before:
            before = now
            time.sleep(0.25)  # several times what the program and xterm take to draw
        return now.crop((0, 0, *self._size))

    @property
    def _size(self) -> tuple[int, int]:
        window = self._display.act("search", "--class", "xterm").split()[0]
        shown = self._display.act("getwindowgeometry", "--shell", window).split()
        box = dict(line.split("=") for line in shown)
        return int(box["WIDTH"]), int(box["HEIGHT"])

    # what is done

    def strike(self, key: str) -> None:
        """A key, as Textual names it."""
        self._display.act("key", _KEYS.get(key, key))

    def press(self, key: str) -> None:
        """A key, and what comes of it."""
        drawn = self.drawn
        self.strike(key)
        self.wait(lambda: self.drawn > drawn, f"answer to {key}")
        self.until_silent(0.2)

    def touch(self, label: str) -> None:
        """The mouse, on a choice; once all that was done before is drawn."""
        self.wait(lambda: bool(self.cells_of(label)), f"choice of {label}")
        self.until_silent(_TREMBLING_SECONDS)
        [(column, row)] = self.cells_of(label)
        width, height = self._size
        x = (2 * column + 1) * width // (2 * self._columns)
        y = (2 * row + 1) * height // (2 * self._rows)
        self._display.act("mousemove", str(x), str(y), "click", "1")

    def kill(self) -> None:
        """As a power cut would."""
        os.kill(self.process, signal.SIGKILL)
