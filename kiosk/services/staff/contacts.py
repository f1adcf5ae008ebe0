"""Phone numbers that customers left to be called: kept encrypted, shown masked, gone when done.

A number is in no event. It is deleted with its withdrawal, when its sign-up needs no more calls,
and when its days are over, on both sides by the same rule (`contact_purge`); `consent` keeps what
was agreed to and how it ended. Whole numbers are for two roles, each view audited: for one person
one at a time, for two together all of them.
"""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, select, true, update

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.languages import Language
from kiosk.models import Purpose, StoredContact
from kiosk.models.payloads import ConsentGiven, ConsentWithdrawn
from kiosk.models.tables import table_of
from kiosk.services.audit import AuditAction, AuditLog
from kiosk.services.journal import Fact, Journal, new_id
from kiosk.services.sign_in import SignedIn
from kiosk.services.staff.consent import consent_text
from kiosk.services.staff.contact_keys import ContactKeys
from kiosk.services.staff.contact_purge import ended_of, is_due
from kiosk.services.staff.duties import TAKE_PHONES_OUT, Duty, duties_of
from kiosk.services.staff.reading import FiguresSource

__all__ = ["Contact", "Contacts", "Purpose", "WholeNumber", "WholeNumbers"]

CODE_DIGITS: Final = 8

_CONTACT = table_of(StoredContact)
_SEEN: Final = [
    _CONTACT.c[name]
    for name in (
        "id", "sign_up", "purpose", "number_encrypted", "key_id", "number_masked",
        "consent_version", "keep_until", "withdrawal_code",
    )
]  # fmt: skip
"""What a reader of the branch database may see, too."""
_CODE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_NUMBER: Final = re.compile(r"1[3-9][0-9]{9}", re.ASCII)


@dataclass(frozen=True)
class Contact:
    """A number as everybody may see it."""

    id: UUID
    purpose: Purpose
    number_masked: str
    sign_up: UUID | None
    keep_until: date
    withdrawal_code: str


@dataclass(frozen=True)
class WholeNumber:
    """A number for whoever calls it."""

    contact: Contact
    number: str = field(repr=False)


@dataclass(frozen=True)
class WholeNumbers:
    """All that two people took out together."""

    opened: tuple[WholeNumber, ...]
    closed: int
    """How many can't be read here: their key is on another machine, or they were changed."""


