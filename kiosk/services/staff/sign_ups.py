"""Products that are opened for customers, and what becomes of them: signed, taught, used."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, true

from kiosk.models import Evidence, FollowUpBy, FollowUpResult, SignUp
from kiosk.models.payloads import (
    FollowUpDone,
    Payload,
    SignUpClosed,
    SignUpDormant,
    SignUpSigned,
    SignUpTaught,
    SignUpUsed,
    VisitLeftOut,
)
from kiosk.models.tables import table_of
from kiosk.services.journal import Fact, Journal
from kiosk.services.staff.contact_purge import NEEDS_NO_CALL, purge
from kiosk.services.staff.reading import FiguresSource
from kiosk.services.staff.receipts import check_receipt

__all__ = [
    "Evidence",
    "FollowUpBy",
    "FollowUpResult",
    "Opened",
    "SignUpState",
    "SignUps",
    "Signing",
]

_SIGN_UP = table_of(SignUp)
_SIGNED = _SIGN_UP.c.signed_at.is_not(None)
"""Its beginning is known."""


@dataclass(frozen=True)
class Opened:
    """One product that is opened."""

    id: UUID
    """The sign-up's, made by whoever asks: what is asked for again happens once."""
    product: str
    disclosure_version: int
    """Of the pages that the customer was shown."""


@dataclass(frozen=True)
class Signing:
    """One coming of one customer who signs up."""

    visit: UUID
    """At this very terminal, or a new id."""
    opened: Sequence[Opened]
    segment: str
    receipt: str
    bundle: str | None = None
    company: bool = False
    left_out: bool = False
    """The customer is 60+: it counts for no target."""


@dataclass(frozen=True)
class SignUpState:
    """Where a sign-up stands."""

    id: UUID
    product: str
    receipt: str
    staff: str
    signed_at: datetime
    taught_at: datetime | None
    used_at: datetime | None
    closed_at: datetime | None


