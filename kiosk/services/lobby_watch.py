"""The lobby as a machine knows it: from its own store, the branch's last word, the branch."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Connection

from kiosk.clock import Clock
from kiosk.config import Machines
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.branch_queue import BranchQueue
from kiosk.services.journal import Journal
from kiosk.services.lobby_state import (
    CallNow,
    OutageNow,
    channels_down,
    join_calls,
    join_outages,
    read_calls,
    read_outages,
    working,
)
from kiosk.services.releases import Name, body_of
from kiosk.services.staff_roster import roster_names

__all__ = ["BranchToAsk", "CallNow", "LobbyWatch", "MachinesNow", "Offered", "OutageNow"]

log = logging.getLogger("kiosk")
T = TypeVar("T")
_ASK_AGAIN_NS: Final = 60 * 1_000_000_000
"""After a branch that did not answer: who waits for it holds up everybody behind them."""


@dataclass(frozen=True)
class MachinesNow:
    """The machines of one channel."""

    working: tuple[int, ...]
    down: tuple[int, ...]


@dataclass(frozen=True)
class Offered:
    """What can be offered just now."""

    channels_down: frozenset[str] = frozenset()
    machines: tuple[tuple[str, MachinesNow], ...] = ()
    """Of the channels of which one works and another does not."""

    def machines_of(self, channel: str) -> MachinesNow | None:
        """Where one works and another does not; None: there is nothing to choose."""
        return dict(self.machines).get(channel)


class BranchToAsk:
    """The branch database of a machine that may read it.

    Args:
        database: It.
        clock: Gives the seconds for which it is left alone after it has not answered.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ask_from_ns = clock.monotonic_ns()

    def read(self, call: Callable[[Connection], T]) -> T | None:
        """What it says; None where it does not answer, or may not be read here."""
        if self._clock.monotonic_ns() < self._ask_from_ns:
            return None
        try:
            self._database.require_schema()
            with self._database.read() as connection:
                return call(connection)
        except KioskError as error:
            log.warning("the branch could not be asked about its lobby: %s", error)
            self._ask_from_ns = self._clock.monotonic_ns() + _ASK_AGAIN_NS
            return None


class LobbyWatch:
    """Knows the open calls for help and the outages.

    Args:
        journal: The machine's own.
        machines: What stands in the lobby.
        branch: The branch database, where this machine may read it.
    """

    def __init__(
        self,
        journal: Journal,
        machines: Collection[Machines] = (),
        branch: BranchToAsk | None = None,
    ) -> None:
        self._journal = journal
        self._queue = BranchQueue(journal, sees_all_tickets=False)
        self._machines = machines
        self._branch = branch

    def open_calls(self) -> tuple[CallNow, ...]:
        """The calls of today that nobody has done with, the oldest first."""
        return tuple(each for each in self._calls() if each.is_open)

    def call(self, id_: UUID) -> CallNow | None:
        """What has become of a call."""
        return next((each for each in self._calls() if each.id == id_), None)

    def who_comes(self, call: UUID) -> str | None:
        """The name of the member of staff who comes to a customer.

        Returns:
            None: nobody does yet; empty: somebody whose name is not known here.
        """
        found = self.call(call)
        if found is None or found.taken_by is None:
            return None
        with self._journal.database.read() as connection:
            body = body_of(connection, self._journal.origin.branch, Name.STAFF)
        names = roster_names(body) if body else {}
        return names.get(found.taken_by, "")

    def outages(self) -> tuple[OutageNow, ...]:
        """What is not to be offered just now, the oldest first."""
        branch, now = self._journal.origin.branch, self._journal.now()
        today = self._journal.business_date(now)

        def read(connection: Connection) -> tuple[OutageNow, ...]:
            return read_outages(connection, branch, today, now)

        with self._journal.database.read() as connection:
            known = read(connection)
            heard = self._queue.newest(connection)
        asked = self._branch.read(read) if self._branch else None
        found = join_outages((*known, *(heard.outages if heard else ()), *(asked or ())))
        return tuple(each for each in found if each.is_on(now))

    def offered(self) -> Offered:
        """What can be offered just now."""
        outages, now = self.outages(), self._journal.now()
        some = []
        for each in self._machines:
            works = working(each, outages, now)
            if works and len(works) < each.count:
                down = tuple(n for n in each.numbers if n not in works)
                some.append((each.channel, MachinesNow(works, down)))
        return Offered(channels_down(outages, self._machines, now), tuple(some))

    def _calls(self) -> tuple[CallNow, ...]:
        branch, today = self._journal.origin.branch, self._journal.business_date()

        def read(connection: Connection) -> tuple[CallNow, ...]:
            return read_calls(connection, branch, today)

        with self._journal.database.read() as connection:
            known = read(connection)
            heard = self._queue.newest(connection)
        asked = self._branch.read(read) if self._branch else None
        # a snapshot of an earlier day tells of calls that nobody waits for any more
        heard_calls = [
            each for each in (heard.calls if heard else ())
            if each.asked_at is None or self._journal.business_date(each.asked_at) == today
        ]  # fmt: skip
        return join_calls((*known, *heard_calls, *(asked or ())))
