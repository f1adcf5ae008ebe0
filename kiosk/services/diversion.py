"""Offers of e-channels and what becomes of them: offered is not accepted, accepted is not done."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, select

from kiosk.models import Diversion, Evidence
from kiosk.models.payloads import (
    DiversionAccepted,
    DiversionCompleted,
    DiversionDeclined,
    DiversionFellBack,
    DiversionOffered,
    Payload,
)
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.journal import Fact, Journal, Origin, Transaction
from kiosk.services.reference import reference_of
from kiosk.services.wait import Wait

__all__ = ["Diversions", "Evidence", "OfferMade"]

_DIVERSION = table_of(Diversion)
_REFERENCE = Prepared(
    select(_DIVERSION.c.reference).where(
        _DIVERSION.c.id == bindparam("offer"), _DIVERSION.c.reference.is_not(None)
    )
)


@dataclass(frozen=True)
class OfferMade:
    """An offer that was shown."""

    id: UUID
    visit: UUID
    service: str
    channel: str


class Diversions:
    """Records the stages of a diversion; each may be repeated without harm to the figures.

    Args:
        journal: The terminal's.
        digit: The terminal's: a reference holds it.
    """

    def __init__(self, journal: Journal, digit: int) -> None:
        self._journal = journal
        self._digit = digit

    def offer(self, offer: OfferMade, answers: dict[str, str], wait: Wait | None) -> None:
        """Record that the channel was shown beside the counter, with the wait that was shown."""
        self._record(DiversionOffered(answers=answers, wait=wait.shown() if wait else None), offer)

    def accept(self, offer: OfferMade) -> str:
        """Record that the customer chose the channel.

        Returns:
            The reference of what they are about to do there; the first one, if they choose again.
        """
        with self._journal.transaction() as transaction:
            known = _REFERENCE.rows(transaction.connection, {"offer": offer.id})
            new = next_reference(self._journal.origin, self._digit, transaction)
            reference = known[0][0] if known else new
            transaction.record(_fact(DiversionAccepted(), offer, reference=reference))
        return str(reference)

    def decline(self, offer: OfferMade, reason: str | None = None) -> None:
        """Record that the customer chose the counter, and why if they said so."""
        self._record(DiversionDeclined(), offer, reason=reason)

    def complete(self, offer: OfferMade, evidence: Evidence) -> None:
        """Record that the transaction was done, and who knows it."""
        self._record(DiversionCompleted(), offer, evidence=evidence.value)

    def fall_back(self, offer: OfferMade, reason: str | None = None) -> None:
        """Record that it came to nothing, and why if they said so."""
        self._record(DiversionFellBack(), offer, reason=reason)

    def _record(
        self,
        payload: Payload,
        offer: OfferMade,
        reason: str | None = None,
        evidence: str | None = None,
    ) -> None:
        self._journal.record(_fact(payload, offer, reason=reason, evidence=evidence))


def next_reference(origin: Origin, digit: int, transaction: Transaction) -> str:
    """What an acceptance gets that is recorded next."""
    return reference_of(origin.branch, digit, origin.epoch, transaction.next_seq)


def _fact(
    payload: Payload,
    offer: OfferMade,
    *,
    reason: str | None = None,
    evidence: str | None = None,
    reference: str | None = None,
) -> Fact:
    return Fact(
        payload,
        visit=offer.visit,
        service=offer.service,
        channel=offer.channel,
        offer=offer.id,
        reason=reason,
        evidence=evidence,
        reference=reference,
    )
