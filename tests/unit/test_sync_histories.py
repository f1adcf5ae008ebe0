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
from sync_history import Lobby, counted, counted_runs, kept_figures, kept_runs
from sync_world import FORMS, BranchHere, World, assert_consistent, branch_of

from kiosk.models import Evidence
from kiosk.models.payloads import DiversionCompleted
from kiosk.services.branch import check
from kiosk.services.journal import Fact, new_id

who = st.integers(0, 2)
steps = st.one_of(
    st.tuples(st.just("step"), who, st.integers(0, 11), st.integers(0, 11)),
    st.tuples(st.just("step"), who, st.integers(0, 11), st.integers(0, 11)),
    st.tuples(st.just("step"), who, st.integers(0, 11), st.integers(0, 11)),
    st.tuples(st.just("wait"), who, st.integers(1, 500), st.just(0)),
    st.tuples(st.just("sync"), who, st.integers(1, 9), st.integers(0, 2)),
    st.tuples(st.just("repeat"), who, st.integers(0, 30), st.just(0)),
)


@pytest.fixture(params=FORMS)
def make_branch(request: pytest.FixtureRequest) -> Callable[[Path], BranchHere]:
    return branch_of(request.param, request)


@pytest.mark.timeout(300)  # on a machine that others use as well
@settings(
    max_examples=settings().max_examples // 6,
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
        assert kept_runs(world) == counted_runs(terminals)
    finally:
        world.branch.close()
        for lobby in lobbies:
            lobby.terminal.store.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_best_evidence_stays_whoever_brings_it_first(
    make_branch: Callable[[Path], BranchHere], order: tuple[int, int], tmp_path: Path
) -> None:
    """The customer says it on one terminal; the channel's journal is read in on another."""
    world = World(tmp_path, make_branch(tmp_path))
    terminals = [world.terminal(f"T{digit}", digit) for digit in (1, 2)]
    completed = {"visit": new_id(), "service": "balance", "channel": "mobile", "offer": new_id()}
    for terminal, evidence in zip(
        terminals, (Evidence.CUSTOMER_SAID, Evidence.JOURNAL_MATCH), strict=True
    ):
        fact = Fact(DiversionCompleted(), evidence=evidence, **completed)  # type: ignore[arg-type]
        terminal.journal.record(fact)
    for which in order:
        terminals[which].sync()
    assert world.rows("SELECT evidence FROM diversion") == [("journal_match",)]
    world.branch.close()
    for terminal in terminals:
        terminal.store.close()
