"""A seeded monkey at the installed terminal, on a pseudo terminal, for as long as it is told.

It strikes keys under both of a keypad's names, touches, pastes, resizes and goes away, while the
branch database is held by somebody else for a while and the synchronisation is killed. After each
raid it asks for the counter ticket from wherever it stands, leaves, and makes one visit that is
measured. The program itself is killed now and then in the first half; what it needs is judged
in the second, in which one process lives through everything.
"""

import argparse
import os
import random
import re
import signal
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import combinations, cycle, islice
from pathlib import Path

from outcome import Outcome, percentile, report
from pseudo_terminal import COLUMNS, ROWS, Terminal
from start_and_keys import HOME_MESSAGE, KIOSK, surroundings, used_while

from kiosk import i18n
from kiosk.languages import LANGUAGES
from kiosk.sqlite_driver import driver as sqlite

FIRST_SCREEN = "2  English"
"""In no foot: there a language stands behind its sign."""
START_ROW = 12
"""Above it are the clock and what takes turns; from here the first screen never changes."""
KEYS = (
    *"1234567" * 4, *"0899", "*", "#", "/", ".", "+", "-", "\r", "\x7f", "\x1b", "\t", "x", "银",
    "\x03", "\x1a", "\x1c", "\x11", "\x13", "\x1bOn", "\x1bOj", "\x1bOo", "\x1bOk", "\x1bOm",
    "\x1bOM", "\x1bOp", "\x1bOq", "\x1bOr", "\x1bOu", "\x1b[57400u", "\x1b[57409u", "\x1b[57414u",
    "\x1b[A", "\x1b[B", "\x1b[F", "\x1b[6~", "\x1bOP", "\x1b[24~",
)  # fmt: skip
"""A keypad's under its application names and kitty's, too."""
MARK = "13812341234"
"""What a customer types or pastes, and no other may see."""
BACK = (".", "9", "\x1b", "\r")
"""One after the other, they lead from anywhere to the first screen."""
SIZES = ((60, 20), (120, 40), (40, 10), (COLUMNS, ROWS))
RAID = 40
"""Actions between two visits that are measured."""
HELD, KILLED, SYNC_KILLED, ALONE = 0.3, 0.05, 0.1, 0.01
"""Of the raids: the branch database is held, and so on."""
ALONE_SECONDS = 240
"""By then the first screen is there, whatever a customer was reading."""
MOST_NUMBERS = 950
"""Of the 999 that a queue has in a day; then it is over."""
SHOWN_SECONDS = 5
LAST_LIFE = 30
"""Minutes that the last process lives, or half of all where that is less."""
_PAUSE = 0.45
"""Seconds: the same key or a touch sooner is a trembling hand."""
_NOT_TO_BE_SEEN = re.compile(r"Traceback|Error:|[$#] +$", re.MULTILINE)


def _said(message: str) -> list[str]:
    """In every language of the terminal."""
    found = []
    for language in LANGUAGES:
        i18n.use_language(language)
        found.append(i18n._(message))
    return found


TICKET = "Your counter ticket"
TICKET_KEY = re.compile(
    "|".join(
        re.escape(each.partition("{")[0])
        for message in ("Counter ticket", "Your ticket: {number}", "Ticket")
        for each in _said(message)
    )
    + r"|\b[A-Z]\d{4}\b"
)
"""In the foot, before or after there is one."""


class BrokenError(Exception):
    """Something that must always hold did not."""


@dataclass(frozen=True)
class Sample:
    """What was measured after a raid."""

    minute: float
    visits: int
    life: int
    memory: int
    """Kilobytes."""
    files: int
    ticket: float
    """Milliseconds from the key to the ticket."""
    events: int
    stored: float
    """Kilobytes of the store with its log."""


