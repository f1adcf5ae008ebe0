"""Prints slips beside everything else: on a thread of its own, within three seconds, or not."""

import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from kiosk.clock import Clock
from kiosk.config import Config, Printer
from kiosk.errors import KioskError
from kiosk.services.printing.commands import commands, library
from kiosk.services.printing.sinks import Sink, name_of, reach, reason_of
from kiosk.services.printing.slip import Slip

log = logging.getLogger("kiosk")

LONGEST_SECONDS = 3.0
"""Then the customer is told, whatever the printer is doing."""
_PAPER, _ONLINE = b"\x10\x04\x04", b"\x10\x04\x01"
"""DLE EOT 4 and 1: answered at once, also by a printer that can't print."""
_FIXED, _FIXED_BITS = 0x93, 0x12
"""How an answer is known from other bytes that a printer may send."""
_NO_PAPER, _LITTLE_PAPER, _OFFLINE = 0x60, 0x0C, 0x08


class Paper(Enum):
    """What a printer says of its paper."""

    ENOUGH = "enough"
    LOW = "low"
    UNKNOWN = "unknown"
    """It does not say."""


class Outcome(Enum):
    """What became of a slip."""

    PRINTED = "printed"
    """The printer took it and said that it can print."""
    SENT = "sent"
    """A printer that says nothing took it."""
    FAILED = "failed"


def look(sink: Sink, name: str) -> Paper:
    """Ask the printer how it is.

    Raises:
        KioskError: `printer_no_paper`, or `printer_offline` with its cover open or switched off.
        OSError: The way to it is gone.
    """
    paper = _answer(sink, _PAPER)
    if paper is None:
        return Paper.UNKNOWN
    if paper & _NO_PAPER:
        raise KioskError("printer_no_paper", printer=name)
    if (_answer(sink, _ONLINE) or 0) & _OFFLINE:
        raise KioskError("printer_offline", printer=name)
    return Paper.LOW if paper & _LITTLE_PAPER else Paper.ENOUGH


def _answer(sink: Sink, command: bytes) -> int | None:
    answer = sink.ask(command) or b""
    return next((each for each in reversed(answer) if each & _FIXED == _FIXED_BITS), None)


def deliver(data: bytes, settings: Printer, deadline: float) -> Paper:
    """Bring a slip to the printer, unless it says that it can't print.

    It is asked first: a printer without paper would keep the slip and print it to somebody else.

    Returns:
        What the printer says of its paper behind the slip.

    Raises:
        KioskError: A `printer_…` code.
    """
    name = name_of(settings)
    with closing(reach(settings, deadline)) as sink:
        try:
            if (paper := look(sink, name)) is not Paper.UNKNOWN:
                sink.send(data)
                if (paper := look(sink, name)) is Paper.UNKNOWN:
                    raise KioskError("printer_broke_off", printer=name, reason="DLE EOT 4")
            else:
                sink.send(data)
        except TimeoutError as error:
            raise KioskError("printer_timeout", printer=name) from error
        except OSError as error:
            raise KioskError("printer_broke_off", printer=name, reason=reason_of(error)) from error
    return paper


def ask_paper(settings: Printer) -> Paper:
    """What the printer says of its paper, within three seconds.

    Raises:
        KioskError: A `printer_…` code.
    """
    library()
    name = name_of(settings)
    try:
        with closing(reach(settings, time.monotonic() + LONGEST_SECONDS)) as sink:
            return look(sink, name)
    except OSError as error:
        raise KioskError("printer_broke_off", printer=name, reason=reason_of(error)) from error


@dataclass(frozen=True)
class Failure:
    """Why slips have not been printed lately."""

    error: KioskError
    at: datetime
    """The last time; aware."""
    count: int
    """Slips in a row."""


def read_failure(path: Path) -> Failure | None:
    """What the terminal noted; none if the last slip came out."""
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        error = KioskError(noted["code"], **noted["params"])
        return Failure(error, datetime.fromisoformat(noted["at"]), int(noted["count"]))
    except (OSError, ValueError, KeyError, TypeError):  # none; or torn by a power cut
        return None


