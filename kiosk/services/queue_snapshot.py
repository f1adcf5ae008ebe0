"""The branch's queue at one moment, as its terminals get it: enough to say how long the wait is.

It names nobody: a ticket is a random id, the service it is for, and when it was issued.
"""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Connection, select

from kiosk.models import Ticket
from kiosk.models.tables import table_of

_TICKET = table_of(Ticket)


class WaitingTicket(BaseModel):
    """A ticket that nobody has called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ticket: UUID
    service: str | None
    issued_at: AwareDatetime


class QueueSnapshot(BaseModel):
    """Everybody who waits in a branch, in the order of issue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    read_at: AwareDatetime
    """By the branch's clock."""
    epoch: int
    """Of the terminal that this is for."""
    acked_seq: int
    """The terminal's last event that the branch had: what came later is not in here."""
    waiting: tuple[WaitingTicket, ...]


def read_queue(
    connection: Connection, branch: str, zone: ZoneInfo, now: datetime, position: tuple[int, int]
) -> QueueSnapshot:
    """Read a branch's queue of today.

    Args:
        connection: To the branch database.
        branch: Its code.
        zone: The branch's: today is a business day there.
        now: Aware.
        position: Epoch and last event that the branch has of the terminal that asks.
    """
    rows = connection.execute(
        select(_TICKET.c.id, _TICKET.c.service, _TICKET.c.issued_at)
        .where(
            _TICKET.c.branch == branch,
            _TICKET.c.business_date == now.astimezone(zone).date(),
            _TICKET.c.state == "waiting",
        )
        .order_by(_TICKET.c.issued_at, _TICKET.c.id)
    )
    waiting = tuple(WaitingTicket(ticket=a, service=b, issued_at=c) for a, b, c in rows)
    return QueueSnapshot(read_at=now, epoch=position[0], acked_seq=position[1], waiting=waiting)
