"""What the branch keeps of the e-channels' journals: only what concerns an accepted offer."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class JournalFile(SQLModel, table=True):
    """One file of a journal that was taken in."""

    __tablename__ = "journal_file"
    __table_args__ = (UniqueConstraint("branch", "digest"),)

    id: UUID = Field(primary_key=True)
    branch: str
    layout: str
    name: str
    digest: str
    """SHA-256 of the file: the same one is not taken in twice."""
    size: int = Field(sa_column=Column(BigInteger, nullable=False))
    """Bytes."""
    channels: list[str] = Field(sa_column=Column(JSON, nullable=False))
    """Whose transactions it covers."""
    has_terminals: bool
    """Whether it says at which terminal somebody was."""
    lines: int
    """Transactions, the damaged ones with them."""
    damaged: int
    first_at: datetime | None = None
    """Of its first transaction; None where it has none."""
    last_at: datetime | None = None
    first_day: date | None = None
    """The business days of the same; none after the one on which it was taken in."""
    last_day: date | None = None
    imported_at: datetime


class JournalDamage(SQLModel, table=True):
    """A line that could not be taken in."""

    __tablename__ = "journal_damage"

    file: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """Of the line in the file, from 1."""
    reason: str


class JournalLine(SQLModel, table=True):
    """A line that concerns an accepted offer, or says that it does. No amount, no name."""

    __tablename__ = "journal_line"
    __table_args__ = (Index("journal_line_state", "branch", "state"),)

    id: UUID = Field(primary_key=True)
    """The same for the same transaction, whichever file it comes in."""
    branch: str
    file: UUID = Field(index=True)
    number: int
    channel: str | None = None
    service: str | None = None
    reference: str | None = None
    """As it stands there, whole or not."""
    amount_band: str | None = None
    occurred_at: datetime
    reverses: UUID | None = None
    """The transaction that it takes back or corrects."""
    offer: UUID | None = Field(default=None, index=True)
    """Whose transaction it is, or whose reference it has."""
    state: str
    """One of `LineState`."""
    fault: str | None = None
    """One of `LineFault`."""


class JournalCandidate(SQLModel, table=True):
    """An offer whose transaction a line without a reference may be."""

    __tablename__ = "journal_candidate"

    line: UUID = Field(primary_key=True)
    offer: UUID = Field(primary_key=True, index=True)
