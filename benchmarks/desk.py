"""Calling: many counters drain a morning's tickets, beside a bare SQL loop on the same rows.

    .venv/bin/python benchmarks/desk.py               # both engines
    .venv/bin/python benchmarks/desk.py sqlite --tickets 500 --rounds 1

Each counter is a process of its own: it calls the next ticket, starts and finishes it, until nobody
waits. The floor does three transactions for a ticket as well, each as bare as it gets: lock the
row, change it, insert an event. What must never happen is counted, too.
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections import Counter as Count
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Protocol, TypeVar
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import psycopg
from outcome import Outcome, report
from postgres_server import PostgresServer, running_server

from kiosk.clock import SystemClock
from kiosk.config import Config, Queue
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Event, Priority
from kiosk.models.payloads import TicketIssued
from kiosk.models.tables import table_of
from kiosk.services.branch import initialise
from kiosk.services.counters import enrol_counter
from kiosk.services.desk import BranchDesk
from kiosk.services.journal import Fact, Journal, Origin, new_id
from kiosk.services.queue_order import CallingOrder, Candidate
from kiosk.sqlite_driver import driver as sqlite

T = TypeVar("T")
CALLERS = {"postgresql": 32, "sqlite": 4}
LEAST_OF_FLOOR = 0.6
SEED = 20
ACTIONS = 3
"""Call, start, finish: as many transactions has a ticket on both sides."""
WARM_UP = 8
"""Tickets that each counter serves before it is measured: its session lasts a whole day."""
RELEASE = "release-1"


@dataclass(frozen=True)
class Drained:
    """What became of a morning's tickets."""

    seconds: float
    calls: list[float]
    """Seconds that each call took."""
    hands: list[list[str]]
    """For each counter, the numbers that it called, in its own order."""

    def double(self) -> int:
        """How often a ticket was called that had been called."""
        counted = Count(number for hand in self.hands for number in hand)
        return sum(count - 1 for count in counted.values())

    def lost(self, line: Sequence[str]) -> int:
        """Tickets that nobody called."""
        return len(set(line) - {number for hand in self.hands for number in hand})

    def out_of_order(self, line: Sequence[str]) -> int:
        """Calls of a ticket that stood before one that the same counter had called already.

        All of them waited from the beginning: a counter only ever goes down the line.
        """
        place = {number: place for place, number in enumerate(line)}
        return sum(
            place[second] < place[first] for hand in self.hands for first, second in pairwise(hand)
        )


class Counter(Protocol):
    """A counter, ours or the floor's."""

    def call(self) -> str | None:
        """Call the next ticket; its number."""

    def serve(self) -> None:
        """Start and finish it."""


class Ours:
    """The desk service."""

    def __init__(self, config: Config, url: str, number: int) -> None:
        self._desk = BranchDesk(
            Database(url), config.branch.code, number, config.zone, SystemClock(), Queue(), RELEASE
        )
        self._do(lambda request: self._desk.open(request, "s1"))

    def call(self) -> str | None:
        ticket = self._do(self._desk.call_next)
        return ticket.number if ticket else None

    def serve(self) -> None:
        self._do(self._desk.start)
        self._do(lambda request: self._desk.finish(request, ("cash",)))

    def _do(self, action: Callable[[UUID], T]) -> T:
        """As a screen does it: the same request again while others hold the file."""
        request = new_id()
        while True:
            try:
                return action(request)
            except KioskError as error:
                if error.code != "database_busy":
                    raise


