"""The ticket on paper: the screen says what became of it, and never waits for it."""

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from lobby import Lobby, lobby
from stations import TRANSFER, go

from kiosk import i18n
from kiosk.clock import SystemClock
from kiosk.config import LANGUAGES, Printer
from kiosk.screens.customer.route import RouteScreen
from kiosk.screens.customer.ticket import PRINT, TicketScreen
from kiosk.services.customer import CustomerServices
from kiosk.services.printing.printing import Outcome, Printing
from kiosk.services.printing.slip import Code, Slip, Text
from kiosk.widgets.words import Words


class SlowPrinting(Printing):
    """Prints when the test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Printer(kind="file"), folder / "failure.json", SystemClock())
        self.slips: list[Slip] = []
        self.told: list[Future[Outcome]] = []

    def start(self, slip: Slip) -> "Future[Outcome]":
        self.slips.append(slip)
        self.told.append(Future())
        return self.told[-1]

    def with_it(self, services: CustomerServices) -> CustomerServices:
        return replace(services, printing=self)


async def told(here: Lobby, printer: SlowPrinting, outcome: Outcome) -> None:
    """The printer is done, and the screen has heard of it."""
    printer.told[-1].set_result(outcome)
    await here.settle()


def texts(slip: Slip) -> str:
    return " ".join(part.text for part in slip if isinstance(part, Text))


@pytest.mark.parametrize(
    ("outcome", "words", "offers_again"),
    [
        (Outcome.PRINTED, "请取走号条", False),
        (Outcome.SENT, "如果没有打出来，请记住号码", True),
        (Outcome.FAILED, "请拍照或记住号码", True),
    ],
)
async def test_the_screen_says_what_became_of_the_slip(
    outcome: Outcome, words: str, offers_again: bool, tmp_path: Path
) -> None:
    printer = SlowPrinting(tmp_path)
    async with lobby(tmp_path, services=printer.with_it) as here:
        await go(here)
        await here.drive("0")
        here.expect(TicketScreen)
        assert here.stages()[-1] == "ticket.issued", "it is stored before anything is printed"
        assert "正在打印号条" in here.picture().text
        number = str(here.events()[-1]["ticket_number"])
        assert number in texts(printer.slips[0])
        assert PRINT not in here.choices()
        await told(here, printer, outcome)
        assert words in here.picture().text
        assert (PRINT in here.choices()) is offers_again
        await here.drive("9", "0")
        assert len(printer.slips) == 1, "nothing is printed again by itself"


async def test_a_slow_printer_holds_nobody_and_nothing_comes_to_the_next_customer(
    tmp_path: Path,
) -> None:
    printer = SlowPrinting(tmp_path)
    async with lobby(tmp_path, services=printer.with_it) as here:
        await go(here)
        await here.drive("0", "1")
        assert here.stages()[-1] == "visit.ended"
        await go(here)
        await here.drive("0")
        printer.told[0].set_result(Outcome.FAILED)
        await here.settle()
        assert "正在打印号条" in here.picture().text
        assert here.stages().count("ticket.issued") == 2


async def test_the_customer_can_ask_for_it_once_more(tmp_path: Path) -> None:
    printer = SlowPrinting(tmp_path)
    async with lobby(tmp_path, services=printer.with_it) as here:
        await go(here)
        await here.drive("0")
        await told(here, printer, Outcome.FAILED)
        codes = list(here.choices())
        await here.drive(str(codes.index(PRINT) + 1))
        assert len(printer.slips) == 2
        assert "补打" in texts(printer.slips[1])
        assert "补打" not in texts(printer.slips[0])
        assert PRINT not in here.choices()
        await told(here, printer, Outcome.PRINTED)
        assert "请取走号条" in here.picture().text
        assert here.stages().count("ticket.issued") == 1


async def test_a_channel_that_is_accepted_is_on_paper_too(tmp_path: Path) -> None:
    printer = SlowPrinting(tmp_path)
    async with lobby(tmp_path, services=printer.with_it) as here:
        await go(here, *TRANSFER)
        here.expect(RouteScreen)
        [slip] = printer.slips
        assert [part for part in slip if isinstance(part, Code)]
        await told(here, printer, Outcome.FAILED)
        here.expect(RouteScreen)


@pytest.mark.parametrize("size", [(83, 24), (80, 24), (60, 20), (60, 60)])
async def test_what_is_said_of_the_slip_is_never_cut(size: tuple[int, int], tmp_path: Path) -> None:
    printer = SlowPrinting(tmp_path)
    async with lobby(tmp_path, services=printer.with_it, size=size) as here:
        await go(here, *TRANSFER[:4], "counter")
        await told(here, printer, Outcome.FAILED)
        for language in LANGUAGES:
            for large in (False, True):
                i18n.use_language(language)
                here.customer_screen.flow.session.large_type = large
                here.app.refresh_screens()
                await here.settle()
                for words in here.screen.query(Words):
                    if words.display and words.text:
                        whole = "".join(words.text.split())
                        assert here.picture().crop(words.region) == whole, here.picture().text
                if size != (60, 20):
                    continue
                for choice in here.choices().values():
                    assert choice.label in here.picture().text, here.picture().text
