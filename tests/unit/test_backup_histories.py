"""Random histories of a terminal and its branch, each restored from backups of any age.

Whatever was put back, in whatever order: once the terminal has brought what it holds, the branch
has each event once and counts it right, and nothing is gone that a store, the backup that was put
back or the branch still had.
"""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sync_history import kept_figures
from sync_world import BranchHere, branch_of, reopened, rows
from test_recovery_histories import (
    House,
    assert_the_branch_has,
    counted_there,
    migrate_by_copying,
    replayed,
)

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.backup import back_up
from kiosk.services.restore import restore_branch, store_restored
from kiosk.services.sync.granting import open_renewal

LOST = ("intact", "lost", "rotten")
numbers = st.integers(0, 11)
step = st.tuples(st.just("step"), st.just(0), st.integers(0, 8), numbers)
sync = st.tuples(st.just("sync"), st.just(0), st.integers(1, 9), st.integers(0, 2))
steps = st.one_of(
    step, step, step, step, sync, sync,
    *(
        st.tuples(st.just(what), st.just(0), numbers, numbers)
        for what in ("back up", "put back", "back up branch", "put back branch")
    ),
    st.tuples(st.just("replay"), st.just(0), st.just(0), st.just(0)),
)  # fmt: skip


class Kept(House):
    """A terminal of which backups are kept; knows what must still be somewhere."""

    def __init__(self, folder: Path, here: BranchHere) -> None:
        super().__init__(folder, here)
        self.backups: list[Path] = []
        self.branch_backups: list[Callable[[], None]] = []
        self.ever: set[str] = set()
        self.expected: set[str] = set()
        """Of these, what must be at the branch in the end."""

    @property
    def in_store(self) -> set[str]:
        return ids(self.lobbies[0].terminal.path)

    @property
    def in_branch(self) -> set[str]:
        return {str(event) for (event,) in self.world.rows("SELECT id FROM event")}

    def take(self, what: str, of: int, first: int, second: int) -> None:
        if what == "back up":
            self._back_up()
        elif what == "put back" and self.backups:
            self.put_back(self.backups[first % len(self.backups)], LOST[second % len(LOST)])
        elif what == "back up branch":
            self._back_up_branch()
        elif what == "put back branch" and self.branch_backups:
            self.world.branch.close()
            self.branch_backups[first % len(self.branch_backups)]()
            # what only the branch had, as after a store that was lost, may be gone
            self.expected = self.in_branch
        else:
            super().take(what, of, first, second)
        self.expected |= self.in_store
        self.ever |= self.expected

    def _back_up(self) -> None:
        copy = self.folder / f"backup-{len(self.backups)}"
        back_up(self.lobbies[0].terminal.path, copy, self.world.clock.now())
        self.backups.append(copy)

    def _back_up_branch(self) -> None:
        database = self.world.branch
        if not database.is_sqlite:  # a server's copy can be put back once
            if not self.branch_backups:
                database.close()
                go_back = self.world.here.back_up()

                def put_back_once() -> None:
                    go_back()
                    self.branch_backups.clear()

                self.branch_backups.append(put_back_once)
            return
        copy = self.folder / f"branch-{len(self.branch_backups)}"
        now = self.world.clock.now()
        back_up(database.path, copy, now)

        def put_back() -> None:
            restore_branch(database.path, copy, now)

        self.branch_backups.append(put_back)

    def put_back(self, backup: Path, old: str) -> None:
        """A backup of any age; the old store is still whole, gone, or can be read in part."""
        lobby = self.lobbies[0]
        terminal = lobby.terminal
        terminal.store.close()
        somewhere = ids(backup) | self.in_branch
        if old == "intact":
            somewhere |= self.in_store
        elif old == "lost":
            terminal.path.unlink()
        else:
            rot(terminal.path)
        code = open_renewal(self.world.branch, "0001", "T1")
        self.world.branch.close()
        with store_restored(terminal.config, self.world.clock, backup) as (_, found):
            assert found.carry_out(code, lambda: terminal.connect(terminal.branch_url))
        lobby.terminal = reopened(terminal)
        left = self.in_store | self.in_branch
        assert somewhere <= left <= self.ever
        self.expected = left


def rot(path: Path) -> None:
    """Every third page can't be read any more; the first can."""
    content = bytearray(path.read_bytes())
    for at in range(2 * 4096, len(content), 3 * 4096):
        content[at : at + 4096] = b"\xa5" * 4096
    path.write_bytes(content)


def ids(path: Path) -> set[str]:
    return {str(event) for (event,) in rows(path, "SELECT id FROM event")}


@pytest.fixture(params=["sqlite", "postgresql"])
def make_branch(request: pytest.FixtureRequest) -> Callable[[Path], BranchHere]:
    return branch_of(request.param, request)


@settings(
    max_examples=settings().max_examples // 16,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    # a factory is the same for every example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=st.lists(steps, min_size=15, max_size=35))
def test_nothing_is_sent_twice_and_nothing_is_lost(
    make_branch: Callable[[Path], BranchHere], history: list[tuple[str, int, int, int]]
) -> None:
    folder = Path(tempfile.mkdtemp())
    house = Kept(folder, make_branch(folder))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Database, "migrate", lambda self, **_: migrate_by_copying(self))
            for each in history:
                house.take(*each)
            bring_everything(house)
        assert_the_branch_has(house, house.expected)
        if house.expected == house.ever:  # the count in plain Python knows no visit without a start
            assert kept_figures(house.world) == counted_there(house.world)
    finally:
        house.close()


def bring_everything(house: Kept) -> None:
    lobby = house.lobbies[0]
    with suppress(KioskError):  # as where the branch is older than the store's own history
        replayed(lobby.terminal)
    house.renew(lobby)
    lobby.terminal.sync()
