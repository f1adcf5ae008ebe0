"""What tickets, counters and demos can be, as columns and payloads hold it."""

from enum import StrEnum


class TicketState(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CALLED = "called"
    """To a counter, where nobody has come yet."""
    SERVING = "serving"
    ON_HOLD = "on_hold"
    """Put aside by its counter, which can serve others meanwhile."""
    SERVED = "served"
    NO_SHOW = "no_show"
    """Was called and nobody came; may go back into the queue."""
    CANCELLED = "cancelled"
    """Given back by the customer."""
    EXPIRED = "expired"
    """Left over when the day was closed."""


class Priority(StrEnum):
    """The class of a ticket; how much it counts for, the order of calling says."""

    NORMAL = "normal"
    SENIOR = "senior"
    """60+ or large type."""
    DISABLED = "disabled"
    APPOINTMENT = "appointment"
    RETURNED = "returned"
    """Tried an e-channel and came back to the counter."""


class CounterState(StrEnum):
    """What a counter is doing."""

    CLOSED = "closed"
    OPEN = "open"
    BREAK = "break"


class Way(StrEnum):
    """How a demo is gone through."""

    SHOW = "show"
    """It is shown, one step for each press."""
    TRY = "try"
    """The learner does it."""
    CHECK = "check"
    """Questions are answered."""
