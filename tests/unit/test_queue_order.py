"""Who is called next: nobody starves, equals go by the order of issue, every place has a reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.config import HeadStart
from kiosk.models.states import Priority
from kiosk.services.queue_order import (
    Caller,
    CallingOrder,
    Candidate,
    Reason,
    Standing,
)

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ORDER = CallingOrder.configured(HeadStart())

minutes = st.integers(0, 60)
priorities = st.sampled_from(Priority)
orders = st.builds(
    CallingOrder,
    st.fixed_dictionaries({each: minutes for each in Priority if each is not Priority.NORMAL}),
)


def ticket(number: int, came: float = 0, priority: Priority = Priority.NORMAL) -> Candidate:
    """One that was issued a minute after its customer came; minutes past nine."""
    arrived = NINE + timedelta(minutes=came)
    issued = arrived + timedelta(minutes=1)
    return Candidate(UUID(int=number), f"A1{number:03d}", "A", priority, arrived, issued)


@st.composite
def lines(draw: st.DrawFn) -> list[Candidate]:
    """Some who wait; times lie close together, so that there are equals."""
    waiting = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        each = ticket(number, draw(minutes), draw(priorities))
        issued = NINE + timedelta(minutes=draw(minutes))
        wanted = draw(st.sampled_from([None, None, 1, 2]))
        queue = draw(st.sampled_from("ABC"))
        waiting.append(replace(each, issued_at=issued, wanted_counter=wanted, queue=queue))
    return waiting


def numbers(order: CallingOrder, waiting: list[Candidate]) -> list[str]:
    return [each.ticket.number for each in order.in_line(waiting)]


# --- the order ----------------------------------------------------------------------------------


def test_first_come_first_served() -> None:
    waiting = [ticket(3, came=2), ticket(1, came=0), ticket(2, came=1)]
    assert numbers(ORDER, waiting) == ["A1001", "A1002", "A1003"]


def test_a_senior_goes_ahead_of_those_who_came_up_to_twenty_minutes_earlier() -> None:
    senior = ticket(9, came=30, priority=Priority.SENIOR)
    waiting = [ticket(1, came=9), ticket(2, came=11), ticket(3, came=29), senior]
    assert numbers(ORDER, waiting) == ["A1001", "A1009", "A1002", "A1003"]


@pytest.mark.parametrize("priority", [Priority.SENIOR, Priority.DISABLED, Priority.APPOINTMENT])
def test_the_classes_that_go_ahead_are_equals(priority: Priority) -> None:
    waiting = [ticket(1, came=0, priority=Priority.SENIOR), ticket(2, came=1, priority=priority)]
    assert numbers(ORDER, waiting) == ["A1001", "A1002"]


def test_who_came_back_from_an_e_channel_has_lost_no_place() -> None:
    returned = replace(ticket(7, came=0, priority=Priority.RETURNED), issued_at=NINE + HOUR)
    assert numbers(ORDER, [ticket(1, came=5), returned]) == ["A1007", "A1001"]


HOUR = timedelta(hours=1)


@given(orders, lines(), st.randoms(use_true_random=False))
def test_the_order_is_total_and_does_not_depend_on_how_it_was_asked(
    order: CallingOrder, waiting: list[Candidate], chance: Random
) -> None:
    shuffled = waiting.copy()
    chance.shuffle(shuffled)
    assert order.in_line(shuffled) == order.in_line(waiting)
    keys = [order.key(each) for each in waiting]
    assert len(set(keys)) == len(keys)


@given(orders, lines())
def test_only_who_came_within_the_head_start_overtakes(
    order: CallingOrder, waiting: list[Candidate]
) -> None:
    line = [each.ticket for each in order.in_line(waiting)]
    for place, first in enumerate(line):
        for second in line[place + 1 :]:
            if first.arrived_at > second.arrived_at:
                lead = order.head_start.get(first.priority, 0)
                assert first.arrived_at - second.arrived_at <= timedelta(minutes=lead)


@given(orders, lines())
def test_equals_are_called_in_the_order_in_which_they_came(
    order: CallingOrder, waiting: list[Candidate]
) -> None:
    for priority in Priority:
        came = [
            (each.ticket.arrived_at, each.ticket.issued_at, each.ticket.number)
            for each in order.in_line(waiting)
            if each.ticket.priority is priority
        ]
        assert came == sorted(came)


def test_nobody_starves_behind_a_stream_of_seniors() -> None:
    """A senior comes every minute and a call is made every minute: the line never gets shorter."""
    normal = ticket(999, came=0)
    waiting = [normal] + [ticket(number, 0, Priority.SENIOR) for number in range(900, 905)]
    for minute in range(1, 100):
        waiting.append(ticket(minute, minute, Priority.SENIOR))
        called = ORDER.next_for(Caller(1), waiting)
        assert called is not None
        waiting.remove(called)
        if called is normal:
            break
    assert minute == 5 + 20  # those who stood there, and who came within the head start


# --- who calls whom -----------------------------------------------------------------------------


def test_a_counter_serves_its_queues() -> None:
    waiting = [replace(ticket(1), queue="B"), ticket(2, came=1)]
    called = ORDER.next_for(Caller(1, queues=frozenset("AC")), waiting)
    assert called is not None
    assert called.number == "A1002"
    assert ORDER.next_for(Caller(1, queues=frozenset("D")), waiting) is None


def test_a_ticket_that_was_passed_on_is_called_there_alone() -> None:
    for_three = replace(ticket(1), wanted_counter=3)
    for_her = replace(ticket(2), wanted_staff="s017")
    serves_nothing_else: frozenset[str] = frozenset()
    assert Caller(3, "s001", serves_nothing_else).may_call(for_three)
    assert not Caller(2, "s001").may_call(for_three)
    assert Caller(2, "s017", serves_nothing_else).may_call(for_her)
    assert not Caller(3, "s001").may_call(for_her)
    assert not Caller(3).may_call(for_her)


@given(orders, lines(), st.sets(st.sampled_from("ABC")), st.sampled_from([1, 2, 3]))
def test_the_next_one_is_the_first_in_line_that_the_counter_may_call(
    order: CallingOrder, waiting: list[Candidate], queues: set[str], counter: int
) -> None:
    caller = Caller(counter, queues=frozenset(queues))
    line = [each.ticket for each in order.in_line(waiting) if caller.may_call(each.ticket)]
    assert order.next_for(caller, waiting) == (line[0] if line else None)


# --- why ----------------------------------------------------------------------------------------


def test_a_place_is_explained_by_everybody_before_it() -> None:
    asked = ticket(5, came=10)
    senior = ticket(6, came=15, priority=Priority.SENIOR)
    together = replace(ticket(4, came=10), issued_at=asked.issued_at - timedelta(seconds=1))
    twin = ticket(3, came=10)
    later = ticket(7, came=11)
    waiting = [asked, senior, together, twin, later, ticket(1, came=0)]
    explained = ORDER.explain(asked, waiting, [Caller(1), Caller(2)])
    assert [(each.ticket.number, each.reason) for each in explained.ahead] == [
        ("A1006", Reason.HEAD_START),
        ("A1001", Reason.CAME_EARLIER),
        ("A1004", Reason.ISSUED_EARLIER),
        ("A1003", Reason.LOWER_NUMBER),
    ]
    assert explained.place == 5
    assert explained.counters == (1, 2)


def test_who_can_only_be_called_elsewhere_is_not_before_anybody() -> None:
    asked = replace(ticket(5, came=10), queue="B")
    waiting = [replace(ticket(1), queue="C"), replace(ticket(2), queue="A"), asked]
    callers = [Caller(1, queues=frozenset("AB")), Caller(2, queues=frozenset("C"))]
    explained = ORDER.explain(asked, waiting, callers)
    assert [each.ticket.number for each in explained.ahead] == ["A1002"]
    assert explained.counters == (1,)


def test_a_ticket_that_no_counter_calls_is_told_so() -> None:
    asked = replace(ticket(5), queue="B")
    waiting = [ticket(1), replace(ticket(2), queue="B")]
    for callers in ([Caller(1, None, QUICK)], []):
        explained = ORDER.explain(asked, waiting, callers)
        assert explained.counters == ()
        assert (explained.place, explained.ahead[0].ticket) == (2, waiting[1])


QUICK = frozenset("A")


@given(orders, lines())
def test_the_place_is_the_one_in_line(order: CallingOrder, waiting: list[Candidate]) -> None:
    anybody = [replace(each, wanted_counter=None) for each in waiting]
    for place, each in enumerate(order.in_line(anybody), start=1):
        explained = order.explain(each.ticket, anybody, [Caller(1)])
        assert explained.place == place
        ahead = [other.ticket for other in explained.ahead]
        assert ahead == [other.ticket for other in order.in_line(anybody)[: place - 1]]


@given(orders, lines())
def test_a_standing_says_whether_somebody_behind_came_earlier(
    order: CallingOrder, waiting: list[Candidate]
) -> None:
    line = order.in_line(waiting)
    for place, each in enumerate(line):
        behind = [other.ticket.arrived_at for other in line[place + 1 :]]
        overtakes = any(came < each.ticket.arrived_at for came in behind)
        assert (each.standing is Standing.HEAD_START) == overtakes