@dataclass
class Soak:
    """One terminal, from its first start to the end.

    Args:
        folder: For everything it writes.
        seed: The same one does the same, but for what time decides.
    """

    folder: Path
    seed: int
    samples: list[Sample] = field(default_factory=list)
    actions: int = 0
    lives: int = 0
    holds: int = 0
    sync_kills: int = 0
    tickets: int = 0
    """Asked for from anywhere."""
    not_at_once: int = 0
    """Of them, asked for while another step was under way: its second touch got it."""
    idle: float = 0.0
    """Percent of a core after everything, while nobody is there."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._environment = surroundings(self.folder) | {
            "KIOSK_SYNC_EVERY": "5", "KIOSK_IDLE_WARN_AFTER": "30",
            "KIOSK_IDLE_WARN_AFTER_LARGE_TYPE": "30",
        }  # fmt: skip
        del self._environment["PYTHONPYCACHEPREFIX"]  # it begins anew often, and that is not judged
        data = self.folder / "data"
        self._store, self._branch = data / "terminal-T1.db", data / "branch.db"
        self._log = data / "terminal-T1.log"
        self._clean: list[str] = []
        self._kept = 0
        self._begun = time.monotonic()

    def run(self, minutes: float, raids: int | None = None) -> None:
        """Raid after raid, and at the end every event at the branch.

        Args:
            minutes: How long.
            raids: How many at most.
        """
        until = self._begun + minutes * 60
        last_life = until - min(LAST_LIFE, minutes / 2) * 60
        told = self._begun
        self._start()
        try:
            for _ in range(raids or 10**9):
                killed = KILLED if time.monotonic() < last_life else 0.0
                self._round(killed if raids is None else 1.0)
                if time.monotonic() > told + 60:
                    told = time.monotonic()
                    self._tell()
                if time.monotonic() > until or self._numbers_are_used_up():
                    break
            self._bring_everything()
            if raids is None:
                self._ours.settle(quiet=2.0)
                self.idle = used_while(self._ours, 30.0)
        except BrokenError:
            raise
        except Exception as error:
            raise self._broken(f"{type(error).__name__}: {error}") from error
        finally:
            self._ours.kill()

    def _start(self) -> None:
        self.lives += 1
        self._ours = Terminal([KIOSK, "run"], self._environment)
        self._ours.wait_for(FIRST_SCREEN)
        self._ours.settle(quiet=2.0)
        self._clean = self._clean or self._ours.rows
        self._visit()  # what loads behind the first picture is there then
        self._look_at_first_screen()

    def _numbers_are_used_up(self) -> bool:
        query = "SELECT count(*) FROM ticket GROUP BY business_date, queue ORDER BY 1 DESC"
        return self._ask(self._store, query) > MOST_NUMBERS

    def _round(self, killed: float) -> None:
        is_held = self.chance.random() < HELD and self._branch.exists()
        self.holds += is_held
        with self._held() if is_held else nullcontext():
            self._raid()
            if self.chance.random() < killed:
                self._ours.kill()
                self._start()
            self._ask_for_the_ticket()
            if self.chance.random() < ALONE:
                self._ours.settle(quiet=60.0, limit=1.0)
                self._ours.wait_for(FIRST_SCREEN, ALONE_SECONDS)
            self._leave()
            taken = self._visit()
        self._look(taken)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Somebody else writes to the branch's file and does not come to an end."""
        with closing(sqlite.connect(self._branch, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield

    # hands

    def _raid(self) -> None:
        """Whatever hands do, ending at the usual size."""
        size = (COLUMNS, ROWS)
        for _ in range(RAID):
            self.actions += 1
            kind = self.chance.random()
            if kind < 0.7:
                self._ours.press(self.chance.choice(KEYS))
            elif kind < 0.9:
                self._ours.touch(*(self.chance.randrange(length) for length in size))
            elif kind < 0.93:
                self._ours.press(self.chance.choice((MARK, f"\x1b[200~{MARK}\r1\x1b[201~")))
            elif kind < 0.95:
                x, y = (self.chance.randint(1, length) for length in size)
                self._ours.press(f"\x1b[<{self.chance.choice((64, 65))};{x};{y}M")
            else:
                size = self.chance.choice(SIZES)
                self._ours.resize(*size)
            if self.chance.random() < 0.5:
                self._ours.settle(limit=0.5)
        self._ours.resize(COLUMNS, ROWS)
        self._ours.settle(_PAUSE)
        if self.chance.random() < SYNC_KILLED:
            with suppress(ValueError, ProcessLookupError):  # it may be on its way back
                os.kill(self._ours.beside(), signal.SIGKILL)
                self.sync_kills += 1

    def _ask_for_the_ticket(self) -> None:
        """It is one step away, wherever a customer is."""
        for key in (*"\x1b\r\x1b", ""):
            if place := self._ticket_key():
                self._ours.touch(*place)
                if self._shows_ticket():
                    break
                self.not_at_once += 1  # another step was under way
            else:  # staff have the screen, or it asks whether anybody is there
                self._ours.press(key)
                self._ours.settle(1.0)
        else:
            raise self._broken("the ticket is more than one step away")
        self.tickets += 1
        query = "SELECT count(*) FROM ticket JOIN visit ON visit.id = ticket.visit"
        query += " WHERE state = 'waiting' AND visit.ended_at IS NULL"
        if self._ask(self._store, query) != 1:
            raise self._broken("there is no ticket behind its screen")

    def _ticket_key(self) -> tuple[int, int] | None:
        for row in (ROWS - 1, ROWS - 2):
            if found := TICKET_KEY.search(self._ours.rows[row]):
                return self._ours.column_of(found, row), row
        return None

    def _shows_ticket(self) -> bool:
        """Whether it comes."""
        until = time.monotonic() + SHOWN_SECONDS
        while not (shown := any(map(self._ours.shows, _said(TICKET)))):
            if time.monotonic() > until:
                break
            self._ours.settle()
        return shown

    def _leave(self) -> None:
        """To the first screen."""
        for key in islice(cycle(BACK), 60):
            self._ours.settle(quiet=0.3)
            if self._ours.shows(FIRST_SCREEN):
                self._ours.settle(quiet=1.0, limit=1.0)  # a key may be on its way that starts anew
                if self._ours.shows(FIRST_SCREEN):
                    break
            self._ours.press(key)
        self._ours.wait_for(FIRST_SCREEN)
        self._look_at_first_screen()

    def _visit(self) -> float:
        """From the first screen to the ticket and back; how long the ticket took."""
        self._ours.press("2")
        self._ours.wait_for(HOME_MESSAGE)
        self._ours.settle()
        if MARK in "\n".join(self._ours.rows):
            raise self._broken("the next customer sees what the one before has typed")
        struck = self._ours.press("0")
        shown = self._ours.wait_for(TICKET)
        self._ours.settle(_PAUSE)
        self._ours.press("1")
        self._ours.wait_for(FIRST_SCREEN)
        self._ours.settle(_PAUSE)
        self._look_at_first_screen()
        return (shown - struck) * 1000

    # what must hold

    def _look_at_first_screen(self) -> None:
        """Nothing of an earlier visit."""
        now, clean = self._ours.rows, self._clean
        if now[START_ROW:] != clean[START_ROW:] or MARK in "\n".join(now):
            raise self._broken("\n".join(["the first screen is not as it was:", *clean]))

    def _look(self, ticket: float) -> None:
        """What must hold, and what is to be counted."""
        if found := _NOT_TO_BE_SEEN.search("\n".join(self._ours.rows)):
            raise self._broken(f"{found[0]!r} on the screen")
        if self._ours.is_stopped:
            raise self._broken("the program was suspended")
        if self._log.exists() and "unhandled" in self._log.read_text(encoding="utf-8"):
            raise self._broken("something unhandled in the log")
        there = self._count(self._branch) if self._branch.exists() else 0
        acknowledged = self._ask(self._store, "SELECT coalesce(sum(acked_seq), 0) FROM watermark")
        kept = self._count(self._store)
        if there < acknowledged or kept < self._kept:
            raise self._broken(
                f"{kept} events ({self._kept}), {acknowledged} at the branch: {there}"
            )
        self._kept = kept
        own = self._store.parent.glob(f"{self._store.name}*")
        sizes = [each.stat().st_size for each in own if each.suffix != ".ballast"]
        self.samples.append(
            Sample(
                minute=(time.monotonic() - self._begun) / 60,
                visits=self._ask(self._store, "SELECT count(*) FROM visit"),
                life=self.lives,
                memory=self._ours.resident_kilobytes(),
                files=self._ours.open_files(),
                ticket=ticket,
                events=kept,
                stored=sum(sizes) / 1024,
            )
        )

    def _bring_everything(self) -> None:
        deadline = time.monotonic() + 600  # the synchronisation may have to rest
        while (there := self._count(self._branch)) < (kept := self._count(self._store)):
            if time.monotonic() > deadline:
                raise self._broken(f"{kept} events here, {there} at the branch")
            self._ours.settle(quiet=1.0, limit=1.0)

    def _count(self, path: Path) -> int:
        """How many events there are; none is missing between the first and the last."""
        query = "SELECT count(*), min(seq), max(seq) FROM event WHERE terminal = 'T1'"
        with closing(sqlite.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            count, first, last = connection.execute(query).fetchone()
        if count and (first, last) != (1, count):
            raise self._broken(f"{path.name}: {count} events, {first} to {last}")
        return int(count)

    @staticmethod
    def _ask(path: Path, query: str) -> int:
        with closing(sqlite.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return int(connection.execute(query).fetchone()[0])

    def _broken(self, what: str) -> BrokenError:
        where = f"seed {self.seed}, action {self.actions}: {what}"
        log = self._log.read_text(encoding="utf-8") if self._log.exists() else ""
        told = [where, "on the screen:", *self._ours.rows, "in the log:", log[-3000:]]
        return BrokenError("\n".join(told))

    # what came of it

    def _tell(self) -> None:
        last = self.samples[-1]
        lately = [each for each in self.samples if each.minute > last.minute - 1]
        slowest = percentile([each.ticket for each in lately], 0.95)
        print(
            f"{last.minute:5.0f} min  {self.actions} actions  {last.visits} visits"
            f"  {last.memory / 1024:.1f} MB  {last.files} files  ticket p95 {slowest:.0f} ms"
            f"  store {last.stored / last.visits:.1f} KB a visit  life {last.life}",
            flush=True,
        )

    def outcomes(self) -> Iterator[Outcome]:
        """What is flat in the second half of the last life, and how fast it was."""
        life = [each for each in self.samples if each.life == self.lives]
        early, late = life[: len(life) // 2], life[len(life) // 2 :]
        visits = [each.visits for each in late]
        fast, slow = (percentile([each.ticket for each in part], 0.95) for part in (early, late))
        files = [statistics.median(each.files for each in part) for part in (early, late)]
        first, last = life[0], life[-1]
        memory = [each.memory for each in late]
        grown = (memory[-1] - memory[0]) / 1024
        yield Outcome("memory at the end", last.memory / 1024, "MB", 80)
        yield Outcome(
            f"memory a visit, of {visits[-1] - visits[0]}", slope(visits, memory), "KB", 1
        )
        yield Outcome("memory, grown by in all of them", grown, "MB", 5)
        yield Outcome("open files, grown by", files[1] - files[0], "", 0)
        ratio = slow / fast
        yield Outcome("ticket: p95 ÷ earlier", slow, "ms", 1.5, fast, ratio, goal_is_ratio=True)
        stored = (last.stored - first.stored) / (last.events - first.events)
        yield Outcome("store: an event", stored, "KB", 4)
        yield Outcome("first screen after it, of a core", self.idle, "%", 0.3)

    def draw(self) -> None:
        """The memory over the visits."""
        import plotext

        plotext.plotsize(80, 14)
        plotext.theme("clear")
        plotext.title("MB over visits")
        megabytes = [each.memory / 1024 for each in self.samples]
        plotext.scatter([each.visits for each in self.samples], megabytes, marker="dot")
        plotext.show()


def slope(visits: Sequence[int], memory: Sequence[int]) -> float:
    """The median of those between any two samples: one step, as for a larger screen, is none."""
    samples = [*zip(visits, memory, strict=True)]
    return statistics.median(
        (y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(samples, 2) if x2 > x1
    )


def main() -> None:
    """Soak and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=60, help="how long (60)")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options.add_argument("--raids", type=int, help="no more, a kill in each; nothing is judged")
    given = options.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), given.seed)
        soak.run(given.minutes, given.raids)
    print(
        f"{soak.actions} actions, {soak.samples[-1].visits} visits, {soak.tickets} tickets from"
        f" anywhere ({soak.not_at_once} by a second touch), {soak.lives} lives, {soak.holds} times"
        f" the branch was held, {soak.sync_kills} kills of the synchronisation; nothing broken"
    )
    if given.raids:
        return
    soak.draw()
    report(list(soak.outcomes()))


if __name__ == "__main__":
    main()
