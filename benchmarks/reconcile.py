"""A journal of 1,000,000 lines against 200,000 accepted offers, beside DuckDB alone.

    .venv/bin/python benchmarks/reconcile.py                 # some minutes
    .venv/bin/python benchmarks/reconcile.py --lines 100000  # a tenth of it

The floor reads the same file with the same types and joins it by reference and channel: it knows of
no damage, no reversal, no second rule and no band. Each runs in a process of its own, in turns.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from journal_world import HERE, PROVEN, JournalWorld, make_world
from outcome import Outcome, compared, report
from support import default_catalog

from kiosk.services.reconcile.layout import Layout, load_layout
from kiosk.services.reconcile.matching import JournalLines, judge
from kiosk.services.reconcile.reading import read_journal
from kiosk.services.reconcile.workbench import workbench

_DAYS = 30
_GOAL_RATIO, _GOAL_MB = 2, 200
_NAMES = (
    "id", "said_at", "code", "name", "amount", "reference", "branch", "terminal", "kind",
    "reverses",
)  # fmt: skip
_FLOOR = """
CREATE TABLE found AS
SELECT line.id, offer.offer FROM (
    SELECT *, try_cast(amount AS DECIMAL(18, 2)) AS fen,
        timezone('Asia/Shanghai', try_strptime(said_at, '%Y%m%d%H%M%S'))::TIMESTAMP AS occurred_at
    FROM read_csv(?, header = false, skip = 1, auto_detect = false, delim = '|', quote = '',
        escape = '', columns = {columns}, null_padding = true)
) AS line
JOIN read_csv(?, header = false, auto_detect = false, columns = {
    'offer': 'UUID', 'reference': 'VARCHAR', 'channel': 'VARCHAR', 'service': 'VARCHAR',
    'amount_band': 'VARCHAR', 'accepted_at': 'TIMESTAMP', 'terminal': 'VARCHAR',
    'visit': 'UUID', 'business_date': 'DATE'}) AS offer USING (reference)
WHERE offer.channel = 'mobile' AND line.occurred_at >= offer.accepted_at AND line.fen > 0
"""


def floor(folder: Path) -> int:
    """DuckDB alone, in one thread as ours, with all the memory that it likes."""
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in _NAMES) + "}"
    with workbench(folder) as connection:
        connection.execute("RESET memory_limit")
        files = [str(folder / "journal.txt"), str(folder / "offers.csv")]
        connection.execute(_FLOOR.replace("{columns}", columns), files)
        [(count,)] = connection.execute("SELECT count(*) FROM found").fetchall()
    return int(count)


def ours(folder: Path) -> int:
    """Reading, and both rules."""
    lines = JournalLines("1", folder / "1.parquet", has_terminals=True)
    with workbench(folder) as connection:
        read_journal(
            connection,
            folder / "journal.txt",
            in_utf_8(),
            default_catalog(),
            lines.parquet,
            HERE,
        )
    with workbench(folder) as connection:
        judge(connection, [lines], folder / "offers.csv", folder / "held.csv", HERE)
        [(count,)] = connection.execute("SELECT count(*) FROM chosen").fetchall()
    return int(count)


def in_utf_8() -> Layout:
    """DuckDB alone reads no GB18030."""
    layout = load_layout("mobile", None, default_catalog())
    return layout.model_copy(update={"encoding": "utf-8"})


def make(folder: Path, lines: int) -> JournalWorld:
    """The files of a run."""
    world = make_world(Random(8), offers=lines // 5, strangers=0, days=_DAYS)
    strangers = make_world(Random(9), offers=0, strangers=lines - len(world.lines), days=_DAYS)
    first = len(world.lines)
    world.lines += [f"TY{line[2:]}" for line in strangers.lines]
    assert len(world.lines) == lines, first
    (folder / "journal.txt").write_text(world.text(), encoding="utf-8")
    with (folder / "offers.csv").open("w", newline="", encoding="utf-8") as table:
        csv.writer(table).writerows(each.row() for each in world.offers)
    (folder / "held.csv").touch()
    return world


def child(what: str, folder: Path) -> None:
    """Measure one of them in this process, and say it."""
    begun = time.perf_counter()
    count = {"floor": floor, "ours": ours}[what](folder)
    seconds = time.perf_counter() - begun
    # ru_maxrss would be that of who started this process, too
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [peak] = (int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    print(json.dumps({"count": count, "seconds": seconds, "mb": peak}))


def measured(what: str, folder: Path) -> dict[str, float]:
    """Of a process of its own."""
    command = [sys.executable, __file__, "--child", what, "--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", choices=("floor", "ours"))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.child:
        child(asked.child, asked.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = make(folder, asked.lines)
        rounds = [
            (measured("ours", folder), measured("floor", folder)) for _ in range(asked.rounds)
        ]
        size = (folder / "journal.txt").stat().st_size / 1e6
    proven = sum(fate in PROVEN for fate in world.fates.values())
    first = rounds[0][0]
    print(f"{asked.lines} lines ({size:.0f} MB), {len(world.offers)} offers")
    print(f"proven by reference: {first['count']:.0f} of {proven} that can be")
    report(
        [
            compared("read and matched", [a["seconds"] for a, _ in rounds],
                     [b["seconds"] for _, b in rounds], "s", _GOAL_RATIO),
            Outcome("peak memory", max(a["mb"] for a, _ in rounds), "MB", _GOAL_MB,
                    floor=max(b["mb"] for _, b in rounds)),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
