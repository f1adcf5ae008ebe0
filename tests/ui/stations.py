"""Every screen that a customer can come to, and the way there."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from lobby import Hand, Keys, Lobby
from textual.screen import Screen

from kiosk.config import Branch, Line
from kiosk.errors import KioskError
from kiosk.screens.customer.after_failure import AfterFailureScreen
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.branch import BranchScreen
from kiosk.screens.customer.code import CodeScreen
from kiosk.screens.customer.demo.check import CheckScreen
from kiosk.screens.customer.demo.finish import FinishScreen
from kiosk.screens.customer.demo.group import GroupScreen
from kiosk.screens.customer.demo.intro import IntroScreen
from kiosk.screens.customer.demo.practice import PracticeScreen
from kiosk.screens.customer.demo.stop import StopScreen
from kiosk.screens.customer.demo.zone import ZoneScreen
from kiosk.screens.customer.disclosure import READ, READ_ON, DisclosureScreen, ProductScreen
from kiosk.screens.customer.done import DoneScreen
from kiosk.screens.customer.failure import FailureScreen
from kiosk.screens.customer.filling import ChoiceFieldScreen, EntriesScreen, NumberFieldScreen
from kiosk.screens.customer.help import HelpScreen
from kiosk.screens.customer.home import HomeScreen
from kiosk.screens.customer.menu import MenuScreen
from kiosk.screens.customer.offer import OfferScreen
from kiosk.screens.customer.question import QuestionScreen
from kiosk.screens.customer.reason import ReasonScreen
from kiosk.screens.customer.route import RouteScreen
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.services.demo.practice import NEXT, RIGHT, WRONG, Practice
from kiosk.services.tickets import Tickets

# the cross-bank transfer of 3,000 yuan with the bank's app on the phone
TRANSFER = ("transfer", "cross_bank_transfer", "upto_5k", "yes", "channel")
WITHDRAWAL = ("cash", "withdrawal", "yes", "channel")
LARGE_CASH = ("cash", "large_withdrawal")
SIGN_UP = ("details", "ebanking_signup")
DEMO = ("experience", "transfer", "same_bank_transfer_mobile")
_PRACTICE_KEYS = {NEXT: "enter", RIGHT: "1", WRONG: "2"}
AWAY_FROM = Branch(
    address=Line(zh_CN="解放路 18 号", en="18 Jiefang Road", zh_TW="解放路 18 號"),
    hours=Line(zh_CN="每天 9:00–17:00", en="9:00–17:00", zh_TW="每天 9:00–17:00"),
)
CONFIRM_AT = 10
"""Presses to its confirmation."""


async def go(lobby: Lobby, *codes: str, hand: Hand | None = None) -> None:
    """Begin a visit and choose one thing after the other."""
    hand = hand or Keys(lobby)
    await hand.start()
    for code in codes:
        await hand.choose(code)


async def read(hand: Hand, lobby: Lobby, pages: int) -> None:
    """Read so many pages about a product to their ends."""
    for _ in range(pages):
        while READ_ON in lobby.choices():
            await hand.choose(READ_ON)
        await hand.choose(READ)


def _page(product: str, at: int) -> Callable[[Lobby], Awaitable[None]]:
    async def walk(lobby: Lobby) -> None:
        await go(lobby, *SIGN_UP, product)
        await read(Keys(lobby), lobby, at)

    return walk


def _way(*codes: str, foot: str = "") -> Callable[[Lobby], Awaitable[None]]:
    async def walk(lobby: Lobby) -> None:
        await go(lobby, *codes)
        await lobby.drive(*foot)

    return walk


async def _nowhere(lobby: Lobby) -> None:
    """The terminal waits for somebody."""


async def _code(lobby: Lobby) -> None:
    """The code has a page of its own on small terminals only."""
    size = lobby.screen.size
    await lobby.resize(60, 20)
    await go(lobby, *TRANSFER, "code")
    await lobby.resize(*size)


async def _after_failure(lobby: Lobby) -> None:
    await go(lobby, *TRANSFER, "failed", "forgot_pin")


async def _second_ticket(lobby: Lobby) -> None:
    await go(lobby, *LARGE_CASH)
    await lobby.drive("9")
    await Keys(lobby).choose("coins_and_damaged")


async def _number_typed(lobby: Lobby) -> None:
    await go(lobby, *LARGE_CASH, "fill-in")
    await lobby.drive(*"50000")


async def _choice(lobby: Lobby) -> None:
    await _number_typed(lobby)
    await lobby.drive("enter")


async def _entries(lobby: Lobby) -> None:
    await _choice(lobby)
    await Keys(lobby).choose("hundreds")


async def _number_refused(lobby: Lobby) -> None:
    await go(lobby, *LARGE_CASH, "fill-in")
    await lobby.drive(*"50", "enter")


async def _no_entries(lobby: Lobby) -> None:
    await go(lobby, *LARGE_CASH, "fill-in")
    await lobby.drive("enter")
    await Keys(lobby).choose("-")


async def _handed_over(lobby: Lobby) -> None:
    await _entries(lobby)
    await Keys(lobby).choose("hand-over")


def _demo(way: str, steps: int, *keys: str) -> Callable[[Lobby], Awaitable[None]]:
    """A demo so many steps on, and something pressed there."""

    async def walk(lobby: Lobby) -> None:
        await go(lobby, *DEMO, way)
        practice = lobby.expect(PracticeScreen).practice
        for _ in range(steps):
            goal = practice.play().standing
            while practice.standing != goal:
                await lobby.drive(_right_key(practice) if way == "try" else "1")
        await lobby.drive(*keys)

    return walk


def _right_key(practice: Practice) -> str:
    kind, _, number = practice.right_press().partition(":")
    if kind == "digit":
        return number
    return str(int(number) + 1) if kind == "option" else _PRACTICE_KEYS[kind]


async def _stop(lobby: Lobby) -> None:
    await go(lobby, *DEMO, "try")
    await lobby.drive("7")


async def _finish(lobby: Lobby) -> None:
    await go(lobby, *DEMO, "show")
    while isinstance(lobby.screen, PracticeScreen):
        await lobby.drive("1")


async def _away(lobby: Lobby) -> None:
    """As on a laptop that is out with people: for this visit, the branch is elsewhere."""
    await go(lobby)
    flow = lobby.customer_screen.flow
    flow._services = replace(flow._services, away_from=AWAY_FROM)
    await lobby.drive("0")


async def _failure(lobby: Lobby) -> None:
    await go(lobby)
    break_down(lobby, "issue")
    await lobby.drive("0")
    mend(lobby, "issue")


def break_down(lobby: Lobby, step: str) -> None:
    """From now on the store can't take this step of the tickets."""

    def fail(*_: object) -> None:
        raise KioskError("disk_full", database="terminal.db")

    setattr(lobby.services.tickets, step, fail)


