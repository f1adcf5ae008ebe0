"""The least that can tell how a synchronisation stands: a TOML file, the driver, words."""

import os
import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pysqlite3 import dbapi2 as sqlite

with open(os.environ["KIOSK_CONFIG"], "rb") as file:  # noqa: PTH123 (pathlib takes 4 ms)
    folder = tomllib.load(file)["data_folder"]
zone = ZoneInfo("Asia/Shanghai")


def moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


store = sqlite.connect(f"file:{folder}/terminal-T1.db?mode=ro", uri=True)
epoch = store.execute("SELECT epoch FROM terminal").fetchone()[0]
mark = store.execute(
    "SELECT acked_seq, batch_number, last_receipt_at FROM watermark WHERE epoch = ?", (epoch,)
).fetchone()
acked, number, receipt = mark or (0, 0, None)
behind = "FROM event WHERE branch = '0001' AND terminal = 'T1' AND epoch = ? AND seq > ?"
waiting = store.execute(f"SELECT count(*), min(occurred_at) {behind}", (epoch, acked)).fetchone()
batches = store.execute("SELECT number, events, state FROM batch WHERE number >= ?", (number,))
aside = store.execute("SELECT count(*) FROM quarantine WHERE epoch = ?", (epoch,)).fetchone()[0]
print(f"{waiting[0]} events are waiting for the branch.")
if waiting[1]:
    print(f"The oldest is {datetime.now(UTC) - moment(waiting[1])} old.")
if receipt:
    print(f"The last receipt is for batch {number}, at {moment(receipt).astimezone(zone)}.")
print(f"{len(batches.fetchall())} batches; {aside} events stand in quarantine.")