class SignUps:
    """Records sign-ups and what becomes of them.

    Args:
        journal: Of the machine that staff work at.
        source: Where to see what was signed at other terminals of the branch; None: nowhere.
    """

    def __init__(self, journal: Journal, source: FiguresSource | None = None) -> None:
        self._journal = journal
        self._source = source

    def sign(self, signing: Signing, staff: str) -> None:
        """Record what was opened, all of it or nothing.

        Raises:
            KioskError: `receipt_form` and the like: see `check_receipt`.
        """
        receipt = check_receipt(signing.receipt)
        with self._journal.transaction() as transaction:
            kept = transaction.connection.execute(
                select(_SIGN_UP.c.id).where(_SIGN_UP.c.visit == signing.visit)
            ).scalars()
            known = set(kept)
            if signing.left_out and not known:
                transaction.record(Fact(VisitLeftOut(), visit=signing.visit))
            for each in signing.opened:
                if each.id not in known:
                    transaction.record(_signed(signing, each, receipt, staff))

    def taught(self, sign_up: UUID, staff: str) -> None:
        """The customer was shown how to use it, by who says so."""
        self._record(SignUpTaught(), sign_up, staff, evidence=Evidence.STAFF_SAW)

    def used(
        self, sign_up: UUID, staff: str | None, evidence: Evidence = Evidence.STAFF_SAW
    ) -> None:
        """The customer has used it; nobody of the staff need have seen it."""
        self._record(SignUpUsed(), sign_up, staff, evidence=evidence)

    def dormant(self, sign_up: UUID, staff: str | None = None) -> None:
        """The customer has not used it for long."""
        self._record(SignUpDormant(), sign_up, staff)

    def close(self, sign_up: UUID, staff: str, reason: str) -> None:
        """The customer has it no more."""
        self._record(SignUpClosed(), sign_up, staff, reason=reason)

    def follow_up(
        self, sign_up: UUID, staff: str, result: FollowUpResult, by: FollowUpBy = FollowUpBy.CALL
    ) -> None:
        """Record a call or visit; whoever is found to use it has used it, as they say.

        A phone number that nobody needs to call any more goes at once.
        """
        facts = [Fact(FollowUpDone(by=by), subject=sign_up, staff=staff, reason=result.value)]
        if result is FollowUpResult.ACTIVATED:
            evidence = Evidence.CUSTOMER_SAID.value
            facts.append(Fact(SignUpUsed(), subject=sign_up, staff=staff, evidence=evidence))
        self._journal.record(*facts)
        if result in NEEDS_NO_CALL:
            purge(self._journal)

    def of_receipt(self, receipt: str) -> tuple[SignUpState, ...]:
        """What was opened under a receipt number, at this machine or another of the branch.

        Raises:
            KioskError: As `check_receipt`.
        """
        return self._anywhere(_SIGN_UP.c.receipt == check_receipt(receipt))

    def of(self, sign_ups: Collection[UUID]) -> Mapping[UUID, SignUpState]:
        """Those with these ids, as far as this machine can see."""
        return {each.id: each for each in self._anywhere(_SIGN_UP.c.id.in_(sign_ups))}

    def signed_on(self, day: date, staff: str | None = None) -> tuple[SignUpState, ...]:
        """What was signed at this machine on a day, by somebody or anybody."""
        of_day = _SIGN_UP.c.business_date == day
        of_staff = true() if staff is None else _SIGN_UP.c.staff == staff
        return self._read(_SIGNED & of_day & of_staff)

    def _anywhere(self, condition: ColumnElement[bool]) -> tuple[SignUpState, ...]:
        """Those that this machine or the branch knows, with all that either knows of them."""
        query = _query(self._journal, _SIGNED & condition)
        there = _states(self._source.found_at_branch(query) if self._source is not None else [])
        found = {each.id: each for each in there}
        # of one that was signed elsewhere, this machine may know only what was noted here
        for here in self._read((_SIGNED & condition) | _SIGN_UP.c.id.in_(found)):
            found[here.id] = _both(found.get(here.id, here), here)
        return tuple(sorted(found.values(), key=lambda each: (each.signed_at, each.id)))

    def _read(self, condition: ColumnElement[bool]) -> tuple[SignUpState, ...]:
        with self._journal.database.read() as connection:
            return _states(connection.execute(_query(self._journal, condition)).all())

    def _record(
        self,
        payload: Payload,
        sign_up: UUID,
        staff: str | None,
        evidence: Evidence | None = None,
        reason: str | None = None,
    ) -> None:
        told = evidence.value if evidence else None
        fact = Fact(payload, subject=sign_up, staff=staff, evidence=told, reason=reason)
        self._journal.record(fact)


def _query(journal: Journal, condition: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*(_SIGN_UP.c[name] for name in SignUpState.__dataclass_fields__))
        .where(_SIGN_UP.c.branch == journal.origin.branch, condition)
        .order_by(_SIGN_UP.c.signed_at, _SIGN_UP.c.id)
    )


def _states(rows: Iterable[Sequence[Any]]) -> tuple[SignUpState, ...]:
    return tuple(SignUpState(*row) for row in rows)


def _both(one: SignUpState, other: SignUpState) -> SignUpState:
    """Each side may have heard of something that the other has not yet."""
    return replace(
        one,
        taught_at=one.taught_at or other.taught_at,
        used_at=one.used_at or other.used_at,
        closed_at=one.closed_at or other.closed_at,
    )


def _signed(signing: Signing, opened: Opened, receipt: str, staff: str) -> Fact:
    return Fact(
        SignUpSigned(
            bundle=signing.bundle,
            company=signing.company,
            disclosure_version=opened.disclosure_version,
        ),
        visit=signing.visit,
        subject=opened.id,
        staff=staff,
        product=opened.product,
        segment=signing.segment,
        receipt=receipt,
    )
