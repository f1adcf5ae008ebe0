"""Phone numbers on their way to the branch, encrypted as they stand; no events.

Events say first what was agreed to and what has ended. Then the terminal brings the numbers that
the branch does not have as they stand here, and names those that it believes to be there. The
branch answers which it has and which must go; what it lost although the consent stands, a backup's
perhaps, is brought again. `postgres_functions.sql` says the branch's end in a function.
"""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Uuid, delete, literal, select, update

from kiosk.clock import Clock
from kiosk.config import MOST_KEEP_DAYS
from kiosk.db import Database
from kiosk.languages import LANGUAGES
from kiosk.models import Branch, Consent, Purpose, StoredContact
from kiosk.models.tables import table_of
from kiosk.projections.statement import insert_into
from kiosk.services.journal import Journal, Origin
from kiosk.services.staff import contact_purge
from kiosk.services.sync.receive import identify
from kiosk.services.sync.wire import Answer, BranchSide, Caller, SentContact, Status

MASKED: Final = r"^1[0-9]{2}\*{4}[0-9]{4}$"
CODE: Final = "^[0-9]{8}$"
KEY_ID: Final = "^[0-9a-f]{16}$"
INDEX: Final = "^[0-9a-f]{64}$"
PURPOSES: Final = tuple(purpose.value for purpose in Purpose)
CLOSED_BYTES: Final = 39
"""A nonce, eleven digits, a tag: nothing longer is a number, and nothing shorter is closed."""

_BRANCH = table_of(Branch)
_CONSENT = table_of(Consent)
_CONTACT = table_of(StoredContact)
_SENT = [_CONTACT.c[name] for name in SentContact.__dataclass_fields__]
RENEWED: Final = ("number_encrypted", "key_id", "blind_index")
"""What a new key changes."""


def bring_contacts(store: Database, caller: Caller, side: BranchSide) -> Answer:
    """Hand over the numbers that are new or closed anew, and let go of those that have ended.

    Args:
        store: The terminal's own database.
        caller: Who speaks.
        side: The branch, which has the terminal's events.

    Returns:
        What the branch said; `ok` if there was nothing to say.

    Raises:
        KioskError: What keeps one of the databases from being read or written.
    """
    with store.read() as connection:
        rows = connection.execute(select(*_SENT, _CONTACT.c.is_brought)).all()
    if not rows:
        return Answer(Status.OK)
    sent = [SentContact(*row[:-1]) for row in rows if not row.is_brought]
    held = [row.id for row in rows if row.is_brought]
    answer = side.keep_contacts(caller, sent, held)
    taken = [each for each in sent if each.id in answer.settled]
    lost = frozenset(held) - answer.settled - answer.gone
    if not (taken or lost or answer.gone):
        return answer  # as nearly always: no round shall hold up the terminal's writes for nothing
    with store.write() as connection:
        for each in taken:
            same = _CONTACT.c.number_encrypted == each.number_encrypted  # no new key meanwhile
            _mark(connection, (_CONTACT.c.id == each.id) & same, is_brought=True)
        if lost:
            _mark(connection, _CONTACT.c.id.in_(lost), is_brought=False)
        if answer.gone:
            connection.execute(delete(_CONTACT).where(_CONTACT.c.id.in_(answer.gone)))
    if answer.gone:
        store.forget()
    return answer


def purge_store(store: Database, origin: Origin, clock: Clock) -> int:
    """Delete what is due in a terminal's store, where nobody has a journal open.

    Args:
        store: The terminal's own database.
        origin: Whose events it holds.
        clock: The terminal's time.

    Returns:
        How many numbers were deleted.

    Raises:
        KioskError: What keeps the store from being read or written.
    """
    with store.read() as connection:
        if connection.execute(select(_CONSENT.c.id).limit(1)).first() is None:
            return 0  # nobody has ever left a number here
        zone = connection.execute(
            select(_BRANCH.c.time_zone).where(_BRANCH.c.code == origin.branch)
        ).scalar()
    if zone is None:
        return 0  # another branch's store: the branch will say so
    release = contact_purge.release_in_use(store, origin.branch)
    return contact_purge.purge(Journal(store, origin, clock, ZoneInfo(zone), release))


