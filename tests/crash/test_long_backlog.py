"""However many events wait, a synchronisation takes the same memory."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sync_world import FORMS, TerminalHere, World, assert_consistent, branch_of, rows

from kiosk.models.payloads import HelpAsked
from kiosk.services.journal import Fact, new_id
from kiosk.sqlite_driver import driver as sqlite

DRIVER = Path(__file__).with_name("push_driver.py")
FEW, MANY, ALL = 4_000, 40_000, 1_000_000
MOST_MORE = 8 * 1024
"""KiB: a third of what the lines of `MANY` events take."""


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("form", FORMS[:2])
def test_memory_is_flat(
    tmp_path: Path, request: pytest.FixtureRequest, form: str, is_long: bool
) -> None:
    world = World(tmp_path, branch_of(form, request)(tmp_path))
    terminal = world.terminal()
    terminal.journal.record(Fact(HelpAsked(), screen="home", visit=new_id(), subject=new_id()))
    few = push(terminal, FEW)
    many = push(terminal, ALL if is_long else MANY)
    assert_consistent(world, terminal)
    assert many - few < MOST_MORE
    world.branch.close()


def push(terminal: TerminalHere, events: int) -> int:
    """Let so many wait and send them; returns the most memory that it took, in KiB."""
    wait(terminal.path, events)
    terminal.store.close()
    words = (str(terminal.config.data_folder), terminal.branch_url)
    done = subprocess.run(
        [sys.executable, DRIVER, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert rows(terminal.path, "SELECT max(seq) FROM event") == rows(
        terminal.path, "SELECT acked_seq FROM watermark"
    )
    return int(done.stdout)


def wait(path: Path, events: int) -> None:
    """Add copies of the last event, past the journal: it would take a flush for each."""
    with closing(sqlite.connect(path)) as connection:
        found = connection.execute("SELECT * FROM event ORDER BY seq DESC LIMIT 1")
        names = [column for column, *_ in found.description]
        last = dict(zip(names, found.fetchone(), strict=True))
        seq = last["seq"]
        marks = ", ".join(f":{name}" for name in names)
        connection.executemany(
            f"INSERT INTO event ({', '.join(names)}) VALUES ({marks})",  # noqa: S608 (our own words)
            ({**last, "seq": seq + n, "id": new_id().hex} for n in range(1, events + 1)),
        )
        connection.commit()
