"""Kills a terminal that gets a new store, or that brings a restored branch what it lost.

    recovery_driver.py FOLDER renew STEP     killed at the named step, then the command is repeated
    recovery_driver.py FOLDER replay STEP    the same

As in `sync_driver.py`: promised tickets are printed, steps are functions that are replaced here.
"""

import itertools
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sync_driver import (
    BATCH_SIZE,
    die,
    dies_after,
    dies_before,
    in_a_child,
    last_number,
    opened,
    record,
    synchronise,
)

from kiosk import projections
from kiosk.clock import SystemClock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services import replacement
from kiosk.services.journal import Journal
from kiosk.services.sync import push, renew, replay
from kiosk.services.sync.granting import open_renewal
from kiosk.services.sync.receive import DirectBranch
from kiosk.services.sync.renew import Renewal

RENAMES = 5
"""The marker, the old store's three files, the new store."""


def dies_at_rename(number: int) -> None:
    """Killed once so many files have been moved."""
    real, count = Path.rename, itertools.count(1)

    def rename(self: Path, target: Path) -> Path:
        moved = real(self, target)
        if next(count) == number:
            die()
        return moved

    Path.rename = rename  # type: ignore[method-assign,assignment]


def dies_at_the_marker_s_end() -> None:
    real = Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if self.suffix == ".renewal":
            die()
        real(self, missing_ok)

    Path.unlink = unlink  # type: ignore[method-assign]


RENEW_STEPS: dict[str, Callable[[], None]] = {
    "before the branch is asked": lambda: dies_before(DirectBranch, "renew"),
    "the branch has given the epoch": lambda: dies_after(DirectBranch, "renew"),
    "the branch has said what it has": lambda: dies_after(DirectBranch, "which_are_known"),
    "before the new store is filled": lambda: dies_before(Renewal, "_fill"),
    "events in the new store": lambda: dies_after(Renewal, "_fill"),
    "derived tables, not committed": lambda: dies_after(projections, "rebuild"),
    "the new store is whole": lambda: dies_before(replacement, "_mark"),
    **{
        f"{number} files moved": lambda number=number: dies_at_rename(number)  # type: ignore[misc]
        for number in range(1, RENAMES + 1)
    },
    "before the marker goes": dies_at_the_marker_s_end,
}
REPLAY_STEPS: dict[str, Callable[[], None]] = {
    "before the ledger is set back": lambda: dies_before(replay, "_set_back"),
    "set back, not committed": lambda: dies_after(replay, "_set_back"),
    "set back": lambda: dies_after(replay, "_go_back"),
    "the first batch is there again": lambda: dies_before(push, "_acknowledge"),
    "the first receipt is kept again": lambda: dies_after(push, "_acknowledge"),
    "before decisions are told": lambda: dies_before(replay, "_drop_again"),
}


def main(folder: Path, command: str, step: str) -> None:
    act = {"renew": renew_again, "replay": replay_again}[command]
    in_a_child(lambda: act(folder, step))
    config = Config(data_folder=folder)
    if command == "replay":
        journal, _ = opened(folder)
        bring_again(journal, config)
        return
    if not replacement.is_half_replaced(config.store_path):
        journal, _ = opened(folder)  # meanwhile the terminal is started again
        record(journal, last_number(journal.database) + 1)
        journal.database.close()
    if renew.finish(config) is None:
        carry_out(config, (folder / "code").read_text())
    journal, _ = opened(folder)
    record(journal, last_number(journal.database) + 1)
    synchronise(journal, config)


def some_events(folder: Path, visits: int) -> tuple[Journal, Config]:
    journal, config = opened(folder)
    for _ in range(visits):
        record(journal, last_number(journal.database) + 1)
    return journal, config


def renew_again(folder: Path, step: str) -> None:
    journal, config = some_events(folder, BATCH_SIZE)
    synchronise(journal, config)
    some_events(folder, 3)
    branch = Database(config.branch_database_url)
    code = open_renewal(branch, "0001", "T1")
    branch.close()
    (folder / "code").write_text(code)
    RENEW_STEPS[step]()
    carry_out(config, code)


def carry_out(config: Config, code: str) -> None:
    clock = SystemClock()
    with renew.renewal(config, clock) as found:
        found.carry_out(code, lambda: DirectBranch(config.branch_database_url, clock))


def replay_again(folder: Path, step: str) -> None:
    journal, config = some_events(folder, BATCH_SIZE)
    synchronise(journal, config)
    backup = shutil.copy(folder / "branch.db", folder / "backup.db")
    some_events(folder, BATCH_SIZE * 2)
    synchronise(journal, config)
    some_events(folder, 1)
    shutil.copy(backup, folder / "branch.db")
    REPLAY_STEPS[step]()
    bring_again(journal, config)


def bring_again(journal: Journal, config: Config) -> None:
    clock = SystemClock()
    replay.replay(
        journal.database,
        journal.origin,
        lambda: DirectBranch(config.branch_database_url, clock),
        clock,
        silent,
    )


def silent(*_: Any) -> None:
    """Nobody watches."""


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
