"""Runs a terminal that records and synchronises in child processes, and kills them.

    sync_driver.py FOLDER step STEP          a child is killed at the named step, all is finished
    sync_driver.py FOLDER storm KILLS SEED   children are killed at random moments, all is finished

The branch database is a file in the folder, or what BRANCH_DATABASE names.

Every ticket that a customer is promised is printed once `record` has written it. The steps are
functions of the program that are replaced here: nothing in the program knows of these tests.
Children are forks, so that the program is imported once; a parent never opens a database before
its last child is gone.
"""

import itertools
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kiosk import projections
from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.models.payloads import TicketIssued, VisitStarted, WaitShown
from kiosk.projections import EventRange
from kiosk.services.branch import prepare_store
from kiosk.services.journal import Fact, Journal, Transaction, new_id
from kiosk.services.sync import pull, push, receive
from kiosk.services.sync.function_branch import FunctionBranch
from kiosk.services.sync.reach import reach
from kiosk.services.sync.receive import DirectBranch

BATCH_SIZE = 7
FIRST_PROMISE = 99
"""The descriptor on which a child says that it is at work."""


def die(*_: object, **__: object) -> None:
    """As if the power went."""
    os.kill(os.getpid(), signal.SIGKILL)


def dies_before(owner: Any, name: str) -> None:
    setattr(owner, name, die)


def dies_after(owner: Any, name: str) -> None:
    real: Callable[..., object] = getattr(owner, name)

    def wrapper(*args: object, **kwargs: object) -> None:
        real(*args, **kwargs)
        die()

    setattr(owner, name, wrapper)


def dies_in_apply() -> None:
    """Killed when the events are in the table and their projections are not."""
    real = projections.apply

    def apply(connection: Any, events: EventRange, kinds: Any, *, new: bool = True) -> None:
        if "terminal-" not in str(connection.engine.url):
            die()
        real(connection, events, kinds, new=new)

    projections.apply = apply


def dies_around_commit(side: str, *, committed: bool) -> None:
    """Killed just before or just after a commit on one side."""
    real = Database.write

    @contextmanager
    def write(self: Database) -> Any:
        with real(self) as connection:
            yield connection
            if (side in self.name) and not committed:
                die()
        if side in self.name:
            die()

    Database.write = write  # type: ignore[method-assign]


STEPS: dict[str, Callable[[], None]] = {
    "record: before the events are written": lambda: dies_before(Transaction, "flush"),
    "record: written, not committed": lambda: dies_after(Transaction, "flush"),
    "store: before the first commit": lambda: dies_around_commit("terminal-", committed=False),
    "store: after the first commit": lambda: dies_around_commit("terminal-", committed=True),
    "push: before the batch is opened": lambda: dies_before(push, "_write_batch"),
    "push: the batch is opened": lambda: dies_after(push, "_write_batch"),
    "branch: greeted": lambda: dies_after(DirectBranch, "greet"),
    "branch: before the events are stored": lambda: dies_before(receive, "_store"),
    "branch: events in, projections not": dies_in_apply,
    "branch: stored, no receipt": lambda: dies_before(receive, "_write_receipt"),
    "branch: receipt, not committed": lambda: dies_after(receive, "_write_receipt"),
    "branch: before a commit": lambda: dies_around_commit("branch.db", committed=False),
    "branch: committed, no answer": lambda: dies_after(DirectBranch, "receive"),
    "push: before the receipt is kept": lambda: dies_before(push, "_acknowledge"),
    "push: the receipt is kept": lambda: dies_after(push, "_acknowledge"),
    "pull: before anything is asked": lambda: dies_before(push, "pull"),
    "pull: asked, nothing used": lambda: dies_before(pull, "_follow"),
    "pull: a release written, not committed": lambda: dies_after(pull, "_keep"),
    "pull: settings' file half written": lambda: dies_before(Path, "replace"),
    "pull: settings' file there, not committed": lambda: dies_after(pull, "_write_settings"),
    "pull: a release used": lambda: dies_after(pull, "_follow"),
    "pull: all used": lambda: dies_after(push, "pull"),
    "push: before the end is noted": lambda: dies_before(push, "_note"),
}
ON_A_SERVER: dict[str, Callable[[], None]] = {
    **{name: step for name, step in STEPS.items() if not name.startswith("branch: ")},
    "server: greeted": lambda: dies_after(FunctionBranch, "greet"),
    "server: before the batch is sent": lambda: dies_before(FunctionBranch, "receive"),
    "server: committed, no answer": lambda: dies_after(FunctionBranch, "receive"),
    "server: pulled, no answer": lambda: dies_after(FunctionBranch, "pull"),
}
"""The steps of a terminal whose branch database takes a batch by one call."""


