"""What both ends of the synchronisation remember."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field, SQLModel


class BatchState(StrEnum):
    """Where a batch stands in the terminal's ledger."""

    OPEN = "open"
    """Offered, not yet receipted: it is offered again unchanged."""
    ACKNOWLEDGED = "acknowledged"


def _seq() -> "Column[int]":
    return Column(BigInteger, nullable=False)


class Watermark(SQLModel, table=True):
    """How far a target has this store's events; one row for each target and epoch."""

    __tablename__ = "watermark"

    target: str = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    acked_seq: int = Field(default=0, sa_column=_seq())
    batch_number: int = 0
    chain: str = ""
    branch_database_id: str | None = None
    """Which branch database gave the receipts; another one is refused."""
    last_receipt_at: datetime | None = None
    last_pull_at: datetime | None = None
    """When the branch last said which releases hold."""
    last_attempt_at: datetime | None = None
    last_error: str | None = None
    """The code of what stopped the last attempt; none after a success."""
    last_error_params: dict[str, str] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    """What the sentence for the code mentions."""


class Batch(SQLModel, table=True):
    """The terminal's ledger of batches."""

    __tablename__ = "batch"

    target: str = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    from_seq: int = Field(sa_column=_seq())
    to_seq: int = Field(sa_column=_seq())
    events: int
    digest: str
    wire_format: int
    """A batch is offered again in the very form in which it was opened."""
    state: str
    inserted: int | None = None
    duplicates: int | None = None
    quarantined: int | None = None
    acknowledged_at: datetime | None = None


class CarriedEvent(SQLModel, table=True):
    """Where an event stood before its store was replaced by a new one."""

    __tablename__ = "carried_event"

    epoch: int = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    from_epoch: int
    from_seq: int = Field(sa_column=_seq())


class TicketFloor(SQLModel, table=True):
    """A number that a day's tickets must be above: lower ones may be in customers' hands."""

    __tablename__ = "ticket_floor"

    business_date: date = Field(primary_key=True)
    number: int


class Receipt(SQLModel, table=True):
    """The branch's side of the ledger: events = inserted + duplicates + quarantined."""

    __tablename__ = "receipt"

    branch: str = Field(primary_key=True)
    terminal: str = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    from_seq: int = Field(sa_column=_seq())
    to_seq: int = Field(sa_column=_seq())
    events: int
    digest: str
    inserted: int
    duplicates: int
    quarantined: int
    received_at: datetime


class Quarantine(SQLModel, table=True):
    """An event that could not be taken: kept whole, with the reason, for a person to decide."""

    __tablename__ = "quarantine"

    branch: str = Field(primary_key=True)
    terminal: str = Field(primary_key=True)
    epoch: int = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    event: str
    """The id as it was sent."""
    reason: str
    text: str
    """The event's line as it was sent."""
    received_at: datetime
    dropped_at: datetime | None = None
    """When a person decided that it shall never be counted."""
    dropped_why: str | None = None


class Release(SQLModel, table=True):
    """A whole version of something that the branch says and its terminals follow.

    A branch database keeps every version; a store keeps the last good one of each name.
    """

    __tablename__ = "release"

    branch: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    """One of `kiosk.services.releases.Name`."""
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    """1, 2, 3 … in the order of publishing; of a queue, when it was read."""
    digest: str
    """SHA-256 of the body, in hexadecimal."""
    format: int
    """The form of the body: a program that does not know it keeps what it has."""
    body: str
    published_at: datetime


class RefusedRelease(SQLModel, table=True):
    """The last release that a terminal could not use, until a good one comes."""

    __tablename__ = "refused_release"

    name: str = Field(primary_key=True)
    version: int = Field(sa_column=_seq())
    digest: str
    reason: str
    """The code of a sentence."""
    params: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    """What the sentence mentions."""
    app_version: str
    """Which program refused it: another one looks again."""
    refused_at: datetime


class BranchMeta(SQLModel, table=True):
    """What a branch database says of itself; one row."""

    __tablename__ = "branch_meta"

    id: UUID = Field(primary_key=True)
    """Made once with the database: a terminal notices when it is pointed at another."""
    schema_min: int
    schema_max: int
    """The event schemas that it takes."""
    events_from: date | None = None
    """Events of earlier days were dropped: what is derived from them can't be made anew."""