def printer_state(settings: Config) -> str:
    """What is known of the printer without asking it: `ok`, `paper_low`, or why a slip failed."""
    path = settings.printer_failure_path
    if (failure := read_failure(path)) is not None:
        return failure.error.code
    return "paper_low" if path.exists() else "ok"


class Printing:
    """Prints a terminal's slips, one at a time; what goes wrong is noted for branch IT.

    Args:
        settings: The printer.
        failure_path: Where the last failure is noted, until a slip comes out again.
        clock: Tells when.
    """

    def __init__(self, settings: Printer, failure_path: Path, clock: Clock) -> None:
        self._settings = settings
        self._failure_path = failure_path
        self._clock = clock
        self.problem: KioskError | None = None
        """Why the last slip failed; none: it did not."""
        self._at_work = threading.Lock()
        self._telling = threading.Lock()

    def warm_up(self) -> None:
        """Import what printing needs, on another thread."""
        _on_a_thread(self._import)

    def start(self, slip: Slip) -> "Future[Outcome]":
        """Print a slip, once; returns at once, and has an outcome within three seconds."""
        told: Future[Outcome] = Future()
        told.set_running_or_notify_cancel()
        deadline = time.monotonic() + LONGEST_SECONDS
        try:
            _on_a_thread(self._work, slip, told, deadline)
            # a name that can't be resolved, or a driver, may take longer than any deadline
            backstop = threading.Timer(LONGEST_SECONDS, self._settle, [told, self._too_late()])
            backstop.daemon = True
            backstop.start()
            told.add_done_callback(lambda _: backstop.cancel())
        except RuntimeError as error:  # no thread to be had
            name = name_of(self._settings)
            self._settle(told, KioskError("printer_broke_off", printer=name, reason=str(error)))
        return told

    def _import(self) -> None:
        try:
            library()
        except KioskError as error:
            self._note(error)

    def _work(self, slip: Slip, told: "Future[Outcome]", deadline: float) -> None:
        name = name_of(self._settings)
        if not self._at_work.acquire(blocking=False):
            self._settle(told, KioskError("printer_busy", printer=name))
            return
        try:
            paper = deliver(commands(slip, self._settings.paper), self._settings, deadline)
            done = Outcome.SENT if paper is Paper.UNKNOWN else Outcome.PRINTED
            self._settle(told, done, paper)
        except KioskError as error:
            self._settle(told, error)
        except Exception as error:  # a driver's own; the customer is told, and the log
            reason = f"{type(error).__name__}: {error}"
            self._settle(told, KioskError("printer_broke_off", printer=name, reason=reason))
        finally:
            self._at_work.release()

    def _too_late(self) -> KioskError:
        return KioskError("printer_timeout", printer=name_of(self._settings))

    def _settle(
        self,
        told: "Future[Outcome]",
        result: Outcome | KioskError,
        paper: Paper = Paper.UNKNOWN,
    ) -> None:
        with self._telling:
            if told.done():
                return
            self.problem = result if isinstance(result, KioskError) else None
            try:
                self._note(self.problem, paper)
            finally:
                told.set_result(Outcome.FAILED if isinstance(result, KioskError) else result)

    def _note(self, error: KioskError | None, paper: Paper = Paper.UNKNOWN) -> None:
        """Keep the failure for branch IT; the log has each kind of it once."""
        try:
            if error is None and paper is Paper.LOW:
                self._failure_path.write_text(json.dumps({"paper": paper.value}), encoding="utf-8")
                return
            if error is None:
                self._failure_path.unlink(missing_ok=True)
                return
            before = read_failure(self._failure_path)
            if before is None or before.error.code != error.code:
                log.warning("a slip was not printed: %s", error)
            noted = {
                "code": error.code,
                "params": {name: str(value) for name, value in error.params.items()},
                "at": self._clock.now().isoformat(),
                "count": before.count + 1 if before else 1,
            }
            self._failure_path.write_text(json.dumps(noted), encoding="utf-8")
        except OSError as problem:
            log.warning("what the printer said could not be noted: %s", problem.strerror)


def _on_a_thread(call: Callable[..., None], *arguments: object) -> None:
    """A thread that no end of the program waits for."""
    threading.Thread(target=call, args=arguments, name="printer", daemon=True).start()
