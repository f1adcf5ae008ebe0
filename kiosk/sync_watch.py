"""`kiosk sync --watch`: rounds for ever, as a service; without Typer, to stay small in memory.

What it says goes to standard error, a line for each change and none for a round that went like the
one before: a week without a network must leave a short log.
"""

import faulthandler
import gc
import os
import random
import select
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import NoReturn

from kiosk.clock import SystemClock, sleep
from kiosk.config import Config, load
from kiosk.errors import KioskError
from kiosk.i18n import _, format_moment
from kiosk.sentences import sentence
from kiosk.service_manager import ServiceManager
from kiosk.services.sync.metrics import publish
from kiosk.services.sync.push import Outcome, Progress
from kiosk.services.sync.round import bring
from kiosk.services.sync.schedule import Ending, Schedule, ending_of
from kiosk.sync_status import brought

_GATHER_SECONDS = 0.2
"""From a wish for a round to the round: what happens at once goes in one batch."""
_HANG_SECONDS = 300.0
"""No step of a round takes that long: the process ends, and who started it starts it again."""
_SECONDS_A_MINUTE = 60

Bring = Callable[[Progress], Outcome]
"""Does a round; calls what it is given whenever it got on."""


def watch(url: str | None = None, *, until_eof: bool = False) -> NoReturn:
    """Bring events to the branch until somebody ends this process.

    Args:
        url: The branch database; none: the configuration's.
        until_eof: End when standard input does, as when the program that holds its other end dies;
            a byte there is the wish for a round, as when a customer has taken a ticket.

    Raises:
        KioskError: The configuration is wrong.
    """
    settings = load()
    manager = ServiceManager()
    wished = Wished()
    _leave_when_asked(manager, wished, until_eof=until_eof)
    # what is imported by now stays: the collector need not look at it again
    gc.collect()
    gc.freeze()
    gc.enable()
    Watch(
        _bounded(_rounds_of(settings, url or settings.branch_database_url)),
        lambda: publish(settings),
        Schedule(settings.sync.every),
        manager,
        now=lambda: format_moment(SystemClock().now(), settings.zone),
        wished=wished.within,
    ).run()


