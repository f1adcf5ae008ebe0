"""What one server takes from many terminals, beside the bare function of the prototype.

    .venv/bin/python benchmarks/batches.py               # 1 and 32 terminals
    .venv/bin/python benchmarks/batches.py --rounds 9

Ours takes a batch with its checks, derived tables and figures; the floor takes the same number of
bare events of 12 columns with its checks and a receipt. Both hash what they were sent, and take
turns. Also what the figures cost in each batch, and what a login costs.
"""

import argparse
import hashlib
import itertools
import json
import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import psycopg
from outcome import Outcome, report
from postgres_server import PostgresServer, running_server
from sync import fill

from kiosk import projections
from kiosk.config import Branch, Config, Terminal
from kiosk.db import Database
from kiosk.projections import figures
from kiosk.services.branch import enrol, initialise
from kiosk.services.journal import Origin, new_id
from kiosk.services.sync import postgres_functions
from kiosk.services.sync.lines import LineReader, Span
from kiosk.services.sync.wire import WIRE_FORMAT

BATCH = 300
LEAST_OF_FLOOR = 0.8
MOST_MS_OF_FIGURES = 1.0
_OF_A_BRANCH = 8
_PROCESSES = 4
_BATCHES = 320
"""Of all terminals together, in each round."""
_FLOOR = Path(__file__).parent / "floors" / "bare_push.sql"
_Call = tuple[str, tuple[object, ...]]


def some_batches(folder: Path) -> list[list[dict[str, object]]]:
    """Batches of whole visits, to be told as any terminal's."""
    settings = Config(data_folder=folder)
    fill(settings, BATCH * 20)
    store = Database(f"sqlite:///{settings.store_path}")
    reader = LineReader(store, Origin(settings.branch.code, settings.terminal.code, 1))
    spans = [Span(first, first + BATCH, WIRE_FORMAT) for first in range(0, BATCH * 20, BATCH)]
    found = [[json.loads(line) for line in reader.read(span).lines] for span in spans]
    reader.close()
    store.close()
    return found


def told_as(batch: list[dict[str, object]], branch: str, terminal: str, seq: int) -> str:
    """The same visits once more, as another terminal's: with ids of their own."""
    ids: dict[object, str] = {}
    lines = []
    for place, event in enumerate(batch):
        new = {"branch": branch, "terminal": terminal, "seq": seq + place + 1, "id": new_id().hex}
        for name in ("visit", "offer", "ticket"):
            if event[name]:
                new[name] = ids.setdefault(event[name], new_id().hex)
        if event["ticket_number"]:
            new["ticket_number"] = f"{terminal}{seq + place:09}"
        lines.append(json.dumps(event | new, separators=(",", ":"), sort_keys=True))
    return "\n".join(lines)


def ours(
    connection: psycopg.Connection,
    branch: str,
    number: int,
    told: list[list[dict[str, object]]],
) -> Iterator[_Call]:
    """One batch after the other."""
    found = connection.execute("SELECT id FROM branch_meta").fetchone()
    assert found is not None
    terminal, chain = f"T{number}", ""
    for turn in itertools.count():
        text = told_as(told[turn % len(told)], branch, terminal, turn * BATCH)
        digest = hashlib.sha256((chain + text).encode()).hexdigest()
        caller = {
            "branch": branch, "terminal": terminal, "epoch": 1, "digit": number % _OF_A_BRANCH,
            "position": {"number": turn, "seq": turn * BATCH, "chain": chain},
            "database_id": str(found[0]), "wire_format": WIRE_FORMAT, "schema_version": 1,
            "app_version": "0", "sent_at": "2026-01-05T01:00:00+00:00", "waiting": 0,
            "oldest_waiting_at": None,
        }  # fmt: skip
        values = (json.dumps(caller), text, digest)
        yield "SELECT kiosk_push(%s, %s, %s, NULL) ->> 'status'", values
        chain = digest


def floor(
    _: psycopg.Connection, __: str, number: int, ___: list[list[dict[str, object]]]
) -> Iterator[_Call]:
    """The same of the bare function."""
    chain = ""
    for turn in itertools.count():
        rows = [
            {
                "seq": turn * BATCH + place + 1, "event_id": str(new_id()), "kind": "triage",
                "service": "cash", "outcome": "counter", "occurred_at": "2026-01-05 01:00:00+00",
                "mono_ns": 1, "boot_id": "boot", "schema_ver": 3,
                "payload": {"lang": "en", "wait_s": 12, "reason": "limit_under_10k"},
            }
            for place in range(BATCH)
        ]  # fmt: skip
        text = json.dumps(rows, separators=(",", ":"))
        digest = hashlib.sha256((chain + text).encode()).hexdigest()
        first = turn * BATCH + 1
        values = (f"K{number}", turn + 1, first, first + BATCH - 1, BATCH, digest, chain, text)
        marks = ", ".join(["%s"] * len(values))
        yield f"SELECT bare_push({marks})", values
        chain = digest


def _run(connection: psycopg.Connection, call: _Call) -> None:
    row = connection.execute(*call).fetchone()
    assert row == ("ok",), row


