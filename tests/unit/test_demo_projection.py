"""The table of demo runs: however events arrive, it says what a naive look at them says."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from demo_history import BRANCH, MOVES, Lobby, arrive, hand_practice, hand_report, outcomes
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sync_world import World

from kiosk.cli.report_demos import told
from kiosk.models import DemoOutcome
from kiosk.models.tables import table_of
from kiosk.services.branch import check
from kiosk.services.demos_report import Days, demos_report
from kiosk.services.practice_report import practice_report

RUN = table_of(DemoOutcome)
Moves = list[tuple[str, int, int, int]]


@pytest.fixture(scope="module")
def lobby(kept_world: World) -> Lobby:
    return Lobby(kept_world)


def kept(lobby: Lobby) -> dict[Any, dict[str, Any]]:
    with lobby.world.branch.read() as connection:
        rows = [dict(row) for row in connection.execute(select(RUN)).mappings()]
    return {row.pop("id"): row for row in rows}


TRIED = ("start", 0, 3, 0)
OFFERED, COMPLETED, FELL_BACK = ("offer", 0, 0, 0), ("stage", 0, 0, 61), ("stage", 0, 2, 61)


@settings(max_examples=12, deadline=None)
@example(  # after midnight, and the clock was set back
    moves=[("start", 0, 3, 1_800), ("step", 0, 0, -1_800)], chance=Random(1)
)
@given(moves=MOVES, chance=st.randoms(use_true_random=False))
def test_runs_are_what_their_events_say_in_whatever_order_they_come(
    lobby: Lobby, moves: Moves, chance: Any
) -> None:
    lobby.clear()
    lobby.play(moves)
    events = lobby.events()
    assert kept(lobby) == outcomes(events)
    assert not check(lobby.world.branch).differences
    some = chance.sample(events, chance.randint(0, len(events)))  # the others are in quarantine
    arrive(lobby.world, some)
    assert kept(lobby) == outcomes(some)
    arrive(lobby.world, [*some, *(event for event in events if event not in some)])
    assert kept(lobby) == outcomes(events)


@settings(max_examples=40, deadline=None)
@example(moves=[TRIED, OFFERED, COMPLETED], first=0, length=0)
@example(moves=[TRIED, OFFERED, COMPLETED, FELL_BACK], first=0, length=0)
@example(moves=[OFFERED, COMPLETED, TRIED], first=0, length=0)  # at the same moment
@example(moves=[TRIED, ("left_out", 0, 0, 0), OFFERED, COMPLETED], first=0, length=0)
@example(moves=[TRIED, ("finish", 0, 0, 0), ("leave", 0, 0, 0)], first=0, length=0)
@given(moves=MOVES, first=st.integers(0, 2), length=st.integers(0, 3))
def test_the_reports_are_what_a_count_by_hand_gives(
    lobby: Lobby, moves: Moves, first: int, length: int
) -> None:
    lobby.clear()
    lobby.play(moves)
    begin = date(2026, 11, 23) + timedelta(days=first)
    end = begin + timedelta(days=length)
    of, events = (lobby.world.branch, BRANCH, Days(begin, end)), lobby.events()
    taught = json.loads(json.dumps(told(demos_report(*of))))
    assert taught == hand_report(events, begin, end)
    practised = [asdict(each) for each in practice_report(*of).demos]
    assert practised == hand_practice(events, begin, end)
