"""The one append-only table that everything else follows from."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, UniqueConstraint
from sqlmodel import Field, SQLModel


class Kind(StrEnum):
    """What an event is about; its stage says what happened to it."""

    VISIT = "visit"
    INTENT = "intent"
    DIVERSION = "diversion"
    TICKET = "ticket"
    COUNTER = "counter"
    HELP = "help"
    DEMO = "demo"
    DISCLOSURE = "disclosure"
    DRILL = "drill"
    ASSIST = "assist"
    SIGN_UP = "sign_up"
    FOLLOW_UP = "follow_up"
    CONSENT = "consent"
    OUTAGE = "outage"
    DAY_BOOK = "day_book"
    RECONCILIATION = "reconciliation"


class Evidence(StrEnum):
    """Who knows that a diverted transaction was done; the weakest first."""

    CUSTOMER_SAID = "customer_said"
    STAFF_SAW = "staff_saw"
    JOURNAL_MATCH = "journal_match"


class Event(SQLModel, table=True):
    """Something that happened, written once and never changed.

    Whatever events are found, grouped or counted by is a column; the rest is in the payload. The
    key holds branch and business date, so that a large database can be split by them.
    """

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("branch", "terminal", "epoch", "seq"),)

    branch: str = Field(primary_key=True)
    business_date: date = Field(primary_key=True)
    """The day in the branch's time zone; of a ticket's step, the day on which it was issued: one
    that is closed the next morning stands with its own day."""
    id: UUID = Field(primary_key=True)
    """UUIDv7, made once on the origin. Never order by it: clocks jump."""
    terminal: str
    """The origin: a terminal's code, a counter's (`counter_origin`), or the branch's own."""
    epoch: int
    """Rises whenever the origin's store was restored or replaced."""
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    """1, 2, 3 … without a gap in one origin and epoch: the order of what happened there."""
    occurred_at: datetime
    local_hour: int
    """0–23 in the branch's time zone."""
    monotonic_ns: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Nanoseconds since the origin's start; shows jumps of its wall clock."""
    boot_id: str
    kind: str
    stage: str
    visit: UUID | None = None
    """None in what counters do with themselves, and where staff practise."""
    language: str | None = None
    """The language that the customer reads; at the start and the end of a visit."""
    service: str | None = None
    channel: str | None = None
    offer: UUID | None = None
    """The offer that a diversion's stage belongs to."""
    ticket: UUID | None = None
    ticket_number: str | None = None
    queue: str | None = None
    counter: str | None = None
    staff: str | None = None
    reason: str | None = None
    evidence: str | None = None
    transferable: bool | None = None
    """Whether an e-channel can do the service that a ticket was issued for."""
    arrived_at: datetime | None = None
    """When the customer came; a ticket keeps it through every detour."""
    priority: str | None = None
    """Of a ticket that is issued: one of `Priority`."""
    step: int | None = None
    """1, 2, 3 … for each ticket, in the order in which counters worked on it: given out under the
    lock of its row. None in what terminals record."""
    demo: str | None = None
    """The code of the script that is practised."""
    demo_run: UUID | None = None
    """One going through a demo by one way."""
    way: str | None = None
    """One of `Way`."""
    screen: str | None = None
    """Where help was asked for; of a demo, the screen that was begun with, passed or left."""
    wrong_keys: int | None = None
    """How many presses on that screen were not right; never which."""
    right_answers: int | None = None
    """Of a check that is finished."""
    questions: int | None = None
    """How many it had."""
    subject: UUID | None = None
    """What staff's events follow through its stages: a call for help, an assist, a sign-up, a
    contact or an outage. Of a reconciliation: the line of the channel's journal."""
    product: str | None = None
    """Of a sign-up."""
    outcome: str | None = None
    """Of an assist: one of `AssistOutcome`."""
    segment: str | None = None
    """The kind of customer, as the catalog has them."""
    receipt: str | None = None
    """The core system's number of what was opened: the only reference to a customer."""
    reference: str | None = None
    """Of an accepted offer: what the channel's journal shall carry."""
    release: str
    """The release of the catalog that the event was made under."""
    schema_version: int
    app_version: str
    payload: dict[str, object] = Field(sa_column=Column(JSON, nullable=False))
