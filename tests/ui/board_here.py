"""A call board on a branch that a test makes up."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from picture import Picture
from support import FakeClock, default_catalog
from textual.pilot import Pilot

from kiosk.board_app import BoardApp
from kiosk.config import Board, Config, Line
from kiosk.errors import KioskError
from kiosk.languages import Language
from kiosk.screens.board.screen import BoardScreen
from kiosk.services.board_view import BoardView, Call, CounterShown, Doing, QueueShown
from kiosk.services.wait import Wait

LINE = Line(zh_CN="转账可以用手机银行办。", en="Transfers: on your phone, too.", zh_TW="")
CONFIG = Config(board=Board(line=LINE))
AWAY = KioskError("database_unreachable", database="branch")


def call(number: str, counter: int, minutes: float = 0, *, is_waited_for: bool = True) -> Call:
    """A call so many minutes ago."""
    called_at = FakeClock().time - timedelta(minutes=minutes)
    return Call(number, counter, called_at, is_waited_for)


def queue(letter: str, waiting: int, wait: Wait | None = None) -> QueueShown:
    """A queue of the packaged catalog."""
    name = next(each.name for each in default_catalog().queues if each.letter == letter)
    numbers = tuple(f"{letter}1{500 + number}" for number in range(min(waiting, 3)))
    return QueueShown(letter, name, waiting, numbers, wait)


def busy(config: Config = CONFIG, *, counters: int = 5, newest: int = 3) -> BoardView:
    """A branch in the middle of the day.

    Args:
        config: With what the branch has set.
        counters: How many there are.
        newest: Where the newest call is to.
    """
    calls = (
        call("A1024", newest),
        call("B1017", 1, 2, is_waited_for=False),
        call("A1023", 2, 3, is_waited_for=False),
        call("C1002", 4, 7, is_waited_for=False),
        call("A1022", 3, 9, is_waited_for=False),
    )
    doing = (
        CounterShown(1, Doing.SERVING, "B1017"),
        CounterShown(2, Doing.SERVING, "A1023"),
        CounterShown(3, Doing.CALLING, "A1024"),
        CounterShown(4, Doing.BREAK, back_at=FakeClock().time + timedelta(minutes=10)),
        CounterShown(5, Doing.BREAK),
        CounterShown(6, Doing.CLOSED),
    )
    more = tuple(CounterShown(number, Doing.FREE) for number in range(7, counters + 1))
    queues = (
        queue("A", 12, Wait(12, 20, 35)),
        queue("B", 3, Wait(3, 0, 15)),
        queue("D", 1, Wait(1, 90, None)),
        queue("E", 40, Wait(40, 100, 120)),
        queue("F", 2),
    )
    return BoardView(calls, (doing + more)[:counters], queues, config)


@dataclass
class Branch:
    """Answers what a test has put into it; nothing new if nothing was."""

    answers: list[BoardView | KioskError] = field(default_factory=list)
    is_away: bool = False
    is_closed: bool = False
    looks: int = 0

    def look(self) -> BoardView | None:
        self.looks += 1
        if self.is_away:
            raise AWAY
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, KioskError):
            raise answer
        return answer

    def close(self) -> None:
        self.is_closed = True


class BoardHere:
    """One board."""

    def __init__(self, app: BoardApp, pilot: Pilot[None], branch: Branch, clock: FakeClock) -> None:
        self.app, self.pilot, self.branch, self.clock = app, pilot, branch, clock
        self.said: list[tuple[str, int]] = []
        """Calls that were said aloud."""

    @property
    def screen(self) -> BoardScreen:
        assert isinstance(self.app.screen, BoardScreen)
        return self.app.screen

    def picture(self) -> Picture:
        return Picture(self.app.screen)

    async def look(self, *answers: BoardView, after: float = 0) -> Picture:
        """Let time pass, let the branch say something, and see what is shown."""
        self.clock.advance(after)
        self.branch.answers += answers
        await self.app.look()
        await self.pilot.pause()
        return self.picture()


@asynccontextmanager
async def board(
    *answers: BoardView | KioskError,
    size: tuple[int, int] = (83, 24),
    config: Config = CONFIG,
) -> AsyncIterator[BoardHere]:
    """A board that has asked once."""
    branch, clock = Branch([*answers]), FakeClock()
    said: list[tuple[str, int]] = []

    def announce(call: Call, languages: Sequence[Language]) -> None:
        said.append((call.number, call.counter))

    app = BoardApp(config, branch, clock, announce, look_every=3600)
    async with app.run_test(size=size) as pilot:
        here = BoardHere(app, pilot, branch, clock)
        here.said = said
        await app.looked()
        await pilot.pause()
        yield here


def in_language(config: Config, *languages: Language) -> Config:
    """A configuration whose board speaks these."""
    return replace(config, board=replace(config.board, languages=languages))
