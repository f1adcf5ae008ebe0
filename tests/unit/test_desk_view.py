"""The times that a counter's screen shows of a ticket."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.services.desk_view import DeskTicket, DeskView

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
MINUTE, NOTHING = timedelta(minutes=1), timedelta()
WAITING = DeskTicket(
    id=UUID(int=1), number="A1001", queue="A", service="cash", priority=Priority.NORMAL,
    state=TicketState.WAITING, arrived_at=NOW, issued_at=NOW, state_since=NOW,
)  # fmt: skip
CALLED = replace(WAITING, state=TicketState.CALLED, calls=3, waiting_seconds=300)
EMPTY = DeskView(
    counter=3, state=CounterState.OPEN, staff="s1", since=NOW, back_at=None, now=NOW, ticket=None,
    call_limit=3, waiting=(), elsewhere=(), on_hold=(), no_shows=(),
)  # fmt: skip


def test_a_ticket_waits_until_it_is_called() -> None:
    assert WAITING.waited(NOW + 4 * MINUTE) == 4 * MINUTE
    assert CALLED.waited(NOW + 4 * MINUTE) == 5 * MINUTE
    assert CALLED.in_state_for(NOW + 4 * MINUTE) == 4 * MINUTE


def test_a_second_wait_counts_with_the_first() -> None:
    again = replace(WAITING, waiting_seconds=300)
    assert again.waited(NOW + MINUTE) == 6 * MINUTE


def test_the_time_on_hold_is_not_service() -> None:
    resumed = replace(WAITING, state=TicketState.SERVING, service_seconds=120)
    assert resumed.served_for(NOW + MINUTE) == 3 * MINUTE
    held = replace(resumed, state=TicketState.ON_HOLD)
    assert held.served_for(NOW + MINUTE) == 2 * MINUTE
    assert held.in_state_for(NOW + MINUTE) == MINUTE


def test_no_time_is_negative_when_the_clock_was_set_back() -> None:
    before = NOW - timedelta(hours=1)
    serving = replace(WAITING, state=TicketState.SERVING)
    assert WAITING.waited(before) == NOTHING
    assert serving.served_for(before) == NOTHING
    assert serving.in_state_for(before) == NOTHING


def test_a_no_show_is_due_after_the_last_call_only() -> None:
    assert replace(EMPTY, ticket=CALLED).is_no_show_due
    assert not replace(EMPTY, ticket=replace(CALLED, calls=2)).is_no_show_due
    assert not replace(EMPTY, ticket=replace(CALLED, state=TicketState.SERVING)).is_no_show_due
    assert not EMPTY.is_no_show_due
