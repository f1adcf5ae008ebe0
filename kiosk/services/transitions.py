"""What may follow what, for tickets and counters: one table, which desk, screen and tests read."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kiosk.models.states import CounterState, TicketState


class TicketAction(StrEnum):
    """What a teller does with a ticket."""

    CALL = "call"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no_show"
    HOLD = "hold"
    RESUME = "resume"
    TRANSFER = "transfer"
    REQUEUE = "requeue"


class CounterAction(StrEnum):
    """What a teller does with the counter."""

    OPEN = "open"
    START_BREAK = "start_break"
    END_BREAK = "end_break"
    CLOSE = "close"


TICKET_MOVES: Final[Mapping[TicketAction, Mapping[TicketState, TicketState]]] = MappingProxyType(
    {
        TicketAction.CALL: {TicketState.WAITING: TicketState.CALLED},
        TicketAction.RECALL: {TicketState.CALLED: TicketState.CALLED},
        TicketAction.START: {TicketState.CALLED: TicketState.SERVING},
        TicketAction.FINISH: {TicketState.SERVING: TicketState.SERVED},
        TicketAction.NO_SHOW: {TicketState.CALLED: TicketState.NO_SHOW},
        TicketAction.HOLD: {
            TicketState.CALLED: TicketState.ON_HOLD,
            TicketState.SERVING: TicketState.ON_HOLD,
        },
        TicketAction.RESUME: {TicketState.ON_HOLD: TicketState.SERVING},
        TicketAction.TRANSFER: {
            TicketState.CALLED: TicketState.WAITING,
            TicketState.SERVING: TicketState.WAITING,
        },
        TicketAction.REQUEUE: {TicketState.NO_SHOW: TicketState.WAITING},
    }
)
"""For each action: the state that a ticket must have, and the one that it gets."""

COUNTER_MOVES: Final[Mapping[CounterAction, Mapping[CounterState, CounterState]]] = (
    MappingProxyType(
        {
            CounterAction.OPEN: {CounterState.CLOSED: CounterState.OPEN},
            CounterAction.START_BREAK: {CounterState.OPEN: CounterState.BREAK},
            CounterAction.END_BREAK: {CounterState.BREAK: CounterState.OPEN},
            CounterAction.CLOSE: {
                CounterState.OPEN: CounterState.CLOSED,
                CounterState.BREAK: CounterState.CLOSED,
            },
        }
    )
)
"""The same for counters. With tickets a counter works only while it is open."""

_TICKET_REFUSALS: Final = MappingProxyType(
    {
        TicketState.WAITING: "ticket_waiting",
        TicketState.CALLED: "ticket_called",
        TicketState.SERVING: "ticket_serving",
        TicketState.ON_HOLD: "ticket_on_hold",
        TicketState.SERVED: "ticket_served",
        TicketState.NO_SHOW: "ticket_no_show",
        TicketState.CANCELLED: "ticket_cancelled",
        TicketState.EXPIRED: "ticket_expired",
    }
)
_COUNTER_REFUSALS: Final = MappingProxyType(
    {
        CounterState.CLOSED: "counter_closed",
        CounterState.OPEN: "counter_open",
        CounterState.BREAK: "counter_on_break",
    }
)


def ticket_refusal(action: TicketAction, state: TicketState) -> str | None:
    """The code of the sentence that refuses an action; None where it is allowed.

    The code follows the state alone: where a ticket stands says what can be done with it instead.
    """
    return None if state in TICKET_MOVES[action] else _TICKET_REFUSALS[state]


def counter_refusal(action: CounterAction | TicketAction, state: CounterState) -> str | None:
    """The code of the sentence that refuses an action at a counter; None where it is allowed."""
    if isinstance(action, CounterAction):
        allowed = state in COUNTER_MOVES[action]
    else:
        allowed = state is CounterState.OPEN
    return None if allowed else _COUNTER_REFUSALS[state]