class Floor:
    """Three statements in a transaction, on a connection of the bare driver."""

    def __init__(self, config: Config, url: str, number: int) -> None:
        self._is_file = url.startswith("sqlite")
        if self._is_file:
            self._connection = sqlite.connect(
                url.removeprefix("sqlite:///"), isolation_level=None, timeout=60
            )
            self._connection.execute("PRAGMA synchronous=FULL")
        else:
            # as ours: behind a pooler, nothing is prepared
            url = url.replace("+psycopg", "")
            self._connection = psycopg.connect(url, autocommit=True, prepare_threshold=None)
        self._today: Any = datetime.now(config.zone).date()
        if self._is_file:
            self._today = self._today.isoformat()
        mark, share = ("?", "") if self._is_file else ("%s", "FOR UPDATE")
        key = _KEYS["sqlite" if self._is_file else "postgresql"]
        skip = "" if self._is_file else "FOR UPDATE SKIP LOCKED"
        self._next = _NEXT.format(mark=mark, key=key, skip=skip)
        self._again = f"SELECT state FROM bare_ticket WHERE id = {mark} {share}"  # noqa: S608
        self._change = (
            f"UPDATE bare_ticket SET state = {mark}, counter = {mark}, state_since = {mark},"  # noqa: S608
            f" steps = steps + 1 WHERE id = {mark}"
        )
        self._columns = table_of(Event).columns.keys()
        marks = ", ".join([mark] * len(self._columns))
        self._insert = f"INSERT INTO bare_event ({', '.join(self._columns)}) VALUES ({marks})"  # noqa: S608
        self._number, self._seq = number, 0
        self._ticket: Any = None

    def call(self) -> str | None:
        self._begin()
        found = self._connection.execute(self._next, (self._today,)).fetchone()
        if found is not None:
            self._ticket = found
            self._step("called")
        self._connection.execute("COMMIT")
        return None if found is None else str(found[1])

    def serve(self) -> None:
        for stage in ("started", "finished"):
            self._begin()
            self._connection.execute(self._again, (self._ticket[0],)).fetchone()
            self._step(stage)
            self._connection.execute("COMMIT")

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE" if self._is_file else "BEGIN")

    def _step(self, stage: str) -> None:
        ticket, number, visit = self._ticket
        now: Any = datetime.now(UTC)
        event: Any = new_id()
        if self._is_file:
            now, event = now.isoformat(" "), event.hex
        self._connection.execute(self._change, (stage, str(self._number), now, ticket))
        self._seq += 1
        row = dict.fromkeys(self._columns) | {
            "branch": "0001", "business_date": self._today, "id": event, "epoch": 1,
            "terminal": f"@{self._number}", "seq": self._seq, "occurred_at": now, "local_hour": 9,
            "monotonic_ns": 1, "boot_id": "boot", "kind": "ticket", "stage": stage, "visit": visit,
            "ticket": ticket, "ticket_number": number, "queue": number[0], "staff": "s1",
            "counter": str(self._number), "step": self._seq, "release": RELEASE,
            "schema_version": 1, "app_version": "0", "payload": "{}",
        }  # fmt: skip
        self._connection.execute(self._insert, list(row.values()))


_NEXT = """
SELECT id, number, visit FROM bare_ticket
WHERE branch = '0001' AND business_date = {mark} AND state = 'waiting'
ORDER BY {key}, issued_at, number LIMIT 1 {skip}
"""
_KEYS = {
    "postgresql": (
        "arrived_at - CASE priority WHEN 'senior' THEN 20 ELSE 0 END * interval '1 minute'"
    ),
    "sqlite": "julianday(arrived_at) * 1440 - CASE priority WHEN 'senior' THEN 20 ELSE 0 END",
}
_BARE = {
    "postgresql": (
        "CREATE TABLE bare_ticket (LIKE ticket INCLUDING ALL)",
        "INSERT INTO bare_ticket SELECT * FROM ticket",
        "CREATE TABLE bare_event (LIKE event INCLUDING ALL)",
        "ANALYZE",
    ),
    "sqlite": (
        "CREATE TABLE bare_ticket AS SELECT * FROM ticket",
        "CREATE UNIQUE INDEX bare_id ON bare_ticket (id)",
        "CREATE UNIQUE INDEX bare_number ON bare_ticket (branch, business_date, number)",
        "CREATE INDEX bare_queue ON bare_ticket (branch, business_date, state)",
        "CREATE TABLE bare_event AS SELECT * FROM event WHERE false",
        "CREATE UNIQUE INDEX bare_key ON bare_event (branch, business_date, id)",
        "CREATE UNIQUE INDEX bare_seq ON bare_event (branch, terminal, epoch, seq)",
    ),
}
"""The same rows with the same keys, and nothing behind them."""


def fill(database: Database, config: Config, count: int, first: int) -> list[str]:
    """Tickets that wait, a fifth of them of customers of 60+; the numbers as they stand in line.

    The first ones came hours before the others, and are not among the numbers.
    """
    chance, clock = Random(SEED), SystemClock()
    origin = Origin(config.branch.code, "T1", 1)
    journal = Journal(database, origin, clock, config.zone, RELEASE)
    now, facts, tickets = clock.now(), [], []
    for place in range(first + count):
        number = f"{'ABCDE'[place % 5]}{place // 5:04d}"
        priority = Priority.SENIOR if chance.random() < 0.2 else Priority.NORMAL
        arrived = now - timedelta(minutes=90) * chance.random()
        if place < first:
            arrived -= timedelta(hours=4)
        ticket = Candidate(new_id(), number, number[0], priority, arrived, now)
        tickets.append(ticket)
        fact = Fact(
            TicketIssued(wait=None),
            visit=new_id(), ticket=ticket.id, ticket_number=number, queue=number[0],
            service="cash", transferable=True, arrived_at=arrived, priority=priority.value,
        )  # fmt: skip
        facts.append(fact)
    journal.record(*facts)
    order = CallingOrder.configured(config.queue.head_start)
    return [each.ticket.number for each in order.in_line(tickets)][first:]


