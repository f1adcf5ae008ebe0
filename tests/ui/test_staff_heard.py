"""What customers see of what staff say: who comes to help, which machine works."""

from pathlib import Path

import pytest
from lobby import Keys, Lobby, lobby
from stations import WITHDRAWAL, go

from kiosk.background import BackgroundSync
from kiosk.config import Branch, Config, Machines
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.help import HelpScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.audit import AuditLog
from kiosk.services.lobby_watch import LobbyWatch
from kiosk.services.staff.help_calls import HelpCalls
from kiosk.services.staff.outages import Outages


@pytest.mark.parametrize("size", [(83, 24), (60, 20)])
async def test_the_customer_is_told_that_somebody_comes(
    size: tuple[int, int], tmp_path: Path
) -> None:
    async with lobby(tmp_path) as here:
        await here.resize(*size)
        hand = Keys(here)
        await hand.start()
        await hand.foot("8")
        screen = here.expect(HelpScreen)
        here.says("请举手示意")
        journal = here.services.journal
        calls = HelpCalls(journal, LobbyWatch(journal))
        [call] = calls.open_calls()
        screen.tick()
        await here.settle()
        here.says("请举手示意")
        calls.take(call.id, "2001")
        screen.tick()
        await here.settle()
        here.says("工作人员马上过来，请在这里稍等。")
        await hand.choose("back")
        assert calls.open_calls() == ()
        assert here.stages()[-1] == "help.done"


class Wished(BackgroundSync):
    """Nothing runs; it notes what had happened last when a round was wished for."""

    def __init__(self, here: Lobby) -> None:
        super().__init__()
        self._here = here
        self.after: set[str] = set()

    def bring_now(self) -> None:
        self.after.add(self._here.stages()[-1])


async def test_whoever_goes_away_from_the_sign_calls_no_more(tmp_path: Path) -> None:
    async with lobby(tmp_path, fast_tick=True) as here:
        hand = Keys(here)
        await hand.start()
        await hand.foot("8")
        patience = here.expect(HelpScreen).patience_seconds
        journal = here.services.journal
        calls = HelpCalls(journal, LobbyWatch(journal))
        assert len(calls.open_calls()) == 1
        here.app.beside = beside = Wished(here)
        here.clock.advance(patience + 30)
        await here.until(lambda: isinstance(here.screen, AttractScreen))
        assert calls.open_calls() == ()
        assert here.stages()[-1] == "visit.ended"
        assert "visit.ended" in beside.after  # the others are told at once


async def test_an_outage_changes_what_is_offered(tmp_path: Path) -> None:
    config = Config(branch=Branch(machines=(Machines("atm", 2),)))
    async with lobby(tmp_path, config=config) as here:
        journal = here.services.journal
        audit = AuditLog(journal.database, here.config, here.clock, "T1")
        outages = Outages(journal, here.services.lobby, audit)
        outages.begin("atm", 2, None, "2001")
        await go(here, *WITHDRAWAL[:3])
        here.expect(OfferScreen)
        here.says("1 号可用，2 号停用")
        await here.resize(60, 20)
        here.says("1 号可用，2 号停用")


async def test_a_channel_of_which_nothing_works_is_not_offered(tmp_path: Path) -> None:
    async with lobby(tmp_path) as here:
        journal = here.services.journal
        audit = AuditLog(journal.database, here.config, here.clock, "T1")
        Outages(journal, here.services.lobby, audit).begin("atm", None, None, "2001")
        await go(here, *WITHDRAWAL[:2])
        here.expect(TicketScreen)
