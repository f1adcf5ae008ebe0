"""A customer's coming, from the first touch to the wipe."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from kiosk.models import Visit
from kiosk.models.payloads import (
    HelpAsked,
    HelpDone,
    IntentStated,
    VisitEnded,
    VisitLeftOut,
    VisitStarted,
)
from kiosk.models.tables import table_of
from kiosk.services.demo.runs import leave_interrupted
from kiosk.services.journal import Fact, Journal

_VISIT = table_of(Visit)


class EndReason(StrEnum):
    """How a session ended."""

    FINISHED = "finished"
    """The customer said so."""
    IDLE = "idle"
    """Nobody touched the terminal any more."""
    INTERRUPTED = "interrupted"
    """The program was stopped, or broke off."""
    STAFF = "staff"
    """A member of staff has signed in there."""


class Visits:
    """Starts, marks and ends visits."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def start(self, visit: UUID, language: str) -> datetime:
        """Record that a customer has come; returns the arrival, aware, in UTC."""
        arrived_at = self._journal.now()
        self._journal.record(
            Fact(VisitStarted(), visit=visit, language=language, arrived_at=arrived_at)
        )
        return arrived_at

    def leave_out(self, visit: UUID) -> None:
        """Keep the visit out of every diversion figure: 60+ or large type."""
        self._journal.record(Fact(VisitLeftOut(), visit=visit))

    def state_intent(self, visit: UUID, service: str) -> None:
        """Record what the customer came for."""
        self._journal.record(Fact(IntentStated(), visit=visit, service=service))

    def ask_help(self, call: UUID, visit: UUID, screen: str, service: str | None) -> None:
        """Record that the customer called a member of staff, and where."""
        self._journal.record(
            Fact(HelpAsked(), visit=visit, service=service, screen=screen, subject=call)
        )

    def no_help_needed(self, call: UUID, visit: UUID) -> None:
        """Record that the customer has been helped, or no longer waits for it."""
        self._journal.record(Fact(HelpDone(), subject=call, visit=visit))

    def end_interrupted(self) -> None:
        """End the visits and demos that a crash or a power cut left open; before the first one."""
        with self._journal.transaction() as transaction:
            leave_interrupted(transaction, self._journal.origin)
            still_open = transaction.connection.execute(
                select(_VISIT.c.id, _VISIT.c.language).where(
                    _VISIT.c.branch == self._journal.origin.branch,
                    _VISIT.c.terminal == self._journal.origin.terminal,
                    _VISIT.c.ended_at.is_(None),
                    _VISIT.c.language.is_not(None),  # else it is no visit to a terminal
                )
            ).all()
            for visit, language in still_open:
                transaction.record(
                    Fact(
                        VisitEnded(),
                        visit=visit,
                        language=language,
                        reason=EndReason.INTERRUPTED.value,
                    )
                )

    def end(self, visit: UUID, language: str, reason: EndReason) -> None:
        """Record the end of the session."""
        self._journal.record(
            Fact(VisitEnded(), visit=visit, language=language, reason=reason.value)
        )
