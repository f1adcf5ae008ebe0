"""Offers of e-channels and what becomes of them: offered is not accepted, accepted is not done."""

from dataclasses import dataclass
from uuid import UUID

from kiosk.models import Evidence
from kiosk.models.payloads import (
    DiversionAccepted,
    DiversionCompleted,
    DiversionDeclined,
    DiversionFellBack,
    DiversionOffered,
    Payload,
)
from kiosk.services.journal import Fact, Journal
from kiosk.services.wait import Wait

__all__ = ["Diversions", "Evidence", "OfferMade"]


@dataclass(frozen=True)
class OfferMade:
    """An offer that was shown."""

    id: UUID
    visit: UUID
    service: str
    channel: str


class Diversions:
    """Records the stages of a diversion; each may be repeated without harm to the figures."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def offer(self, offer: OfferMade, answers: dict[str, str], wait: Wait | None) -> None:
        """Record that the channel was shown beside the counter, with the wait that was shown."""
        self._record(DiversionOffered(answers=answers, wait=wait.shown() if wait else None), offer)

    def accept(self, offer: OfferMade) -> None:
        """Record that the customer chose the channel."""
        self._record(DiversionAccepted(), offer)

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
        self._journal.record(
            Fact(
                payload,
                visit=offer.visit,
                service=offer.service,
                channel=offer.channel,
                offer=offer.id,
                reason=reason,
                evidence=evidence,
            )
        )
