"""What a bank needs, by arithmetic from what is measured here: the numbers of docs/capacity.md.

.venv/bin/python benchmarks/capacity.py
.venv/bin/python benchmarks/capacity.py --branches 20000 --terminals 4 --events 300
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from batches import BATCH, logins, rate, some_batches
from postgres_server import PostgresServer, running_server
from sync import fill, new_database, prepared, push

from kiosk.config import Config
from kiosk.db import Database

SAMPLE = 60_000
_BUSY_HOUR_SHARE = 0.2
"""Of a day's events: half of a day's customers come in two or three hours."""
_DAYS = 365
_SIZES = """
    SELECT
        sum(pg_table_size(oid)) FILTER (WHERE relname ~ '^event'),
        sum(pg_indexes_size(oid)) FILTER (WHERE relname ~ '^event'),
        sum(pg_total_relation_size(oid)) FILTER (
            WHERE relname IN ('visit', 'ticket', 'diversion', 'hourly_figures')
        ),
        sum(pg_total_relation_size(oid)) FILTER (WHERE relname = 'receipt')
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Sizes:
    """Bytes an event."""

    rows: float
    indexes: float
    derived: float
    receipts: float
    log: float
    """What is written ahead, and sent to a head office."""


def measured(server: PostgresServer) -> Sizes:
    """A database after one terminal's backlog, less what an empty one takes."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Config(data_folder=Path(folder))
        fill(settings, SAMPLE)
        login = prepared(Database(new_database(server, "branch")), settings)
        assert login is not None
        passfile = settings.data_folder / "passfile"
        passfile.touch(mode=0o600)
        passfile.write_text(f"*:*:*:*:{login.password}\n")
        with server.connect("branch") as connection:
            before = connection.execute(_SIZES).fetchone()
            start = connection.execute("SELECT pg_current_wal_lsn()").fetchone()
            push(settings, server.url("branch", login.name) + f"?passfile={passfile}")
            after = connection.execute(_SIZES).fetchone()
            written = connection.execute(
                "SELECT pg_current_wal_lsn() - %s::pg_lsn, (SELECT count(*) FROM event)", start
            ).fetchone()
    assert before is not None
    assert after is not None
    assert written is not None
    count = int(written[1])
    rows, indexes, derived, receipts = (
        (float(b) - float(a)) / count for a, b in zip(before, after, strict=True)
    )
    return Sizes(rows, indexes, derived, receipts, float(written[0]) / count)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--branches", type=int, default=20_000)
    parser.add_argument("--terminals", type=int, default=4, help="of a branch")
    parser.add_argument("--events", type=int, default=300, help="of a terminal in a day")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = some_batches(Path(folder))
    with running_server(
        fsync="on", shared_buffers="256MB", max_wal_size="4GB", max_connections="60"
    ) as server:
        sizes = measured(server)
        taken = rate("ours", server, 32, told) * BATCH
        coming = logins(server)
    day = options.branches * options.terminals * options.events
    busy = day * _BUSY_HOUR_SHARE / 3600
    kept = sizes.rows + sizes.indexes + sizes.derived + sizes.receipts
    for what, value in (
        ("bytes an event: rows", f"{sizes.rows:,.0f}"),
        ("bytes an event: its indexes", f"{sizes.indexes:,.0f}"),
        ("bytes an event: derived tables with indexes", f"{sizes.derived:,.0f}"),
        ("bytes an event: receipts", f"{sizes.receipts:,.1f}"),
        ("bytes an event: write-ahead log", f"{sizes.log:,.0f}"),
        ("events a second from 32 terminals, batches of 300", f"{taken:,.0f}"),
        ("", coming),
        ("events a day", f"{day:,}"),
        ("events a second, over 24 hours", f"{day / 86400:,.0f}"),
        ("events a second in the busy hour", f"{busy:,.0f}"),
        ("events a year", f"{day * _DAYS:,}"),
        ("gigabytes a day, kept", f"{day * kept / 1e9:,.1f}"),
        ("gigabytes a day, of it derived", f"{day * sizes.derived / 1e9:,.1f}"),
        ("terabytes a year", f"{day * _DAYS * kept / 1e12:,.2f}"),
        ("gigabytes of log a day", f"{day * sizes.log / 1e9:,.1f}"),
        ("share of such a server in the busy hour", f"{busy / taken:.1%}"),
        ("hours of such a server for a day that was missed", f"{day / taken / 3600:.1f}"),
    ):
        print(f"{what:<52} {value}")


if __name__ == "__main__":
    main()
