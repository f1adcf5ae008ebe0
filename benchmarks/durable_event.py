"""One durable event with its projections, beside the bare driver that stores the same row.

Ours is what a step of a customer costs: the service makes the event, the journal stores it and
brings the projections up to date in the same transaction, which is on the disk before the screen
moves on. The floor is the same row with the same keys through the same driver, with nothing else:
BEGIN IMMEDIATE, INSERT, COMMIT with synchronous=FULL.
"""

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from outcome import Outcome, compared, report

from kiosk.bootstrap import build
from kiosk.config import Config
from kiosk.services.customer import CustomerServices
from kiosk.services.demo.runs import DemoRun, Way
from kiosk.services.diversion import Evidence, OfferMade
from kiosk.services.journal import new_id
from kiosk.services.tickets import TicketRequest
from kiosk.services.visits import EndReason
from kiosk.sqlite_driver import driver as sqlite

GOAL = 2.5
_Side = tuple[dict[str, list[float]], Callable[[], object]]
_SERVICE, _CHANNEL, _DEMO = "same_bank_transfer", "mobile", "same_bank_transfer_mobile"


class Customer:
    """One visit, step by step; each step stores exactly one event."""

    def __init__(self, services: CustomerServices) -> None:
        self._services = services
        self._visit, self._ticket = new_id(), new_id()
        self._offer = OfferMade(new_id(), self._visit, _SERVICE, _CHANNEL)
        self._run = DemoRun(new_id(), _DEMO, 1, Way.TRY, self._visit, _SERVICE, _CHANNEL)

    def steps(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """What is measured, by name, in the order in which it happens."""
        visits, diversions, tickets = (
            self._services.visits,
            self._services.diversions,
            self._services.tickets,
        )
        demos = self._services.demo_runs
        arrived_at = self._services.journal.now()
        wait = tickets.wait()
        request = TicketRequest(self._ticket, self._visit, arrived_at, _SERVICE)
        yield "visit started", lambda: visits.start(self._visit, "en")
        yield "intent stated", lambda: visits.state_intent(self._visit, _SERVICE)
        yield "offered", lambda: diversions.offer(self._offer, {"amount": "upto_50k"}, wait)
        yield "accepted", lambda: diversions.accept(self._offer)
        yield "demo started", lambda: demos.start(self._run, "home")
        yield "demo step", lambda: demos.step(self._run, "home", "payee", 4, 1)
        yield "demo finished", lambda: demos.finish(self._run, 60)
        yield "completed", lambda: diversions.complete(self._offer, Evidence.CUSTOMER_SAID)
        yield "ticket issued", lambda: tickets.issue(request)
        yield "ticket cancelled", lambda: tickets.cancel(self._ticket)
        yield "visit ended", lambda: visits.end(self._visit, "en", EndReason.FINISHED)


class Floor:
    """The event table alone, in a file of its own, written by the driver."""

    def __init__(self, path: Path, store: Path) -> None:
        self._connection = sqlite.connect(path, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._connection.execute(f"PRAGMA {pragma}")
        with closing(sqlite.connect(store)) as source:
            query = "SELECT sql FROM sqlite_master WHERE tbl_name = 'event' AND sql IS NOT NULL"
            for (statement,) in source.execute(query):
                self._connection.execute(statement)
            self._columns = [row[1] for row in source.execute("PRAGMA table_info(event)")]
        marks = ", ".join("?" * len(self._columns))
        self._insert = f"INSERT INTO event ({', '.join(self._columns)}) VALUES ({marks})"  # noqa: S608
        self._seq = 0

    def row_like(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The same row as another event."""
        self._seq += 1
        own = {"id": new_id().hex, "seq": self._seq}
        return tuple(own.get(name, value) for name, value in zip(self._columns, row, strict=True))

    def store(self, row: tuple[Any, ...]) -> None:
        """One durable row."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(self._insert, row)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@contextmanager
def _services(folder: Path) -> Iterator[tuple[CustomerServices, Path]]:
    config = Config(data_folder=folder)
    services = build(config)
    try:
        yield services, config.store_path
    finally:
        services.close()


def _last_row(store: Path) -> tuple[Any, ...]:
    with closing(sqlite.connect(store)) as connection:
        row: tuple[Any, ...] = connection.execute(
            "SELECT * FROM event ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return row


def _milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def measure(folder: Path, rounds: int, warmup: int) -> list[Outcome]:
    """Both sides in turns, step by step, in alternating order."""
    ours: dict[str, list[float]] = {}
    floors: dict[str, list[float]] = {}
    with (
        _services(folder) as (services, store),
        closing(Floor(folder / "floor.db", store)) as floor,
    ):
        rows: dict[str, tuple[Any, ...]] = {}
        for name, step in Customer(services).steps():
            step()
            rows[name] = _last_row(store)
        gc.freeze()  # as the terminal does when it has started
        for index in range(-warmup, rounds):
            gc.collect()  # and between customers
            for name, step in Customer(services).steps():
                row = floor.row_like(rows[name])
                sides: list[_Side] = [(ours, step), (floors, partial(floor.store, row))]
                for results, call in sides[:: -1 if index % 2 else 1]:
                    taken = _milliseconds(call)
                    if index >= 0:
                        results.setdefault(name, []).append(taken)
    return [compared(name, ours[name], floors[name], "ms", GOAL) for name in ours]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("-n", "--rounds", type=int, default=400, help="visits (400)")
    options.add_argument("--folder", type=Path, help="a folder on the disk to measure (temporary)")
    given = options.parse_args()
    gc.disable()
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="durable-event-") as folder:
        outcomes = measure(Path(folder), given.rounds, warmup=20)
    report(outcomes)
    worst = max(each.ratio or 0 for each in outcomes)
    middle = statistics.median(each.ratio or 0 for each in outcomes)
    print(f"ratio over all steps: median {middle:.2f}, worst {worst:.2f}")


if __name__ == "__main__":
    main()
