"""What screens and reports read: derived from events, written by ``kiosk.projections`` alone."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class Visit(SQLModel, table=True):
    """One coming of one customer to one terminal."""

    __tablename__ = "visit"
    __table_args__ = (Index("visit_day", "branch", "business_date"),)

    id: UUID = Field(primary_key=True)
    branch: str
    terminal: str
    business_date: date
    local_hour: int
    arrived_at: datetime
    ended_at: datetime | None = None
    end_reason: str | None = None
    language: str | None = None
    left_out: bool = False
    """60+ or large type: stays out of every diversion figure."""


class Ticket(SQLModel, table=True):
    """A ticket, from the terminal that issued it to its end.

    A step is what a counter, or the branch at the end of the day, does with it. The last one says
    where it stands; a cancellation counts only while there is none.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        UniqueConstraint("branch", "business_date", "number"),
        # left_out: a year's served customers are counted from the index alone
        Index("ticket_queue", "branch", "business_date", "state", "left_out"),
        Index(
            "ticket_counter", "branch", "counter", "state",
            sqlite_where=text("counter IS NOT NULL"), postgresql_where=text("counter IS NOT NULL"),
        ),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    visit: UUID = Field(index=True)
    branch: str
    terminal: str
    business_date: date
    local_hour: int
    queue: str
    """In which it stands, or stood last."""
    number: str
    service: str | None = None
    transferable: bool
    left_out: bool = False
    priority: str | None = None
    """One of `Priority`; None as long as only steps are known and not its issue."""
    state: str
    """One of `TicketState`."""
    state_since: datetime
    """When that began: of one that waits, since when it waits, this time."""
    steps: int = 0
    """How many there were; 0: no counter has worked on it."""
    counter: str | None = None
    """Who has it, or had it last; none while it waits."""
    staff: str | None = None
    """The code of the member of staff there."""
    wanted_counter: str | None = None
    """Only this counter shall call it: so it was transferred."""
    wanted_staff: str | None = None
    calls: int = 0
    """How often it was called, counted anew with each call that is no recall."""
    arrived_at: datetime
    issued_at: datetime
    first_called_at: datetime | None = None
    called_at: datetime | None = None
    """The last call or recall."""
    started_at: datetime | None = None
    """When a counter first served it."""
    finished_at: datetime | None = None
    ended_at: datetime | None = None
    """Served, not there, expired or cancelled: since when."""
    cancelled_at: datetime | None = None
    """When the customer gave it back, whether or not that still counted."""
    waiting_seconds: int = 0
    """All its waits that ended with a call."""
    service_seconds: int = 0
    """All the time that it was served; on hold is not in it."""
    hold_seconds: int = 0


class CounterNow(SQLModel, table=True):
    """What a counter does at present."""

    __tablename__ = "counter_state"

    branch: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    business_date: date
    """When it last opened, closed or began or ended a break."""
    state: str
    """One of `CounterState`."""
    staff: str | None = None
    since: datetime
    back_at: datetime | None = None
    """When its break shall end, if that was said."""
    ticket: UUID | None = None
    """The one that it has called or serves."""