def take_contacts(
    connection: Connection,
    caller: Caller,
    sent: Collection[SentContact],
    held: Collection[UUID],
    now: datetime,
) -> Answer:
    """Keep the caller's numbers whose consent stands; in a transaction of its own.

    Args:
        connection: To the branch database.
        caller: Whose they must be.
        sent: Again, perhaps.
        held: Those that the caller believes to be here.
        now: The branch's time.

    Raises:
        RefusalError: The terminal does not belong here.
    """
    known = identify(connection, caller)
    zone = connection.execute(
        select(_BRANCH.c.time_zone).where(_BRANCH.c.code == caller.branch)
    ).scalar_one()
    today = now.astimezone(ZoneInfo(zone)).date()
    gone = set()
    for each in sorted(sent, key=lambda each: each.id):
        if each.keep_until < today or _has_ended(connection, each.id, each.sign_up):
            gone.add(each.id)
        elif is_sound(each, today) and _is_agreed(connection, caller, each.id):
            _keep(connection, caller, each)
    contact_purge.delete_due(connection, caller.branch, today)
    asked = {*held, *(each.id for each in sent)}
    there = _there(connection, caller, asked)
    gone |= {each for each in held if each not in there and _has_ended(connection, each, None)}
    return Answer(
        Status.OK,
        known.database_id,
        known.position,
        settled=frozenset(there),
        gone=frozenset(gone),
    )


def is_sound(contact: SentContact, today: date) -> bool:
    """Whether it is what a terminal sends: nothing that could be read, and not for too long."""
    return bool(
        len(contact.number_encrypted) == CLOSED_BYTES
        and re.search(KEY_ID, contact.key_id)
        and re.search(INDEX, contact.blind_index)
        and re.search(MASKED, contact.number_masked)
        and re.search(CODE, contact.withdrawal_code)
        and contact.purpose in PURPOSES
        and contact.language in LANGUAGES
        and contact.keep_until <= today + timedelta(days=MOST_KEEP_DAYS)
    )


def _mark(connection: Connection, which: ColumnElement[bool], *, is_brought: bool) -> None:
    connection.execute(update(_CONTACT).where(which).values(is_brought=is_brought))


def _has_ended(connection: Connection, contact: UUID, sign_up: UUID | None) -> bool:
    ended = contact_purge.has_ended(literal(contact, Uuid), literal(sign_up, Uuid))
    return bool(connection.execute(select(ended)).scalar())


def _is_agreed(connection: Connection, caller: Caller, contact: UUID) -> bool:
    """Whether the branch has the consent; its event may stand in quarantine, and come yet."""
    given = select(_CONSENT.c.id).where(
        _CONSENT.c.id == contact,
        _CONSENT.c.branch == caller.branch,
        _CONSENT.c.terminal == caller.terminal,
        _CONSENT.c.given_at.is_not(None),
    )
    return connection.execute(given).first() is not None


def _keep(connection: Connection, caller: Caller, contact: SentContact) -> None:
    row = {**vars(contact), "branch": caller.branch, "terminal": caller.terminal}
    new = insert_into(_CONTACT, connection.dialect.name).values(is_brought=False, **row)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[_CONTACT.c.id],
            set_={name: new.excluded[name] for name in RENEWED},
            where=_of(caller),
        )
    )


def _there(connection: Connection, caller: Caller, asked: Collection[UUID]) -> set[UUID]:
    found = select(_CONTACT.c.id).where(_of(caller), _CONTACT.c.id.in_(asked))
    return set(connection.execute(found).scalars())


def _of(caller: Caller) -> ColumnElement[bool]:
    return (_CONTACT.c.branch == caller.branch) & (_CONTACT.c.terminal == caller.terminal)
