"""Events that the branch could not take: what a person may decide about them.

Both ends keep such an event with its text and the reason. It may be tried again, as after the
branch learnt a new kind of event, or be dropped with a reason, which is kept.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.lock import held
from kiosk.models import Quarantine
from kiosk.models.tables import table_of
from kiosk.services.journal import Origin
from kiosk.services.sync import wire
from kiosk.services.sync.push import introduce, refused
from kiosk.services.sync.wire import Answer, BranchSide, Caller, Status

_QUARANTINE = table_of(Quarantine)


@dataclass(frozen=True)
class HeldEvent:
    """An event in quarantine."""

    seq: int
    event: str
    """Its id as it was sent."""
    reason: str
    text: str
    """Its line as it was sent."""
    received_at: datetime
    dropped_at: datetime | None
    dropped_why: str | None


def held_events(store: Database, origin: Origin) -> list[HeldEvent]:
    """Every event of a terminal in quarantine, dropped ones too, by its number."""
    columns = [_QUARANTINE.c[name] for name in HeldEvent.__dataclass_fields__]
    with store.read() as connection:
        rows = connection.execute(
            select(*columns).where(_of(origin)).order_by(_QUARANTINE.c.seq)
        ).all()
    return [HeldEvent(*row) for row in rows]


def epochs_held(store: Database, origin: Origin) -> list[int]:
    """The epochs whose events stand in a terminal's quarantine: stores may have come before."""
    with store.read() as connection:
        found = connection.execute(
            select(_QUARANTINE.c.epoch)
            .where(_QUARANTINE.c.branch == origin.branch, _QUARANTINE.c.terminal == origin.terminal)
            .distinct()
            .order_by(_QUARANTINE.c.epoch)
        )
        return list(found.scalars())


@dataclass(frozen=True)
class Decider:
    """A terminal whose quarantine is being looked through.

    Args:
        store: Its own database.
        origin: Whose events it holds.
        connect: Reaches the branch; may raise KioskError.
        clock: The terminal's time.
        epoch: Of the events that are meant; none: the store's own.
    """

    store: Database
    origin: Origin
    connect: Callable[[], BranchSide]
    clock: Clock
    epoch: int | None = None

    @property
    def meant(self) -> Origin:
        """Whose events in quarantine are meant."""
        return replace(self.origin, epoch=self.epoch or self.origin.epoch)

    def retry(self, events: Collection[int] = ()) -> int:
        """Try events again; returns how many the branch has taken now.

        Args:
            events: Their seqs; none: all that nobody has dropped.

        Raises:
            KioskError: `quarantine_without`, and as `push.synchronise`.
        """
        doubts = {each.seq: _doubt(each.text) for each in self._chosen(events)}
        answer = self._ask(lambda side, caller: side.retry(caller, doubts))
        still = {each.seq: each.reason for each in answer.rejected}
        with self.store.write() as connection:
            for seq in doubts:
                this = _of(self.meant) & (_QUARANTINE.c.seq == seq)
                if seq in still:
                    change = update(_QUARANTINE).where(this).values(reason=still[seq])
                    connection.execute(change)
                else:
                    connection.execute(delete(_QUARANTINE).where(this))
        return len(doubts) - len(still)

    def drop(self, events: Collection[int], why: str) -> int:
        """Decide that events shall never be counted; returns how many that were.

        Raises:
            KioskError: `quarantine_without`, and as `push.synchronise`.
        """
        chosen = [each.seq for each in self._chosen(events)]
        self._ask(lambda side, caller: side.drop(caller, chosen, why))
        with self.store.write() as connection:
            connection.execute(
                update(_QUARANTINE)
                .where(_of(self.meant), _QUARANTINE.c.seq.in_(chosen))
                .values(dropped_at=self.clock.now(), dropped_why=why)
            )
        return len(chosen)

    def _chosen(self, events: Collection[int]) -> list[HeldEvent]:
        undecided = [
            each for each in held_events(self.store, self.meant) if each.dropped_at is None
        ]
        if unknown := set(events) - {each.seq for each in undecided}:
            raise KioskError("quarantine_without", number=min(unknown))
        return [each for each in undecided if not events or each.seq in events]

    def _ask(self, question: Callable[[BranchSide, Caller], Answer]) -> Answer:
        with held(self.store.path, "sync", "sync_running"):
            side = self.connect()
            try:
                caller = introduce(self.store, self.origin, self.clock)
                answer = question(side, replace(caller, quarantine_epoch=self.epoch))
                if answer.status is not Status.OK:
                    raise refused(answer, side, self.origin)
                return answer
            finally:
                side.close()


def _doubt(line: str) -> str:
    """Why this end still takes an event for damaged; empty if it does not."""
    return wire.fault(line) or wire.doubt_of_line(line) or ""


def _of(origin: Origin) -> ColumnElement[bool]:
    return (
        (_QUARANTINE.c.branch == origin.branch)
        & (_QUARANTINE.c.terminal == origin.terminal)
        & (_QUARANTINE.c.epoch == origin.epoch)
    )
