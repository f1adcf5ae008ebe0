"""What an event says beyond its columns: one model for each kind and stage.

A payload never holds a person's data, and an amount only as its band. Models are checked when an
event is written and again when a branch takes it in.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from kiosk.models.event import Kind
from kiosk.models.states import (
    AssistOutcome,
    CounterState,
    FollowUpBy,
    MatchRule,
    Priority,
    TicketState,
    Way,
)

MAX_ANSWERS = 3
WORDS: Mapping[str, type[StrEnum]] = {
    "priority": Priority, "way": Way, "outcome": AssistOutcome,
}  # fmt: skip
"""Columns that hold one of a few words, or nothing."""
COUNTS = ("wrong_keys", "right_answers", "questions")
"""Columns that hold a count, or nothing."""
_Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0)]
_Version = Annotated[int, Field(ge=1)]
_Machine = Annotated[int, Field(ge=1, le=99)]
MAX_NOTE = 120
"""Characters of a line in the day book."""
_NUMBER_OF_SOMEBODY: Final = re.compile(r"\d{7}|(?:\d[\s.\-]?){11}")
"""A run of digits as cards, phones and identities have it; one that is cut up must be longer, so
that a date is none."""


class Payload(BaseModel):
    """The common part: which event this is and which columns it must fill."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[Kind]
    stage: ClassVar[str]
    columns: ClassVar[tuple[str, ...]] = ("visit",)
    """Columns that an event of this kind and stage must not leave empty."""
    either: ClassVar[tuple[str, str] | None] = None
    """Columns of which it must fill exactly one."""


class VisitStarted(Payload):
    """A customer touched the terminal."""

    kind = Kind.VISIT
    stage = "started"
    columns = ("visit", "language")


class VisitLeftOut(Payload):
    """The customer uses large type or stated 60+: no persuasion, no part in diversion figures."""

    kind = Kind.VISIT
    stage = "left_out"


class VisitEnded(Payload):
    """The session is over and wiped; the reason column says how it ended."""

    kind = Kind.VISIT
    stage = "ended"
    columns = ("visit", "language", "reason")


class IntentStated(Payload):
    """What the customer came for."""

    kind = Kind.INTENT
    stage = "stated"
    columns = ("visit", "service")


class WaitShown(BaseModel):
    """What a customer was told about the wait: the evidence for "honest"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ahead: int = Field(ge=0)
    low: int | None
    """Minutes; None: only the people were counted."""
    high: int | None
    """Minutes; None: more than `low`."""
    snapshot: str | None = None
    """Hash of the queue and the counters that it rests on, and of how much had been learned."""


class DiversionOffered(Payload):
    """An e-channel was shown beside the counter."""

    kind = Kind.DIVERSION
    stage = "offered"
    columns = ("visit", "service", "channel", "offer")
    answers: dict[str, str] = Field(max_length=MAX_ANSWERS)
    """Question code → answer code; an amount is its band."""
    wait: WaitShown | None
    """None where nobody could know it."""


class DiversionAccepted(Payload):
    """The customer chose the e-channel; the reference column holds what its journal shall carry."""

    kind = Kind.DIVERSION
    stage = "accepted"
    columns = ("visit", "service", "channel", "offer")


class DiversionDeclined(Payload):
    """The customer chose the counter; the reason column holds why, if they said so."""

    kind = Kind.DIVERSION
    stage = "declined"
    columns = ("visit", "service", "channel", "offer")


class DiversionCompleted(Payload):
    """The transaction was done on the channel; the evidence column says who knows."""

    kind = Kind.DIVERSION
    stage = "completed"
    columns = ("visit", "service", "channel", "offer", "evidence")


class DiversionFellBack(Payload):
    """An accepted diversion came to nothing and the customer took a ticket or left."""

    kind = Kind.DIVERSION
    stage = "fell_back"
    columns = ("visit", "service", "channel", "offer")


class TicketIssued(Payload):
    """A counter ticket."""

    kind = Kind.TICKET
    stage = "issued"
    columns = (
        "visit", "ticket", "ticket_number", "queue", "transferable", "arrived_at", "priority",
    )  # fmt: skip
    wait: WaitShown | None
    """None where nobody could know it."""


class TicketCancelled(Payload):
    """The customer gave the ticket back."""

    kind = Kind.TICKET
    stage = "cancelled"
    columns = ("visit", "ticket", "ticket_number", "queue", "transferable", "arrived_at")


class HelpAsked(Payload):
    """The customer called a member of staff; the subject is the call."""

    kind = Kind.HELP
    stage = "asked"
    columns = ("visit", "screen", "subject")


class HelpTaken(Payload):
    """A member of staff is on the way to the customer who called."""

    kind = Kind.HELP
    stage = "taken"
    columns = ("subject", "staff")


class HelpDone(Payload):
    """The customer who called has been helped, as staff say or the customer does."""

    kind = Kind.HELP
    stage = "done"
    columns = ("subject",)
    either = ("visit", "staff")


class AssistStarted(Payload):
    """A member of staff talks with a customer in the lobby; the subject is the assist.

    The visit is the one at the terminal where one is known, else the assist's own id.
    """

    kind = Kind.ASSIST
    stage = "started"
    columns = ("visit", "subject", "staff")


class AssistEnded(Payload):
    """What came of it; the reason column holds the customer's objection, if there was one."""

    kind = Kind.ASSIST
    stage = "ended"
    columns = ("visit", "subject", "staff", "outcome")
    seconds: _Count | None
    """None: it was put down afterwards."""


