"""How long somebody would wait in a branch: said to customers at the terminals and in the lobby.

Everybody who asks for the same queue at the same moment is told the same, whatever they came for
and wherever it is shown: nothing about an e-channel is known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from kiosk.models import Priority
from kiosk.services.branch_rules import BranchRules
from kiosk.services.branch_state import after_ended, state_for, with_came
from kiosk.services.learned_release import LearnedRelease
from kiosk.services.queue_snapshot import QueueSnapshot, WaitingTicket
from kiosk.services.wait import QueuedTicket, Wait, predict, wait_of
from kiosk.services.waiting import prediction
from kiosk.services.waiting.learned import Learned

_NOBODY = UUID(int=0)
"""A newcomer has no ticket yet."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody who would take a ticket, or is taking one."""

    queue: str
    priority: Priority = Priority.NORMAL
    arrived_at: datetime | None = None
    """None: now."""


class BranchWaits:
    """Says waits from a snapshot of the queue and what the branch's days have taught.

    Args:
        rules: The branch's.
        branch: Its code.
    """

    def __init__(self, rules: BranchRules, branch: str) -> None:
        self._rules = rules
        self._release = LearnedRelease(branch)
        self._known: tuple[datetime, Learned, Learned] | None = None

    def wait_for(
        self, newcomer: Newcomer, snapshot: QueueSnapshot, connection: Connection, now: datetime
    ) -> Wait:
        """Say what somebody would wait.

        Where no counter has reported today, who was called is assumed, with the usual number of
        counters and the catalog's minutes.

        Args:
            newcomer: Who asks.
            snapshot: The queue, without them.
            connection: To a database with the branch's releases.
            now: Aware.
        """
        if not snapshot.counters:
            queue = list(_as_assumed(snapshot.waiting, self._rules))
            return predict(queue, self._rules.usual_counters, now)
        day = self._rules.day(now.astimezone(self._rules.zone).date())
        known = self._known_at(snapshot, self._release.newest(connection))
        ticket = _as_ticket(newcomer, now)
        state, customer = state_for(ticket, snapshot.waiting, snapshot.counters, now, day)
        predicted = prediction.predict(state, customer, known, day.setup)
        return wait_of(state, customer, predicted, known)

    def _known_at(self, snapshot: QueueSnapshot, morning: Learned) -> Learned:
        """From the days before, and what today has taught so far; worked out once a snapshot."""
        if self._known is not None and self._known[:2] == (snapshot.read_at, morning):
            return self._known[2]
        day = self._rules.day(snapshot.read_at.astimezone(self._rules.zone).date())
        known = morning
        if morning.through is None or morning.through < day.on:  # and not yet from today
            for each in snapshot.ended:
                known = after_ended(known, each, day)
        known = with_came(known, snapshot.came, snapshot.read_at, day)
        self._known = snapshot.read_at, morning, known
        return known


def _as_ticket(newcomer: Newcomer, now: datetime) -> WaitingTicket:
    return WaitingTicket(
        ticket=_NOBODY,
        queue=newcomer.queue,
        service=None,
        priority=newcomer.priority,
        counter=None,
        arrived_at=newcomer.arrived_at or now,
        issued_at=now,
    )


def _as_assumed(waiting: Iterable[WaitingTicket], rules: BranchRules) -> Iterable[QueuedTicket]:
    for each in waiting:
        service = each.service or ""
        minutes = rules.setup.minutes_of(service)
        yield QueuedTicket(each.ticket.hex, service, each.issued_at, minutes)