def _work(
    how: str, address: str, numbers: list[int], count: int, told: object, queue: object
) -> None:
    """Some terminals in a process of their own: how many batches a second they brought."""

    def go(number: int) -> None:
        with psycopg.connect(address, autocommit=True, prepare_threshold=None) as connection:
            make = {"ours": ours, "floor": floor}[how]
            branch = f"B{number // _OF_A_BRANCH}"
            calls = list(itertools.islice(make(connection, branch, number, told), count))  # type: ignore[arg-type]
            ready.wait()
            for call in calls:
                _run(connection, call)

    ready = threading.Barrier(len(numbers) + 1)
    threads = [threading.Thread(target=go, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    ready.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    queue.put(len(numbers) * count / (time.perf_counter() - start))  # type: ignore[attr-defined]


def rate(how: str, server: PostgresServer, terminals: int, told: object) -> float:
    """Batches a second; making them is not counted."""
    name = _fresh(server, how, terminals)
    address = server.url(name).replace("+psycopg", "")
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    processes = min(_PROCESSES, terminals)
    count = _BATCHES // terminals
    running = [
        context.Process(
            target=_work,
            args=(how, address, list(range(first, terminals, processes)), count, told, queue),
        )
        for first in range(processes)
    ]
    for process in running:
        process.start()
    found = sum(queue.get() for _ in running)
    for process in running:
        process.join()
    return float(found)


def _fresh(server: PostgresServer, how: str, terminals: int, *, counts: bool = True) -> str:
    """A database that knows the terminals and holds nothing yet."""
    name = how
    with server.connect("postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    if how == "floor":
        with server.connect(name) as connection:
            connection.execute(_FLOOR.read_bytes())
            connection.execute(
                "INSERT INTO kiosk SELECT 'K' || n FROM generate_series(0, %s) AS n", (terminals,)
            )
        return name
    database = Database(server.url(name))
    for number in range(terminals):
        branch = Branch(code=f"B{number // _OF_A_BRANCH}")
        digit = number % _OF_A_BRANCH
        if digit == 0:
            initialise(database, Config(branch=branch, terminal=Terminal(code="T", digit=0)))
        enrol(database, branch.code, f"T{number}", digit)
    if not counts:
        _count_nothing(database)
    database.close()
    return name


def _count_nothing(database: Database) -> None:
    """The same functions without the upkeep of the figures."""
    all_of_them = projections.definitions
    tables = {table.name for table in figures.TABLES}

    def without_figures(dialect: str) -> object:
        return [each for each in all_of_them(dialect) if each.clause.table.name not in tables]  # type: ignore[attr-defined]

    projections.definitions = without_figures  # type: ignore[assignment]
    try:
        with database.write() as connection:
            postgres_functions.install(connection)
    finally:
        projections.definitions = all_of_them


def upkeep(server: PostgresServer, rounds: int, told: list[list[dict[str, object]]]) -> Outcome:
    """Batches with figures and without, in turns."""
    names = {
        True: _fresh(server, "counted", 1),
        False: _fresh(server, "uncounted", 1, counts=False),
    }
    connections = {counts: server.connect(name) for counts, name in names.items()}
    pushes = {counts: ours(each, "B0", 0, told) for counts, each in connections.items()}
    took: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(rounds * 60):
        for counts in (turn % 2 == 0, turn % 2 == 1):
            call = next(pushes[counts])
            start = time.perf_counter()
            _run(connections[counts], call)
            took[counts].append((time.perf_counter() - start) * 1000)
    for connection in connections.values():
        connection.close()
    with_figures, without = statistics.median(took[True]), statistics.median(took[False])
    return Outcome(
        f"figures, ms of a batch of {BATCH} ({with_figures:.2f} with, {without:.2f} without)",
        with_figures - without, "ms", MOST_MS_OF_FIGURES,
    )  # fmt: skip


def logins(server: PostgresServer) -> str:
    """What it costs to come, with a password, and to stay."""
    with server.connect("postgres") as connection:
        connection.execute("DROP ROLE IF EXISTS comer")
        connection.execute("CREATE ROLE comer LOGIN PASSWORD 'a-long-password'")
    took = []
    for _ in range(200):
        start = time.perf_counter()
        psycopg.connect(
            host="127.0.0.1", port=server.port, dbname="postgres", user="comer",
            password="a-long-password",  # noqa: S106 (of a server of this run)
        ).close()  # fmt: skip
        took.append((time.perf_counter() - start) * 1000)
    return f"login by SCRAM without TLS: {statistics.median(took):.2f} ms in the middle"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--terminals", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        told = some_batches(Path(folder))
    with running_server(
        fsync="on", shared_buffers="256MB", max_wal_size="4GB", max_connections="60"
    ) as server:
        for terminals in options.terminals:
            found: dict[str, list[float]] = {"ours": [], "floor": []}
            for _ in range(options.rounds):
                for how, rates in found.items():
                    rates.append(rate(how, server, terminals, told))
            outcomes.append(
                Outcome(
                    f"{terminals} terminals, batches of {BATCH} a second",
                    statistics.median(found["ours"]), "/s", LEAST_OF_FLOOR,
                    statistics.median(found["floor"]),
                    statistics.median(
                        a / b for a, b in zip(found["ours"], found["floor"], strict=True)
                    ),
                    goal_is_ratio=True, more_is_better=True,
                )
            )  # fmt: skip
        outcomes.append(upkeep(server, options.rounds, told))
        told_of_logins = logins(server)
    report(outcomes)
    print(told_of_logins)


if __name__ == "__main__":
    main()
