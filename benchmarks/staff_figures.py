"""Staff's figures: how long each screen's question takes with 1,000,000 events in the database.

    .venv/bin/python benchmarks/staff_figures.py                    # both engines: half an hour
    .venv/bin/python benchmarks/staff_figures.py sqlite             # only a file
    .venv/bin/python benchmarks/staff_figures.py --crowd 10         # a tenth of the events

One branch's year: 300 tickets and 200 visits with an offer a day, ten members of staff with 24
talks and 12 customers who sign up. Each question is asked as a screen asks it, anew, through the
service; the median of several is told.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from outcome import Outcome, report
from postgres_server import running_server
from staff_year import StaffYear
from support import SHANGHAI
from sync_world import BranchHere, PostgresBranch, SqliteBranch, World

from kiosk.db import Database
from kiosk.services.catalog_staff import FollowUpRules
from kiosk.services.demos_report import Days
from kiosk.services.staff.figures import Counted, people
from kiosk.services.staff.follow_ups import follow_ups
from kiosk.services.staff.morning import morning_sheet
from kiosk.services.staff.open_days import OpenDays
from kiosk.services.staff.rates import comparison, rates
from kiosk.services.staff.rhythm import rhythm
from kiosk.services.staff.targets import progress
from kiosk.services.target_list import TargetList

_FIRST = date(2025, 11, 24)
_TODAY = date(2026, 11, 20)
_NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
_BUSY = 12
_ROUNDS = 9
_GOAL_MS = 50
_RULES = FollowUpRules()
_TARGETS = TargetList.model_validate(
    {
        "targets": [
            {"metric": metric, "period": period, "unit": "count", "value": 100}
            for metric in ("signed", "used", "completed", "follow_ups")
            for period in ("2026", "2026-Q4", "2026-11")
        ]
    }
)


def questions(database: Database) -> Iterator[tuple[str, Callable[[], object]]]:
    """What screens ask, by name."""
    today = Days(_TODAY, _TODAY)
    month = Days(_TODAY.replace(day=1), _TODAY)
    year = Days(_FIRST, _TODAY)
    days = _RULES.dormant_days
    yield "people, a day", lambda: people(database, "0001", today)
    yield "people, a month", lambda: people(database, "0001", month)
    yield "people, a year", lambda: people(database, "0001", year)
    yield "rates, a month", lambda: rates(database, "0001", month, _NOW, days)
    yield "rates, a year", lambda: rates(database, "0001", year, _NOW, days)
    yield "comparison, a month", lambda: comparison(database, "0001", month, _NOW, days)
    yield "follow-ups", lambda: follow_ups(database, "0001", _TODAY, _RULES)
    yield "rhythm", lambda: rhythm(database, "0001", _TODAY)
    yield (
        "morning sheet",
        lambda: morning_sheet(database, "0001", _TODAY - timedelta(days=1), _RULES),
    )
    yield "targets, twelve", lambda: _targets(database)


def _targets(database: Database) -> object:
    with database.read() as connection:
        return progress(_TARGETS, Counted(connection, "0001"), OpenDays(), _TODAY)


def measured(engine: str, here: BranchHere, folder: Path, crowd: int) -> list[Outcome]:
    """Build the year, then ask."""
    world = World(folder, here)
    begin = time.perf_counter()
    count = StaffYear("0001", SHANGHAI, _FIRST, busy=_BUSY, crowd=crowd).write(world.branch)
    print(f"{engine}: {count:,} events in {time.perf_counter() - begin:.0f} s", flush=True)
    if engine == "postgresql":
        world.change("ANALYZE")
    outcomes = []
    for name, ask in questions(world.branch):
        ask()  # statements are compiled once in a process
        outcomes.append(Outcome(f"{engine}: {name}", _median_ms(ask), "ms", _GOAL_MS))
    world.branch.close()
    return outcomes


def _median_ms(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(_ROUNDS):
        begin = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--crowd", type=int, default=113)
    options = parser.parse_args()
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if "sqlite" in options.engine:
            outcomes += measured("sqlite", SqliteBranch(folder), folder, options.crowd)
        if "postgresql" in options.engine:
            with running_server() as server:
                here = PostgresBranch(server, folder)
                outcomes += measured("postgresql", here, folder, options.crowd)
    report(outcomes)


if __name__ == "__main__":
    main()
