"""Random histories of a terminal that is cloned and restored, with a branch that is restored too.

Whatever was renewed or replayed in between, once every machine has begun a new store the branch has
each event of any of them once, under receipts that lie end to end, and counts it right.
"""

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sync_history import Figures, Lobby, count_visit, kept_figures
from sync_world import (
    FORMS,
    BranchHere,
    LosesAnswers,
    TerminalHere,
    World,
    branch_of,
    empty_database,
    reopened,
    rows,
)

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.branch import check
from kiosk.services.sync.granting import open_renewal
from kiosk.services.sync.renew import renewal
from kiosk.services.sync.replay import replay

MOST_MACHINES = 3
REFUSALS = frozenset(
    {
        "sync_ahead", "sync_branch_lost_data", "sync_epoch_mismatch", "sync_fork",
        "sync_replay_impossible", "database_unreachable",
    }
)  # fmt: skip

which = st.integers(0, MOST_MACHINES - 1)
step = st.tuples(st.just("step"), which, st.integers(0, 8), st.integers(0, 11))
sync = st.tuples(st.just("sync"), which, st.integers(1, 9), st.integers(0, 2))
steps = st.one_of(
    step, step, step, step, sync, sync,
    *(
        st.tuples(st.just(what), which, st.just(0), st.just(0))
        for what in ("clone", "renew", "replay", "keep branch", "restore branch")
    ),
)  # fmt: skip


class House:
    """A terminal, the machines that hold a store of it, and its branch."""

    def __init__(self, folder: Path, here: BranchHere) -> None:
        self.folder = folder
        self.world = World(folder, here)
        self.lobbies = [Lobby(self.world.terminal())]
        self._go_back: Callable[[], None] | None = None

    def take(self, what: str, of: int, first: int, second: int) -> None:
        lobby = self.lobbies[of % len(self.lobbies)]
        if what == "step":
            lobby.step(first, second)
        elif what == "sync":
            around = (lambda side: LosesAnswers(side, [])) if second == 0 else (lambda side: side)
            self._tried(lambda: lobby.terminal.sync(around, first))
        elif what == "clone" and len(self.lobbies) < MOST_MACHINES:
            self._clone(lobby)
        elif what == "renew":
            self.renew(lobby)
        elif what == "replay":
            self._tried(lambda: replayed(lobby.terminal))
        elif what == "keep branch" and self._go_back is None:
            self.world.branch.close()
            self._go_back = self.world.here.back_up()
        elif what == "restore branch" and self._go_back:
            self.world.branch.close()
            self._go_back()
            self._go_back = None

    def _tried(self, act: Callable[[], object]) -> None:
        try:
            act()
        except KioskError as error:
            if error.code not in REFUSALS:
                raise

    def _clone(self, lobby: Lobby) -> None:
        copy = Lobby(lobby.terminal.copy(self.folder / f"machine-{len(self.lobbies)}"))
        # what both number alike stands in quarantine: that is tried elsewhere
        copy.tickets = 200 * len(self.lobbies)
        self.lobbies.append(copy)

    def renew(self, lobby: Lobby) -> None:
        terminal = lobby.terminal
        terminal.store.close()
        code = open_renewal(self.world.branch, "0001", "T1")
        self.world.branch.close()
        with renewal(terminal.config, self.world.clock) as found:
            found.carry_out(code, lambda: terminal.connect(terminal.branch_url))
        lobby.terminal = reopened(terminal)

    def close(self) -> None:
        self.world.branch.close()
        for lobby in self.lobbies:
            lobby.terminal.store.close()
        shutil.rmtree(self.folder)


def replayed(terminal: TerminalHere) -> None:
    replay(
        terminal.store,
        terminal.journal.origin,
        lambda: terminal.connect(terminal.branch_url),
        terminal.clock,
        lambda done, total: None,
    )


def migrate_by_copying(self: Database) -> None:
    """Alembic takes longer than all the rest of a renewal."""
    if not self.path.exists():
        shutil.copy(empty_database(), self.path)


@pytest.fixture(params=FORMS)
def make_branch(request: pytest.FixtureRequest) -> Callable[[Path], BranchHere]:
    return branch_of(request.param, request)


@settings(
    max_examples=settings().max_examples // 10,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    # a factory is the same for every example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=st.lists(steps, min_size=15, max_size=60))
def test_every_machine_s_events_are_counted_once(
    make_branch: Callable[[Path], BranchHere], history: list[tuple[str, int, int, int]]
) -> None:
    folder = Path(tempfile.mkdtemp())
    house = House(folder, make_branch(folder))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Database, "migrate", migrate_by_copying)
            for each in history:
                house.take(*each)
            for lobby in house.lobbies:
                house.renew(lobby)
                lobby.terminal.sync()
        assert_each_is_counted_once(house)
    finally:
        house.close()


EVENTS = "SELECT id, visit, kind, stage, occurred_at, payload FROM event ORDER BY id"


def assert_each_is_counted_once(house: House) -> None:
    here = {event for lobby in house.lobbies for event in rows(lobby.terminal.path, EVENTS)}
    assert_the_branch_has(house, (event for event, *_ in here))
    assert kept_figures(house.world) == counted_there(house.world)


def assert_the_branch_has(house: House, ids: Iterable[object]) -> None:
    """Each of these once, under receipts that lie end to end, and counted as rebuilt."""
    world = house.world
    assert world.rows("SELECT id FROM event ORDER BY id") == sorted((each,) for each in ids)
    assert world.rows("SELECT count(*) FROM quarantine") == [(0,)]
    ends: dict[object, int] = defaultdict(int)
    for epoch, first, last, events, parts in world.rows(
        "SELECT epoch, from_seq, to_seq, events, inserted + duplicates FROM receipt"
        " ORDER BY epoch, number"
    ):
        assert (first, events) == (ends[epoch] + 1, parts)
        ends[epoch] = int(str(last))
    by_epoch = world.rows("SELECT epoch, count(*) FROM event GROUP BY epoch")
    assert sorted(by_epoch) == sorted((epoch, last) for epoch, last in ends.items())
    for database in (world.branch, *(lobby.terminal.store for lobby in house.lobbies)):
        assert not check(database).differences


def counted_there(world: World) -> Figures:
    columns = (
        "visit", "business_date", "local_hour", "kind", "stage", "service", "channel", "offer",
        "ticket", "transferable", "occurred_at",
    )  # fmt: skip
    visits: dict[object, list[dict[str, Any]]] = defaultdict(list)
    for row in world.rows(f"SELECT {', '.join(columns)} FROM event ORDER BY epoch, seq"):  # noqa: S608 (our own words)
        event = dict(zip(columns, row, strict=True))
        visits[event["visit"]].append(event)
    figures: Figures = defaultdict(Counter)
    for events in visits.values():
        count_visit(events, figures)
    return {key: +counts for key, counts in figures.items() if +counts}
