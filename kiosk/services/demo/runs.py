"""What is kept of a demo: that it was taught, how far and how well; never what was typed."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, select

from kiosk.models import DemoOutcome, Event, Way
from kiosk.models.payloads import DemoFinished, DemoLeft, DemoStarted, DemoStep, Payload
from kiosk.models.tables import table_of
from kiosk.services.journal import Fact, Journal, Origin, Transaction

__all__ = ["DemoRun", "DemoRuns", "LeftBecause", "Way", "leave_interrupted"]

_EVENT = table_of(Event)
_RUN = table_of(DemoOutcome)


class LeftBecause(StrEnum):
    """Why a run did not come to its end."""

    STOPPED = "stopped"
    """The learner said so."""
    BACK = "back"
    """Back from the first screen."""
    TICKET = "ticket"
    """For a counter ticket."""
    IDLE = "idle"
    """Nobody touched the terminal any more."""
    INTERRUPTED = "interrupted"
    """The program was stopped, or broke off."""


@dataclass(frozen=True)
class DemoRun:
    """One going through one demo by one way: by a customer, or by staff who practise."""

    id: UUID
    demo: str
    version: int
    way: Way
    visit: UUID | None
    """The customer's; None where staff practise."""
    service: str | None
    channel: str
    offer: UUID | None = None
    """Which it was asked for from."""
    staff: str | None = None
    """The number of the member of staff."""
    amount_band: str | None = None


class DemoRuns:
    """Records what becomes of runs."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def start(self, run: DemoRun, screen: str) -> None:
        """Record that a run begins, with its first screen."""
        payload = DemoStarted(version=run.version, amount_band=run.amount_band)
        self._journal.record(_fact(payload, run, screen=screen))

    def step(
        self, run: DemoRun, screen: str, next_screen: str, seconds: int, wrong_keys: int
    ) -> None:
        """Record that a screen was passed.

        Args:
            run: Which run.
            screen: The screen that was passed.
            next_screen: The one that follows.
            seconds: On the screen that was passed.
            wrong_keys: There; how many, never which.
        """
        payload = DemoStep(next_screen=next_screen, seconds=seconds)
        self._journal.record(_fact(payload, run, screen=screen, wrong_keys=wrong_keys))

    def finish(
        self,
        run: DemoRun,
        seconds: int,
        right_answers: int | None = None,
        questions: int | None = None,
    ) -> None:
        """Record that a run came to its end, after so many seconds; of a check, how it went."""
        fact = _fact(
            DemoFinished(seconds=seconds), run, right_answers=right_answers, questions=questions
        )
        self._journal.record(fact)

    def leave(
        self, run: DemoRun, screen: str, seconds: int, wrong_keys: int, because: LeftBecause
    ) -> None:
        """Record that a run was broken off.

        Args:
            run: Which run.
            screen: Where.
            seconds: In the whole run.
            wrong_keys: On that screen.
            because: Why.
        """
        payload = DemoLeft(seconds=seconds)
        self._journal.record(
            _fact(payload, run, screen=screen, wrong_keys=wrong_keys, reason=because.value)
        )


def _fact(
    payload: Payload,
    run: DemoRun,
    *,
    screen: str | None = None,
    wrong_keys: int | None = None,
    right_answers: int | None = None,
    questions: int | None = None,
    reason: str | None = None,
) -> Fact:
    return Fact(
        payload,
        visit=run.visit,
        staff=run.staff,
        service=run.service,
        channel=run.channel,
        offer=run.offer,
        demo=run.demo,
        demo_run=run.id,
        way=run.way.value,
        screen=screen,
        wrong_keys=wrong_keys,
        right_answers=right_answers,
        questions=questions,
        reason=reason,
    )


def leave_interrupted(transaction: Transaction, origin: Origin) -> None:
    """Leave the runs that a crash or a power cut left open, on the screen where they stood."""
    still_open = transaction.connection.execute(
        select(_RUN).where(
            _RUN.c.branch == origin.branch,
            _RUN.c.terminal == origin.terminal,
            _RUN.c.finished_at.is_(None),
            _RUN.c.left_at.is_(None),
        )
    ).all()
    for run in still_open:
        transaction.record(
            Fact(
                DemoLeft(seconds=None),
                visit=run.visit,
                staff=run.staff,
                service=run.service,
                channel=run.channel,
                offer=run.offer,
                demo=run.demo,
                demo_run=run.id,
                way=run.way,
                screen=_screen_of(transaction.connection, origin, run.id),
                reason=LeftBecause.INTERRUPTED.value,
            )
        )


def _screen_of(connection: Connection, origin: Origin, run: UUID) -> str:
    """Where a run stands: the last event tells, near the end of the log."""
    last = connection.execute(
        select(_EVENT.c.screen, _EVENT.c.payload)
        .where(
            _EVENT.c.branch == origin.branch,
            _EVENT.c.terminal == origin.terminal,
            _EVENT.c.demo_run == run,
        )
        .order_by(_EVENT.c.epoch.desc(), _EVENT.c.seq.desc())
        .limit(1)
    ).one()
    return str(last.payload.get("next_screen", last.screen))
