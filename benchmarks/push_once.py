"""What `kiosk sync` does, with nothing else in the process: prints seconds and peak megabytes.

Started by `sync.py` with a data folder and the branch database's address.
"""

import re
import sys
import time
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.services.branch import open_store, prepare_store
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach


def main(folder: str, url: str) -> None:
    settings, clock = Config(data_folder=Path(folder)), SystemClock()
    store = open_store(settings)
    origin = prepare_store(store, settings)
    start = time.perf_counter()
    synchronise(store, origin, lambda: reach(url, clock), clock)
    seconds = time.perf_counter() - start
    store.close()
    # what getrusage says begins with the memory of whoever started this process
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    print(seconds, int(peak) / 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
