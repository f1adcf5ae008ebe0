"""Many counters at once: nobody is called twice, nobody is forgotten, and the order holds."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from desk_world import BRANCH, RELEASE, Hall
from sync_world import FakeClock, branch_of, until_somebody_waits

from kiosk.config import Config, Queue
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models.states import Priority, TicketState
from kiosk.services.desk import BranchDesk
from kiosk.services.journal import new_id

T = TypeVar("T")
CUSTOMERS = 120


@pytest.fixture
def server_hall(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hall]:
    made = Hall(tmp_path, branch_of("postgresql", request)(tmp_path))
    yield made
    made.close()


def full(hall: Hall) -> list[UUID]:
    """Customers of all classes; their tickets in the order in which they are to be called."""
    for place in range(CUSTOMERS):
        hall.customer("AB"[place % 2], list(Priority)[place % 7 % 5])
        hall.clock.advance(seconds=20)
    hall.enrol(99)
    return [each.ticket.id for each in hall.desk(99).view().waiting]


def drain(desk: BranchDesk) -> list[UUID]:
    """Call and serve until nobody waits."""
    called = []
    while (ticket := insistently(desk.call_next)) is not None:
        called.append(ticket.id)
        insistently(desk.start)
        insistently(lambda request: desk.finish(request, ["cash"]))
    return called


def insistently(action: Callable[[UUID], T]) -> T:
    """The same request again while others hold the file: its lock is not a fair one."""
    request = new_id()
    while True:
        try:
            return action(request)
        except KioskError as error:
            if error.code != "database_busy":
                raise


def hold(hall: Hall, line: list[UUID], hands: list[list[UUID]]) -> None:
    """What must be true afterwards."""
    called = [ticket for hand in hands for ticket in hand]
    assert len(called) == len(set(called)), "called twice"
    assert set(called) == set(line), "forgotten"
    place = {ticket: place for place, ticket in enumerate(line)}
    # everybody was there from the beginning: a counter only ever goes down the line
    assert all(place[first] < place[then] for hand in hands for first, then in pairwise(hand))
    assert all(hall.state(ticket) is TicketState.SERVED for ticket in line)
    for number, hand in enumerate(hands, start=1):
        [(count, last)] = hall.world.rows(
            "SELECT count(*), max(seq) FROM event WHERE terminal = ?", f"@{number}"
        )
        assert count == last == 3 * len(hand) + 1, "its events have a gap"
    assert hall.differing() == {}


def test_eight_counters_on_a_server(server_hall: Hall) -> None:
    line = full(server_hall)
    desks = [server_hall.open_desk(number) for number in range(1, 9)]
    together = Barrier(len(desks))

    def work(desk: BranchDesk) -> list[UUID]:
        together.wait()
        return drain(desk)

    with ThreadPoolExecutor(len(desks)) as pool:
        hands = list(pool.map(work, desks))
    hold(server_hall, line, hands)
    assert sum(bool(hand) for hand in hands) > 1


def test_four_processes_on_a_file(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    line = full(hall)
    for number in range(1, 5):
        hall.enrol(number)
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    together = context.Barrier(4)
    url = str(hall.database.url)
    running = [
        context.Process(target=work_alone, args=(url, number, hall.clock.time, together, told))
        for number in range(1, 5)
    ]
    for process in running:
        process.start()
    found = dict(told.get(timeout=100) for _ in running)
    for process in running:
        process.join()
    hold(hall, line, [found[number] for number in range(1, 5)])
    hall.close()


def work_alone(url: str, number: int, time: object, together: object, told: object) -> None:
    """A counter that is a process of its own."""
    clock = FakeClock()
    clock.time = time  # type: ignore[assignment]  # it came through a pickle
    database = Database(url)
    desk = BranchDesk(database, BRANCH, number, Config().zone, clock, Queue(), RELEASE)
    desk.open(new_id(), f"s{number}")
    together.wait()  # type: ignore[attr-defined]  # made by a context
    told.put((number, drain(desk)))  # type: ignore[attr-defined]
    database.close()


def test_two_tellers_who_choose_the_same_customer(server_hall: Hall) -> None:
    ticket = server_hall.customer()
    desks = [server_hall.open_desk(number) for number in range(1, 5)]
    together = Barrier(len(desks))

    def choose(desk: BranchDesk) -> str:
        together.wait()
        try:
            desk.call(new_id(), ticket)
        except KioskError as error:
            return error.code
        return "mine"

    with ThreadPoolExecutor(len(desks)) as pool:
        answers = sorted(pool.map(choose, desks))
    assert answers == ["mine", "ticket_called", "ticket_called", "ticket_called"]


def test_one_counter_from_two_programs_holds_one_ticket(server_hall: Hall) -> None:
    for _ in range(20):
        server_hall.customer()
    server_hall.open_desk(1)
    desks = [server_hall.desk(1) for _ in range(4)]
    together = Barrier(len(desks))

    def call(desk: BranchDesk) -> str:
        together.wait()
        try:
            desk.call_next(new_id())
        except KioskError as error:
            return error.code
        return "called"

    with ThreadPoolExecutor(len(desks)) as pool:
        answers = sorted(pool.map(call, desks))
    assert answers == ["called", "desk_busy", "desk_busy", "desk_busy"]


def test_the_same_request_from_two_programs_is_done_once(server_hall: Hall) -> None:
    """As when a connection breaks, and the server is still at work on it."""
    for _ in range(20):
        server_hall.customer()
    server_hall.open_desk(1)
    request = new_id()
    desks = [server_hall.desk(1) for _ in range(4)]
    with ThreadPoolExecutor(len(desks)) as pool:
        called = list(pool.map(lambda desk: desk.call_next(request), desks))
    assert len({ticket.id for ticket in called if ticket}) == 1
    assert len(called) == len(desks)


def test_a_counter_does_not_wait_for_another(server_hall: Hall) -> None:
    """One is in the middle of a call; the next ticket goes to the other at once."""
    first, second = server_hall.customer(), server_hall.customer()
    desk = server_hall.open_desk(2)
    with server_hall.database.write() as connection:
        connection.exec_driver_sql("SELECT 1 FROM ticket WHERE id = %s FOR UPDATE", (first,))
        called = desk.call_next(new_id())
    assert called is not None
    assert called.id == second


def test_who_was_in_each_other_s_way_is_done_all_the_same(server_hall: Hall) -> None:
    """A terminal's batch holds the figures and wants the ticket; a counter the other way round."""
    ticket = server_hall.customer()
    desk = server_hall.open_desk(1)
    desk.call_next(new_id())
    desk.start(new_id())
    with ThreadPoolExecutor(1) as pool, server_hall.database.write() as connection:
        # the server undoes whoever looks first: not this one
        connection.exec_driver_sql("SET LOCAL deadlock_timeout = '1min'")
        connection.exec_driver_sql("UPDATE hourly_figures SET tickets = tickets")
        finished = pool.submit(desk.finish, new_id(), ["cash"])
        until_somebody_waits(server_hall.world)
        connection.exec_driver_sql("SELECT 1 FROM ticket FOR NO KEY UPDATE")
        connection.commit()
        finished.result()
    assert server_hall.stages(ticket) == ["called", "started", "finished"]
    assert server_hall.differing() == {}
