"""What a teller can do: every action in every state, on a file and on a server."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from desk_world import Hall
from sync_world import branch_of

from kiosk.config import Queue
from kiosk.errors import KioskError
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.sentences import sentence
from kiosk.services.desk import BranchDesk
from kiosk.services.desk_view import Desk, ToCounter, ToQueue, ToStaff
from kiosk.services.journal import new_id
from kiosk.services.queue_order import Standing
from kiosk.services.transitions import TICKET_MOVES, TicketAction

W, C, S, H = TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD
MINUTE = timedelta(minutes=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Hall]:
    made = Hall(tmp_path, branch_of(request.param, request)(tmp_path))
    yield made
    made.close()


@pytest.fixture
def small_hall(tmp_path: Path) -> Iterator[Hall]:
    """On a file only: for what no engine does otherwise."""
    made = Hall(tmp_path)
    yield made
    made.close()


def refused(action: Callable[[], object]) -> str:
    """The code with which it is refused; the sentence can be said."""
    with pytest.raises(KioskError) as caught:
        action()
    assert sentence(caught.value)
    return caught.value.code


def serve(desk: Desk) -> UUID:
    """Call the next one and serve them."""
    called = desk.call_next(new_id())
    assert called is not None
    desk.start(new_id())
    desk.finish(new_id(), ["cash"])
    return called.id


def numbers(desk: Desk) -> list[str]:
    return [each.ticket.number for each in desk.view().waiting]


# --- a customer's way ---------------------------------------------------------------------------


def test_a_customer_is_called_served_and_leaves(hall: Hall) -> None:
    ticket = hall.customer()
    hall.clock.advance(minutes=4)
    desk = hall.open_desk(3)
    called = desk.call_next(new_id())
    assert called is not None
    assert called == desk.view().ticket == hall.ticket(ticket)
    assert (called.state, called.counter, called.staff, called.calls) == (C, 3, "s3", 1)
    assert called.waited(hall.clock.now()) == 4 * MINUTE
    hall.clock.advance(minutes=1)
    desk.start(new_id())
    hall.clock.advance(minutes=2)
    assert hall.ticket(ticket).served_for(hall.clock.now()) == 2 * MINUTE
    desk.finish(new_id(), ["cash", "transfer"])
    assert desk.view().ticket is None
    assert hall.state(ticket) is TicketState.SERVED
    assert hall.stages(ticket) == ["called", "started", "finished"]
    assert hall.payload(ticket, "finished")["services"] == ["cash", "transfer"]
    assert hall.differing() == {}


def test_nobody_waits(small_hall: Hall) -> None:
    assert small_hall.open_desk(3).call_next(new_id()) is None


def test_a_late_comer_goes_back_to_where_they_stood(small_hall: Hall) -> None:
    late, next_one = small_hall.customer(), small_hall.customer()
    desk = small_hall.open_desk(3)
    desk.call_next(new_id())
    desk.no_show(new_id())
    assert [each.id for each in desk.view().no_shows] == [late]
    assert serve(desk) == next_one
    small_hall.customer()
    desk.requeue(new_id(), late)
    assert desk.view().no_shows == ()
    assert serve(desk) == late
    assert small_hall.stages(late) == [
        "called",
        "no_show",
        "requeued",
        "called",
        "started",
        "finished",
    ]


def test_a_ticket_on_hold_is_resumed_at_any_counter(hall: Hall) -> None:
    ticket = hall.customer()
    first, second = hall.open_desk(1), hall.open_desk(2)
    first.call_next(new_id())
    first.start(new_id())
    hall.clock.advance(minutes=3)
    first.hold(new_id())
    assert first.view().ticket is None
    assert [each.id for each in second.view().on_hold] == [ticket]
    hall.clock.advance(minutes=10)
    resumed = second.resume(new_id(), ticket)
    assert resumed == second.view().ticket
    assert (resumed.state, resumed.counter, resumed.staff) == (S, 2, "s2")
    assert resumed.served_for(hall.clock.now()) == 3 * MINUTE
    hall.clock.advance(minutes=1)
    second.finish(new_id(), [])
    assert hall.ticket(ticket).service_seconds == 240
    assert hall.differing() == {}


def test_a_counter_serves_others_while_one_is_on_hold(small_hall: Hall) -> None:
    first, second = small_hall.customer(), small_hall.customer()
    desk = small_hall.open_desk(1)
    desk.call_next(new_id())
    desk.hold(new_id())
    assert serve(desk) == second
    desk.resume(new_id(), first)
    assert refused(lambda: desk.resume(new_id(), first)) == "desk_busy"


@pytest.mark.parametrize("serving", [False, True])
def test_a_transfer_keeps_the_number_and_the_place(hall: Hall, serving: bool) -> None:
    passed_on = hall.customer("A")
    hall.clock.advance(minutes=1)
    hall.customer("B")
    one, other = hall.open_desk(1, "A"), hall.open_desk(2, "B")
    called = one.call_next(new_id())
    if serving:
        one.start(new_id())
    hall.clock.advance(minutes=1)
    one.transfer(new_id(), ToQueue("B"))
    assert one.view().ticket is None
    assert called is not None
    waiting = hall.ticket(passed_on)
    assert (waiting.state, waiting.counter, waiting.queue) == (W, None, "B")
    assert (waiting.number, waiting.arrived_at) == (called.number, called.arrived_at)
    assert serve(other) == passed_on
    assert hall.differing() == {}


def test_who_was_passed_on_to_a_counter_is_called_there_alone(hall: Hall) -> None:
    ticket = hall.customer()
    one, two = hall.open_desk(1), hall.open_desk(2, "B")
    one.call_next(new_id())
    one.transfer(new_id(), ToCounter(2))
    assert one.call_next(new_id()) is None
    assert [each.ticket.id for each in one.view().elsewhere] == [ticket]
    assert serve(two) == ticket


def test_who_was_passed_on_to_a_person_is_called_by_them_wherever_they_are(hall: Hall) -> None:
    ticket = hall.customer()
    one, two = hall.open_desk(1, staff="s017"), hall.open_desk(2, "B")
    one.call_next(new_id())
    one.transfer(new_id(), ToStaff("s044"))
    assert one.call_next(new_id()) is None
    assert two.call_next(new_id()) is None
    two.close(new_id())
    two.open(new_id(), "s044")
    assert serve(two) == ticket


def test_a_counter_that_does_not_exist_gets_nobody(hall: Hall) -> None:
    ticket = hall.customer()
    desk = hall.open_desk(1)
    desk.call_next(new_id())
    assert refused(lambda: desk.transfer(new_id(), ToCounter(9))) == "transfer_unknown_counter"
    assert hall.state(ticket) is C


def test_a_chosen_ticket_is_called_out_of_turn_and_from_elsewhere(small_hall: Hall) -> None:
    small_hall.customer("A")
    chosen, other_queue = small_hall.customer("A"), small_hall.customer("B")
    desk = small_hall.open_desk(1, "A")
    assert desk.call(new_id(), chosen).id == chosen
    desk.no_show(new_id())
    assert desk.call(new_id(), other_queue) == desk.view().ticket


# --- whose turn ---------------------------------------------------------------------------------


def test_the_order_is_the_policy_s(hall: Hall) -> None:
    came: list[UUID] = []
    for minute, priority in enumerate(["normal", "senior", "returned", "normal", "disabled"]):
        del minute
        came.append(hall.customer(priority=Priority(priority)))
        hall.clock.advance(minutes=1)
    desk = hall.open_desk(1)
    line = [each.ticket.id for each in desk.view().waiting]
    assert line == [came[1], came[4], came[0], came[2], came[3]]
    assert [serve(desk) for _ in came] == line


def test_why_somebody_stands_there_can_be_seen(small_hall: Hall) -> None:
    small_hall.customer()
    small_hall.clock.advance(minutes=1)
    small_hall.customer(priority=Priority.SENIOR)
    waiting = small_hall.open_desk(1).view().waiting
    assert [each.standing for each in waiting] == [Standing.HEAD_START, Standing.FIRST_COME]


def test_a_branch_that_wants_no_head_start_has_none(tmp_path: Path) -> None:
    policy = Queue(head_start=replace(Queue().head_start, senior=0))
    hall = Hall(tmp_path, policy=policy)
    first = hall.customer()
    hall.clock.advance(minutes=1)
    hall.customer(priority=Priority.SENIOR)
    assert serve(hall.open_desk(1)) == first
    hall.close()


def test_counters_serve_their_own_queues(small_hall: Hall) -> None:
    for queue in "AB":
        small_hall.customer(queue)
    one, two, any_ = (
        small_hall.open_desk(1, "B"),
        small_hall.open_desk(2, "C"),
        small_hall.open_desk(3),
    )
    assert numbers(one) == ["B0002"]
    assert numbers(two) == []
    assert [each.ticket.number for each in two.view().elsewhere] == ["A0001", "B0002"]
    assert numbers(any_) == ["A0001", "B0002"]
    assert two.call_next(new_id()) is None
    called = one.call_next(new_id())
    assert called is not None
    assert called.number == "B0002"


def test_who_gave_the_ticket_back_is_not_called(small_hall: Hall) -> None:
    small_hall.give_back(small_hall.customer())
    assert small_hall.open_desk(1).call_next(new_id()) is None


# --- the same request again ---------------------------------------------------------------------


def twice(*actions: Callable[[UUID], object]) -> None:
    """Each as when its first answer got lost."""
    for action in actions:
        request = new_id()
        action(request)
        action(request)


def test_a_request_that_comes_again_is_done_once(hall: Hall) -> None:
    first, second = hall.customer(), hall.customer()
    desk = hall.open_desk(1)
    request = new_id()
    called = desk.call_next(request)
    assert called is not None
    assert desk.call_next(request) == called
    assert hall.desk(1).call_next(request) == called
    request = new_id()
    assert desk.recall(request) == desk.recall(request)
    assert hall.ticket(first).calls == 2
    twice(desk.start, lambda request: desk.finish(request, ["cash"]))
    assert hall.stages(first) == ["called", "recalled", "started", "finished"]
    request = new_id()
    assert desk.call(request, second) == desk.call(request, second)
    twice(desk.hold, lambda request: desk.resume(request, second), desk.hold)
    assert hall.stages(second) == ["called", "held", "resumed", "held"]
    desk.resume(new_id(), second)
    twice(
        lambda request: desk.transfer(request, ToQueue("B")),
        lambda request: desk.start_break(request, 15),
        desk.end_break,
        desk.close,
        lambda request: desk.open(request, "s9"),
    )
    assert hall.differing() == {}


# --- the counter --------------------------------------------------------------------------------


def test_a_counter_opens_takes_a_break_and_closes(hall: Hall) -> None:
    hall.enrol(3)
    desk = hall.desk(3)
    view = desk.view()
    assert (view.state, view.staff, view.since) == (CounterState.CLOSED, None, None)
    desk.open(new_id(), "s017")
    view = desk.view()
    assert (view.state, view.staff) == (CounterState.OPEN, "s017")
    assert view.since == hall.clock.now()
    desk.start_break(new_id(), 15)
    view = desk.view()
    assert view.state is CounterState.BREAK
    assert view.back_at == hall.clock.now() + 15 * MINUTE
    desk.end_break(new_id())
    assert desk.view().back_at is None
    desk.start_break(new_id(), None)
    desk.close(new_id())
    view = desk.view()
    assert (view.state, view.staff) == (CounterState.CLOSED, None)


def test_nobody_leaves_a_customer_at_the_counter(small_hall: Hall) -> None:
    small_hall.customer()
    small_hall.customer()
    desk = small_hall.open_desk(1)
    desk.call_next(new_id())
    for action in (
        lambda: desk.call_next(new_id()),
        lambda: desk.start_break(new_id(), 5),
        lambda: desk.close(new_id()),
    ):
        assert refused(action) == "desk_busy"
    assert desk.view().state is CounterState.OPEN


def test_who_signs_in_again_goes_on_where_they_were(small_hall: Hall) -> None:
    ticket = small_hall.customer()
    small_hall.open_desk(1, staff="s1").call_next(new_id())
    again = small_hall.desk(1)
    again.open(new_id(), "s1")
    view = again.view()
    assert view.ticket is not None
    assert view.ticket.id == ticket
    assert refused(lambda: again.open(new_id(), "s2")) == "counter_open"


def test_a_counter_that_was_left_open_is_closed_the_next_day(small_hall: Hall) -> None:
    desk = small_hall.open_desk(1)
    small_hall.clock.advance(days=1)
    small_hall.customer()
    view = desk.view()
    assert (view.state, view.staff) == (CounterState.CLOSED, None)
    assert refused(lambda: desk.call_next(new_id())) == "counter_closed"
    desk.open(new_id(), "s2")
    serve(desk)


def test_a_counter_that_is_not_enrolled_is_told_so(small_hall: Hall) -> None:
    desk = small_hall.desk(7, database=small_hall.database)
    assert refused(desk.view) == "counter_unknown"
    assert refused(lambda: desk.open(new_id(), "s1")) == "counter_unknown"


@pytest.mark.parametrize("state", ["closed", "break"])
def test_a_counter_that_is_not_open_does_nothing(small_hall: Hall, state: str) -> None:
    ticket = small_hall.customer()
    desk = small_hall.open_desk(1)
    if state == "break":
        desk.start_break(new_id(), None)
    else:
        desk.close(new_id())
    code = "counter_on_break" if state == "break" else "counter_closed"
    for action in (
        lambda: desk.call_next(new_id()),
        lambda: desk.call(new_id(), ticket),
        lambda: desk.requeue(new_id(), ticket),
        lambda: desk.start_break(new_id(), 5),
    ):
        assert refused(action) == code


# --- every action in every state ----------------------------------------------------------------

IN_HAND = (C, S)
BY_ID = (TicketAction.CALL, TicketAction.RESUME, TicketAction.REQUEUE)


def brought_to(hall: Hall, desk: BranchDesk, state: TicketState) -> UUID:
    """A ticket in a state; at this counter, where the state has one."""
    ticket = hall.customer()
    if state is W:
        return ticket
    if state is TicketState.CANCELLED:
        hall.give_back(ticket)
        return ticket
    if state is TicketState.EXPIRED:
        hall.end_of_day()
        return ticket
    desk.call(new_id(), ticket)
    if state in (S, TicketState.SERVED):
        desk.start(new_id())
    match state:
        case TicketState.SERVED:
            desk.finish(new_id(), [])
        case TicketState.NO_SHOW:
            desk.no_show(new_id())
        case TicketState.ON_HOLD:
            desk.hold(new_id())
    return ticket


def act(desk: BranchDesk, action: TicketAction, ticket: UUID) -> None:
    request = new_id()
    match action:
        case TicketAction.CALL:
            desk.call(request, ticket)
        case TicketAction.RESUME:
            desk.resume(request, ticket)
        case TicketAction.REQUEUE:
            desk.requeue(request, ticket)
        case TicketAction.FINISH:
            desk.finish(request, [])
        case TicketAction.TRANSFER:
            desk.transfer(request, ToQueue("B"))
        case _:
            getattr(desk, action.value)(request)


@pytest.mark.parametrize("state", TicketState)
def test_every_action_in_every_state(small_hall: Hall, state: TicketState) -> None:
    for number, action in enumerate(TicketAction, start=1):
        desk = small_hall.open_desk(number)
        ticket = brought_to(small_hall, desk, state)
        assert small_hall.state(ticket) is state
        before = small_hall.ticket(ticket)
        becomes = TICKET_MOVES[action].get(state)
        if becomes is not None:
            act(desk, action, ticket)
            assert small_hall.state(ticket) is becomes
            continue
        expected = f"ticket_{state.value}"
        if action not in BY_ID and state not in IN_HAND:
            expected = "desk_empty"
        if action in (TicketAction.CALL, TicketAction.RESUME) and state in IN_HAND:
            expected = "desk_busy"
        assert refused(lambda: act(desk, action, ticket)) == expected  # noqa: B023 (at once)
        assert small_hall.ticket(ticket) == before
    assert small_hall.differing() == {}


@pytest.mark.parametrize("action", [TicketAction.CALL, TicketAction.RESUME, TicketAction.REQUEUE])
@pytest.mark.parametrize("state", IN_HAND)
def test_nobody_takes_a_ticket_out_of_another_s_hand(
    small_hall: Hall, state: TicketState, action: TicketAction
) -> None:
    one, two = small_hall.open_desk(1), small_hall.open_desk(2)
    ticket = brought_to(small_hall, one, state)
    assert refused(lambda: act(two, action, ticket)) == f"ticket_{state.value}"


def test_a_ticket_that_is_unknown_is_told_so(small_hall: Hall) -> None:
    desk = small_hall.open_desk(1)
    assert refused(lambda: desk.call(new_id(), new_id())) == "ticket_unknown"


def test_after_three_calls_a_no_show_is_due(small_hall: Hall) -> None:
    small_hall.customer()
    desk = small_hall.open_desk(1)
    desk.call_next(new_id())
    desk.recall(new_id())
    assert not desk.view().is_no_show_due
    desk.recall(new_id())
    assert desk.view().is_no_show_due
    assert refused(lambda: desk.recall(new_id())) == "call_limit_reached"
    desk.start(new_id())  # the teller decides


# --- days and clocks ----------------------------------------------------------------------------


def test_the_end_of_the_day_expires_what_is_left_and_says_how_many(hall: Hall) -> None:
    waiting, called, held = hall.customer(), hall.customer(), hall.customer()
    serving, gone = hall.customer(), hall.customer()
    desks = [hall.open_desk(number) for number in (1, 2, 3)]
    desks[0].call(new_id(), held)
    desks[0].hold(new_id())
    desks[0].call(new_id(), called)
    desks[1].call(new_id(), serving)
    desks[1].start(new_id())
    desks[2].call(new_id(), gone)
    desks[2].no_show(new_id())
    assert hall.end_of_day() == 3
    assert [hall.state(each) for each in (waiting, called, held)] == [TicketState.EXPIRED] * 3
    assert hall.state(gone) is TicketState.NO_SHOW
    assert hall.end_of_day() == 0
    assert desks[0].view().ticket is None
    desks[1].finish(new_id(), ["cash"])
    assert hall.state(serving) is TicketState.SERVED
    assert hall.differing() == {}


def test_a_day_that_was_forgotten_is_closed_with_the_next(small_hall: Hall) -> None:
    small_hall.customer()
    small_hall.clock.advance(days=2)
    today = small_hall.customer()
    assert small_hall.end_of_day(days=-1) == 1
    assert small_hall.state(today) is W


def test_a_day_on_which_somebody_may_still_be_called_is_not_closed(hall: Hall) -> None:
    """A timer that runs at noon must take nobody's place."""
    old = hall.customer()
    first, second = hall.open_desk(1), hall.open_desk(2)
    hall.clock.advance(days=1)
    for desk, staff in ((first, "s1"), (second, "s2")):
        desk.open(new_id(), staff)
    assert hall.end_of_day(force=False, days=-1) == 1  # yesterday's is called by nobody
    assert hall.state(old) is TicketState.EXPIRED
    waiting = hall.customer()
    second.start_break(new_id(), None)
    with pytest.raises(KioskError) as error:
        hall.end_of_day(force=False)
    assert "at work: counter 1, 2." in sentence(error.value)
    assert hall.state(waiting) is W
    first.close(new_id())
    assert refused(lambda: hall.end_of_day(force=False)) == "day_not_over"
    second.close(new_id())
    assert hall.end_of_day(force=False) == 1


