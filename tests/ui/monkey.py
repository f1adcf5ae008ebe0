"""A seeded monkey at the terminal, and what must hold whatever it does.

It strikes, touches, pastes, waits, goes away, resizes and signs in; it reads nothing but what the
screen says that it has. What it did last is told with what broke.
"""

import asyncio
import gc
import logging
import random
import weakref
from collections import Counter, deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from lobby import Lobby, handled
from picture import Picture
from sqlalchemy import text
from staff_here import MANAGER, PIN, WRONG
from textual import events
from textual.widget import Widget
from why_ended import WhyEnded

from kiosk import i18n
from kiosk.projections.check import differences
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.demo.practice import PracticeScreen
from kiosk.screens.customer.help import HelpScreen
from kiosk.screens.customer.idle_warning import IdleWarning
from kiosk.screens.customer.ticket import TicketScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.screens.staff import StaffScreen
from kiosk.session import CustomerSession
from kiosk.widgets.band import Band
from kiosk.widgets.choice_grid import ChoiceGrid
from kiosk.widgets.face import Face
from kiosk.widgets.foot import Foot

SIZES = ((83, 24), (60, 20), (80, 24), (120, 40), (60, 60), (59, 19), (20, 5), (200, 70))
"""What it may resize to; some are too small for any button."""
DIGITS = tuple("1234567")
FOOT = (
    "8", "9", "9", "0", "asterisk", "multiply", "slash", "number_sign", "divide", "backspace",
    "full_stop", "decimal",
)  # fmt: skip
"""What the foot's keys are called by one terminal and by another."""
ODD = (
    "enter", "tab", "shift+tab", "escape", "left", "right", "up", "down", "plus", "add", "minus",
    "subtract", "space", "home", "end", "pageup", "pagedown", "delete", "insert", "f1", "f5", "f12",
    "ctrl+c", "ctrl+q", "ctrl+z", "ctrl+d", "ctrl+p", "ctrl+l", "ctrl+backslash", "ctrl+a",
    "ctrl+v", "x", "é", "银", "number_lock", "ignore",
)  # fmt: skip
"""What is on a keyboard that somebody plugs in."""
PASTED = ("1", "0000000000", "13812341234", "https://example.com/?a=1\n2", "张" * 500, "\x1b[A")
APART = (0.05, 0.3, 0.5, 1, 1, 2, 5)
"""Seconds between two actions."""
LOOK_AT_EVENTS_EVERY = 300
"""Actions."""
LOOKS_UNTIL_GONE = 1
CANCELLED_TIMERS = 1_000
TOLD = 60
"""How many actions are told when something breaks."""


class BrokenError(AssertionError):
    """Something that must always hold did not."""


@dataclass(frozen=True)
class Figures:
    """What a run came to."""

    actions: int
    visits: int
    events: int
    tickets_tried: int
    """How often the counter ticket was asked for from wherever it was."""
    screens: Counter[str]
    """How often which screen was in front when the monkey paused."""