class Diversion(SQLModel, table=True):
    """One offer of one e-channel, with what became of it."""

    __tablename__ = "diversion"
    __table_args__ = (
        Index("diversion_day", "branch", "business_date"),
        Index(
            "diversion_reference", "branch", "reference",
            sqlite_where=text("reference IS NOT NULL"),
            postgresql_where=text("reference IS NOT NULL"),
        ),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    """The offer's id."""
    visit: UUID = Field(index=True)
    branch: str
    terminal: str
    business_date: date
    local_hour: int
    """Of the offer, so that no cell of the figures holds more acceptances than offers."""
    service: str
    channel: str
    left_out: bool = False
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    declined_at: datetime | None = None
    completed_at: datetime | None = None
    fell_back_at: datetime | None = None
    decline_reason: str | None = None
    failure_reason: str | None = None
    evidence: str | None = None
    """The best claim that it was done; what the channel's journal says is beside it."""
    amount_band: str | None = None
    """As the customer chose it, if it was asked for."""
    reference: str | None = None
    """What the channel's journal shall carry; of an accepted one."""
    journal_matches: int = 0
    """Lines of the journal that are its transaction, less those that were taken back."""
    lapsed_at: datetime | None = None
    """When it was first said that the journal has none."""


class DemoOutcome(SQLModel, table=True):
    """One run of one demo, with what became of it. It says what was taught, never what was done."""

    __tablename__ = "demo_run"
    __table_args__ = (Index("demo_run_day", "branch", "business_date"),)

    id: UUID = Field(primary_key=True)
    visit: UUID | None = Field(default=None, index=True)
    staff: str | None = None
    """Who practised, where it was no customer."""
    branch: str
    terminal: str
    business_date: date
    local_hour: int
    """Of its start."""
    demo: str
    way: str
    """One of `Way`."""
    service: str | None = None
    channel: str
    offer: UUID | None = None
    """Which it was asked for from, if from one."""
    left_out: bool = False
    started_at: datetime | None = None
    steps: int = 0
    """Screens that were passed."""
    wrong_keys: int = 0
    finished_at: datetime | None = None
    right_answers: int | None = None
    questions: int | None = None
    left_at: datetime | None = None
    left_screen: str | None = None
    left_because: str | None = None
    """One of `LeftBecause`."""


class HelpCall(SQLModel, table=True):
    """A customer's wish for a person, until somebody has helped."""

    __tablename__ = "help_call"
    __table_args__ = (Index("help_call_day", "branch", "business_date"),)

    id: UUID = Field(primary_key=True)
    branch: str
    terminal: str
    """Where the customer stands."""
    business_date: date
    visit: UUID | None = None
    screen: str | None = None
    service: str | None = None
    asked_at: datetime | None = None
    """None: only what became of it is known so far."""
    taken_at: datetime | None = None
    taken_by: str | None = None
    """Who was first."""
    done_at: datetime | None = None


class Assist(SQLModel, table=True):
    """One talk of a member of staff with a customer in the lobby."""

    __tablename__ = "assist"
    __table_args__ = (Index("assist_day", "branch", "business_date"),)

    id: UUID = Field(primary_key=True)
    visit: UUID = Field(index=True)
    branch: str
    terminal: str
    business_date: date
    local_hour: int
    """Of its start."""
    staff: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int | None = None
    """None: it goes on, or was put down afterwards."""
    service: str | None = None
    channel: str | None = None
    outcome: str | None = None
    """One of `AssistOutcome`; None: it goes on."""
    objection: str | None = None
    segment: str | None = None
    left_out: bool = False


class SignUp(SQLModel, table=True):
    """One product that was opened for one customer, with what became of it."""

    __tablename__ = "sign_up"
    __table_args__ = (
        Index("sign_up_day", "branch", "business_date"),
        Index("sign_up_taught", "branch", "taught_at"),
        Index("sign_up_used", "branch", "used_at"),
        Index(
            "sign_up_unused", "branch", "signed_at",
            sqlite_where=text("used_at IS NULL AND closed_at IS NULL"),
            postgresql_where=text("used_at IS NULL AND closed_at IS NULL"),
        ),
        Index(
            "sign_up_said_dormant", "branch", "dormant_at",
            sqlite_where=text("dormant_at IS NOT NULL"),
            postgresql_where=text("dormant_at IS NOT NULL"),
        ),
        Index(
            "sign_up_company", "branch", "visit",
            sqlite_where=text("is_company = 1"), postgresql_where=text("is_company"),
        ),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    visit: UUID | None = Field(default=None, index=True)
    """The customer's: one for all products of one coming."""
    branch: str
    terminal: str
    business_date: date
    """On which it was signed."""
    staff: str | None = None
    """Who signed it up."""
    product: str | None = None
    segment: str | None = None
    receipt: str | None = None
    bundle: str | None = None
    is_company: bool = False
    left_out: bool = False
    signed_at: datetime | None = None
    """None: only what became of it is known so far."""
    taught_at: datetime | None = None
    """The first time, as all that follow but the last ones."""
    taught_by: str | None = None
    taught_evidence: str | None = None
    """The best that anybody has."""
    used_at: datetime | None = None
    used_evidence: str | None = None
    dormant_at: datetime | None = None
    """The last time."""
    closed_at: datetime | None = None
    follow_ups: int = 0
    last_follow_up_at: datetime | None = None
    last_result: str | None = None
    """One of `FollowUpResult`."""


class FollowUp(SQLModel, table=True):
    """One call or visit after a sign-up."""

    __tablename__ = "follow_up"
    __table_args__ = (Index("follow_up_day", "branch", "business_date"),)

    id: UUID = Field(primary_key=True)
    """The event's."""
    sign_up: UUID = Field(index=True)
    branch: str
    terminal: str
    business_date: date
    staff: str
    done_at: datetime
    result: str
    """One of `FollowUpResult`."""
    by: str
    """One of `FollowUpBy`."""


class Outage(SQLModel, table=True):
    """A channel, or one machine of it, that is not to be offered for a while."""

    __tablename__ = "outage"
    __table_args__ = (Index("outage_day", "branch", "business_date"),)

    id: UUID = Field(primary_key=True)
    branch: str
    business_date: date
    """On which it began."""
    channel: str
    machine: int | None = None
    """None: the whole channel."""
    began_at: datetime | None = None
    """None: only its end is known so far."""
    began_by: str | None = None
    until: datetime | None = None
    """When it ends by itself."""
    ended_at: datetime | None = None
    ended_by: str | None = None


class HourlyFigures(SQLModel, table=True):
    """Counts by branch, day, hour, service and channel; rates are computed from sums of them.

    Visits have no service, tickets no channel: the column is empty there. Diversions count in the
    hour of their offer and leave out 60+ and large-type customers.
    """

    __tablename__ = "hourly_figures"

    branch: str = Field(primary_key=True)
    business_date: date = Field(primary_key=True)
    local_hour: int = Field(primary_key=True)
    service: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    visits: int = 0
    visits_left_out: int = 0
    tickets: int = 0
    """Issued and not given back."""
    tickets_left_out: int = 0
    tickets_transferable: int = 0
    """Tickets for services that an e-channel can do, without 60+ and large type."""
    served: int = 0
    no_show: int = 0
    """Called, and nobody came."""
    expired: int = 0
    """Open at the end of the day."""
    waited: int = 0
    """Those of the three that were called: the mean waiting time is waiting_seconds over these."""
    waiting_seconds: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """From the issue to the call; with the waits after a transfer or after being late."""
    service_seconds: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """Of those that were served, without time on hold: over `served`, the mean service time."""
    offered: int = 0
    accepted: int = 0
    declined: int = 0
    completed: int = 0
    """As somebody says, or as the channel's journal does."""
    proven: int = 0
    """Those of them that the channel's journal has."""
    fell_back: int = 0
