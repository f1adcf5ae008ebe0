"""What screens and reports read: derived from events, written by ``kiosk.projections`` alone."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
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
    """A ticket, from the terminal that issued it to its end."""

    __tablename__ = "ticket"
    __table_args__ = (UniqueConstraint("branch", "business_date", "number"),)

    id: UUID = Field(primary_key=True)
    visit: UUID = Field(index=True)
    branch: str
    terminal: str
    business_date: date
    local_hour: int
    queue: str
    number: str
    service: str | None = None
    transferable: bool
    left_out: bool = False
    state: str
    arrived_at: datetime
    issued_at: datetime
    cancelled_at: datetime | None = None


class Diversion(SQLModel, table=True):
    """One offer of one e-channel, with what became of it."""

    __tablename__ = "diversion"
    __table_args__ = (Index("diversion_day", "branch", "business_date"),)

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
    offered: int = 0
    accepted: int = 0
    declined: int = 0
    completed: int = 0
    fell_back: int = 0
