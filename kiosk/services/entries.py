"""What a customer filled in while waiting: kept for the counter, and gone with the ticket.

It is no event and stands in no log. A terminal keeps it until the branch has it; the branch keeps
it until the ticket ends (`kiosk.projections.entry`), and nothing for longer than the business day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, exists, select

from kiosk.models import Ticket, TicketEntry, TicketState
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.projections.statement import insert_into
from kiosk.services.catalog import Catalog, EntryField
from kiosk.services.journal import Journal

_ENTRY = table_of(TicketEntry)
_TICKET = table_of(Ticket)
_WAITING = Prepared(
    select(_TICKET.c.service, _TICKET.c.business_date).where(
        _TICKET.c.id == bindparam("id"), _TICKET.c.state == TicketState.WAITING.value
    )
)
_ANY = Prepared(select(_ENTRY.c.field).where(_ENTRY.c.ticket == bindparam("ticket")).limit(1))


@dataclass(frozen=True)
class Entered:
    """One thing that a customer filled in."""

    field: EntryField
    value: str
    """Fen or a number, as digits; the code of an option."""


class Entries:
    """Keeps what is filled in at a terminal until the branch has it.

    Args:
        journal: The terminal's; nothing of it is written there.
        catalog: Says what may be filled in.
    """

    def __init__(self, journal: Journal, catalog: Catalog) -> None:
        self._journal = journal
        self._catalog = catalog

    def wipe_old(self) -> None:
        """Delete what is of an earlier business day: nobody has come for it."""
        database, today = self._journal.database, self._journal.business_date()
        with database.write() as connection:
            gone = wipe_before(connection, self._journal.origin.branch, today)
        if gone:
            database.forget()

    def keep(self, ticket: UUID, values: Mapping[str, str]) -> None:
        """Keep what was filled in for a waiting ticket; for one that has ended, nothing.

        Args:
            ticket: Of the visit that fills it in.
            values: Field → value; a field that is not in it was left out, or is taken back.

        Raises:
            KioskError: When the store can't be written.
            ValueError: A value that its field can't have.
        """
        with self._journal.database.write() as connection:
            found = _WAITING.rows(connection, {"id": ticket})
            if not found:
                return
            [(service, business_date)] = found
            rows = [
                {
                    "ticket": ticket,
                    "field": field.code,
                    "value": _checked(field, values.get(field.code, "")),
                    "branch": self._journal.origin.branch,
                    "business_date": business_date,
                }
                for field in self._catalog.service(service).fields
            ]
            insert = insert_into(_ENTRY, connection.dialect.name)
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["ticket", "field"], set_={"value": insert.excluded.value}
                ),
                rows,
            )


def wipe_before(connection: Connection, branch: str, day: date) -> int:
    """Delete a branch's entries of earlier business days; returns how many there were.

    Args:
        connection: To a store or a branch database, in a transaction that writes.
        branch: Its code.
        day: The first business day whose entries stay.
    """
    old = (_ENTRY.c.branch == branch) & (_ENTRY.c.business_date < day)
    return connection.execute(delete(_ENTRY).where(old)).rowcount


def wipe_day(connection: Connection, branch: str, day: date) -> int:
    """Delete a branch's entries at the end of a day; returns how many there were.

    What is being served goes with its end, or with the next day.

    Args:
        connection: To the branch database, in a transaction that writes.
        branch: Its code.
        day: The last business day that is over.
    """
    in_hand = exists().where(
        _TICKET.c.id == _ENTRY.c.ticket, _TICKET.c.state == TicketState.SERVING.value
    )
    of_days = (_ENTRY.c.branch == branch) & (_ENTRY.c.business_date <= day)
    return connection.execute(delete(_ENTRY).where(of_days, ~in_hand)).rowcount


def has_entries(connection: Connection, ticket: UUID) -> bool:
    """Whether something was filled in for a ticket."""
    return bool(_ANY.rows(connection, {"ticket": ticket}))


def entered_for(connection: Connection, catalog: Catalog, ticket: UUID) -> tuple[Entered, ...]:
    """What a counter sees with a call, in the order of the service's fields.

    What the catalog does not know (any more) is passed over: nobody could say what it means.

    Args:
        connection: To the branch database.
        catalog: As the counter follows it.
        ticket: The one in hand.
    """
    found = dict(
        connection.execute(
            select(_ENTRY.c.field, _ENTRY.c.value).where(_ENTRY.c.ticket == ticket)
        ).all()
    )
    service = connection.execute(select(_TICKET.c.service).where(_TICKET.c.id == ticket)).scalar()
    if not found or service is None:
        return ()
    try:
        fields = catalog.service(service).fields
    except KeyError:  # a ticket of this morning, before the catalog changed
        return ()
    return tuple(
        Entered(field, found[field.code])
        for field in fields
        if field.code in found and field.takes(found[field.code])
    )


def _checked(field: EntryField, value: str) -> str:
    if value and not field.takes(value):
        raise ValueError(f"{field.code} can't be that")  # the value itself stands in no log
    return value
