"""What a branch tells its terminals of its queue and counters: the same from every database."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from counters_here import CountersHere
from sync_world import FORMS, TerminalHere, World, branch_of

from kiosk.models import CounterState
from kiosk.models.payloads import (
    CounterBreakStarted,
    CounterClosed,
    CounterOpened,
    TicketCalled,
    TicketHeld,
    TicketIssued,
    TicketNoShow,
    TicketRequeued,
    TicketResumed,
    TicketStarted,
    TicketTransferred,
)
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.journal import Fact, new_id
from kiosk.services.queue_snapshot import QueueSnapshot, read_lobby

NO_SHOW = (TicketCalled(), TicketNoShow())


@pytest.fixture(params=FORMS[:2])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, branch_of(request.param, request)(tmp_path), is_now=True)
    made.clock.time -= timedelta(hours=1)  # it is told
    yield made
    made.branch.close()


class Lobby:
    """A terminal and three counters: 1 for queue A, 2 for B and C, 3 for all."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.terminal: TerminalHere = world.terminal()
        self.counters = CountersHere(world, {1: "A", 2: "BC", 3: None})
        self._issued = 0

    def open(self) -> None:
        for number in (1, 2, 3):
            self.counters.say(number, CounterOpened())

    def issue(self, queue: str = "A", priority: str = "normal", minutes: float = 1) -> UUID:
        self._issued += 1
        ticket = new_id()
        self.terminal.journal.record(
            Fact(
                TicketIssued(wait=None), visit=new_id(), ticket=ticket,
                ticket_number=f"{queue}1{self._issued:03}", queue=queue, service="cash",
                transferable=True, arrived_at=self.world.clock.now() - timedelta(minutes=2),
                priority=priority,
            )
        )  # fmt: skip
        self.terminal.sync()
        self.world.clock.advance(minutes=minutes)
        return ticket

    def snapshot(self) -> QueueSnapshot:
        """As the terminal has it after another round; the branch's own view must be the same."""
        self.world.clock.time = datetime.now(UTC)
        self.terminal.sync()
        queue = BranchQueue(self.terminal.journal, sees_all_tickets=False)
        with self.terminal.store.read() as connection:
            pulled = queue.snapshot(connection, self.world.clock.now())
        assert pulled is not None
        position = (pulled.epoch, pulled.acked_seq)
        with self.world.branch.read() as connection:
            zone = self.world.config.zone
            assert read_lobby(connection, "0001", zone, pulled.read_at, position) == pulled
        return pulled


@pytest.fixture
def lobby(world: World) -> Lobby:
    return Lobby(world)


def test_no_counter_is_told_of_before_one_reports(lobby: Lobby) -> None:
    lobby.issue()
    found = lobby.snapshot()
    assert (len(found.waiting), found.counters, found.ended, found.came) == (1, (), (), ())


def test_counters_are_told_of_with_what_they_call_and_do(lobby: Lobby) -> None:
    lobby.open()
    first, second = lobby.issue(), lobby.issue("B")
    called_at = lobby.world.clock.now()
    lobby.counters.step(1, first, TicketCalled(), TicketStarted())
    lobby.counters.say(3, CounterBreakStarted(minutes=30))
    lobby.counters.say(2, CounterClosed())
    one, two, three = lobby.snapshot().counters
    assert (one.number, one.queues, one.state) == (1, ("A",), CounterState.OPEN)
    assert one.in_hand is not None
    assert (one.in_hand.service, one.in_hand.since) == ("cash", called_at)
    assert (two.queues, two.state, two.in_hand) == (("B", "C"), CounterState.CLOSED, None)
    assert (three.queues, three.state) == (None, CounterState.BREAK)
    assert three.back_at is not None
    expected = called_at + timedelta(minutes=30)
    assert abs(three.back_at - expected) < timedelta(milliseconds=1)
    assert [each.ticket for each in lobby.snapshot().waiting] == [second]


def test_time_on_hold_is_not_the_counter_s(lobby: Lobby) -> None:
    lobby.open()
    first = lobby.issue()
    lobby.counters.step(1, first, TicketCalled(), TicketStarted())
    called_at = lobby.world.clock.now()
    for payload in (TicketHeld(), TicketResumed()):
        lobby.world.clock.advance(minutes=5)
        lobby.counters.step(1, first, payload)
    in_hand = lobby.snapshot().counters[0].in_hand
    assert in_hand is not None
    assert in_hand.since == called_at + timedelta(minutes=5)


def test_who_was_sent_on_waits_for_one_counter_or_for_nobody(lobby: Lobby) -> None:
    lobby.open()
    tickets = [lobby.issue() for _ in range(4)]
    destinations = [
        TicketTransferred(to_counter="2"), TicketTransferred(to_staff="s3"),
        TicketTransferred(to_staff="s9"), TicketTransferred(to_queue="B"),
    ]  # fmt: skip
    for ticket, destination in zip(tickets, destinations, strict=True):
        lobby.counters.step(1, ticket, TicketCalled(), TicketStarted(), destination)
    waiting = lobby.snapshot().waiting
    assert [(each.queue, each.counter) for each in waiting] == [
        ("A", 2), ("A", 3), ("A", 0), ("B", None),
    ]  # fmt: skip
    lobby.counters.say(3, CounterClosed())
    assert lobby.snapshot().waiting[1].counter == 0


def test_today_s_services_are_told_of_without_what_was_sent_on_or_came_late(
    lobby: Lobby,
) -> None:
    lobby.open()
    served, missing, sent_on, late = (lobby.issue() for _ in range(4))
    lobby.counters.step(1, served, TicketCalled(), TicketStarted())
    lobby.world.clock.advance(minutes=6)
    lobby.counters.finish(1, served)
    lobby.counters.step(2, missing, TicketCalled())
    lobby.world.clock.advance(minutes=1)
    lobby.counters.step(2, missing, TicketNoShow())
    lobby.counters.step(
        1, sent_on, TicketCalled(), TicketStarted(), TicketTransferred(to_queue="B")
    )
    lobby.counters.step(2, late, *NO_SHOW, TicketRequeued())
    lobby.world.clock.advance(minutes=3)
    for ticket in (sent_on, late):
        lobby.counters.step(2, ticket, TicketCalled(), TicketStarted())
        lobby.counters.finish(2, ticket)
    first, second = lobby.snapshot().ended
    # two minutes before the issue, and a minute for each ticket
    assert (first.service, first.seconds, first.waited_seconds) == ("cash", 360, 6 * 60)
    assert (second.seconds, second.waited_seconds, second.is_no_show) == (60, 11 * 60, True)


def test_who_goes_ahead_is_counted_for_an_hour(lobby: Lobby) -> None:
    lobby.world.clock.advance(minutes=-4)
    lobby.issue(priority="senior")
    lobby.world.clock.advance(minutes=20)
    lobby.issue(priority="returned")
    lobby.issue()
    [came] = lobby.snapshot().came
    assert came.priority == "returned"
    assert 40 * 60 <= came.seconds_ago <= 60 * 60


def test_nobody_is_named(lobby: Lobby) -> None:
    lobby.open()
    lobby.counters.step(1, lobby.issue(), TicketCalled())
    lobby.counters.step(2, lobby.issue(), TicketCalled(), TicketTransferred(to_staff="s3"))
    told = lobby.snapshot().model_dump_json()
    assert "s1" not in told
    assert "s3" not in told
    assert not {"staff", "visit", "number"} & json.loads(told)["waiting"][0].keys()