def mend(lobby: Lobby, step: str) -> None:
    """The disk has room again."""
    assert isinstance(lobby.services.tickets, Tickets)
    delattr(lobby.services.tickets, step)


STATIONS: Mapping[str, tuple[type[Screen[Any]], Callable[[Lobby], Awaitable[None]]]] = {
    "attract": (AttractScreen, _nowhere),
    "home": (HomeScreen, _way()),
    **{
        f"menu-{code}": (MenuScreen, _way(code))
        for code in ("transfer", "cash", "query", "card", "details", "invest")
    },
    "question-amount": (QuestionScreen, _way(*TRANSFER[:2])),
    "question-yes-no": (QuestionScreen, _way(*TRANSFER[:3])),
    "product": (ProductScreen, _way(*SIGN_UP)),
    "disclosure": (DisclosureScreen, _page("mobile", 0)),
    "disclosure-risks": (DisclosureScreen, _page("net", 2)),
    "disclosure-address": (DisclosureScreen, _page("collection_code", 4)),
    "offer": (OfferScreen, _way(*TRANSFER[:4])),
    "route": (RouteScreen, _way(*TRANSFER)),
    "route-without-code": (RouteScreen, _way(*WITHDRAWAL)),
    "code": (CodeScreen, _code),
    "done": (DoneScreen, _way(*TRANSFER, "done")),
    "why-failed": (ReasonScreen, _way(*TRANSFER, "failed")),
    "after-failure": (AfterFailureScreen, _after_failure),
    "ticket": (TicketScreen, _way(foot="0")),
    "ticket-large-cash": (TicketScreen, _way(*LARGE_CASH)),
    "ticket-declined": (TicketScreen, _way(*TRANSFER[:4], "counter")),
    "ticket-second": (TicketScreen, _second_ticket),
    "ticket-filled-in": (TicketScreen, _handed_over),
    "number": (NumberFieldScreen, _way(*LARGE_CASH, "fill-in")),
    "number-typed": (NumberFieldScreen, _number_typed),
    "number-refused": (NumberFieldScreen, _number_refused),
    "choice": (ChoiceFieldScreen, _choice),
    "entries": (EntriesScreen, _entries),
    "no-entries": (EntriesScreen, _no_entries),
    "why-declined": (ReasonScreen, _way(*TRANSFER[:4], "counter", "why")),
    "help": (HelpScreen, _way(foot="8")),
    "zone": (ZoneScreen, _way("experience")),
    "group": (GroupScreen, _way(*DEMO[:2])),
    "intro": (IntroScreen, _way(*DEMO)),
    "demo-shown": (PracticeScreen, _demo("show", 1)),
    "demo-wrong": (PracticeScreen, _demo("try", 0, "1")),
    "demo-typing": (PracticeScreen, _demo("try", 1, "4", "2")),
    "demo-confirm": (PracticeScreen, _demo("try", CONFIRM_AT, "6")),
    "demo-stop": (StopScreen, _stop),
    "demo-finished": (FinishScreen, _finish),
    "check": (CheckScreen, _way(*DEMO, "check")),
    "check-explained": (CheckScreen, _way(*DEMO, "check", "answer:1")),
    "failure": (FailureScreen, _failure),
    "away": (BranchScreen, _away),
}
"""Name → the kind of screen, and how to get there from the attract screen."""

DIFFERENT = [name for name in STATIONS if not name.startswith("menu-") or name == "menu-card"]
"""Those that differ in more than their words."""


async def reach(lobby: Lobby, name: str) -> Screen[Any]:
    """Go to a station."""
    kind, walk = STATIONS[name]
    await walk(lobby)
    return lobby.expect(kind)
