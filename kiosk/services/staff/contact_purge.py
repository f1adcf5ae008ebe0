"""When a phone number must go, on either side; nothing here can open one.

One rule (`is_due`): its days are over, its consent has ended, or its sign-up needs no more calls.
"""

from collections.abc import Collection
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Delete, and_, delete, exists, or_, select

from kiosk.db import Database
from kiosk.models import Consent, Event, FollowUp, FollowUpResult, StoredContact
from kiosk.models.payloads import ConsentPurged
from kiosk.models.tables import table_of
from kiosk.services.journal import Fact, Journal

NEEDS_NO_CALL: Final = (FollowUpResult.ACTIVATED, FollowUpResult.DOES_NOT_WANT)
"""What a follow-up found: nobody calls the customer after it."""

_EVENT = table_of(Event)
_CONTACT = table_of(StoredContact)
_CONSENT = table_of(Consent)
_FOLLOW_UP = table_of(FollowUp)


def purge(journal: Journal) -> int:
    """Delete the numbers that are due, and put down which are gone; returns how many.

    Args:
        journal: The terminal's.

    Raises:
        KioskError: What keeps the store from being written.
    """
    origin, today = journal.origin, journal.business_date()
    gone = and_(
        _CONSENT.c.branch == origin.branch,
        _CONSENT.c.terminal == origin.terminal,
        _CONSENT.c.given_at.is_not(None),
        _CONSENT.c.withdrawn_at.is_(None),
        _CONSENT.c.purged_at.is_(None),
        ~exists().where(_CONTACT.c.id == _CONSENT.c.id, ~is_due(today)),
    )
    ended = select(_CONSENT.c.id, _CONSENT.c.purpose, _CONSENT.c.version).where(gone)
    with journal.database.read() as connection:
        due = connection.execute(select(_CONTACT.c.id).where(is_due(today)).limit(1)).first()
        if due is None and connection.execute(ended.limit(1)).first() is None:
            return 0  # as nearly always: nothing shall hold up the terminal's writes for nothing
    with journal.transaction() as transaction:
        for row in transaction.connection.execute(ended).all():
            payload = ConsentPurged(purpose=row.purpose, version=row.version)
            transaction.record(Fact(payload, subject=row.id))
        count = delete_due(transaction.connection, origin.branch, today)
    journal.database.forget()
    return count


def ended_of(connection: Connection, contacts: Collection[UUID]) -> set[UUID]:
    """Which of some contacts have ended, as far as this database knows."""
    ended = or_(_CONSENT.c.withdrawn_at.is_not(None), _CONSENT.c.purged_at.is_not(None))
    found = select(_CONSENT.c.id).where(_CONSENT.c.id.in_(contacts), ended)
    return set(connection.execute(found).scalars())


def delete_due(connection: Connection, branch: str, today: date) -> int:
    """Delete a branch's numbers that are due; returns how many.

    Args:
        connection: To a store or a branch database, in a transaction that writes.
        branch: Its code.
        today: In its zone.
    """
    return connection.execute(due(branch, today)).rowcount


def due(branch: str | ColumnElement[str], today: date | ColumnElement[date]) -> Delete:
    """The statement of `delete_due`."""
    return delete(_CONTACT).where(_CONTACT.c.branch == branch, is_due(today))


def release_in_use(database: Database, branch: str) -> str:
    """A branch's catalog as its newest events name it: for who records beside the programs at work.

    Args:
        database: A store or a branch database.
        branch: Its code.
    """
    with database.read() as connection:
        return newest_release(connection, branch)


def newest_release(connection: Connection, branch: str) -> str:
    """As `release_in_use`, in a transaction that goes on."""
    newest = select(_EVENT.c.release).where(_EVENT.c.branch == branch)
    latest = newest.order_by(_EVENT.c.business_date.desc()).limit(1)
    return connection.execute(latest).scalar() or ""


def is_due(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a number must not be kept any more: the one rule of both sides."""
    return or_(_CONTACT.c.keep_until < today, has_ended(_CONTACT.c.id, _CONTACT.c.sign_up))


def has_ended(contact: ColumnElement[Any], sign_up: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the consent for a contact has ended, or its sign-up needs no call any more."""
    consent = _CONSENT.alias("its_consent").c  # not the one of whoever asks this of a consent
    consent_ended = exists().where(
        consent.id == contact,
        or_(consent.withdrawn_at.is_not(None), consent.purged_at.is_not(None)),
    )
    needs_no_call = exists().where(
        _FOLLOW_UP.c.sign_up == sign_up,
        or_(*(_FOLLOW_UP.c.result == result.value for result in NEEDS_NO_CALL)),
    )
    return or_(consent_ended, needs_no_call)
