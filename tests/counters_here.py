"""Counters of a `World`, which do as they are told: what they record is all that others see."""

from collections.abc import Mapping
from uuid import UUID

from sync_world import World

from kiosk.models.payloads import Payload, TicketExpired, TicketFinished, TicketStep
from kiosk.services.counters import enrol_counter
from kiosk.services.desk_journal import DeskJournal


class CountersHere:
    """The counters of the world's branch, by their numbers."""

    def __init__(self, world: World, queues: Mapping[int, str | None]) -> None:
        self.world = world
        for number, letters in queues.items():
            enrol_counter(world.branch, "0001", number, queues=letters)

    def _journal(self, counter: int | None) -> DeskJournal:
        zone = self.world.config.zone
        return DeskJournal(self.world.branch, "0001", counter, self.world.clock, zone, "release-1")

    def say(self, counter: int, payload: Payload, staff: str | None = None) -> None:
        with self._journal(counter).transaction() as transaction:
            transaction.say(payload, staff or f"s{counter}")

    def step(self, counter: int, ticket: UUID, *payloads: TicketStep) -> None:
        with self._journal(counter).transaction() as transaction:
            locked = transaction.lock(ticket)
            assert locked is not None
            for payload in payloads:
                locked = transaction.step(locked, payload, staff=f"s{counter}")

    def finish(self, counter: int, ticket: UUID) -> None:
        self.step(counter, ticket, TicketFinished(services=("cash",)))

    def expire(self, ticket: UUID) -> None:
        with self._journal(None).transaction() as transaction:
            locked = transaction.lock(ticket)
            assert locked is not None
            transaction.step(locked, TicketExpired())