def test_a_day_on_which_nobody_is_left_is_closed_whoever_is_at_work(small_hall: Hall) -> None:
    small_hall.open_desk(1)
    assert small_hall.end_of_day(force=False) == 0


def test_a_day_that_has_not_come_is_not_closed(small_hall: Hall) -> None:
    ticket = small_hall.customer()
    assert refused(lambda: small_hall.end_of_day(days=1)) == "day_in_future"
    assert small_hall.state(ticket) is W


def test_yesterday_s_tickets_are_not_called(small_hall: Hall) -> None:
    desk = small_hall.open_desk(1)
    small_hall.customer()
    small_hall.clock.advance(days=1)
    desk.open(new_id(), "s1")
    assert numbers(desk) == []
    assert desk.call_next(new_id()) is None


@pytest.mark.parametrize(
    ("zone", "last_minute"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 23, 15, 59, tzinfo=UTC)),
        # the night on which clocks go forward, and the one on which they go back
        ("Europe/Berlin", datetime(2026, 3, 29, 21, 59, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 3, 9, 6, 59, tzinfo=UTC)),
    ],
)
def test_the_business_day_ends_at_the_branch_s_midnight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, last_minute: datetime
) -> None:
    from zoneinfo import ZoneInfo

    monkeypatch.setattr(Hall, "zone", ZoneInfo(zone))
    hall = Hall(tmp_path)
    hall.clock.time = last_minute
    desk = hall.open_desk(1)
    ticket = hall.customer()
    assert [each.ticket.id for each in desk.view().waiting] == [ticket]
    hall.clock.advance(minutes=1)
    assert desk.view().waiting == ()
    next_day = hall.customer()
    desk.open(new_id(), "s1")
    assert serve(desk) == next_day
    assert hall.end_of_day(days=-1) == 1
    hall.close()


def test_no_time_is_negative_when_clocks_are_set_back(hall: Hall) -> None:
    ticket = hall.customer()
    desk = hall.open_desk(1)
    hall.clock.advance(hours=-1)
    called = desk.call_next(new_id())
    assert called == hall.ticket(ticket)
    assert called is not None
    assert called.waiting_seconds == 0
    desk.start(new_id())
    hall.clock.advance(hours=-1)
    desk.finish(new_id(), [])
    assert hall.ticket(ticket).service_seconds == 0
    assert hall.differing() == {}
