"""A counter in a branch, and the hands of a teller."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fake_desk import AWAY, FakeDesk
from lobby import handled, shared_catalog
from picture import Picture
from pydantic import SecretStr
from support import SHANGHAI, FakeClock
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from kiosk import i18n
from kiosk.config import Config, Queue
from kiosk.counter_app import CounterApp
from kiosk.errors import KioskError
from kiosk.languages import Language
from kiosk.screens.counter.work import WorkScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.services.desk_view import DeskTicket
from kiosk.services.entries import Entered
from kiosk.services.sign_in import SignedIn
from kiosk.services.workplace import CounterServices, Entries, Workplace

WANG, LI = SignedIn("1001", "王芳"), SignedIn("1002", "李雷")
PIN = "739164"
KEY_NAMES = {
    "*": "asterisk", "#": "number_sign", ".": "full_stop", "-": "minus", "+": "plus", " ": "space",
}  # fmt: skip
PATIENCE = 20.0


class CounterHere:
    """One counter with its screen."""

    def __init__(
        self, app: CounterApp, pilot: Pilot[None], desk: FakeDesk, clock: FakeClock
    ) -> None:
        self.app = app
        self.desk = desk
        self.clock = clock
        self.entered: dict[str, dict[str, str]] = {}
        """What was filled in, by the ticket's number: field → value."""
        self.copied: list[str] = []
        self._pilot = pilot

    @property
    def screen(self) -> Screen[Any]:
        return self.app.screen

    def picture(self) -> Picture:
        return Picture(self.app.screen)

    @property
    def text(self) -> str:
        return self.picture().text

    def expect(self, *texts: str) -> None:
        """All of it stands on the screen, folded or not."""
        shown = self.text
        for text in texts:
            assert text in shown or text in " ".join(shown.split()), f"no {text!r}\n{shown}"

    def expect_not(self, *texts: str) -> None:
        shown = self.text
        for text in texts:
            assert text not in shown, f"{text!r}\n{shown}"

    def entries(self, ticket: DeskTicket) -> Entries:
        """What the counter is told of them."""
        entered = self.entered.get(ticket.number, {})
        if not entered:
            return ()
        fields = shared_catalog().service(str(ticket.service)).fields
        return tuple(Entered(each, entered[each.code]) for each in fields if each.code in entered)

    async def sign_in(self, who: SignedIn = WANG, pin: str = PIN) -> None:
        await self.type(*who.number, "enter", *pin)
        await self.drive("enter")

    async def type(self, *keys: str) -> None:
        """Strike keys as fast as they come; a text is its characters."""
        for key in keys:
            self.clock.advance(1)
            for each in [key] if key in ("enter", "escape") else key:
                self.strike(each)
        await self.settle()

    async def drive(self, *keys: str, apart: float = 1.0) -> None:
        """Strike keys one after the other; ``apart`` seconds on the fake clock."""
        for key in keys:
            self.clock.advance(apart)
            self.strike(key)
            await self.settle()

    def strike(self, key: str) -> None:
        character = key if len(key) == 1 else None
        self.app.post_message(events.Key(KEY_NAMES.get(key, key), character))

    async def touch(self, label: str) -> None:
        """Press with the mouse what says this."""
        self.clock.advance(1)
        x, y = self.picture().find(label)[-1]
        for kind in (events.MouseDown, events.MouseUp):
            self.app.post_message(
                kind(
                    widget=None, x=x, y=y, delta_x=0, delta_y=0, button=1, shift=False, meta=False,
                    ctrl=False, screen_x=x, screen_y=y,
                )
            )  # fmt: skip
        await self.settle()

    async def look(self) -> None:
        """Let the second pass after which the screen looks at the desk."""
        assert self.app.teller is not None
        await self.app.teller.read()
        await self.settle()

    async def tick(self) -> None:
        """Let the second pass after which the app looks at the clock."""
        self.app._tick()
        await self.settle()

    async def resize(self, columns: int, rows: int) -> None:
        await self._pilot.resize_terminal(columns, rows)
        await self.settle()

    async def speak(self, language: Language) -> None:
        i18n.use_language(language)
        self.app.refresh_screens()
        await self.settle()

    async def settle(self) -> None:
        """Wait until everything that is under way is done and drawn, but for what waits."""
        calm = 0
        while calm < 3:
            await self.until(lambda: not self._is_working())
            screen = self.app.screen
            nodes = [self.app, *screen.walk_children(with_self=True)]
            await asyncio.gather(*(handled(node) for node in nodes))
            calm = calm + 1 if not self._is_working() and self.app.screen is screen else 0

    async def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, f"waited in vain\n{self.text}"
            assert self.app.is_running, "the app has ended"
            await asyncio.sleep(0.001)

    def _is_working(self) -> bool:
        """A press that waits for the branch is not at work."""
        teller = self.app.teller or self.app._leaving
        if teller is not None and teller.pending is not None and teller.is_away:
            return False
        return any(not each.is_finished for each in self.app.workers)


@asynccontextmanager
async def counter(
    folder: Path,
    *,
    size: tuple[int, int] = (83, 24),
    config: Config | None = None,
    language: Language = "en",
    sign_in: bool = True,
    services: Callable[[FakeClock], CounterServices] | None = None,
) -> AsyncIterator[CounterHere]:
    """A counter that has started, with somebody signed in; on the fake desk, unless told else."""
    clock = FakeClock()
    fake = FakeDesk(clock)
    here: CounterHere

    def let_in(number: str, pin: SecretStr, new: SecretStr | None = None) -> SignedIn:
        if fake.is_away:
            raise AWAY
        for who in (WANG, LI):
            if (number, pin.get_secret_value()) == (who.number, PIN):
                return who
        raise KioskError("sign_in_refused")

    def workplace(who: SignedIn) -> Workplace:
        return Workplace(
            who=who,
            desk=fake,
            catalog=shared_catalog(),
            queue=Queue(),
            zone=SHANGHAI,
            counters=(1, 2, 12),
            colleagues=tuple(each for each in (WANG, LI) if each != who),
            entries=lambda ticket: here.entries(fake.tickets[ticket]),
        )

    def load() -> CounterServices:
        if services is not None:
            return services(clock)
        return CounterServices(let_in, workplace, lambda: None)

    copied: list[str] = []

    class Counter(CounterApp, inherit_bindings=False):
        def put_on_clipboard(self, text: str) -> None:
            copied.append(text)

    app = Counter(config or Config(data_folder=folder), 3, load, clock)
    async with app.run_test(size=size, notifications=True) as pilot:
        here = CounterHere(app, pilot, fake, clock)
        here.copied = copied
        await here.settle()
        assert isinstance(here.screen, SignInScreen)
        await here.speak(language)
        if sign_in:
            await here.sign_in()
            assert isinstance(here.screen, WorkScreen), here.text
        yield here
