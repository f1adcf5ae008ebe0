"""A branch with counters and customers, for the tests of the desk; on either engine."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from sync_world import BranchHere, FakeClock, World

from kiosk.config import Queue
from kiosk.db import Database
from kiosk.models.payloads import TicketCancelled, TicketIssued
from kiosk.models.states import Priority, TicketState
from kiosk.projections.check import differences
from kiosk.services.counters import enrol_counter
from kiosk.services.desk import BranchDesk, close_day
from kiosk.services.desk_tickets import ticket_by_id
from kiosk.services.desk_view import DeskTicket
from kiosk.services.journal import Fact, Journal, Origin, new_id

BRANCH, RELEASE = "0001", "release-1"


class Hall:
    """A branch's hall: somebody takes tickets, and there are counters."""

    def __init__(
        self, folder: Path, here: BranchHere | None = None, policy: Queue | None = None
    ) -> None:
        self.world = World(folder, here)
        self.policy = policy or Queue()
        self.database = self.world.branch
        self._counters: dict[int, str] = {}
        self._opened: list[Database] = []
        origin = Origin(BRANCH, "T1", 1)
        self._terminal = Journal(self.database, origin, self.clock, self.zone, RELEASE)
        self._visits: dict[UUID, tuple[UUID, str]] = {}
        self._last = 0

    @property
    def clock(self) -> FakeClock:
        return self.world.clock

    @property
    def zone(self) -> ZoneInfo:
        return self.world.config.zone

    def customer(
        self,
        queue: str = "A",
        priority: Priority = Priority.NORMAL,
        arrived: datetime | None = None,
    ) -> UUID:
        """One who takes a ticket now."""
        ticket, visit = new_id(), new_id()
        self._last += 1
        number = f"{queue}{self._last:04d}"
        self._visits[ticket] = (visit, number)
        self._record(TicketIssued(wait=None), ticket, arrived, priority.value)
        return ticket

    def give_back(self, ticket: UUID) -> None:
        """The customer gives the ticket back at the terminal."""
        self._record(TicketCancelled(), ticket)

    def _record(
        self,
        payload: TicketIssued | TicketCancelled,
        ticket: UUID,
        arrived: datetime | None = None,
        priority: str | None = None,
    ) -> None:
        visit, number = self._visits[ticket]
        self._terminal.record(
            Fact(
                payload, visit=visit, ticket=ticket, ticket_number=number, queue=number[0],
                service="cash", transferable=True, priority=priority,
                arrived_at=arrived or self.clock.now(),
            )
        )  # fmt: skip

    def enrol(self, number: int, queues: str | None = None) -> None:
        """Put up a counter."""
        login = enrol_counter(self.database, BRANCH, number, queues=queues)
        self._counters[number] = self.world.here.url_for(login)

    def desk(self, number: int, *, database: Database | None = None) -> BranchDesk:
        """A counter as its own program sees it."""
        if database is None:
            database = Database(self._counters[number])
            self._opened.append(database)
        return BranchDesk(
            database, BRANCH, number, self.zone, self.clock, self.policy, RELEASE,
        )  # fmt: skip

    def open_desk(self, number: int, queues: str | None = None, staff: str = "") -> BranchDesk:
        """A new counter with somebody at it."""
        self.enrol(number, queues)
        desk = self.desk(number)
        desk.open(new_id(), staff or f"s{number}")
        return desk

    def ticket(self, ticket: UUID) -> DeskTicket:
        """As it stands."""
        with self.database.read() as connection:
            found = ticket_by_id(connection, BRANCH, ticket)
        assert found is not None
        return found

    def state(self, ticket: UUID) -> TicketState:
        return self.ticket(ticket).state

    def end_of_day(self, *, force: bool = True, **day: int) -> int:
        """Close today, or a day so far from it; whether a counter is open or not."""
        when = None
        if day:
            when = self.clock.now().astimezone(self.zone).date() + timedelta(**day)
        here = (self.database, BRANCH, self.zone, self.clock, RELEASE)
        return close_day(*here, when, force=force)

    def stages(self, ticket: UUID) -> list[str]:
        """What happened to a ticket at counters, in order."""
        rows = self.world.rows(
            "SELECT stage FROM event WHERE ticket = ? AND step IS NOT NULL ORDER BY step",
            ticket.hex if self.database.is_sqlite else ticket,
        )
        return [str(stage) for (stage,) in rows]

    def payload(self, ticket: UUID, stage: str) -> dict[str, object]:
        """Of the last event of that stage."""
        rows = self.world.rows(
            "SELECT payload FROM event WHERE ticket = ? AND stage = ? ORDER BY step DESC",
            ticket.hex if self.database.is_sqlite else ticket,
            stage,
        )
        found = rows[0][0]
        told: dict[str, object] = json.loads(found) if isinstance(found, str) else found  # type: ignore[assignment]
        return told

    def differing(self) -> dict[str, int]:
        """Tables that are not what their events say."""
        with self.database.write() as connection:
            found = differences(connection)
            connection.rollback()
        return found

    def close(self) -> None:
        for database in (self.database, *self._opened):
            database.close()
