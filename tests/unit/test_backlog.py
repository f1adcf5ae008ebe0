"""The branch knows what still waits at its terminals, on every kind of branch database."""

from datetime import UTC, datetime

import pytest
from sync_world import FORMS, LosesAnswers, World, add_raw_event, world_on

from kiosk.errors import KioskError
from kiosk.services.branch import terminals

world = world_on(*FORMS)


def told(world: World) -> tuple[int | None, datetime | None]:
    """What the branch believes to wait at its one terminal."""
    (state,) = terminals(world.branch)
    return state.waiting, state.oldest_waiting_at


def test_a_terminal_that_was_never_in_touch_has_told_nothing(world: World) -> None:
    world.terminal()
    assert told(world) == (None, None)


def test_a_greeting_tells_what_waits_and_a_sync_that_nothing_does(world: World) -> None:
    terminal = world.terminal()
    started = world.clock.now()
    terminal.visit()
    world.clock.advance(hours=2)
    terminal.visit()
    with pytest.raises(KioskError):  # greeted, and then the first batch comes to nothing
        terminal.sync(lambda side: LosesAnswers(side, [], fails_before=True))
    assert told(world) == (8, started)
    terminal.sync()
    assert told(world) == (0, None)


def test_each_batch_tells_what_waits_behind_it(world: World) -> None:
    terminal = world.terminal()
    for _ in range(3):
        terminal.visit()
        world.clock.advance(hours=1)
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, [], after=1), batch_size=4)
    assert told(world) == (4, datetime(2026, 11, 23, 3, 30, tzinfo=UTC))


def test_a_batch_whose_answer_was_lost_leaves_no_old_figure(world: World) -> None:
    terminal = world.terminal()
    terminal.visit()
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, []))
    assert terminal.sync().batches == 1
    assert told(world) == (0, None)


@pytest.mark.parametrize(
    "moment", ["yesterday", "", "0001-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999", b"\xff"]
)
def test_a_time_that_nobody_can_read_stops_nothing(world: World, moment: object) -> None:
    terminal = world.terminal()
    terminal.visit()
    terminal.sync()
    add_raw_event(terminal.path, occurred_at=moment)
    with pytest.raises(KioskError):
        terminal.sync(lambda side: LosesAnswers(side, [], fails_before=True))
    assert told(world) == (1, None)
    terminal.sync()
    assert told(world) == (0, None)