class Wished:
    """Whether somebody wishes a round before its time."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def note(self) -> None:
        """Somebody does; from any thread."""
        self._event.set()

    def within(self, seconds: float) -> bool:
        """Wait for so long, or until somebody does; returns whether."""
        is_wished = self._event.wait(seconds)
        self._event.clear()
        return is_wished


class Watch:
    """Rounds, one after the other; whatever happens in one, the next comes.

    Args:
        bring: Does a round.
        publish: Is called after each; may raise KioskError.
        schedule: The pace.
        manager: Is told how it goes.
        now: The time in words.
        sleep: Waits for so many seconds.
        wished: Waits as well, but only until a round is wished; returns whether it was.
        chance: Throws the dice: 0 to 1.
        say: Keeps a line for people to read.
    """

    def __init__(
        self,
        bring: Bring,
        publish: Callable[[], None],
        schedule: Schedule,
        manager: ServiceManager,
        *,
        now: Callable[[], str],
        sleep: Callable[[float], None] = sleep,
        wished: Callable[[float], bool] | None = None,
        chance: Callable[[], float] = random.random,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._bring = bring
        self._publish = publish
        self._schedule = schedule
        self._manager = manager
        self._now = now
        self._sleep = sleep
        self._wished = wished
        self._chance = chance
        self._say = say or _say
        self._stopped_by: tuple[object, ...] | None = ("not a round yet",)
        self._refused: tuple[str, ...] = ()
        self._is_published = True

    def run(self) -> NoReturn:
        """Never ends by itself."""
        self._manager.ready()
        started = _("Bringing this terminal's events to the branch, about every {seconds} s.")
        self._tell(started.format(seconds=f"{self._schedule.every:.0f}"), is_news=True)
        self._rest(self._schedule.first_pause(self._chance()))
        while True:
            self._manager.alive()
            self._round()
            self._rest(self._schedule.pause(self._chance()))

    def _round(self) -> None:
        try:
            self._went_well(self._bring(lambda *_: self._manager.alive()))
        except KioskError as error:
            self._was_stopped(error)
        except Exception as fault:  # a fault of ours must not keep tomorrow's events back
            told = KioskError("program_fault", fault=type(fault).__name__)
            self._was_stopped(told, fault.__traceback__)
        try:
            self._publish()
        except KioskError as error:
            if self._is_published:
                self._say(_coded(error))
            self._is_published = False
        else:
            self._is_published = True

    def _went_well(self, outcome: Outcome) -> None:
        self._schedule = self._schedule.after(Ending.WELL)
        is_news = self._stopped_by is not None or outcome.quarantined > 0
        self._stopped_by = None
        self._tell(brought(outcome), is_news=is_news)
        lines = tuple(_coded(each) for each in outcome.refused)
        for line in lines if lines != self._refused else ():
            self._say(line)
        self._refused = lines

    def _was_stopped(self, error: KioskError, where: TracebackType | None = None) -> None:
        ending = ending_of(error)
        self._schedule = self._schedule.after(ending)
        cause = (error.code, error.params.get("fault"))
        is_news, self._stopped_by = cause != self._stopped_by, cause
        line = _coded(error)
        if ending is Ending.FINAL:
            minutes = round(self._schedule.slow / _SECONDS_A_MINUTE)
            again = _("It is tried again about every {minutes} minutes.").format(minutes=minutes)
            line = f"{line} {again}"
        self._tell(line, is_news=is_news)
        if where is not None and is_news:
            # frames only: an error's own text may quote what it stumbled over
            self._say("".join(traceback.format_tb(where)).rstrip())

    def _tell(self, line: str, *, is_news: bool) -> None:
        self._manager.status(f"{self._now()}: {line}")
        if is_news:
            self._say(line)

    def _rest(self, seconds: float) -> None:
        """Wait, and say meanwhile that this process is alive."""
        part = self._manager.beat_every or seconds
        while seconds > 0:
            self._manager.alive()
            if self._is_wished(min(part, seconds)):
                self._sleep(_GATHER_SECONDS)
                return
            seconds -= part

    def _is_wished(self, seconds: float) -> bool:
        # a branch that is away comes back no sooner for being asked at every ticket
        in_trouble = self._schedule.failures > 0 or self._schedule.is_refused
        if self._wished is None or in_trouble:
            self._sleep(seconds)
            return False
        return self._wished(seconds)


def _coded(error: KioskError) -> str:
    """The sentence, with the code that the documentation lists."""
    return f"{sentence(error)} ({error.code})"


def _say(line: str) -> None:
    with suppress(OSError):  # nobody reads any more
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def _rounds_of(settings: Config, url: str) -> Bring:
    clock = SystemClock()
    return lambda progress: bring(settings, url, clock, progress)


def _bounded(bring: Bring) -> Bring:
    """Have this process end, with the place where it hung, when a step takes for ever."""

    def restart() -> None:
        faulthandler.dump_traceback_later(_HANG_SECONDS, exit=True)

    def bounded(progress: Progress) -> Outcome:
        def got_on(done: int, total: int) -> None:
            restart()
            progress(done, total)

        restart()
        try:
            return bring(got_on)
        finally:
            faulthandler.cancel_dump_traceback_later()

    return bounded


def _leave_when_asked(manager: ServiceManager, wished: Wished, *, until_eof: bool) -> None:
    """End this process at once on a signal, whatever it is doing: a round may be cut anywhere.

    Python's own handlers run between two of its steps, and a library may wait for minutes within
    one. So a thread waits for the byte that the interpreter writes when a signal comes.
    """
    signals, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    heard = [signals, sys.stdin.fileno()] if until_eof else [signals]
    threading.Thread(target=_leave, args=(manager, wished, signals, heard), daemon=True).start()


def _leave(manager: ServiceManager, wished: Wished, signals: int, heard: list[int]) -> None:
    while True:
        ready, _, _ = select.select(heard, [], [])
        for each in ready:
            told = os.read(each, 1)
            if each == signals or not told:
                manager.stopping()
                os._exit(128 + signal.SIGINT if told == bytes([signal.SIGINT]) else 0)
            wished.note()
