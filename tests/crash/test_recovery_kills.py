"""kill -9 while a store is replaced or a branch gets back what it lost: the command is repeated."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from recovery_driver import RENEW_STEPS, REPLAY_STEPS
from test_sync_kills import assert_figures, assert_whole, folder, run

__all__ = ["folder"]


@pytest.mark.parametrize("step", RENEW_STEPS)
def test_killed_while_the_store_is_replaced(folder: Path, step: str) -> None:
    promised = run(folder, "renew", step, driver="recovery_driver")
    assert len(promised) > 10
    with closing(sqlite3.connect(folder / "terminal-T1.db")) as here:
        here.execute("ATTACH ? AS branch", (str(folder / "branch.db"),))
        assert here.execute("PRAGMA main.integrity_check").fetchall() == [("ok",)]
        every = "SELECT epoch, seq, id, lower(ticket) FROM {}event ORDER BY epoch, seq"
        events = here.execute(every.format("")).fetchall()
        assert here.execute(every.format("branch.")).fetchall() == events
        assert here.execute("SELECT epoch FROM branch.terminal").fetchall() == [(2,)]
        assert here.execute("SELECT count(*) FROM branch.quarantine").fetchone() == (0,)
    assert {ticket for *_, ticket in events if ticket} == set(promised)
    assert len({event for _, _, event, _ in events}) == len(events)
    for epoch in (1, 2):
        numbers = [seq for of, seq, *_ in events if of == epoch]
        assert numbers == list(range(1, len(numbers) + 1))
    assert_figures(folder)
    (kept,) = folder.glob("*.kept-*.db")
    with closing(sqlite3.connect(kept)) as old:
        assert old.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert {event for (event,) in old.execute("SELECT id FROM event")} < {
            event for _, _, event, _ in events
        }
    assert not list(folder.glob("*.new*")) + list(folder.glob("*.renewal*"))


@pytest.mark.parametrize("step", REPLAY_STEPS)
def test_killed_while_a_branch_gets_back_what_it_lost(folder: Path, step: str) -> None:
    promised = run(folder, "replay", step, driver="recovery_driver")
    assert len(promised) > 20
    assert_whole(folder, promised)
    assert_figures(folder)
