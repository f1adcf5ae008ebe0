"""What tickets, counters, demos, staff's work and matches can be, in columns and payloads."""

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


class AssistOutcome(StrEnum):
    """What came of a talk in the lobby."""

    NOTHING_OFFERED = "nothing_offered"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    """The customer wanted to; nobody saw it done."""
    TAUGHT = "taught"
    """The customer was shown how."""
    DONE = "done"
    """Staff saw the customer do it."""


class FollowUpResult(StrEnum):
    """What a call or visit after a sign-up found."""

    ACTIVATED = "activated"
    WILL_TRY = "will_try"
    NOT_REACHED = "not_reached"
    PROBLEM = "problem"
    DOES_NOT_WANT = "does_not_want"
    VISITED = "visited"


class FollowUpBy(StrEnum):
    """How a customer was followed up."""

    CALL = "call"
    VISIT = "visit"


class DayBookCategory(StrEnum):
    """What an entry of the day book is about."""

    COMPLAINT = "complaint"
    SPECIAL_CARE = "special_care"
    EQUIPMENT = "equipment"
    NOTE = "note"


class MatchRule(StrEnum):
    """How a line of a channel's journal was known as an offer's transaction."""

    REFERENCE = "reference"
    CHANNEL_SERVICE_AMOUNT_TIME = "channel_service_amount_time"


class UndoneReason(StrEnum):
    """Why a match holds no more."""

    REVERSAL = "reversal"
    CORRECTION = "correction"
    STAFF = "staff"


class LineState(StrEnum):
    """What a line of a channel's journal is to an offer."""

    MATCHED = "matched"
    PROBABLE = "probable"
    """It and one offer have only each other: a person may confirm it."""
    AMBIGUOUS = "ambiguous"
    NONE = "none"


class LineFault(StrEnum):
    """Why a line is not what it seems to be."""

    DUPLICATE = "duplicate"
    """The offer is another line's already."""
    TAKEN_BACK = "taken_back"
    """A later line reverses or corrects it."""
    OTHER_CHANNEL = "other_channel"
    OTHER_BRANCH = "other_branch"
    OTHER_SERVICE = "other_service"
    BEFORE_ACCEPTANCE = "before_acceptance"
    UNKNOWN_REFERENCE = "unknown_reference"
    """A whole one; its offer may come with a terminal's next synchronisation."""
    DAMAGED_REFERENCE = "damaged_reference"
