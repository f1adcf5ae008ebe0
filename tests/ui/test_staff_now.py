"""The place Now: who waits for what, what counters and terminals do, whole at every size."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from lobby import Lobby
from staff_here import sign_in, staff_machine
from staff_looks import cut_anywhere
from support import BRANCH, RELEASE, SHANGHAI

from kiosk.config import Queue
from kiosk.db import Database
from kiosk.models.payloads import HelpAsked, TicketIssued, VisitStarted
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.places import now
from kiosk.screens.staff_mode.places.now import NowScreen
from kiosk.services.counters import enrol_counter
from kiosk.services.desk import BranchDesk
from kiosk.services.journal import Fact, Journal, Origin, new_id


class Hall:
    """The branch that the machine reads: customers, and a counter."""

    def __init__(self, here: Lobby, branch: Database) -> None:
        origin = Origin(BRANCH, "T1", 1)
        self.clock = here.clock
        self._journal = Journal(branch, origin, here.clock, SHANGHAI, RELEASE)
        enrol_counter(branch, BRANCH, 1)
        self.desk = BranchDesk(branch, BRANCH, 1, SHANGHAI, here.clock, Queue(), RELEASE)
        self._issued = 0

    def ticket(self, service: str | None, minutes_ago: float) -> None:
        self._issued += 1
        self._journal.record(
            Fact(
                TicketIssued(wait=None), visit=new_id(), ticket=new_id(), service=service,
                ticket_number=f"A1{self._issued:03}", queue="A", transferable=True,
                priority="normal", arrived_at=self.clock.now() - timedelta(minutes=minutes_ago),
            )
        )  # fmt: skip

    def call(self, service: str | None = None) -> None:
        """A customer at a terminal wishes for a person."""
        self._journal.record(
            Fact(HelpAsked(), visit=new_id(), subject=new_id(), screen="offer", service=service)
        )

    def visit(self) -> None:
        self._journal.record(Fact(VisitStarted(), visit=new_id(), language="en"))


@contextmanager
def hall(here: Lobby) -> Iterator[Hall]:
    with closing(Database(here.config.branch_database_url)) as branch:
        yield Hall(here, branch)


async def look(here: Lobby) -> None:
    """Let the second pass after which the place looks at the lobby."""
    here.expect(NowScreen)._look()
    await here.settle()


async def test_the_lobby_at_a_glance(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await here.speak("en")
        await sign_in(here)
        here.says("Waiting: 0 people", "None has opened today.", "nobody is at it")
        with hall(here) as branch:
            branch.desk.open(new_id(), "1001")
            for service, minutes in (("cross_bank_transfer", 25), (None, 3), ("withdrawal", 12)):
                branch.ticket(service, minutes)
            branch.visit()
            await look(here)
            here.says("Waiting: 3 people", "25!", "Not said", "free", "in use for 0 min")
            branch.desk.call_next(new_id())
            here.clock.advance(minutes=4)
            await look(here)
            here.says("Waiting: 2 people", "serving for 4 min")
            branch.desk.no_show(new_id())
            branch.desk.start_break(new_id(), 30)
            for number in range(20):
                branch.ticket(f"gone_{number}", 30 + number)
            await look(here)
            here.says("on a break until 10:04", "49!", "gone_19")
            assert not await cut_anywhere(here)


async def test_a_call_rings_in_every_place_until_somebody_goes_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rang: list[bool] = []
    async with staff_machine(tmp_path) as here:
        monkeypatch.setattr(here.app, "bell", lambda: rang.append(True))
        await here.speak("en")
        await sign_in(here)
        here.says("Nobody calls.")
        await here.drive("2")
        with hall(here) as branch:
            branch.call("cross_bank_transfer")
            await listen(here)
            here.says("1 customer calls: 1 shows where.")
            assert not await cut_anywhere(here)
            await here.drive("-")
            await listen(here)
            here.says("Terminal T1 calls · 0 min · Transfer to another bank")
            assert rang == [True], "it rings once"
            branch.call()
            await listen(here)
            assert rang == [True, True]
            assert not await cut_anywhere(here)
        await here.drive("enter")
        await here.drive("enter", apart=0.3)
        assert here.stages().count("help.taken") == 1, "a key that is struck twice is struck once"
        here.says("王芳 is on the way")
        await here.drive("enter", "enter", "enter")
        here.says("Nobody calls.")
        assert here.stages().count("help.taken") == here.stages().count("help.done") == 2


async def test_a_machine_is_switched_off_and_on_again(tmp_path: Path) -> None:
    async with staff_machine(tmp_path) as here:
        await here.speak("en")
        await sign_in(here)
        here.says("Out of order", "nothing")
        await here.drive(".")
        here.says("Which one?")
        assert not await cut_anywhere(here)
        await here.drive("1", "-")
        here.expect(NowScreen)
        assert here.stages() == [], "whoever goes back has switched nothing off"
        await here.drive(".", "1", "2")
        here.says("Mobile banking  until 10:30")
        assert not await cut_anywhere(here)
        await here.drive(".", "1")
        assert "until 10:30" not in here.picture()
        assert here.stages() == ["outage.began", "outage.ended"]


async def listen(here: Lobby) -> None:
    """Let the second pass after which a place listens for calls."""
    here.expect(PlaceScreen)._hear()
    await here.settle()


async def test_it_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(now, "_READ_SECONDS", 0.02)
    async with staff_machine(tmp_path) as here:
        await here.speak("en")
        await sign_in(here)
        with hall(here) as branch:
            branch.ticket(None, 1)
            await here.until(lambda: "Waiting: 1 person" in here.picture())
