"""Who takes part: the branch, its terminals and its counters."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, String, UniqueConstraint
from sqlmodel import Field, SQLModel

BRANCH_ORIGIN = "@branch"
"""The origin of what the branch itself records, as the end of a day; no terminal has this code."""


def counter_origin(number: int) -> str:
    """The origin of what a counter records; no terminal has this code."""
    return f"@{number}"


class Branch(SQLModel, table=True):
    """A branch of the bank. A store knows only its own."""

    __tablename__ = "branch"

    code: str = Field(primary_key=True)
    name: str
    time_zone: str
    last_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """The last event of the branch's own origin; in a branch database only."""
    board_login: str | None = Field(default=None, unique=True)
    """The database role that its lobby's boards come as, where the branch database has roles."""


class Terminal(SQLModel, table=True):
    """A terminal as the branch knows it; in a store, the terminal itself."""

    __tablename__ = "terminal"
    __table_args__ = (UniqueConstraint("branch", "digit"),)

    branch: str = Field(sa_column=Column(String, ForeignKey("branch.code"), primary_key=True))
    code: str = Field(primary_key=True)
    digit: int
    """The second character of its ticket numbers."""
    epoch: int = 1
    acked_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """The last event that the branch has of this terminal and epoch."""
    batch_number: int = 0
    chain: str = ""
    """Digest of the last batch; the next one starts from it."""
    schema_version: int | None = None
    app_version: str | None = None
    last_seen: datetime | None = None
    login: str | None = None
    """The database role that it must come as, where the branch database has roles."""
    releases: dict[str, int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """Name → version of the releases that it followed when it last asked."""
    clock_skew_seconds: int | None = None
    """The terminal's clock minus the branch's when they were last in touch."""
    waiting: int | None = Field(default=None, sa_column=Column(BigInteger))
    """Events that the branch did not have when the terminal was last in touch."""
    oldest_waiting_at: datetime | None = None
    """When the oldest of them happened, by the terminal's clock."""
    up_seconds: int | None = Field(default=None, sa_column=Column(BigInteger))
    """For how long its program had run then; None: it did not, or nobody has said so."""
    printer: str | None = None
    """How its printer was: `ok`, `paper_low`, the code of the last failure; None: it has none."""
    free_mb: int | None = Field(default=None, sa_column=Column(BigInteger))
    """Free for its data folder; None: it has never said how it is."""
    last_error: str | None = None
    """The code of the last error that its program noted."""
    last_error_at: datetime | None = None
    """When that was, by the terminal's clock."""
    goes_out: bool | None = None
    """Whether it is taken out to people; None: it has never said how it is."""
    audit_seq: int | None = Field(default=None, sa_column=Column(BigInteger))
    """How many entries its audit log had when it was last in touch; see `services.audit`."""
    audit_head: str | None = None
    """The seal of the last one."""
    audit_torn_at: datetime | None = None
    """When it first came with fewer, or with another seal of the same one."""
    renewal_code: str | None = None
    """Digest of the code that lets the terminal begin a new store; see `sync.granting`."""
    renewal_epoch: int | None = None
    """The epoch that was given to the one who came with the code; none before that."""


class Counter(SQLModel, table=True):
    """A counter that may work on its branch's queue."""

    __tablename__ = "counter"

    branch: str = Field(sa_column=Column(String, ForeignKey("branch.code"), primary_key=True))
    number: int = Field(primary_key=True)
    queues: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    """The letters of the queues that it calls from; None: all of them."""
    login: str | None = Field(default=None, unique=True)
    """The database role that it must come as, where the branch database has roles."""
    last_seq: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    """The last event that it recorded."""
    last_event: UUID | None = None
    """Its id: whoever asks again after an answer that got lost finds that it was done."""
