"""Random histories of several terminals, sent in random pieces with random mishaps.

Whatever the order: the branch has every event once, what it kept is what a rebuild gives, and the
figures are those of a count in plain Python that knows nothing of the program's statements.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sync_history import Lobby, counted, kept_figures
from sync_world import FORMS, BranchHere, World, assert_consistent, branch_of

from kiosk.services.branch import check

who = st.integers(0, 2)
steps = st.one_of(
    st.tuples(st.just("step"), who, st.integers(0, 8), st.integers(0, 11)),
    st.tuples(st.just("step"), who, st.integers(0, 8), st.integers(0, 11)),
    st.tuples(st.just("step"), who, st.integers(0, 8), st.integers(0, 11)),
    st.tuples(st.just("wait"), who, st.integers(1, 500), st.just(0)),
    st.tuples(st.just("sync"), who, st.integers(1, 9), st.integers(0, 2)),
    st.tuples(st.just("repeat"), who, st.integers(0, 30), st.just(0)),
)


@pytest.fixture(params=FORMS)
def make_branch(request: pytest.FixtureRequest) -> Callable[[Path], BranchHere]:
    return branch_of(request.param, request)


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    # a factory is the same for every example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=st.lists(steps, min_size=10, max_size=70))
def test_branch_has_everything_once_and_counts_it_right(
    make_branch: Callable[[Path], BranchHere], history: list[tuple[str, int, int, int]]
) -> None:
    folder = Path(tempfile.mkdtemp())
    world = World(folder, make_branch(folder))
    try:
        lobbies = [Lobby(world.terminal(f"T{digit}", digit)) for digit in (1, 2, 3)]
        for what, of, first, second in history:
            lobby = lobbies[of]
            if what == "step":
                lobby.step(first, second)
            elif what == "wait":
                world.clock.advance(minutes=first)
            elif what == "sync":
                lobby.sync(first, loses_answer=second == 0)
            else:
                lobby.repeat(first)
        for lobby in reversed(lobbies):
            lobby.sync(5, loses_answer=False)
        terminals = [lobby.terminal for lobby in lobbies]
        assert_consistent(world, *terminals)
        for database in (world.branch, *(terminal.store for terminal in terminals)):
            assert not check(database).differences
        assert kept_figures(world) == counted(terminals)
    finally:
        world.branch.close()
        for lobby in lobbies:
            lobby.terminal.store.close()
        shutil.rmtree(folder)