class SignUpSigned(Payload):
    """A product was opened; the subject is this sign-up.

    The visit is the customer's: one for all products of one coming.
    """

    kind = Kind.SIGN_UP
    stage = "signed"
    columns = ("visit", "subject", "staff", "product", "segment", "receipt")
    bundle: _Code | None
    """With which others it was chosen; None: alone."""
    company: bool
    disclosure_version: _Version
    """Of the product's pages, as the customer was shown them."""


class SignUpTaught(Payload):
    """The customer was shown how to use what was opened."""

    kind = Kind.SIGN_UP
    stage = "taught"
    columns = ("subject", "evidence")


class SignUpUsed(Payload):
    """The customer has used it; staff is filled where a person says so."""

    kind = Kind.SIGN_UP
    stage = "used"
    columns = ("subject", "evidence")


class SignUpDormant(Payload):
    """The customer has not used it for a long time."""

    kind = Kind.SIGN_UP
    stage = "dormant"
    columns = ("subject",)


class SignUpClosed(Payload):
    """The customer has it no more."""

    kind = Kind.SIGN_UP
    stage = "closed"
    columns = ("subject", "reason")


class FollowUpDone(Payload):
    """A customer was called or visited after a sign-up, the subject; the reason is a result."""

    kind = Kind.FOLLOW_UP
    stage = "done"
    columns = ("subject", "staff", "reason")
    by: FollowUpBy


class _ConsentEvent(Payload):
    """What becomes of a contact, the subject. Its number is in no event."""

    kind = Kind.CONSENT
    columns: ClassVar[tuple[str, ...]] = ("subject",)
    purpose: _Code
    version: _Version
    """Of the words that the customer agreed to."""


class ConsentGiven(_ConsentEvent):
    """The customer left a phone number for one purpose."""

    stage = "given"
    columns = ("subject", "language")
    digest: _Digest
    """SHA-256 of the very words."""


class ConsentWithdrawn(_ConsentEvent):
    """The customer took it back."""

    stage = "withdrawn"


class ConsentPurged(_ConsentEvent):
    """The number was deleted, as it was no longer needed."""

    stage = "purged"


class OutageBegan(Payload):
    """A channel, or one machine of it, is not to be offered; the subject is the outage."""

    kind = Kind.OUTAGE
    stage = "began"
    columns = ("subject", "channel")
    either = ("staff", "reason")
    """Who says so; or, where the machines' own status file does, what it says."""
    machine: _Machine | None
    """None: the whole channel."""
    until: AwareDatetime | None
    """When it ends by itself; None: somebody ends it."""


class OutageEnded(Payload):
    """It can be offered again."""

    kind = Kind.OUTAGE
    stage = "ended"
    columns = ("subject", "channel")
    either = ("staff", "reason")


