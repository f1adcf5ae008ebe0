"""What a customer filled in while waiting: kept until the ticket ends, never in an event."""

from datetime import date
from uuid import UUID

from sqlmodel import Field, SQLModel


class TicketEntry(SQLModel, table=True):
    """One field of one ticket.

    In a store: what the branch does not have yet. In a branch database: what its counter sees. No
    projection, though one of their statements deletes it with the end of the ticket.
    """

    __tablename__ = "ticket_entry"

    ticket: UUID = Field(primary_key=True)
    field: str = Field(primary_key=True)
    """The code of one of the service's fields."""
    value: str
    """Fen, a number or the code of an option; empty, in a store only: the field was left out."""
    branch: str
    business_date: date
    """Of the ticket: nothing is kept for longer than that day."""