def main(folder: Path, command: str, *words: str) -> None:
    if command == "step":
        in_a_child(lambda: die_at(folder, words[0]))
    else:
        kills, chance = int(words[0]), random.Random(int(words[1]))
        for number in range(kills):
            # most are killed at work, some while they start
            in_a_child(lambda: work(folder), chance.random() * 0.15, at_work=number % 5 > 0)
    journal, config = opened(folder)
    synchronise(journal, config)


def in_a_child(
    act: Callable[[], None], kill_after: float | None = None, *, at_work: bool = False
) -> None:
    """Run in a child that must end by SIGKILL: its own, or ours after some seconds.

    Args:
        act: What the child does.
        kill_after: When we kill it; none: it does so itself.
        at_work: Count the seconds from its first promise on, not from its start.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, FIRST_PROMISE)
        try:
            act()
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    os.close(writing)
    if at_work:
        os.read(reading, 1)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(reading)
    if not os.WIFSIGNALED(status):
        raise SystemExit("a child was not killed")


def opened(folder: Path) -> tuple[Journal, Config]:
    config = Config(data_folder=folder, branch_database=os.environ.get("BRANCH_DATABASE", ""))
    store = Database(f"sqlite:///{config.store_path}", create=True)
    origin = prepare_store(store, config)
    return Journal(store, origin, SystemClock(), config.zone, "release-1"), config


def die_at(folder: Path, step: str) -> None:
    journal, _ = opened(folder)
    record(journal, last_number(journal.database) + 1)
    (STEPS | ON_A_SERVER)[step]()
    work(folder)


def work(folder: Path) -> None:
    """Record and synchronise until killed."""
    journal, config = opened(folder)
    for number in itertools.count(last_number(journal.database) + 1):
        record(journal, number)
        if number % 3 == 0:
            synchronise(journal, config)


def last_number(store: Database) -> int:
    with store.read() as connection:
        found = connection.exec_driver_sql("SELECT max(substr(number, 3)) FROM ticket").scalar()
    return int(found or 0)


def record(journal: Journal, number: int) -> None:
    """A visit with its ticket: promised once this prints its id."""
    visit, ticket, now = new_id(), new_id(), journal.now()
    journal.record(
        Fact(VisitStarted(), visit=visit, language="zh_CN", arrived_at=now),
        Fact(
            TicketIssued(wait=WaitShown(ahead=0, low=0, high=0)),
            visit=visit,
            ticket=ticket,
            ticket_number=f"A1{number:06}",
            queue="A",
            transferable=False,
            arrived_at=now,
            priority="normal",
        ),
    )
    os.write(sys.stdout.fileno(), f"{ticket.hex}\n".encode())  # the whole line or nothing of it
    with suppress(OSError):
        os.write(FIRST_PROMISE, b".")


def synchronise(journal: Journal, config: Config) -> None:
    push.synchronise(
        journal.database,
        journal.origin,
        lambda: reach(config.branch_database_url, SystemClock()),
        SystemClock(),
        batch_size=BATCH_SIZE,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