class DayBookChecked(Payload):
    """A round through the lobby: what was in order and what was not."""

    kind = Kind.DAY_BOOK
    stage = "checked"
    columns = ("staff",)
    items: dict[_Code, bool] = Field(max_length=40)
    round: int = Field(ge=1, le=3)


class DayBookWritten(Payload):
    """A line in the day book; the reason column is its category."""

    kind = Kind.DAY_BOOK
    stage = "written"
    columns = ("staff", "reason")
    text: str = Field(min_length=1, max_length=MAX_NOTE)

    @field_validator("text")
    @classmethod
    def _has_nobody_s_number(cls, text: str) -> str:
        if holds_a_number(text):
            raise ValueError("a number of somebody")
        return text


class _DemoEvent(Payload):
    """What happens in a run. It is a customer's, who has come, or staff's, who practise.

    What was typed or chosen is nowhere in it.
    """

    kind = Kind.DEMO
    columns: ClassVar[tuple[str, ...]] = ("demo", "demo_run", "way", "channel")
    either = ("visit", "staff")


class DemoStarted(_DemoEvent):
    """A run begins with a screen."""

    stage = "started"
    columns = (*_DemoEvent.columns, "screen")
    version: _Version
    """Of the script."""
    amount_band: _Code | None = None
    """The amount that was practised with, as its band; None: the script's own."""


class DemoStep(_DemoEvent):
    """A screen was passed."""

    stage = "step"
    columns = (*_DemoEvent.columns, "screen", "wrong_keys")
    next_screen: _Code
    seconds: _Count
    """On the screen that was passed."""


class DemoFinished(_DemoEvent):
    """The run came to its end; of a check, with how many right answers."""

    stage = "finished"
    seconds: _Count
    """In the whole run."""


class DemoLeft(_DemoEvent):
    """The run was broken off; the screen column says where and the reason column why."""

    stage = "left"
    columns = (*_DemoEvent.columns, "screen", "reason")
    seconds: _Count | None
    """In the whole run; None: it was interrupted, and nobody could count them."""


class DisclosureRead(Payload):
    """A page about a product was read to its end, in the language of the column."""

    kind = Kind.DISCLOSURE
    stage = "read"
    columns = ("visit", "language", "product")
    page: _Code
    version: _Version
    """Of the product's text."""
    digest: _Digest
    """SHA-256 of the very text that was shown."""


class _Reconciliation(Payload):
    """What the e-channel's journal says of an accepted offer."""

    kind = Kind.RECONCILIATION
    columns: ClassVar[tuple[str, ...]] = ("visit", "service", "channel", "offer", "subject")


class ReconciliationMatched(_Reconciliation):
    """A line of the journal, the subject, is this offer's transaction.

    The staff column says who confirmed it, where a rule alone could not know.
    """

    stage = "matched"
    rule: MatchRule


class ReconciliationUndone(_Reconciliation):
    """A match holds no more; the reason column is one of `UndoneReason`."""

    stage = "undone"
    columns = (*_Reconciliation.columns, "reason")


class ReconciliationLapsed(_Reconciliation):
    """The journal had no line of it in all the days in which it could have come."""

    stage = "lapsed"
    columns = ("visit", "service", "channel", "offer")


class DrillAnswered(Payload):
    """A member of staff has judged whether they could answer what customers say."""

    kind = Kind.DRILL
    stage = "answered"
    columns = ("staff",)
    objection: _Code
    could_say: bool
    """As they say themselves."""


class TicketStep(Payload):
    """What a counter, or the branch at the end of the day, does with a ticket.

    The event's queue is the ticket's from then on, and its counter and staff those who have it. The
    fields of this class are filled in under the lock of the ticket's row, by the journal: so each
    step says all that follows from it, in whatever order the steps arrive.
    """

    kind = Kind.TICKET
    columns: ClassVar[tuple[str, ...]] = ("visit", "ticket", "ticket_number", "queue", "step")
    to_state: ClassVar[TicketState]
    was: TicketState | None = None
    """The state that it ends."""
    seconds: int = Field(default=0, ge=0)
    """How long that lasted."""
    calls: int = Field(default=0, ge=0)
    """How often the ticket has been called since the last call that was no recall."""
    wanted_counter: str | None = None
    wanted_staff: str | None = None


