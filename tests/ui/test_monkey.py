"""Whatever hands do: no way out, no trace of the customer before, and the ticket one step away."""

import random
import resource
import sys
from pathlib import Path

import pytest
from lobby import lobby
from monkey import BrokenError, Figures, Monkey
from staff_here import publish_roster

from kiosk.screens.customer.flow import Flow

ACTIONS, LONG = 800, 100_000
SEED = 7
NIGHT_SECONDS = 6 * 3600


async def played(folder: Path, seed: int, actions: int) -> Figures:
    async with lobby(folder) as here:
        publish_roster(here.config)
        return await Monkey(here, seed).play(actions)


@pytest.mark.timeout(NIGHT_SECONDS)
async def test_whatever_hands_do(
    tmp_path: Path,
    is_long: bool,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The long form takes another seed every night; `--seeds 17` takes that one once more."""
    given = request.config.getoption("--seeds")
    seed = int(given) if given else random.SystemRandom().randrange(10**6) if is_long else SEED
    with capsys.disabled():
        sys.stdout.write(f"\nmonkey, seed {seed}\n")
        sys.stdout.flush()
        figures = await played(tmp_path, seed, LONG if is_long else ACTIONS)
        used = resource.getrusage(resource.RUSAGE_SELF)
        sys.stdout.write(f"{figures}\n{used.ru_utime:.0f} s, {used.ru_maxrss} kB\n")
    assert figures.visits > figures.actions / 100
    assert figures.tickets_tried > figures.actions / 500
    # how far a short one comes hangs on how busy the machine is, whatever the seed
    assert len(figures.screens) >= (25 if is_long else 6), figures.screens


@pytest.mark.parametrize(
    ("step", "found"),
    [("end", r"0 ended"), ("take_ticket", "more than one step away")],
)
async def test_a_planted_fault_is_found(
    step: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that does nothing."""

    async def do_nothing(*_given: object, **_named: object) -> None:
        pass

    monkeypatch.setattr(Flow, step, do_nothing)
    with pytest.raises(BrokenError, match=found):
        await played(tmp_path, SEED, 400)
