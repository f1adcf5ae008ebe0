"""Many terminals against one server, which dies in the middle: every event is there once."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from many_terminals import Place
from postgres_server import PostgresServer
from sync_world import PostgresBranch, TerminalHere, World, assert_consistent, rows

from kiosk.services.branch import check

DRIVER = Path(__file__).with_name("many_terminals.py")
_OF_A_BRANCH = 5
"""So that branches share the database; each terminal of one has a digit of its own."""
_RECEIPTS = "SELECT number, from_seq, to_seq, digest, inserted, duplicates, quarantined FROM"


@pytest.mark.timeout(1800)
def test_many_terminals_and_a_server_that_are_killed(
    tmp_path: Path, server: PostgresServer, is_long: bool
) -> None:
    terminals, events, kills = (50, 2000, 500) if is_long else (10, 400, 40)
    world = World(tmp_path, PostgresBranch(server, tmp_path))
    made = [
        world.terminal(f"T{number:02}", number % _OF_A_BRANCH, branch=f"B{number // _OF_A_BRANCH}")
        for number in range(terminals)
    ]
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps([asdict(place_of(terminal)) for terminal in made]))
    killed = run(plan, server, events, kills)

    assert killed > kills // 2
    assert_consistent(world, *made)
    for terminal in made:
        [(last,)] = rows(terminal.path, "SELECT max(seq) FROM event")
        assert isinstance(last, int)
        assert last >= events
        assert_same_receipts(world, terminal)
    assert not check(world.branch).differences
    world.branch.close()


def place_of(terminal: TerminalHere) -> Place:
    terminal.store.close()
    config = terminal.config
    return Place(
        str(config.data_folder), config.branch.code, config.terminal.code, config.terminal.digit,
        terminal.branch_url,
    )  # fmt: skip


def run(plan: Path, server: PostgresServer, events: int, kills: int) -> int:
    """Let them work, and the server die when half of the kills are done; returns how many were."""
    words = [str(plan), str(events), str(kills), "17"]
    with subprocess.Popen(
        [sys.executable, DRIVER, *words], stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdout is not None
        killed = 0
        for line in driver.stdout:
            match line.split():
                case ["half"]:
                    server.kill()
                    server.start()
                case ["killed", number]:
                    killed = int(number)
    assert driver.returncode == 0
    return killed


def assert_same_receipts(world: World, terminal: TerminalHere) -> None:
    """What the branch gave is what the terminal kept."""
    theirs = world.rows(
        f"{_RECEIPTS} receipt WHERE terminal = ? ORDER BY number", terminal.config.terminal.code
    )
    assert theirs == rows(terminal.path, f"{_RECEIPTS} batch ORDER BY number")