class Monkey:
    """Hands without a plan.

    Args:
        here: The terminal, with the roster of `staff_here` at its branch.
        seed: The same one does the same again.
    """

    def __init__(self, here: Lobby, seed: int) -> None:
        self.here = here
        self.seed = seed
        self.chance = random.Random(seed)
        self.story: deque[str] = deque(maxlen=TOLD)
        self.screens: Counter[str] = Counter()
        self._actions = self._visits = self._tickets_tried = self._events = 0
        self._sessions: dict[object, tuple[weakref.ref[CustomerSession], int]] = {}
        """Those that may be in memory, and how often they were found there after their end."""
        self._clean: dict[tuple[int, int], list[str]] = {}
        self._faults: list[str] = []
        self._why_ended = WhyEnded(here.app)
        self._doings: tuple[tuple[int, Callable[[], None]], ...] = (
            (120, self._choose),
            (10, self._strike_digit),
            (10, self._strike_foot),
            (8, self._strike_odd),
            (10, self._touch_somewhere),
            (4, self._touch_a_key_of_the_foot),
            (3, self._scroll),
            (2, self._paste),
            (1, self._trample),
        )

    # doing

    async def play(self, actions: int) -> Figures:
        """Do as many actions, and look after each few whether all holds."""
        faults = _Faults(self._faults)
        log = logging.getLogger("kiosk")
        log.addHandler(faults)
        try:
            await self._look_at_clean_screens()
            looked_at = 0
            while self._actions < actions:
                await self._burst()
                await self._look()
                if self._actions - looked_at >= LOOK_AT_EVENTS_EVERY:
                    looked_at = self._actions
                    self._look_at_events()
                    await self._look_at_memory()
            self._look_at_events()
            await self._look_at_memory()
            self._look_at_projections()
        except BrokenError:
            raise
        except Exception as error:
            told = [f"{type(error).__name__}: {error}", *self._faults]
            if not self.here.app.is_running:
                told.append(str(self._why_ended))
            raise self._broken("\n".join(told)) from error
        finally:
            log.removeHandler(faults)
        return Figures(self._actions, self._visits, self._events, self._tickets_tried, self.screens)

    async def _burst(self) -> None:
        """A few actions, the next before the first has come to its end."""
        kind = self.chance.random()
        if kind < 0.06:
            await self._resize()
        elif kind < 0.13:
            await self._go_away()
        elif kind < 0.17:
            await self._come_as_staff()
        elif kind < 0.3:
            await self._ask_for_the_ticket()
        elif kind < 0.32:
            self._tell("the clock is set")
            self.here.clock.jump(minutes=self.chance.choice((-90, -5, 5, 90)))
        else:
            weights = [weight for weight, _do in self._doings]
            for _ in range(self.chance.choice((1, 3, 8, 13, 21, 34))):
                self.here.clock.advance(self.chance.choice(APART))
                [(_weight, do)] = self.chance.choices(self._doings, weights)
                do()
                if self.chance.random() < 0.25:  # who looks before striking again
                    await handled(self.here.screen)
                    await self.here.until(lambda: not self.here.is_working)
        await self.here.settle()

    def _tell(self, what: str) -> None:
        self._actions += 1
        self.story.append(f"{type(self.here.screen).__name__}: {what}")

    def _strike(self, key: str) -> None:
        self._tell(f"key {key}")
        self.here.strike(key)

    def _tap(self, x: int, y: int) -> None:
        self._tell(f"touch {x} {y}")
        self.here.tap(x, y)

    def _choose(self) -> None:
        """What the screen offers: most customers do."""
        screen = self.here.screen
        if isinstance(screen, (TicketScreen, HelpScreen)) and self.chance.random() < 0.5:
            self._strike("1")  # or the monkey stands there for most of its time
        elif isinstance(screen, PracticeScreen):
            self._strike(self.chance.choice(("enter", *DIGITS, "0", "8", "9")))
            if self.chance.random() < 0.8:  # whatever is right, so that demos come to their end
                self.here.clock.advance(0.5)
                self._strike(self.chance.choice(("1", "enter")))
        else:
            self._choose_what_is_offered()

    def _choose_what_is_offered(self) -> None:
        screen = self.here.screen
        grids = list(screen.query(ChoiceGrid).results(ChoiceGrid)) if screen.is_mounted else []
        if grids and self.chance.random() < 0.5:
            region = grids[0].region
            self._touch_in(region.x, region.y, region.width, region.height)
        else:
            self._strike(self.chance.choice((*DIGITS[:4], *DIGITS, "enter")))

    def _touch_in(self, x: int, y: int, width: int, height: int) -> None:
        if width > 0 and height > 0:
            self._tap(x + self.chance.randrange(width), y + self.chance.randrange(height))

    def _strike_digit(self) -> None:
        self._strike(self.chance.choice(DIGITS))

    def _strike_foot(self) -> None:
        self._strike(self.chance.choice(FOOT))

    def _strike_odd(self) -> None:
        self._strike(self.chance.choice(ODD))

    def _touch_somewhere(self) -> None:
        width, height = self.here.screen.size
        self._touch_in(0, 0, width, height)

    def _touch_a_key_of_the_foot(self) -> None:
        for foot in self.here.screen.query(Foot).results(Foot):
            region = foot.region
            self._touch_in(region.x, region.y, region.width, region.height)

    def _scroll(self) -> None:
        self._tell("scroll")
        kind = self.chance.choice((events.MouseScrollDown, events.MouseScrollUp))
        x, y = (self.chance.randrange(max(1, length)) for length in self.here.screen.size)
        self.here.app.post_message(kind(None, x, y, 0, 0, 0, False, False, False, x, y))

    def _paste(self) -> None:
        self._tell("paste")
        self.here.app.post_message(events.Paste(self.chance.choice(PASTED)))

    def _trample(self) -> None:
        """A bag lies on the keys."""
        key = self.chance.choice((*DIGITS, *FOOT, *ODD))
        for _ in range(self.chance.randrange(2, 30)):
            self.here.clock.advance(0.03)
            self._strike(key)

    async def _resize(self) -> None:
        size = self.chance.choice(SIZES)
        self._tell(f"resize {size}")
        await self.here.resize(*size)

    async def _go_away(self) -> None:
        """Nobody touches it: for a moment, until the warning, or until all is wiped."""
        seconds = self.chance.choice((20, 61, 75, 95, 185, 240, 1200))
        self._tell(f"nobody for {seconds} s")
        for _ in range(3):
            self.here.clock.advance(seconds / 3)
            self.here.app.call_later(self.here.app._tick)
            await self.here.settle()

    async def _come_as_staff(self) -> None:
        self._strike("ctrl+s")
        if self.chance.random() < 0.3:  # typed ahead, or somebody who should not
            return
        await self.here.settle()
        pin = PIN if self.chance.random() < 0.8 else WRONG
        for key in (*MANAGER, "enter", *pin, "enter"):
            self._strike(key)

    # what must hold

    async def _look_at_clean_screens(self) -> None:
        """What stands there before anybody came, at every size."""
        for size in SIZES[::-1]:
            await self.here.resize(*size)
            self._clean[size] = self._unchanging()
        await self.here.resize(*SIZES[0])

    async def _look(self) -> None:
        app = self.here.app
        self.screens[type(app.screen).__name__] += 1
        if self._faults:
            raise self._broken(f"logged: {self._faults}")
        if not app.is_running:
            raise self._broken(str(self._why_ended))
        self._hold(
            app._is_staffs or not isinstance(app.screen, StaffScreen),
            "staff have gone, and a screen of theirs is in front",
        )
        flow = app._flow
        if flow is not None:
            self._sessions.setdefault(flow.session.visit, (weakref.ref(flow.session), 0))
        if flow is None and isinstance(app.screen, AttractScreen):
            self._look_at_what_is_left()

    def _look_at_what_is_left(self) -> None:
        """Nothing of a customer, or of staff, when the next one comes."""
        app = self.here.app
        self._hold(i18n.language() == i18n.DEFAULT_LANGUAGE, "the language is somebody's")
        self._hold(len(app.screen_stack) == 1, f"left in front of nobody: {app.screen_stack}")
        self._hold(list(app._modes) == ["attract"], f"left behind: {list(app._modes)}")
        width, height = app.screen.size
        now, clean = self._unchanging(), self._clean[width, height]
        self._hold(now == clean, "not as before\n" + "\n".join(clean))

    def _unchanging(self) -> list[str]:
        """What stands there, without clock, queue and posters."""
        screen = self.here.screen
        changing = [*screen.query(Band), *screen.query(Face)]
        lines = Picture(screen).lines
        hidden = {row for each in changing for row in _rows_of(each)}
        bands = [f"{band.name_text}|{band.note_text}" for band in screen.query(Band)]
        return bands + ["" if row in hidden else line for row, line in enumerate(lines)]

    async def _ask_for_the_ticket(self) -> None:
        """It is one step away, wherever a customer is."""
        here = self.here
        await here.settle()
        if isinstance(here.screen, IdleWarning):
            await here.drive("enter")
        screen = here.screen
        if isinstance(screen, SignInScreen) or not isinstance(
            screen, (CustomerScreen, AttractScreen)
        ):
            return
        here.clock.advance(1)
        # a touch after another key: two of one kind in a row are a trembling hand
        x, y, key = self._ticket_target(screen)
        if key:
            self._strike(self.chance.choice((key, key)))
        else:
            self._tap(x, y)
        await here.settle()
        self._tickets_tried += 1
        flow = here.app._flow
        self._hold(isinstance(here.screen, TicketScreen), "the ticket is more than one step away")
        if flow is None or flow.issued is None:
            raise self._broken("there is no ticket behind its screen")
        kept = "SELECT state FROM ticket WHERE number = :number ORDER BY issued_at DESC LIMIT 1"
        with closing(here.database()) as store, store.read() as connection:
            found = connection.execute(text(kept), {"number": flow.issued.number}).scalar()
        self._hold(found == "waiting", f"{flow.issued.number} is {found} in the database")
        if not screen.has_class("-too-small"):
            self._hold(flow.issued.number in here.picture().text, "its number is not to be seen")

    def _ticket_target(self, screen: CustomerScreen | AttractScreen) -> tuple[int, int, str]:
        """Where it can be touched, and its key; no key where digits are typed."""
        if screen.has_class("-too-small"):
            return 0, 0, "0"
        [foot] = screen.query(Foot).results(Foot)
        for x in range(foot.region.width):
            found = foot.target_at(x, 0)
            if found is not None and found.action == "ticket":
                return foot.region.x + x, foot.region.y, found.key
        raise self._broken("no key for the ticket")

    def _look_at_events(self) -> None:
        """What the terminal has gone on from is on the disk, each with its number."""
        with closing(self.here.database()) as store, store.read() as connection:
            numbered = connection.execute(
                text("SELECT epoch, count(*), min(seq), max(seq) FROM event GROUP BY epoch")
            ).all()
            visits, ended = connection.execute(
                text("SELECT count(*), count(ended_at) FROM visit WHERE language IS NOT NULL")
            ).one()
        for epoch, count, first, last in numbered:
            self._hold((first, last) == (1, count), f"epoch {epoch}: {count}, {first} to {last}")
        events_now = sum(count for _epoch, count, _first, _last in numbered)
        self._hold(events_now >= self._events, "events have gone")
        self._events, self._visits = events_now, visits
        here_now = 0 if self.here.app._flow is None else 1
        self._hold(visits - ended == here_now, f"{visits} visits, {ended} ended, {here_now} here")

    async def _look_at_memory(self) -> None:
        """No session outlives its visit."""
        # asyncio keeps a cancelled timer, and what it was to act on, until it would have been due
        # (five seconds for a screen that closes), unless most of them are cancelled
        loop = asyncio.get_running_loop()
        for _ in range(CANCELLED_TIMERS):
            loop.call_later(1, lambda: None).cancel()
        await asyncio.sleep(0)
        gc.collect()
        flow = self.here.app._flow
        for visit, (session, looks) in list(self._sessions.items()):
            if session() is None:
                del self._sessions[visit]
            elif flow is None or flow.session.visit != visit:
                self._hold(looks < LOOKS_UNTIL_GONE, "a session has outlived its visit")
                self._sessions[visit] = session, looks + 1

    def _look_at_projections(self) -> None:
        """The tables are what their events say."""
        with closing(self.here.database()) as store, store.write() as connection:
            found = differences(connection)
            connection.rollback()
        self._hold(not found, f"kept is not rebuilt: {found}")

    def _hold(self, holds: bool, wish: str) -> None:
        if not holds:
            raise self._broken(wish)

    def _broken(self, what: str) -> BrokenError:
        shown = self.here.picture().text if self.here.app.is_running else ""
        return BrokenError(
            "\n".join([f"seed {self.seed}, action {self._actions}: {what}", *self.story, shown])
        )


class _Faults(logging.Handler):
    """Whatever the terminal could not do: nothing is out of order here."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._told = faults

    def emit(self, record: logging.LogRecord) -> None:
        self._told.append(record.getMessage())


def _rows_of(widget: Widget) -> range:
    return range(widget.region.y, widget.region.bottom)
