"""The branch's end when a terminal gets a new store: it alone gives out epochs.

A person at the branch opens the renewal and gets a code; whoever comes with the code gets the next
epoch. A clone or a stolen store has no code, so it can't take the terminal's place; until the
code is used, nothing changes for the store in use. The same code gives the same epoch again until
the first batch of that epoch is here, so that an answer may be lost. `postgres_functions.sql` says
the same in functions.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Table, select, update

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import BranchMeta, Event, Quarantine, Receipt, Terminal, Ticket
from kiosk.models.tables import table_of
from kiosk.services.sync.wire import (
    Caller,
    Grant,
    RefusalError,
    RenewalRequest,
    Status,
    Undecided,
    ticket_count,
)

_EVENT = table_of(Event)
_META = table_of(BranchMeta)
_QUARANTINE = table_of(Quarantine)
_RECEIPT = table_of(Receipt)
_TERMINAL = table_of(Terminal)
_TICKET = table_of(Ticket)
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without those that look like others."""
_CODE_LENGTH = 10


def open_renewal(database: Database, branch: str, terminal: str) -> str:
    """Let a terminal begin a new store; an earlier code is no longer good.

    Args:
        database: The branch database.
        branch: The branch's code.
        terminal: The terminal's code.

    Returns:
        The code to be given at the terminal, once. The database keeps its digest only.

    Raises:
        KioskError: `terminal_unknown`, or what keeps the database from being written.
    """
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    database.require_schema()
    with database.write() as connection:
        this = (_TERMINAL.c.branch == branch) & (_TERMINAL.c.code == terminal)
        opened = connection.execute(
            update(_TERMINAL).where(this).values(renewal_code=digest(code), renewal_epoch=None)
        )
        if opened.rowcount == 0:
            raise KioskError(
                "terminal_unknown", terminal=terminal, branch=branch, database=database.name
            )
    return code


def digest(code: str) -> str:
    """What the branch keeps of a code."""
    return hashlib.sha256(code.encode()).hexdigest()


def grant(connection: Connection, caller: Caller, request: RenewalRequest) -> Grant:
    """Give the terminal that comes with the code its next epoch.

    Args:
        connection: To the branch database, in a transaction that keeps the terminal's row.
        caller: The terminal, which belongs here.
        request: Its code, and what it knows of itself.

    Raises:
        RefusalError: `renewal_refused`.
    """
    this = (_TERMINAL.c.branch == caller.branch) & (_TERMINAL.c.code == caller.terminal)
    terminal = connection.execute(select(_TERMINAL).where(this)).one()
    if terminal.renewal_code != digest(request.code):
        raise RefusalError(Status.RENEWAL_REFUSED)
    if terminal.renewal_epoch is None:
        # a branch that was restored may know of fewer epochs than the store
        epoch = max(terminal.epoch, request.epoch) + 1
        begun = {"epoch": epoch, "acked_seq": 0, "batch_number": 0, "chain": ""}
        # a damaged store may have lost the end of its audit log: whoever gave the code knows
        begun |= dict.fromkeys(("audit_seq", "audit_head", "audit_torn_at"))
        connection.execute(update(_TERMINAL).where(this).values(renewal_epoch=epoch, **begun))
    elif (terminal.epoch, terminal.batch_number) == (terminal.renewal_epoch, 0):
        epoch = terminal.epoch
    else:
        raise RefusalError(Status.RENEWAL_REFUSED)
    return Grant(
        epoch,
        _highest_number(connection, caller, request.business_date),
        frozenset(_confirmed(connection, caller, request)),
        connection.execute(select(_META.c.events_from)).scalar(),
        tuple(_undecided(connection, caller)),
    )


def _highest_number(connection: Connection, caller: Caller, day: date) -> int:
    """The highest count of the day's ticket numbers that are here, over all queues; or zero."""
    numbers = connection.execute(
        select(_TICKET.c.number).where(_of(_TICKET, caller), _TICKET.c.business_date == day)
    ).scalars()
    return max(map(ticket_count, numbers), default=0)


def _confirmed(connection: Connection, caller: Caller, request: RenewalRequest) -> Iterator[int]:
    """The epochs in which the branch gave the very receipt that the terminal has for the last."""
    for epoch, position in request.positions.items():
        given = connection.execute(
            select(_RECEIPT.c.digest).where(
                _of(_RECEIPT, caller),
                _RECEIPT.c.epoch == epoch,
                _RECEIPT.c.number == position.number,
            )
        ).scalar()
        if given == position.chain:
            yield epoch


def _undecided(connection: Connection, caller: Caller) -> Iterator[Undecided]:
    columns = [_QUARANTINE.c[name] for name in Undecided.__dataclass_fields__]
    for row in connection.execute(
        select(*columns).where(_of(_QUARANTINE, caller), _QUARANTINE.c.dropped_at.is_(None))
    ):
        yield Undecided(*row)


def known_events(
    connection: Connection, caller: Caller, events: Collection[tuple[date, UUID]]
) -> frozenset[UUID]:
    """Which of a terminal's events are here, counted or in quarantine, in whatever epoch.

    Args:
        connection: To the branch database, in a transaction.
        caller: Whose events they are.
        events: Business date and id of each.
    """
    found: set[UUID] = set()
    for day, same in groupby(sorted(events), key=itemgetter(0)):
        of_day = _EVENT.c.id.in_([event for _, event in same])
        found.update(
            connection.execute(
                select(_EVENT.c.id).where(
                    _EVENT.c.branch == caller.branch,
                    _EVENT.c.business_date == day,
                    of_day,
                    _EVENT.c.terminal == caller.terminal,
                )
            ).scalars()
        )
    asked = {event.hex: event for _, event in events}
    aside = connection.execute(
        select(_QUARANTINE.c.event).where(
            _of(_QUARANTINE, caller), _QUARANTINE.c.event.in_(list(asked))
        )
    ).scalars()
    return frozenset(found | {asked[event] for event in aside})


def _of(table: Table, caller: Caller) -> ColumnElement[bool]:
    return (table.c.branch == caller.branch) & (table.c.terminal == caller.terminal)