class _AtCounter(TicketStep):
    """A step that only a counter takes."""

    columns = (*TicketStep.columns, "counter", "staff")


class TicketCalled(_AtCounter):
    """The customer shall come to the counter."""

    stage = "called"
    to_state = TicketState.CALLED


class TicketRecalled(_AtCounter):
    """Once more, as nobody has come yet."""

    stage = "recalled"
    to_state = TicketState.CALLED


class TicketStarted(_AtCounter):
    """The customer is there."""

    stage = "started"
    to_state = TicketState.SERVING


class TicketFinished(_AtCounter):
    """The customer has been served."""

    stage = "finished"
    to_state = TicketState.SERVED
    services: tuple[str, ...]
    """The codes of what was really done; may be none."""


class TicketNoShow(_AtCounter):
    """Nobody came."""

    stage = "no_show"
    to_state = TicketState.NO_SHOW


class TicketHeld(_AtCounter):
    """Put aside; the counter keeps it."""

    stage = "held"
    to_state = TicketState.ON_HOLD


class TicketResumed(_AtCounter):
    """Served again, at the counter that says so."""

    stage = "resumed"
    to_state = TicketState.SERVING


class TicketTransferred(_AtCounter):
    """Waits again for another queue, counter or member of staff, with its number and arrival."""

    stage = "transferred"
    to_state = TicketState.WAITING
    to_queue: str | None = None
    to_counter: str | None = None
    to_staff: str | None = None

    @model_validator(mode="after")
    def _has_one_destination(self) -> Self:
        if [self.to_queue, self.to_counter, self.to_staff].count(None) != 2:
            raise ValueError("exactly one destination")
        return self


class TicketRequeued(_AtCounter):
    """A customer who was not there has come after all, and waits again."""

    stage = "requeued"
    to_state = TicketState.WAITING


class TicketExpired(TicketStep):
    """The day is over."""

    stage = "expired"
    to_state = TicketState.EXPIRED


class _CounterEvent(Payload):
    """What a counter does with itself."""

    kind = Kind.COUNTER
    columns = ("counter", "staff")
    to_state: ClassVar[CounterState]


class CounterOpened(_CounterEvent):
    """It serves from now on."""

    stage = "opened"
    to_state = CounterState.OPEN


class CounterBreakStarted(_CounterEvent):
    """It does not serve for a while."""

    stage = "break_started"
    to_state = CounterState.BREAK
    minutes: int | None = Field(default=None, ge=0)
    """How long it shall last, if that was said."""


class CounterBreakEnded(_CounterEvent):
    """It serves again."""

    stage = "break_ended"
    to_state = CounterState.OPEN


class CounterClosed(_CounterEvent):
    """It serves no more."""

    stage = "closed"
    to_state = CounterState.CLOSED


def _events(model: type[Payload]) -> list[type[Payload]]:
    """The models below one that are an event of their own."""
    found = [model] if "stage" in vars(model) else []
    return found + [each for below in model.__subclasses__() for each in _events(below)]


PAYLOADS: dict[tuple[str, str], type[Payload]] = {
    (model.kind.value, model.stage): model for model in _events(Payload)
}
STEPS = tuple(model for model in PAYLOADS.values() if issubclass(model, TicketStep))
COUNTER_EVENTS = tuple(model for model in PAYLOADS.values() if issubclass(model, _CounterEvent))
RECONCILIATIONS = tuple(model for model in PAYLOADS.values() if issubclass(model, _Reconciliation))
FROM_TERMINALS = {
    key: model
    for key, model in PAYLOADS.items()
    if model not in (*STEPS, *COUNTER_EVENTS, *RECONCILIATIONS)
}
"""What a terminal records, and what is taken from one: none of them can move a ticket, or say what
a channel's journal says."""
FROM_COUNTERS = {
    key: model
    for key, model in PAYLOADS.items()
    if model in (*STEPS, *COUNTER_EVENTS) and model is not TicketExpired
}
"""What a counter records: a day's end is the branch's."""


def holds_a_number(text: str) -> bool:
    """Whether a text has so many digits in a row as a phone, a card or an identity."""
    return _NUMBER_OF_SOMEBODY.search(text) is not None
