"""What may follow what: the whole table, every state with every action."""

import pytest

from kiosk.models.states import CounterState, TicketState
from kiosk.sentences import known_codes
from kiosk.services.transitions import (
    COUNTER_MOVES,
    TICKET_MOVES,
    CounterAction,
    TicketAction,
    counter_refusal,
    ticket_refusal,
)

W, C, S, H = TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD
D, N = TicketState.SERVED, TicketState.NO_SHOW
ALLOWED_FOR_TICKETS = {
    (TicketAction.CALL, W): C,
    (TicketAction.RECALL, C): C,
    (TicketAction.START, C): S,
    (TicketAction.FINISH, S): D,
    (TicketAction.NO_SHOW, C): N,
    (TicketAction.HOLD, C): H,
    (TicketAction.HOLD, S): H,
    (TicketAction.RESUME, H): S,
    (TicketAction.TRANSFER, C): W,
    (TicketAction.TRANSFER, S): W,
    (TicketAction.REQUEUE, N): W,
}
ALLOWED_AT_COUNTERS = {
    (CounterAction.OPEN, CounterState.CLOSED): CounterState.OPEN,
    (CounterAction.START_BREAK, CounterState.OPEN): CounterState.BREAK,
    (CounterAction.END_BREAK, CounterState.BREAK): CounterState.OPEN,
    (CounterAction.CLOSE, CounterState.OPEN): CounterState.CLOSED,
    (CounterAction.CLOSE, CounterState.BREAK): CounterState.CLOSED,
}


@pytest.mark.parametrize("state", TicketState)
@pytest.mark.parametrize("action", TicketAction)
def test_every_action_on_every_ticket(action: TicketAction, state: TicketState) -> None:
    becomes = ALLOWED_FOR_TICKETS.get((action, state))
    assert TICKET_MOVES[action].get(state) == becomes
    assert ticket_refusal(action, state) == (None if becomes else f"ticket_{state.value}")


@pytest.mark.parametrize("state", CounterState)
@pytest.mark.parametrize("action", CounterAction)
def test_every_action_at_every_counter(action: CounterAction, state: CounterState) -> None:
    becomes = ALLOWED_AT_COUNTERS.get((action, state))
    assert COUNTER_MOVES[action].get(state) == becomes
    refusals = {"closed": "counter_closed", "open": "counter_open", "break": "counter_on_break"}
    assert counter_refusal(action, state) == (None if becomes else refusals[state.value])


@pytest.mark.parametrize("action", TicketAction)
def test_tickets_are_dealt_with_at_an_open_counter_only(action: TicketAction) -> None:
    assert counter_refusal(action, CounterState.OPEN) is None
    assert counter_refusal(action, CounterState.BREAK) == "counter_on_break"
    assert counter_refusal(action, CounterState.CLOSED) == "counter_closed"


def test_every_refusal_has_a_sentence() -> None:
    tickets = {ticket_refusal(action, state) for action in TicketAction for state in TicketState}
    counters = {
        counter_refusal(action, state) for action in CounterAction for state in CounterState
    }
    assert (tickets | counters) - {None} <= known_codes()
