"""Talks with customers in the lobby, and the diversions that come of them by word of mouth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, select

from kiosk.models import Assist, AssistOutcome, Evidence
from kiosk.models.payloads import (
    AssistEnded,
    AssistStarted,
    DiversionAccepted,
    DiversionCompleted,
    DiversionDeclined,
    DiversionOffered,
    Payload,
    VisitLeftOut,
)
from kiosk.models.tables import table_of
from kiosk.services.diversion import next_reference
from kiosk.services.journal import Fact, Journal, Transaction, new_id

__all__ = ["AssistOutcome", "Assists", "Running", "Talk"]

_ASSIST = table_of(Assist)
_ANSWERS: Mapping[AssistOutcome, tuple[type[Payload], ...]] = {
    AssistOutcome.NOTHING_OFFERED: (),
    AssistOutcome.DECLINED: (DiversionOffered, DiversionDeclined),
    AssistOutcome.ACCEPTED: (DiversionOffered, DiversionAccepted),
    AssistOutcome.TAUGHT: (DiversionOffered, DiversionAccepted),
    AssistOutcome.DONE: (DiversionOffered, DiversionAccepted, DiversionCompleted),
}
"""The stages of the offer by word of mouth."""
_TO_BE_DONE = (AssistOutcome.ACCEPTED, AssistOutcome.TAUGHT)
"""What was done before it is put down has no reference: no journal can carry that any more."""


@dataclass(frozen=True)
class Talk:
    """What came of an assist."""

    outcome: AssistOutcome
    service: str | None = None
    channel: str | None = None
    objection: str | None = None
    """Its code."""
    segment: str | None = None
    left_out: bool = False
    """The customer is 60+: nothing of it counts in diversion figures or for targets."""


@dataclass(frozen=True)
class Running:
    """A talk that goes on."""

    id: UUID
    since: datetime


class Assists:
    """Records talks; where service and channel are named, the offer counts as a terminal's does.

    The id of an assist is made by whoever asks: what is asked for again happens once.

    Args:
        journal: Of the machine that staff work at.
        digit: The machine's: a reference holds it.
    """

    def __init__(self, journal: Journal, digit: int) -> None:
        self._journal = journal
        self._digit = digit

    def start(self, assist: UUID, staff: str, visit: UUID | None = None) -> None:
        """A talk begins.

        Args:
            assist: Its id.
            staff: Who talks.
            visit: The customer's at this very terminal; None: they have touched none here.
        """
        with self._journal.transaction() as transaction:
            if _kept(transaction, assist) is None:
                transaction.record(_started(assist, visit or assist, staff))

    def running(self, staff: str) -> Running | None:
        """The talk of today that somebody has begun here and not ended, the last one."""
        a = _ASSIST.c
        query = (
            select(a.id, a.started_at)
            .where(
                a.branch == self._journal.origin.branch,
                a.business_date == self._journal.business_date(),
                a.staff == staff,
                a.started_at.is_not(None),
                a.ended_at.is_(None),
            )
            .order_by(a.started_at.desc())
        )
        with self._journal.database.read() as connection:
            row = connection.execute(query).first()
        return Running(row.id, row.started_at) if row else None

    def end(self, assist: UUID, talk: Talk, staff: str) -> str | None:
        """A talk that has begun is over.

        Returns:
            The reference of what the customer is about to do; None: there is nothing to be done.
        """
        with self._journal.transaction() as transaction:
            kept = _kept(transaction, assist)
            if kept is None:
                transaction.record(_started(assist, assist, staff))
                return self._finish(transaction, (assist, assist), talk, staff, None)
            if kept.ended_at is None:
                seconds = _seconds(kept.started_at, transaction.now)
                return self._finish(transaction, (assist, kept.visit), talk, staff, seconds)
        return None

    def log(self, assist: UUID, talk: Talk, staff: str) -> str | None:
        """Put down a talk that is over already; returns what `end` does."""
        return self.end(assist, talk, staff)

    def _finish(
        self,
        transaction: Transaction,
        who: tuple[UUID, UUID],
        talk: Talk,
        staff: str,
        seconds: int | None,
    ) -> str | None:
        assist, visit = who
        if talk.left_out:  # first, so that no figure counts the offer even for a moment
            transaction.record(Fact(VisitLeftOut(), visit=visit))
        transaction.record(
            Fact(
                AssistEnded(seconds=seconds),
                visit=visit,
                subject=assist,
                staff=staff,
                outcome=talk.outcome.value,
                service=talk.service,
                channel=talk.channel,
                reason=talk.objection,
                segment=talk.segment,
            )
        )
        if talk.service is None or talk.channel is None:
            return None
        offer, reference = new_id(), None
        for stage in _ANSWERS[talk.outcome]:
            is_offer = stage is DiversionOffered
            payload = DiversionOffered(answers={}, wait=None) if is_offer else stage()
            is_declined, is_done = stage is DiversionDeclined, stage is DiversionCompleted
            is_accepted = stage is DiversionAccepted
            if is_accepted and talk.outcome in _TO_BE_DONE:
                reference = next_reference(self._journal.origin, self._digit, transaction)
            transaction.record(
                Fact(
                    payload,
                    visit=visit,
                    service=talk.service,
                    channel=talk.channel,
                    offer=offer,
                    staff=staff,
                    reason=talk.objection if is_declined else None,
                    evidence=Evidence.STAFF_SAW.value if is_done else None,
                    reference=reference if is_accepted else None,
                )
            )
        return reference


def _kept(transaction: Transaction, assist: UUID) -> Row[tuple[object, ...]] | None:
    return transaction.connection.execute(select(_ASSIST).where(_ASSIST.c.id == assist)).first()


def _seconds(started_at: datetime, now: datetime) -> int:
    # a clock that was set back makes no time negative
    return max(0, int((now - started_at).total_seconds()))


def _started(assist: UUID, visit: UUID, staff: str) -> Fact:
    return Fact(AssistStarted(), visit=visit, subject=assist, staff=staff)
