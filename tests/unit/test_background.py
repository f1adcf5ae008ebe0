"""What looks after the process beside the terminal, tried on small processes of all kinds."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import FakeClock

from kiosk.background import SYNC, BackgroundSync
from kiosk.services.sync.schedule import FIRST_BACK_OFF

PATIENCE = 20.0


class Log(logging.Handler):
    """What was logged, and a way to wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._came = threading.Condition()

    def emit(self, record: logging.LogRecord) -> None:
        with self._came:
            self.lines.append(record.getMessage())
            self._came.notify_all()

    def wait_for(self, count: int) -> list[str]:
        with self._came:
            assert self._came.wait_for(lambda: len(self.lines) >= count, PATIENCE), self.lines
            return self.lines[:count]


@pytest.fixture
def log() -> Iterator[Log]:
    logger, handler = logging.getLogger("kiosk.sync"), Log()
    logger.addHandler(handler)
    logger.propagate = False
    yield handler
    logger.removeHandler(handler)
    logger.propagate = True


def python(code: str) -> list[str]:
    return [sys.executable, "-c", f"import os, sys\n{code}"]


WAITING = """
def say(*words):
    print(*words, file=sys.stderr, flush=True)
say("pid", os.getpid(), os.getsid(0), os.nice(0))
sys.stdin.read()
say("left")
"""


def test_it_runs_apart_says_its_lines_and_leaves(log: Log) -> None:
    sync = BackgroundSync(python(f"print('on the screen')\n{WAITING}"))
    sync.start()
    [line] = log.wait_for(1)
    _, pid, session, niceness = line.split()
    # keys and hang-ups of the customer's terminal don't reach it, and customers come first
    assert pid == session
    assert int(session) != os.getsid(0)
    assert int(niceness) >= 10 or os.nice(0) > 0
    sync.stop()
    assert log.lines[1:] == ["left"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)


def test_it_never_speaks_in_the_terminal_s_name(log: Log) -> None:
    theirs = {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1", "LANG": "en"}
    show = f"print(sorted(set(os.environ) & set({sorted(theirs)})), file=sys.stderr, flush=True)"
    sync = BackgroundSync(python(f"{show}\nsys.stdin.read()"), environment=os.environ | theirs)
    sync.start()
    assert log.wait_for(1) == ["['LANG']"]
    sync.stop()


LISTENING = """
def say(*words):
    print(*words, file=sys.stderr, flush=True)
say("ready")
for line in sys.stdin:
    say("wished")
"""


def test_a_wish_reaches_it(log: Log) -> None:
    sync = BackgroundSync(python(LISTENING))
    sync.bring_now()  # nothing runs yet
    sync.start()
    log.wait_for(1)
    sync.bring_now()
    assert log.wait_for(2) == ["ready", "wished"]
    sync.stop()
    sync.bring_now()  # nothing runs any more


def test_a_wish_never_waits_for_one_that_does_not_listen(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.background._LEAVE_SECONDS", 0.2)
    sync = BackgroundSync(python("import threading\nprint(file=sys.stderr, flush=True)\n"
                                 "threading.Event().wait()"))  # fmt: skip
    sync.start()
    log.wait_for(1)
    for _ in range(100_000):  # more than a pipe takes
        sync.bring_now()
    sync.stop()


def test_one_that_dies_is_started_again_with_patience(log: Log) -> None:
    rests: list[float] = []
    enough = threading.Event()

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        if len(rests) == 6:
            enough.set()
            return True
        return False

    sync = BackgroundSync(python("os.kill(os.getpid(), 9)"), clock=FakeClock(), rest=rest)
    sync.start()
    assert enough.wait(PATIENCE)
    for number, seconds in enumerate(rests):
        assert 1 <= seconds <= FIRST_BACK_OFF * 2**number
    assert len(log.lines) == 6
    assert log.lines[0].startswith("ended (-9)")
    sync.stop()


def test_one_that_lived_long_is_started_again_soon(log: Log) -> None:
    clock, rests, enough = FakeClock(), [0.0], threading.Event()

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        if len(rests) == 9:
            enough.set()
            return True
        return False

    class Long(FakeClock):
        """More than a minute passes between two looks."""

        def monotonic_ns(self) -> int:
            clock.advance(61)
            return clock.monotonic_ns()

    sync = BackgroundSync(python("sys.exit(3)"), clock=Long(), rest=rest)
    sync.start()
    assert enough.wait(PATIENCE)
    assert max(rests) <= FIRST_BACK_OFF
    sync.stop()


def test_a_program_that_can_t_be_started_is_tried_again(tmp_path: Path, log: Log) -> None:
    enough = threading.Event()

    def rest(seconds: float) -> bool:
        enough.set()
        return True

    sync = BackgroundSync([str(tmp_path / "none")], rest=rest)
    sync.start()
    assert enough.wait(PATIENCE)
    assert "No such file" in log.lines[0]
    sync.stop()


def test_stopping_ends_even_one_that_does_not_listen(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.background._LEAVE_SECONDS", 0.2)
    deaf = "import threading\nthreading.Event().wait()"
    sync = BackgroundSync(python(f"print(os.getpid(), file=sys.stderr, flush=True)\n{deaf}"))
    sync.start()
    [pid] = log.wait_for(1)
    sync.stop()
    sync._thread.join(PATIENCE)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    assert log.lines == [pid]


def test_stopping_before_it_was_started_is_no_error(log: Log) -> None:
    sync = BackgroundSync(python(WAITING))
    sync._stopped.set()
    sync.start()
    sync.stop()
    assert log.lines == []


def test_the_program_is_ours_whatever_lies_about(tmp_path: Path) -> None:
    """A folder named kiosk in the current one would else be run."""
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk" / "__init__.py").write_text("raise SystemExit('not this one')")
    environment = os.environ | {"KIOSK_SYNC_EVERY": "soon"}
    done = subprocess.run(SYNC, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert "KIOSK_SYNC_EVERY must be a whole number" in done.stderr
    assert done.returncode == 2
