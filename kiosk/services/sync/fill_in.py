"""What customers filled in while waiting, on its way to the branch: no events, and not kept twice.

The terminal says it again until the branch has answered for the ticket, and then deletes it. The
branch keeps it only while the ticket goes on; whoever ends a ticket locks its row, so that what
comes late finds it ended. `postgres_functions.sql` says the branch's end in a function.
"""

import re
from collections.abc import Collection
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, select

from kiosk.db import Database
from kiosk.models import Branch, Ticket, TicketEntry
from kiosk.models.tables import table_of
from kiosk.projections.entry import ENDED
from kiosk.projections.statement import insert_into
from kiosk.services.entries import wipe_before
from kiosk.services.sync.receive import identify
from kiosk.services.sync.wire import Answer, BranchSide, Caller, FilledIn, Status

FIELD: Final = "^[A-Za-z][A-Za-z0-9_]{0,39}$"
VALUE: Final = "^([0-9]{1,10}|[A-Za-z][A-Za-z0-9_]{0,39})$"
"""A figure or the code of an option: as in the catalog, and nothing longer."""

_BRANCH = table_of(Branch)
_ENTRY = table_of(TicketEntry)
_TICKET = table_of(Ticket)
_ENDED = {state.value for state in ENDED}


def bring_entries(store: Database, caller: Caller, side: BranchSide) -> Answer:
    """Hand over what was filled in and is not with the branch, and delete it here.

    Args:
        store: The terminal's own database.
        caller: Who speaks.
        side: The branch, which has the terminal's events.

    Returns:
        What the branch said; `ok` if there was nothing to say.

    Raises:
        KioskError: What keeps one of the databases from being read or written.
    """
    columns = (_ENTRY.c.ticket, _ENTRY.c.field, _ENTRY.c.value)
    with store.read() as connection:
        entries = [FilledIn(*row) for row in connection.execute(select(*columns))]
    if not entries:
        return Answer(Status.OK)
    answer = side.fill_in(caller, entries)
    settled = [each for each in entries if each.ticket in answer.settled]
    with store.write() as connection:
        for each in settled:
            connection.execute(
                delete(_ENTRY).where(
                    _ENTRY.c.ticket == each.ticket,
                    _ENTRY.c.field == each.field,
                    _ENTRY.c.value == each.value,  # the customer may have changed it meanwhile
                )
            )
    if settled:
        store.forget()
    return answer


def take_entries(
    connection: Connection, caller: Caller, entries: Collection[FilledIn], now: datetime
) -> Answer:
    """Keep what was filled in for the caller's tickets; in a transaction of its own.

    Args:
        connection: To the branch database.
        caller: Whose tickets they must be.
        entries: Again, perhaps.
        now: The branch's time.

    Raises:
        RefusalError: The terminal does not belong here.
    """
    known = identify(connection, caller)
    today = _today(connection, caller.branch, now)
    settled = set()
    for ticket in sorted({each.ticket for each in entries}):
        row = connection.execute(
            select(_TICKET.c.state, _TICKET.c.business_date)
            .where(
                _TICKET.c.id == ticket,
                _TICKET.c.branch == caller.branch,
                _TICKET.c.terminal == caller.terminal,
            )
            .with_for_update(key_share=True)
        ).first()
        if row is None:
            continue  # its event stands in quarantine: it may come yet
        settled.add(ticket)
        if row.state not in _ENDED and row.business_date >= today:
            for each in entries:
                if each.ticket == ticket:
                    _keep(connection, caller.branch, row.business_date, each)
    return Answer(Status.OK, known.database_id, known.position, settled=frozenset(settled))


def has_entries(connection: Connection) -> bool:
    """Whether a store keeps anything that customers filled in."""
    return connection.execute(select(_ENTRY.c.ticket).limit(1)).first() is not None


def wipe_old(connection: Connection, branch: str, now: datetime) -> int:
    """Delete a branch's entries of earlier business days; returns how many there were.

    Args:
        connection: To a store or a branch database, in a transaction that writes.
        branch: Its code.
        now: The time there.
    """
    known = select(_BRANCH.c.code).where(_BRANCH.c.code == branch)
    if connection.execute(known).first() is None:
        return 0  # another branch's store: the branch will say so
    return wipe_before(connection, branch, _today(connection, branch, now))


def _keep(connection: Connection, branch: str, business_date: date, entry: FilledIn) -> None:
    this = (_ENTRY.c.ticket == entry.ticket) & (_ENTRY.c.field == entry.field)
    if not entry.value:
        connection.execute(delete(_ENTRY).where(this))
    elif re.search(FIELD, entry.field) and re.search(VALUE, entry.value):
        row = {**vars(entry), "branch": branch, "business_date": business_date}
        insert = insert_into(_ENTRY, connection.dialect.name).values(row)
        connection.execute(
            insert.on_conflict_do_update(
                index_elements=["ticket", "field"], set_={"value": entry.value}
            )
        )


def _today(connection: Connection, branch: str, now: datetime) -> date:
    zone = connection.execute(
        select(_BRANCH.c.time_zone).where(_BRANCH.c.code == branch)
    ).scalar_one()
    return now.astimezone(ZoneInfo(zone)).date()
