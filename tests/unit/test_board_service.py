"""What the call board reads from a branch database, on both engines."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from board_hall import SERVED, Hall
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext
from sync_world import World, branch_of

from kiosk.errors import KioskError
from kiosk.models import Priority
from kiosk.models.payloads import (
    CounterBreakStarted,
    CounterClosed,
    CounterOpened,
    TicketCalled,
    TicketHeld,
    TicketNoShow,
    TicketRecalled,
    TicketRequeued,
    TicketStarted,
    TicketTransferred,
)
from kiosk.paths import resource
from kiosk.services.board import READ_AGAIN_SECONDS
from kiosk.services.board_view import Doing
from kiosk.services.releases import Name, publish


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hall]:
    world = World(tmp_path, branch_of(request.param, request)(tmp_path))
    made = Hall(world)
    yield made
    made.board.close()
    world.branch.close()


@pytest.fixture
def open_hall(hall: Hall) -> Hall:
    """With two counters at work."""
    hall.say(1, CounterOpened())
    hall.say(2, CounterOpened())
    return hall


# --- calls ------------------------------------------------------------------------------------


def test_the_last_five_calls_the_newest_first(open_hall: Hall) -> None:
    numbers = [f"A100{digit}" for digit in range(1, 8)]
    open_hall.issue(*numbers)
    assert open_hall.calls() == []
    for place, number in enumerate(numbers):
        open_hall.step(1 + place % 2, number, TicketCalled(), *SERVED)
    assert open_hall.calls() == [
        ("A1007", 1), ("A1006", 2), ("A1005", 1), ("A1004", 2), ("A1003", 1),
    ]  # fmt: skip


def test_a_recall_is_on_top_again(open_hall: Hall) -> None:
    open_hall.issue("A1001", "A1002")
    open_hall.step(1, "A1001", TicketCalled())
    open_hall.step(2, "A1002", TicketCalled())
    before = open_hall.view().calls
    assert [call.number for call in before] == ["A1002", "A1001"]
    open_hall.step(1, "A1001", TicketRecalled())
    after = open_hall.view().calls
    assert [call.number for call in after] == ["A1001", "A1002"]
    assert after[0].key not in {call.key for call in before}


def test_whether_somebody_is_waited_for(open_hall: Hall) -> None:
    open_hall.issue("A1001", "A1002")
    open_hall.step(1, "A1001", TicketCalled(), TicketStarted())
    open_hall.step(2, "A1002", TicketCalled())
    assert [call.is_waited_for for call in open_hall.view().calls] == [True, False]


def test_who_waits_again_is_no_longer_sent_to_a_counter(open_hall: Hall) -> None:
    open_hall.issue("A1001", "A1002", "A1003")
    open_hall.step(1, "A1001", TicketCalled(), TicketStarted(), TicketTransferred(to_queue="B"))
    open_hall.step(1, "A1002", TicketCalled(), TicketNoShow())
    open_hall.step(1, "A1003", TicketCalled(), TicketStarted(), TicketHeld())
    view = open_hall.view()
    assert [call.number for call in view.calls] == ["A1003", "A1002"]
    assert [(each.letter, each.next_numbers) for each in view.queues] == [("B", ("A1001",))]
    open_hall.step(1, "A1002", TicketRequeued())
    assert open_hall.calls() == [("A1003", 1)]


# --- counters and queues ----------------------------------------------------------------------


def test_what_each_counter_is_doing_and_whom_it_serves(open_hall: Hall) -> None:
    for counter in (3, 4, 5):
        open_hall.say(counter, CounterOpened())
    open_hall.issue("A1001", "A1002")
    open_hall.step(1, "A1001", TicketCalled())
    open_hall.step(2, "A1002", TicketCalled(), TicketStarted())
    begun = open_hall.world.clock.now()
    open_hall.say(4, CounterBreakStarted(minutes=10))
    open_hall.say(5, CounterClosed())
    counters = open_hall.view().counters
    assert [(each.number, each.doing, each.ticket) for each in counters] == [
        (1, Doing.CALLING, "A1001"), (2, Doing.SERVING, "A1002"), (3, Doing.FREE, None),
        (4, Doing.BREAK, None), (5, Doing.CLOSED, None),
    ]  # fmt: skip
    back_at = counters[3].back_at
    assert back_at is not None
    assert abs(back_at - begun - timedelta(minutes=10)) < timedelta(milliseconds=2)


def test_the_next_numbers_stand_in_the_order_of_calling(hall: Hall) -> None:
    hall.issue("A1001", "A1002", "B1001", "A1003")
    hall.issue("A1004", priority=Priority.SENIOR)
    queues = hall.view().queues
    assert [(each.letter, each.waiting, each.next_numbers) for each in queues] == [
        ("A", 4, ("A1004", "A1001", "A1002")), ("B", 1, ("B1001",)),
    ]  # fmt: skip
    assert queues[0].name is not None
    assert queues[0].name.en == "Cash"


def test_how_long_somebody_who_takes_a_ticket_now_would_wait(open_hall: Hall) -> None:
    open_hall.issue(*(f"A10{number:02}" for number in range(1, 13)), "B1001")
    open_hall.step(1, "A1001", TicketCalled(), TicketStarted())
    long, short = open_hall.view().queues
    assert long.wait is not None
    assert short.wait is not None
    assert long.wait.low is not None
    assert long.wait.low > 0
    assert long.wait.high is None or long.wait.low < long.wait.high
    assert long.wait.ahead == 12  # both counters serve every queue, and all came before


# --- looking ----------------------------------------------------------------------------------


def test_only_what_has_changed_is_read(open_hall: Hall) -> None:
    hall = open_hall
    hall.view()
    assert hall.board.look() is None
    changes: list[Callable[[], object]] = [
        lambda: hall.issue("A1001"),
        lambda: hall.step(1, "A1001", TicketCalled()),
        lambda: hall.step(1, "A1001", TicketRecalled()),
        lambda: hall.step(1, "A1001", TicketStarted()),
        lambda: hall.say(2, CounterClosed()),
        lambda: publish(
            hall.world.branch, None, Name.SETTINGS, "[board.line]\nen = 'x'", hall.world.clock.now()
        ),
    ]
    for change in changes:
        change()
        hall.view()
        assert hall.board.look() is None


def test_it_reads_again_after_some_seconds(hall: Hall) -> None:
    hall.view()
    hall.world.clock.advance(seconds=READ_AGAIN_SECONDS - 1)
    assert hall.board.look() is None
    hall.world.clock.advance(seconds=1)
    hall.view()


def test_a_new_day_begins_at_the_branch_s_midnight(open_hall: Hall) -> None:
    open_hall.issue("A1001", "A1002")
    open_hall.step(1, "A1001", TicketCalled())
    assert open_hall.calls() == [("A1001", 1)]
    clock = open_hall.world.clock
    local = clock.now().astimezone(open_hall.world.config.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    clock.time = midnight - timedelta(seconds=1)
    assert open_hall.calls() == [("A1001", 1)]
    clock.advance(seconds=1)
    view = open_hall.view()
    assert (view.calls, view.counters, view.queues) == ((), (), ())


def test_what_the_branch_has_set_is_followed(hall: Hall) -> None:
    now = hall.world.clock.now()
    assert hall.view().config.board.line.en == ""
    settings = "[board.line]\nen = 'Mind the step'\n[appearance]\naccent = '#7a1020'"
    publish(hall.world.branch, None, Name.SETTINGS, settings, now)
    config = hall.view().config
    assert (config.board.line.en, config.appearance.accent) == ("Mind the step", "#7a1020")


def test_a_board_sees_its_own_branch_alone(hall: Hall) -> None:
    other = hall.world.terminal("T2", 2, branch="0002")
    other.visit("A2001")
    other.sync()
    hall.issue("A1001")
    assert [each.next_numbers for each in hall.view().queues] == [("A1001",)]
    board = hall.open_board(branch="0002")
    view = board.look()
    board.close()
    assert view is not None
    assert [each.next_numbers for each in view.queues] == [("A2001",)]


def test_a_catalog_of_the_branch_names_its_queues(hall: Hall) -> None:
    hall.issue("A1001")
    own = (resource("catalog") / "default.toml").read_text(encoding="utf-8")
    own = own.replace('en = "Cash", zh_TW', 'en = "Notes and coins", zh_TW')
    publish(hall.world.branch, None, Name.CATALOG, own, hall.world.clock.now())
    name = hall.view().queues[0].name
    assert name is not None
    assert name.en == "Notes and coins"
    hall.world.change("UPDATE release SET body = 'x = 1', version = 2 WHERE name = 'catalog'")
    name = hall.view().queues[0].name
    assert name is not None
    assert name.en == "Cash"  # the packaged one


def test_no_look_reads_a_whole_table_of_tickets(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    hall = Hall(World(tmp_path))
    plans: list[str] = []

    def explain(
        connection: Connection,
        cursor: DBAPICursor,
        statement: str,
        parameters: object,
        context: ExecutionContext | None,
        executemany: bool,
    ) -> None:
        if statement.startswith("SELECT") and "ticket" in statement:
            given: Any = parameters
            asked = connection.connection.cursor()
            asked.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.extend(str(row[3]) for row in asked.fetchall())

    hall.issue("A1001")
    event.listen(Engine, "before_cursor_execute", explain)
    try:
        hall.view()
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    assert any("ticket USING INDEX ticket_queue" in plan for plan in plans), plans
    assert not [plan for plan in plans if plan.startswith("SCAN ticket")]
    hall.board.close()
    hall.world.branch.close()


def test_a_terminal_s_store_is_no_branch(tmp_path: Path) -> None:
    hall = Hall(World(tmp_path))
    board = hall.open_board(f"sqlite:///{hall.terminal.path}")
    with pytest.raises(KioskError, match="not_a_branch_database"):
        board.look()
    with pytest.raises(KioskError, match="database_missing"):
        hall.open_board(f"sqlite:///{tmp_path}/none.db").look()
    hall.world.branch.close()


def test_a_branch_that_is_not_there(hall: Hall) -> None:
    board = hall.open_board(branch="0009")
    with pytest.raises(KioskError, match="branch_unknown"):
        board.look()
    board.close()