class Contacts:
    """The numbers that were given in this branch, as far as this machine can see.

    Args:
        journal: The terminal's.
        settings: For how long numbers are kept, and where the keys are.
        audit: Is told before a whole number is shown.
        source: Where to see what was given at other terminals of the branch; None: nowhere.
    """

    def __init__(
        self,
        journal: Journal,
        settings: Config,
        audit: AuditLog,
        source: FiguresSource | None = None,
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._keys = ContactKeys(settings)
        self._audit = audit
        self._source = source
        self._keep_for = timedelta(days=settings.privacy.keep_days)

    def keep(
        self, number: str, purpose: Purpose, sign_up: UUID | None, language: Language
    ) -> Contact:
        """Keep a number that the customer has just agreed to; said again, it is the same contact.

        Args:
            number: Eleven digits; spaces and hyphens do not count.
            purpose: What it may be used for.
            sign_up: What it is about; None: no sign-up.
            language: In which the customer read what they agreed to.

        Raises:
            KioskError: `contact_number_invalid`; `key_unreadable` and its like; what keeps the
                store from being written.
        """
        plain = plain_number(number)
        text = consent_text(self._settings, purpose, language)
        origin = self._journal.origin
        with self._journal.transaction() as transaction:
            contact = Contact(
                id=new_id(),
                purpose=purpose,
                number_masked=masked(plain),
                sign_up=sign_up,
                keep_until=self._journal.business_date(transaction.now) + self._keep_for,
                withdrawal_code=_new_code(transaction.connection),
            )
            # in the transaction, so that no rotation destroys the key meanwhile
            closed = self._keys.close(plain, contact.id, purpose)
            if known := _same(transaction.connection, closed.blind_index, purpose, sign_up):
                return known
            row = insert(_CONTACT).values(
                **vars(contact),
                **vars(closed),
                branch=origin.branch,
                terminal=origin.terminal,
                consent_version=text.version,
                language=language,
                given_at=transaction.now,
                is_brought=False,
            )
            transaction.connection.execute(row)
            given = ConsentGiven(purpose=purpose.value, version=text.version, digest=text.digest)
            transaction.record(Fact(given, subject=contact.id, language=language))
        return contact

    def all(self) -> tuple[Contact, ...]:
        """Every number that may be called, the first to go first."""
        found = (_contact(row) for row in self._find(true()))
        return tuple(sorted(found, key=lambda each: (each.keep_until, each.id)))

    def of_sign_ups(self, sign_ups: Collection[UUID]) -> Mapping[UUID, Contact]:
        """Sign-up → the number to call about it, for those that have one."""
        return {
            each.sign_up: each
            for each in self.all()
            if each.sign_up is not None and each.sign_up in sign_ups
        }

    def reveal(self, contact: UUID, who: SignedIn) -> str:
        """The whole number, for a call; audited before anybody sees it.

        Args:
            contact: Which.
            who: Wants to see it.

        Raises:
            KioskError: `contact_forbidden`; `contact_gone`: it is no longer kept; as
                `ContactKeys.open`; what keeps the audit from being written.
        """
        if Duty.PHONES not in duties_of(who.roles):
            self._put_down(who, contact, "refused")
            raise KioskError("contact_forbidden")
        row = next(iter(self._find(_CONTACT.c.id == contact)), None)
        if row is None:
            raise KioskError("contact_gone")
        try:
            number = self._keys.open(row.number_encrypted, row.key_id, row.id, row.purpose)
        except KioskError as error:
            self._put_down(who, contact, error.code)
            raise
        self._put_down(who, contact, "shown")
        return number

    def reveal_all(self, first: SignedIn, second: SignedIn) -> WholeNumbers:
        """Every whole number, for a file that two people take out; audited before anybody has it.

        Args:
            first: Has signed in for this.
            second: Has, too, and is somebody else.

        Raises:
            KioskError: `contact_export_forbidden`, `contact_export_alone`; what keeps the store
                from being read or the audit from being written.
        """
        pairs = ((first, second), (second, first))
        if first.number == second.number:
            self._put_down_export(pairs[:1], 0, "refused")
            raise KioskError("contact_export_alone")
        if not all(duties_of(each.roles) >= TAKE_PHONES_OUT for each in (first, second)):
            self._put_down_export(pairs, 0, "refused")
            raise KioskError("contact_export_forbidden")
        rows = self._find(true())
        opened, closed = [], 0
        for row in sorted(rows, key=lambda each: (each.keep_until, each.id)):
            try:
                number = self._keys.open(row.number_encrypted, row.key_id, row.id, row.purpose)
            except KioskError as error:
                if error.code not in ("contact_key_missing", "contact_damaged"):
                    raise
                closed += 1
            else:
                opened.append(WholeNumber(_contact(row), number))
        self._put_down_export(pairs, len(opened), "file", opened)
        return WholeNumbers(tuple(opened), closed)

    def _put_down_export(
        self,
        pairs: Sequence[tuple[SignedIn, SignedIn]],
        count: int,
        result: str,
        opened: Sequence[WholeNumber] = (),
    ) -> None:
        """Keep under each of both names who was with them, and which numbers they have."""
        with self._journal.database.write() as connection:
            for who, other in pairs:
                with_whom = f"{result}, with {other.number}"
                for each in opened:
                    seen = (AuditAction.PHONE_VIEWED, who.number, str(each.contact.id), with_whom)
                    self._audit.record_in(connection, *seen)
                done = (AuditAction.EXPORTED, who.number, f"phone-numbers {count}", with_whom)
                self._audit.record_in(connection, *done)

    def withdraw(self, code: str, staff: str) -> Contact:
        """Delete a number at the customer's word; other machines do so with their next sync.

        Args:
            code: As they were given it; spaces and hyphens do not count.
            staff: Who was told.

        Raises:
            KioskError: `contact_code_unknown`.
        """
        if rows := self._find(_CONTACT.c.withdrawal_code == _code(code)):
            _end(self._journal, self._audit, staff, rows)
            return _contact(rows[0])
        raise KioskError("contact_code_unknown")

    def withdraw_number(self, number: str, staff: str) -> int:
        """Delete a number that was given at this terminal, for a customer who has lost the code.

        Args:
            number: As `keep` takes it.
            staff: Who was told.

        Returns:
            For how many purposes it was kept.

        Raises:
            KioskError: `contact_number_invalid`, `contact_number_unknown`.
        """
        indexes = self._keys.indexes(plain_number(number))
        with self._journal.database.read() as connection:
            rows = connection.execute(_seen(_CONTACT.c.blind_index.in_(indexes))).all()
        if not rows:
            raise KioskError("contact_number_unknown")
        _end(self._journal, self._audit, staff, rows)
        return len(rows)

    def rotate(self) -> int:
        """Encrypt every number with a new key and destroy the old one; returns how many.

        May be killed and repeated at any moment.

        Raises:
            KioskError: `key_given` and its like, `contact_damaged`, `contact_key_missing`.
        """
        with self._journal.database.write() as connection:
            if not (rows := self._closed_before(connection)):
                self._keys.renew()  # else a run was killed behind this
                rows = self._closed_before(connection)
            for row in rows:
                number = self._keys.open(row.number_encrypted, row.key_id, row.id, row.purpose)
                closed = vars(self._keys.close(number, row.id, row.purpose))
                this = update(_CONTACT).where(_CONTACT.c.id == row.id)
                connection.execute(this.values(**closed, is_brought=False))
        self._keys.forget_older()
        self._journal.database.forget()
        return len(rows)

    def _closed_before(self, connection: Connection) -> Sequence[Row[Any]]:
        """What an earlier key has closed."""
        older = _CONTACT.c.key_id != (self._keys.current_id() or "")
        return connection.execute(_seen(older)).all()

    def _put_down(self, who: SignedIn, contact: UUID, result: str) -> None:
        self._audit.record(AuditAction.PHONE_VIEWED, who.number, str(contact), result)

    def _find(self, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        """Those that are not due, here and at the branch, each once."""
        alive = which & ~is_due(self._journal.business_date())
        with self._journal.database.read() as connection:
            here = connection.execute(_seen(alive)).all()
        there = self._find_at_branch(alive)
        with self._journal.database.read() as connection:
            # what has gone here may still stand there, until the next synchronisation
            asked = [row.id for row in there]
            passed_over = {row.id for row in here} | ended_of(connection, asked)
        return [*here, *(row for row in there if row.id not in passed_over)]

    def _find_at_branch(self, alive: ColumnElement[bool]) -> Sequence[Row[Any]]:
        if self._source is None:
            return ()
        mine = _CONTACT.c.branch == self._journal.origin.branch
        return self._source.found_at_branch(_seen(mine, alive))


def withdraw_at_branch(journal: Journal, audit: AuditLog, code: str, staff: str) -> Contact:
    """Delete a number at the branch; its terminal does so with its next sync.

    Args:
        journal: The branch's own.
        audit: The one there.
        code: As the customer was given it.
        staff: Who was told.

    Raises:
        KioskError: `contact_code_unknown`.
    """
    with journal.database.read() as connection:
        mine = _CONTACT.c.branch == journal.origin.branch
        found = _seen(_CONTACT.c.withdrawal_code == _code(code), mine)
        rows = connection.execute(found).all()
    if not rows:
        raise KioskError("contact_code_unknown")
    _end(journal, audit, staff, rows)
    return _contact(rows[0])


def _end(journal: Journal, audit: AuditLog, staff: str, rows: Sequence[Row[Any]]) -> None:
    """Record that consents are withdrawn, and delete what is here of their numbers."""
    with journal.transaction() as transaction:
        connection = transaction.connection
        for row in rows:
            said = ConsentWithdrawn(purpose=row.purpose, version=row.consent_version)
            transaction.record(Fact(said, subject=row.id))
            done = (AuditAction.CONTACT_PURGED, staff, str(row.id), "withdrawn")
            audit.record_in(connection, *done)
        these = _CONTACT.c.id.in_([row.id for row in rows])
        connection.execute(delete(_CONTACT).where(these))
    journal.database.forget()


def _seen(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(*_SEEN).where(*conditions)


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text)


def _code(said: str) -> str:
    """A withdrawal code as it is kept; no database is asked for anything else.

    Raises:
        KioskError: `contact_code_unknown`.
    """
    plain = _plain(said)
    if not _CODE.fullmatch(plain):
        raise KioskError("contact_code_unknown")
    return plain


def plain_number(number: str) -> str:
    """A mobile number as eleven digits.

    Raises:
        KioskError: `contact_number_invalid`; the number is no part of it.
    """
    plain = _plain(number)
    if not _NUMBER.fullmatch(plain):
        raise KioskError("contact_number_invalid")
    return plain


def masked(number: str) -> str:
    """A number as `138****1234`."""
    return f"{number[:3]}****{number[-4:]}"


def _same(
    connection: Connection, blind_index: str, purpose: Purpose, sign_up: UUID | None
) -> Contact | None:
    row = connection.execute(
        select(_CONTACT).where(
            _CONTACT.c.blind_index == blind_index,
            _CONTACT.c.purpose == purpose.value,
            _CONTACT.c.sign_up.is_not_distinct_from(sign_up),
        )
    ).first()
    return _contact(row) if row else None


def _new_code(connection: Connection) -> str:
    """One that no number here has; it does not begin like a mobile number."""
    taken = set(connection.execute(select(_CONTACT.c.withdrawal_code)).scalars())
    while True:
        code = f"{secrets.randbelow(8) + 2}{secrets.randbelow(10 ** (CODE_DIGITS - 1)):07}"
        if code not in taken:
            return code


def _contact(row: Row[Any]) -> Contact:
    return Contact(
        row.id,
        Purpose(row.purpose),
        row.number_masked,
        row.sign_up,
        row.keep_until,
        row.withdrawal_code,
    )
