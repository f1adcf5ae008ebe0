"""Whatever a seed brings: in the end the branch has everything once, and counts it right.

`make simulate SEED=17` lives through one of them again.
"""

from dataclasses import dataclass

import pytest
from mutants import Edit, planted
from simulated import Simulation, SimulationError, simulate

from kiosk import db
from kiosk.services.sync import push, receive

BLOCK = 20
"""Seeds in one test: a test has its own price."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "first" in metafunc.fixturenames:
        config = metafunc.config
        seeds = config.getoption("--seeds") or ("0-9999" if config.getoption("--long") else "0-39")
        begin, _, end = seeds.partition("-")
        last = int(end or begin)
        blocks = [(n, min(n + BLOCK - 1, last)) for n in range(int(begin), last + 1, BLOCK)]
        metafunc.parametrize(("first", "last"), blocks)


def test_every_event_arrives_once_whatever_goes_wrong(first: int, last: int) -> None:
    for seed in range(first, last + 1):
        simulate(seed)


def test_a_seed_replays(monkeypatch: pytest.MonkeyPatch) -> None:
    stories: list[list[str]] = []
    real = Simulation.run

    def run(self: Simulation) -> None:
        real(self)
        events = self.world.rows("SELECT * FROM event ORDER BY terminal, seq")
        figures = self.world.rows("SELECT * FROM hourly_figures")
        stories.append([*self.story, repr(events), repr(figures)])

    monkeypatch.setattr(Simulation, "run", run)
    for seed in (7, 8, 7):
        simulate(seed)
    assert stories[0] == stories[2] != stories[1]


@dataclass(frozen=True)
class Mistake:
    """A mistake that somebody could make, and where to begin to look for it."""

    first: int
    """The first seed that finds it today: all before it are lived through at night only."""
    edits: tuple[Edit, ...]


PLANTED = {
    "acknowledged before the branch has it": Mistake(
        1,
        (
            Edit(
                push,
                "_push",
                "answer = side.receive(parcel)",
                "_acknowledge(run, parcel, Answer(Status.OK)); answer = side.receive(parcel)",
            ),
        ),
    ),
    "a batch is cut anew after a lost answer": Mistake(
        9,
        (
            Edit(push, "_open_batch", "_read_batch(run, position.number + 1)", "None"),
            Edit(
                push, "_write_batch", "insert(_BATCH)", 'insert(_BATCH).prefix_with("OR REPLACE")'
            ),
        ),
    ),
    "another batch with the same number is taken for the same": Mistake(
        16,
        (Edit(receive, "_earlier_answer", "receipt.digest != parcel.digest", "False"),),
    ),
    "a batch and its receipt in two transactions": Mistake(
        21,
        (
            Edit(
                receive,
                "_receive",
                "_write_receipt(connection",
                'connection.exec_driver_sql("COMMIT")\n'
                '    connection.exec_driver_sql("BEGIN IMMEDIATE")\n'
                "    _write_receipt(connection",
            ),
        ),
    ),
}
MOST_SEEDS = 80


def assert_found(first: int = 0) -> None:
    with pytest.raises(SimulationError, match="make simulate SEED="):
        simulate_many(first)


def simulate_many(first: int) -> None:
    for seed in range(first, first + MOST_SEEDS):
        simulate(seed)


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_planted_mistake_is_found(mistake: str, is_long: bool) -> None:
    with planted(*PLANTED[mistake].edits):
        assert_found(0 if is_long else PLANTED[mistake].first)


def test_a_disk_that_is_not_waited_for_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = tuple(each for each in db._PRAGMAS if "synchronous" not in each)
    monkeypatch.setattr(db, "_PRAGMAS", (*lazy, "synchronous=NORMAL"))
    assert_found()
