"""What an event says beyond its columns: one model for each kind and stage.

A payload never holds a person's data, and an amount only as its band. Models are checked when an
event is written and again when a branch takes it in.
"""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from kiosk.models.event import Kind

MAX_ANSWERS = 3


class Payload(BaseModel):
    """The common part: which event this is and which columns it must fill."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[Kind]
    stage: ClassVar[str]
    columns: ClassVar[tuple[str, ...]] = ("visit",)
    """Columns that an event of this kind and stage must not leave empty."""


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
    """The customer chose the e-channel."""

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
    columns = ("visit", "ticket", "ticket_number", "queue", "transferable", "arrived_at")
    wait: WaitShown | None
    """None where nobody could know it."""


class TicketCancelled(Payload):
    """The customer gave the ticket back."""

    kind = Kind.TICKET
    stage = "cancelled"
    columns = ("visit", "ticket", "ticket_number", "queue", "transferable", "arrived_at")


class HelpAsked(Payload):
    """The customer called a member of staff."""

    kind = Kind.HELP
    stage = "asked"
    screen: str


PAYLOADS: dict[tuple[str, str], type[Payload]] = {
    (model.kind.value, model.stage): model for model in Payload.__subclasses__()
}
