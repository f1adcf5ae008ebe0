"""Synchronises once, and says the most memory that it took, in KiB.

push_driver.py FOLDER BRANCH_DATABASE
"""

import resource
import sys
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.branch import prepare_store
from kiosk.services.sync.push import synchronise
from kiosk.services.sync.reach import reach


def main(folder: Path, url: str) -> None:
    config, clock = Config(data_folder=folder), SystemClock()
    store = Database(f"sqlite:///{config.store_path}", is_store=True)
    origin = prepare_store(store, config)
    synchronise(store, origin, lambda: reach(url, clock), clock)
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
