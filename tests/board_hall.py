"""A branch with a terminal, counters and a board, for the tests of the call board."""

from datetime import datetime
from uuid import UUID

from sync_world import World

from kiosk.config import load
from kiosk.models import Priority
from kiosk.models.payloads import Payload, TicketFinished, TicketIssued, TicketStarted, TicketStep
from kiosk.services.board import BranchBoard
from kiosk.services.board_view import BoardView
from kiosk.services.counters import enrol_counter
from kiosk.services.desk_journal import DeskJournal
from kiosk.services.journal import Fact, new_id

SERVED = (TicketStarted(), TicketFinished(services=("cash",)))
STAFF = "1001"


class Clock:
    """The world's time, with a monotonic clock that goes with it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._start = world.clock.now()

    def now(self) -> datetime:
        return self._world.clock.now()

    def monotonic_ns(self) -> int:
        return int((self._world.clock.now() - self._start).total_seconds() * 1e9)

    @property
    def boot_id(self) -> str:
        return "boot"


class Hall:
    """A branch with a terminal, counters and a board."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.terminal = world.terminal()
        self.tickets: dict[str, UUID] = {}
        self.board = self.open_board()

    def open_board(self, url: str = "", branch: str = "0001") -> BranchBoard:
        file = self.world.folder / "board.toml"
        file.write_text(
            f'data_folder = "{self.world.folder}"\n'
            f'branch_database = "{url or self.world.here.url}"\n'
            f'[branch]\ncode = "{branch}"\n',
            encoding="utf-8",
        )
        return BranchBoard(lambda of_branch: load(file, {}, of_branch), Clock(self.world))

    def view(self) -> BoardView:
        """What the board shows; it must be something new."""
        view = self.board.look()
        assert view is not None
        return view

    def calls(self) -> list[tuple[str, int]]:
        return [(call.number, call.counter) for call in self.view().calls]

    def issue(self, *numbers: str, priority: Priority = Priority.NORMAL) -> None:
        for number in numbers:
            ticket = self.tickets[number] = new_id()
            self.terminal.journal.record(
                Fact(
                    TicketIssued(wait=None),
                    visit=new_id(),
                    ticket=ticket,
                    ticket_number=number,
                    queue=number[0],
                    service="cash",
                    transferable=True,
                    arrived_at=self.world.clock.now(),
                    priority=priority,
                )
            )
            self.world.clock.advance(seconds=1)
        self.terminal.sync()

    def say(self, counter: int, payload: Payload) -> None:
        enrol_counter(self.world.branch, self.world.config.branch.code, counter)
        with self._journal(counter).transaction() as transaction:
            transaction.say(payload, STAFF)
        self.world.clock.advance(seconds=1)

    def step(self, counter: int, number: str, *payloads: TicketStep) -> None:
        for payload in payloads:
            with self._journal(counter).transaction() as transaction:
                ticket = transaction.lock(self.tickets[number])
                assert ticket is not None
                transaction.step(ticket, payload, staff=STAFF)
            self.world.clock.advance(seconds=1)

    def _journal(self, counter: int) -> DeskJournal:
        config = self.world.config
        return DeskJournal(
            self.world.branch, config.branch.code, counter, self.world.clock, config.zone, "r"
        )
