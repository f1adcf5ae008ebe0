"""What people did that somebody may have to answer for: a chain that shows where it was changed."""

from datetime import datetime

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel


class AuditEntry(SQLModel, table=True):
    """One link of a chain; never changed, never deleted.

    In a store: what was done at the terminal. In a branch database: what was done to it by
    commands, a chain for each machine that they were said on.
    """

    __tablename__ = "audit_entry"

    branch: str = Field(primary_key=True)
    terminal: str = Field(primary_key=True)
    """Whose chain it is: a terminal's code, or `@` and the name of the machine's key."""
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime
    staff: str
    """A staff number; `os:` and the system's name of who said a command."""
    action: str
    subject: str
    """Whom or what it concerns, as a code; never a customer's data."""
    result: str
    previous: str
    """The seal of the entry before; empty in the first one."""
    mac: str
    """The seal: HMAC-SHA256 of all of the above with a key that no database holds."""
