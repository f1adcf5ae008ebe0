"""The tables of staff's work: however events arrive, they say what a naive look at them says."""

from random import Random

import pytest
from demo_history import arrive
from hypothesis import example, given, settings
from staff_history import MOVES, Move, StaffedLobby, by_hand
from sync_world import World

from kiosk.services.branch import check


@pytest.fixture(scope="module")
def lobby(kept_world: World) -> StaffedLobby:
    return StaffedLobby(kept_world)


@settings(max_examples=8, deadline=None)
@example(  # two take a call; the clock of one is behind
    moves=[("asked", 0, 0, 0, 0), ("taken", 0, 0, 0, 61), ("taken", 1, 0, 1, -120)],
    chance=Random(1),
)
@example(  # signed before midnight, followed up after it, twice at one moment
    moves=[
        ("signed", 0, 0, 0, 0),
        ("followed_up", 1, 0, 3, 1_800),
        ("followed_up", 0, 0, 0, 0),
        ("left_out", 1, 0, 0, 0),
    ],
    chance=Random(2),
)
@example(  # left out twice, before midnight and after it
    moves=[("left_out", 0, 0, 0, 0), ("left_out", 0, 0, 0, 1_800)], chance=Random(3)
)
@given(moves=MOVES, chance=...)
def test_staff_s_work_is_what_its_events_say_in_whatever_order_they_come(
    lobby: StaffedLobby, moves: list[Move], chance: Random
) -> None:
    lobby.clear()
    lobby.play(moves)
    events = lobby.events()
    assert lobby.kept() == by_hand(events)
    assert not check(lobby.world.branch).differences
    some = chance.sample(events, chance.randint(0, len(events)))  # the others are in quarantine
    arrive(lobby.world, some)
    assert lobby.kept() == by_hand(some)
    arrive(lobby.world, [*some, *(event for event in events if event not in some)])
    assert lobby.kept() == by_hand(events)


def test_who_was_left_out_in_the_lobby_is_no_visit_to_a_terminal(lobby: StaffedLobby) -> None:
    lobby.clear()
    lobby.play([("started", 0, 0, 0, 0), ("left_out", 0, 0, 0, 0), ("ended", 0, 0, 1, 61)])
    [assist] = lobby.kept()["assist"].values()
    assert assist["left_out"]
    assert lobby.world.rows("SELECT sum(visits) FROM hourly_figures") in ([(None,)], [(0,)])
    assert not check(lobby.world.branch).differences