def work(
    make: Callable[[Config, str, int], Counter],
    config: Config,
    url: str,
    number: int,
    together: Any,
    told: Any,
) -> None:
    """One counter, in a process of its own."""
    counter = make(config, url, number)
    for _ in range(WARM_UP):
        counter.call()
        counter.serve()
    hand, times = [], []
    together.wait()
    begin = time.perf_counter()
    while True:
        start = time.perf_counter()
        called = counter.call()
        if called is None:
            break
        times.append(time.perf_counter() - start)
        hand.append(called)
        counter.serve()
    told.put((begin, time.perf_counter(), hand, times))


def drain(
    make: Callable[[Config, str, int], Counter], config: Config, urls: Sequence[str]
) -> Drained:
    """All counters at once, until nobody waits."""
    context = multiprocessing.get_context("fork")
    together, told = context.Barrier(len(urls)), context.Queue()
    running = [
        context.Process(target=work, args=(make, config, url, number, together, told))
        for number, url in enumerate(urls, start=1)
    ]
    for process in running:
        process.start()
    found = [told.get() for _ in running]
    for process in running:
        process.join()
    seconds = max(end for _, end, _, _ in found) - min(begin for begin, *_ in found)
    return Drained(
        seconds,
        [taken for *_, times in found for taken in times],
        [hand for _, _, hand, _ in found],
    )


def branch(engine: str, config: Config, server: PostgresServer | None, name: str) -> list[str]:
    """A fresh branch with its counters: the address for its owner, then one for each counter."""
    if server is None:
        url = f"sqlite:///{config.data_folder / name}.db"
    else:
        with server.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}")
        url = server.url(name)
    database = Database(url, create=True)
    initialise(database, config)
    urls = [url]
    for number in range(1, CALLERS[engine] + 1):
        login = enrol_counter(database, config.branch.code, number)
        if login is None or server is None:
            urls.append(url)
            continue
        passfile = config.data_folder / "passfile"
        passfile.touch(mode=0o600)
        with passfile.open("a") as lines:
            lines.write(f"*:*:*:{login.name}:{login.password}\n")
        urls.append(server.url(name, login.name) + f"?passfile={passfile}")
    database.close()
    return urls


def measure(engine: str, folder: Path, server: PostgresServer | None, options: Any) -> None:
    """Both sides in turns, each on a fresh database."""
    config = Config(data_folder=folder)
    ours, floors, calls, bare_calls = [], [], [], []
    never = [0, 0, 0]
    for turn in range(options.rounds):
        owner, *urls = branch(engine, config, server, f"branch_{engine}_{turn}")
        database = Database(owner)
        line = fill(database, config, options.tickets, WARM_UP * len(urls))
        with database.write() as connection:
            for statement in _BARE[engine]:
                connection.exec_driver_sql(statement)
        database.close()
        sides: list[tuple[Callable[[Config, str, int], Counter], list[str]]] = [
            (Floor, [owner] * len(urls)),
            (Ours, urls),
        ]
        for make, addresses in sides[:: -1 if turn % 2 else 1]:
            drained = drain(make, config, addresses)
            rate = ACTIONS * options.tickets / drained.seconds
            if make is Ours:
                ours.append(rate)
                calls += drained.calls
                found = (drained.double(), drained.lost(line), drained.out_of_order(line))
                never = [sum(pair) for pair in zip(never, found, strict=True)]
            else:
                floors.append(rate)
                bare_calls += drained.calls
    ratio = statistics.median(a / b for a, b in zip(ours, floors, strict=True))
    callers = CALLERS[engine]
    report(
        [
            Outcome(
                f"{engine}, {callers} counters: transactions",
                statistics.median(ours), "/s", LEAST_OF_FLOOR,
                statistics.median(floors), ratio, goal_is_ratio=True, more_is_better=True,
            ),
            *(
                Outcome(f"{engine}: {what}", count, "", 0)
                for what, count in zip(
                    ("called twice", "never called", "out of order"), never, strict=True
                )
            ),
        ]
    )  # fmt: skip
    for name, times in (("ours", calls), ("floor", bare_calls)):
        cuts = statistics.quantiles(times, n=100)
        print(f"a call, {name}: p50 {cuts[49] * 1e3:.2f} ms, p99 {cuts[98] * 1e3:.2f} ms")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    # none at all is looked up among the choices, too
    parser.add_argument("engines", nargs="*", choices=[*CALLERS, []], help="none: both")
    parser.add_argument("--tickets", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files are; none: a temporary one")
    options = parser.parse_args()
    for engine in options.engines or CALLERS:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=options.folder)))
            server = None
            if engine == "postgresql":
                server = stack.enter_context(
                    running_server(fsync="on", shared_buffers="256MB", max_connections="120")
                )
            measure(engine, folder, server, options)


if __name__ == "__main__":
    main()
