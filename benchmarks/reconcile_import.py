"""A journal of 1,000,000 lines through `kiosk reconcile import`, into a branch with 200,000 offers.

    .venv/bin/python benchmarks/reconcile_import.py                 # both engines, some minutes
    .venv/bin/python benchmarks/reconcile_import.py sqlite --lines 100000

The whole command in a process of its own: reading and matching, the events of what is proven, their
projections and figures, the lines that concern an offer, one transaction. Then the same file again.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from journal_world import HERE, JournalWorld
from outcome import Outcome, report
from postgres_server import running_server
from reconcile import make
from sqlalchemy import insert

from kiosk.cli import app
from kiosk.config import Branch, Config
from kiosk.db import Database
from kiosk.models import Diversion
from kiosk.models.tables import table_of
from kiosk.services.branch import initialise
from kiosk.services.journal import new_id

_AT_ONCE = 5_000
_GOAL_SECONDS, _GOAL_MB = 60, 300


def put_offers(url: str, folder: Path, world: JournalWorld) -> None:
    """A branch that knows of the accepted offers."""
    database = Database(url, create=True)
    initialise(database, Config(data_folder=folder, branch=Branch(code=HERE)))
    rows = [
        {
            "id": new_id(), "visit": new_id(), "branch": HERE, "terminal": each.terminal,
            "business_date": each.accepted_at.date(), "local_hour": 10, "left_out": False,
            "channel": each.channel, "service": each.service, "amount_band": each.band,
            "reference": each.reference, "offered_at": each.accepted_at,
            "accepted_at": each.accepted_at.astimezone(UTC), "journal_matches": 0,
        }
        for each in sorted(world.offers, key=lambda offer: offer.accepted_at)
    ]  # fmt: skip
    for first in range(0, len(rows), _AT_ONCE):
        with database.write() as connection:
            connection.execute(insert(table_of(Diversion)), rows[first : first + _AT_ONCE])
    database.close()


def child(url: str, journal: Path) -> None:
    """Measure the command in this process, and say it."""
    begun, used = time.perf_counter(), time.process_time()
    words = ["reconcile", "import", str(journal), "--layout", "mobile", "--branch-database", url]
    app(words, standalone_mode=False)
    found = {"seconds": time.perf_counter() - begun, "used": time.process_time() - used}
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [peak] = (int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    print(json.dumps({**found, "mb": peak}))


def measured(url: str, folder: Path, journal: Path) -> dict[str, float]:
    """Of a process of its own."""
    command = [sys.executable, __file__, "--child", url, "--journal", str(journal)]
    environment = {**os.environ, "KIOSK_DATA_FOLDER": str(folder)}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    *told, figures = done.stdout.splitlines()
    print("   ", "\n    ".join(told[:3]))
    found: dict[str, float] = json.loads(figures)
    return found


@contextmanager
def database_on(engine: str, folder: Path) -> Iterator[str]:
    """The address of an empty one."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'branch.db'}"
        return
    with running_server(fsync="on") as server:
        with server.connect("postgres") as connection:
            connection.execute("CREATE DATABASE branch")
        yield server.url("branch")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engines", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--child")
    parser.add_argument("--journal", type=Path)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, asked.journal)
        return
    with tempfile.TemporaryDirectory() as name:
        world = make(Path(name), asked.lines)
    outcomes = []
    for engine in asked.engines:
        with tempfile.TemporaryDirectory() as name, database_on(engine, Path(name)) as url:
            journal = Path(name, "journal.txt")
            world.write(journal)
            put_offers(url, Path(name), world)
            first, again = (measured(url, Path(name), journal) for _ in range(2))
            outcomes += [
                Outcome(f"{engine}: import", first["seconds"], "s", _GOAL_SECONDS),
                Outcome(f"{engine}: processor time", first["used"], "s", _GOAL_SECONDS),
                Outcome(f"{engine}: peak memory", first["mb"], "MB", _GOAL_MB),
                Outcome(f"{engine}: the same file again", again["seconds"], "s", 1),
            ]
    report(outcomes)


if __name__ == "__main__":
    main()
