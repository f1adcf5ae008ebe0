"""Many terminals at work at once, each a process that records and synchronises; some are killed.

    many_terminals.py PLAN EVENTS KILLS SEED

PLAN is a JSON file: for each terminal its folder, branch, code, digit and the branch's address.
Ends when every terminal has recorded its events and its branch has them. Says `half` on a line of
its own when half of the kills are done, for whoever looks after the server, and in the end how
many there were.

Children are forks, so that the program is imported once; the parent never opens a database.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.config import Branch, Config, Terminal
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models.payloads import (
    DiversionOffered,
    TicketIssued,
    VisitEnded,
    VisitStarted,
    WaitShown,
)
from kiosk.services.branch import prepare_store
from kiosk.services.journal import Fact, Journal, new_id
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach

BATCH_SIZE = 37
"""So that batches end anywhere, and the last one of a run is small."""
_VISITS_AT_ONCE = 10
_AWAY = ("database_unreachable", "database_busy", "database_conflict")
_WAIT = WaitShown(ahead=0, low=0, high=0)


@dataclass(frozen=True)
class Place:
    """One terminal of the plan."""

    folder: str
    branch: str
    code: str
    digit: int
    url: str

    @property
    def config(self) -> Config:
        return Config(
            data_folder=Path(self.folder),
            branch=Branch(code=self.branch),
            terminal=Terminal(code=self.code, digit=self.digit),
        )


def main(plan: str, events: int, kills: int, seed: int) -> None:
    places = [Place(**each) for each in json.loads(Path(plan).read_text(encoding="utf-8"))]
    chance = random.Random(seed)
    running = {start(place, events): place for place in places}
    killed = 0
    while killed < kills and running:
        if killed == kills // 2:
            say("half")
        time.sleep(chance.uniform(0, 0.06))
        victim = chance.choice(list(running))
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
        killed += 1
        place = running.pop(victim)
        running[start(place, events)] = place
        running = without_ended(running)
    say(f"killed {killed}")
    for child in running:
        require_well(os.waitpid(child, 0)[1])


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def without_ended(running: dict[int, Place]) -> dict[int, Place]:
    """Those that still have work."""
    ended = set()
    for child in running:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            require_well(status)
            ended.add(child)
    return {child: place for child, place in running.items() if child not in ended}


def require_well(status: int) -> None:
    if status:
        raise SystemExit("a terminal did not end well")


def start(place: Place, events: int) -> int:
    """A terminal in a process of its own; returns its id."""
    child = os.fork()
    if child == 0:
        try:
            work(place.config, place.url, events)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return child


def work(config: Config, url: str, events: int) -> None:
    """Record and synchronise in turns until all is there."""
    clock = SystemClock()
    store = Database(f"sqlite:///{config.store_path}")
    journal = Journal(store, prepare_store(store, config), clock, config.zone, "release-1")
    while True:
        recorded = last_seq(store)
        if recorded < events:
            record(journal, config.terminal.digit, recorded)
        try:
            synchronise(
                store, journal.origin, lambda: reach(url, clock), clock, batch_size=BATCH_SIZE
            )
        except KioskError as error:
            if error.code not in _AWAY:
                raise
            time.sleep(0.05)
        else:
            if recorded >= events:
                return


def last_seq(store: Database) -> int:
    with store.read() as connection:
        return connection.exec_driver_sql("SELECT max(seq) FROM event").scalar() or 0


def record(journal: Journal, digit: int, number: int) -> None:
    """Some visits with tickets, whose numbers follow from the last seq: none comes twice."""
    for each in range(_VISITS_AT_ONCE):
        visit, now = new_id(), journal.now()
        journal.record(
            Fact(VisitStarted(), visit=visit, language="zh_CN", arrived_at=now),
            Fact(
                DiversionOffered(answers={}, wait=_WAIT),
                visit=visit, offer=new_id(), service="transfer", channel="mobile",
            ),
            Fact(
                TicketIssued(wait=_WAIT),
                visit=visit, ticket=new_id(), ticket_number=f"A{digit}{number * 10 + each:06}",
                queue="A", service="cash", transferable=False, arrived_at=now,
                priority="normal",
            ),
            Fact(VisitEnded(), visit=visit, language="en", reason="finished"),
        )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
