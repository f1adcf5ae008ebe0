"""Pictures of what customers see when something goes wrong: `make gallery` takes them, too.

Each fault is brought about while the installed program runs: a printer that is not there, a disk
that is full, a branch that is away, a process that is killed, a clock that is set.
`python fault_gallery.py NAME …` takes those of some faults only.
"""

import os
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from gallery import Look, fill, keep, said, some_zone, started, until, walk
from sessions import session
from small_disk import SmallDisk
from support import FakeClock, rows
from xterm import RUN, Display, Xterm

from kiosk.bootstrap import build
from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.i18n import NATIVE_NAMES
from kiosk.languages import Language
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach

SEEN_IN: tuple[Language, ...] = ("zh_CN", "en")
PICTURES: Mapping[str, tuple[Language, ...]] = {
    "fault-printer": SEEN_IN,
    "fault-full-disk": SEEN_IN,
    "fault-branch-away": ("zh_CN",),
    "fault-branch-away-ticket": SEEN_IN,
    "fault-killed": ("zh_CN",),
    "fault-killed-after": ("zh_CN",),
    "fault-again-and-again": ("zh_CN",),
    "fault-clock-before": ("zh_CN",),
    "fault-clock-after": SEEN_IN,
}
"""What is taken; a page that says all in every language, or the start screen, in one."""
MINUTES_AGO = 10
"""When the branch was heard of last."""
OUT_OF_ORDER = "This terminal is out of order."
SHIFTED = """
import sys
from datetime import timedelta
from pathlib import Path
from kiosk.__main__ import main
from kiosk.clock import SystemClock
now, shift = SystemClock.now, Path(sys.argv[1])
SystemClock.now = lambda self: now(self) + timedelta(hours=int(shift.read_text()))
sys.argv = ["kiosk", "run"]
main()
"""
"""The program, with a clock that can be set without setting the machine's."""


def file(name: str, language: Language) -> str:
    """How a picture is called."""
    return Look(language, is_large=False).file(name)


def keep_in_all(program: Xterm, name: str) -> None:
    """A picture in each language, of a screen that has the switch."""
    keep(program.picture(), file(name, "zh_CN"))
    walk(program, [("number_sign", "")])
    keep(program.picture(), file(name, "en"))


def printer(display: Display, data: Path) -> None:
    """Nobody has plugged it in."""
    missing = {"KIOSK_PRINTER_KIND": "file", "KIOSK_PRINTER_DEVICE": "/dev/usb/lp-not-there"}
    with started(display, data, more=missing) as program:
        walk(program, [("0", "")])
        program.wait_for(said("Print it again"))
        keep_in_all(program, "fault-printer")


def full_disk(display: Display, data: Path) -> None:
    """No visit can be begun any more."""
    with SmallDisk() as disk, started(display, data, disk=disk.folder) as program:
        disk.fill()
        until(program, "x9", OUT_OF_ORDER)
        keep(program.picture(), file("fault-full-disk", "zh_CN"))
        program.press("2")
        program.wait_for(said(OUT_OF_ORDER, "en"))
        keep(program.picture(), file("fault-full-disk", "en"))


def branch_away(display: Display, data: Path) -> None:
    """The queue as it was told some minutes ago, and a ticket all the same."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(data_folder=Path(folder))
        clock = FakeClock(SystemClock().now() - timedelta(minutes=MINUTES_AGO))
        fill(config.data_folder, clock)
        services, store = build(config, clock), Database(f"sqlite:///{config.store_path}")
        origin = services.journal.origin
        synchronise(store, origin, lambda: reach(config.branch_database_url, clock), clock)
        store.close()
        services.close()
        away = {"KIOSK_BRANCH_DATABASE": "postgresql://kiosk@127.0.0.1:9/branch"}
        with started(display, config.data_folder, more=away) as program:
            keep(program.picture(), file("fault-branch-away", "zh_CN"))
            walk(program, [("0", "")])
            program.wait_for(said("Your counter ticket"))
            keep_in_all(program, "fault-branch-away-ticket")


def killed(display: Display, data: Path) -> None:
    """In mid-visit; the session starts the program again."""
    with tempfile.TemporaryDirectory() as folder:
        script = session(Path(folder), f"exec {shlex.join(RUN)}")
        settings = {"STATE_DIRECTORY": folder, "KIOSK_BRANCH_TIME_ZONE": some_zone()}
        with Xterm(display, Path(folder), [str(script)], settings) as program:
            program.wait_for(*NATIVE_NAMES.values())
            walk(program, [("enter", ""), ("1", "")])
            os.kill(child_of(program.process), signal.SIGKILL)
            program.wait_for("请稍候")
            keep(program.picture(), file("fault-killed", "zh_CN"))
            program.wait_for(*NATIVE_NAMES.values())
            store = Config(data_folder=Path(folder)).store_path
            ended = "SELECT count(*) FROM event WHERE stage = 'ended'"
            program.wait(lambda: rows(store, ended) == [(1,)], "end of the visit")
            keep(program.picture(), file("fault-killed-after", "zh_CN"))


def child_of(process: int) -> int:
    """What a shell runs."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii")
    return int(children.split()[0])


def again_and_again(display: Display, data: Path) -> None:
    """It has ended five times within ten minutes."""
    with tempfile.TemporaryDirectory() as folder:
        script = session(Path(folder), "exit 3")
        now = int(time.time())
        (Path(folder) / "starts").write_text(" ".join([str(now)] * 5))
        with Xterm(display, Path(folder), [str(script)], {"STATE_DIRECTORY": folder}) as program:
            program.wait_for("本机暂停服务")
            keep(program.picture(), file("fault-again-and-again", "zh_CN"))


def clock_set(display: Display, data: Path) -> None:
    """In mid-visit, two hours back."""
    with tempfile.NamedTemporaryFile("w+") as shift:
        shift.write("0")
        shift.flush()
        command = (sys.executable, "-c", SHIFTED, shift.name)
        with started(display, data, command=command) as program:
            walk(program, [("enter", "")])
            keep(program.picture(), file("fault-clock-before", "zh_CN"))
            shift.seek(0)
            shift.write("-2")
            shift.flush()
            walk(program, [("1", "")])
            keep_in_all(program, "fault-clock-after")


FAULTS: Mapping[str, Callable[[Display, Path], None]] = {
    each.__name__: each
    for each in (printer, full_disk, branch_away, killed, again_and_again, clock_set)
}


def main() -> None:
    """Take the pictures of the faults that are asked for, or of all."""
    with tempfile.TemporaryDirectory() as folder, Display() as display:
        data = Path(folder) / "data"
        fill(data)
        for name in sys.argv[1:] or FAULTS:
            sys.stderr.write(f"{name}\n")
            FAULTS[name](display, data)


if __name__ == "__main__":
    main()
