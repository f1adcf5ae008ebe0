"""A terminal in a lobby, and the hands of a customer: keys alone or touches alone."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from picture import Picture
from sqlalchemy import text
from support import FakeClock
from textual import events
from textual.dom import DOMNode
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen
from textual.worker import Worker

from kiosk import bootstrap, i18n
from kiosk.app import KioskApp
from kiosk.bootstrap import build
from kiosk.config import Config
from kiosk.config import load as read
from kiosk.db import Database
from kiosk.i18n import NATIVE_NAMES
from kiosk.languages import Language
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.pick import PickScreen
from kiosk.screens.staff_mode.read import ReadScreen
from kiosk.screens.write_in import WriteInScreen
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import load_catalog
from kiosk.services.customer import CustomerServices
from kiosk.services.report import DayReport, day_report
from kiosk.widgets.choice_grid import MORE_KEY, Choice, ChoiceGrid
from kiosk.widgets.foot import Foot

ScreenT = TypeVar("ScreenT", bound=Screen[Any])
PATIENCE = 20.0
"""Seconds after which a condition that never comes is a failure."""
_HOPS = 3
"""A key goes from the app to the widget that has the focus, and its message from there up again."""
ASKING = (PickScreen, ReadScreen, WriteInScreen)
"""What stands in front while a step of staff waits for an answer."""
KEY_NAMES = {
    "*": "asterisk", "#": "number_sign", ".": "full_stop", "-": "minus", "+": "plus",
}  # fmt: skip


@cache
def shared_catalog() -> Catalog:
    """The packaged catalog, read once by each test process."""
    return load_catalog()


@cache
def prepared_folder() -> Path:
    """A data folder as the first start leaves it, to be copied: migrating takes long."""
    folder = Path(tempfile.mkdtemp())
    build(Config(data_folder=folder)).close()
    return folder


class Lobby:
    """One terminal, with what a test needs to know of it."""

    def __init__(self, app: KioskApp, pilot: Pilot[None], config: Config, clock: FakeClock) -> None:
        self.app = app
        self._pilot = pilot
        self.config = config
        self.clock = clock
        self.builds: list[CustomerServices] = []
        """The services, each time that they were built."""

    @property
    def services(self) -> CustomerServices:
        """What the screens work with."""
        return self.builds[-1]

    # what is to be seen

    @property
    def screen(self) -> Screen[Any]:
        """The screen in front."""
        return self.app.screen

    @property
    def customer_screen(self) -> CustomerScreen:
        """The screen in front, which is one of a visit."""
        assert isinstance(self.app.screen, CustomerScreen), self.app.screen
        return self.app.screen

    def picture(self) -> Picture:
        """What stands on the screen."""
        return Picture(self.app.screen)

    def says(self, *texts: str) -> None:
        """All of it stands on the screen, folded or not."""
        shown = self.picture().text
        for each in texts:
            assert each in shown or each in " ".join(shown.split()), f"no {each!r}\n{shown}"

    def expect(self, kind: type[ScreenT]) -> ScreenT:
        """The screen in front must be of this kind."""
        assert isinstance(self.app.screen, kind), f"{self.app.screen}\n{self.picture().text}"
        return self.app.screen

    def choices(self) -> Mapping[str, Choice]:
        """What can be chosen, by its code; on whatever page."""
        if isinstance(self.app.screen, CustomerScreen):
            return {choice.code: choice for choice in self.app.screen.choices()}
        return {code: Choice(code, name) for code, name in NATIVE_NAMES.items()}

    def grid(self) -> ChoiceGrid:
        """Where it stands."""
        return self.screen.query_one(ChoiceGrid)

    # what happens

    async def settle(self) -> None:
        """Wait until every step that is under way has led to a screen that is drawn."""
        calm = 0
        while calm < _HOPS:
            await self.until(lambda: not self.is_working)
            screen = self.app.screen
            nodes = [self.app, *screen.walk_children(with_self=True)]
            await asyncio.gather(*(handled(node) for node in nodes))
            is_calm = not self.is_working and self.app.screen is screen
            calm = calm + 1 if is_calm else 0

    async def until(self, condition: Callable[[], bool], *, patience: float = PATIENCE) -> None:
        """Wait for a condition."""
        deadline = time.monotonic() + patience
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            assert self.app.is_running, "the app has ended"
            await asyncio.sleep(0.001)

    @property
    def is_working(self) -> bool:
        """Whether a step is under way."""
        return not self.app.is_running or any(self._is_at_work(each) for each in self.app.workers)

    def _is_at_work(self, worker: Worker[Any]) -> bool:
        """A step of staff that waits for an answer to its question is not."""
        asks = worker.group == "step" and isinstance(self.app.screen, ASKING)
        return not worker.is_finished and not asks

    async def drive(self, *keys: str, apart: float = 1.0) -> None:
        """Strike keys one after the other.

        Args:
            keys: As Textual names them; `*` and `#` as they are.
            apart: Seconds between them on the fake clock.
        """
        for key in keys:
            self.clock.advance(apart)
            self.strike(key)
            await self.settle()

    def strike(self, key: str) -> None:
        """Strike a key and don't wait, as the driver tells it."""
        name = KEY_NAMES.get(key, key)
        character = key if len(key) == 1 else None
        self.app.post_message(events.Key(name, character))

    async def touch(self, x: int, y: int, *, apart: float = 1.0) -> None:
        """Touch a cell, as the driver tells it."""
        self.clock.advance(apart)
        self.tap(x, y)
        await self.settle()

    def tap(self, x: int, y: int, *, release_at: tuple[int, int] | None = None) -> None:
        """Touch a cell and don't wait."""
        for kind, (column, row) in (
            (events.MouseDown, (x, y)),
            (events.MouseUp, release_at or (x, y)),
        ):
            self.app.post_message(
                kind(
                    widget=None,
                    x=column,
                    y=row,
                    delta_x=0,
                    delta_y=0,
                    button=1,
                    shift=False,
                    meta=False,
                    ctrl=False,
                    screen_x=column,
                    screen_y=row,
                )
            )

    async def resize(self, columns: int, rows: int) -> None:
        """Another size of the terminal."""
        await self._pilot.resize_terminal(columns, rows)
        await self.settle()

    async def speak(self, language: Language) -> None:
        """Another language, for who works here."""
        i18n.use_language(language)
        self.app.refresh_screens()
        await self.settle()

    # what is kept

    def database(self) -> Database:
        """The terminal's store."""
        return Database(f"sqlite:///{self.config.store_path}")

    def events(self) -> list[dict[str, Any]]:
        """Every event in the store, in order."""
        database = self.database()
        try:
            with database.read() as connection:
                rows = connection.execute(text("SELECT * FROM event ORDER BY epoch, seq"))
                return [dict(row) for row in rows.mappings()]
        finally:
            database.close()

    def stages(self) -> list[str]:
        """Kind and stage of every event."""
        return [f"{event['kind']}.{event['stage']}" for event in self.events()]

    def report(self) -> DayReport:
        """The day's figures."""
        database = self.database()
        try:
            day = self.clock.now().astimezone(self.config.zone).date()
            return day_report(database, self.config.branch.code, day)
        finally:
            database.close()


async def handled(node: DOMNode) -> None:
    """Until the messages that wait now are handled and the picture is up to date."""
    assert isinstance(node, MessagePump)
    done = asyncio.Event()
    if node.call_after_refresh(done.set):
        # a widget that goes away meanwhile never calls back
        waiting = asyncio.ensure_future(done.wait())
        await asyncio.wait({waiting}, timeout=0.5)
        waiting.cancel()


@asynccontextmanager
async def lobby(
    folder: Path,
    *,
    size: tuple[int, int] = (83, 24),
    config: Config | None = None,
    services: Callable[[CustomerServices], CustomerServices] = lambda services: services,
    fast_tick: bool = False,
    message_hook: Callable[[Message], None] | None = None,
) -> AsyncIterator[Lobby]:
    """A terminal that has started.

    Args:
        folder: Where its data is kept.
        size: Columns and rows.
        config: None: the default one.
        services: Changes the services before the app gets them.
        fast_tick: Look at the clock every few milliseconds instead of every second.
    """
    data = folder / "data"
    if not data.exists():
        shutil.copytree(prepared_folder(), data)
    from dataclasses import replace

    config = replace(config or Config(), data_folder=data)
    clock = FakeClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bootstrap, "load_catalog", lambda path: shared_catalog())
        if fast_tick:
            patch.setattr("kiosk.app._TICK_SECONDS", 0.02)
        built: list[CustomerServices] = []

        def load(config: Config) -> CustomerServices:
            built.append(services(build(config, clock)))
            return built[-1]

        def read_config() -> Config:
            return read(None, {"KIOSK_DATA_FOLDER": str(data)})

        app = KioskApp(config, load, clock, read_config)
        async with app.run_test(size=size, notifications=True, message_hook=message_hook) as pilot:
            one = Lobby(app, pilot, config, clock)
            await one.until(lambda: bool(built))
            one.builds = built
            await one.settle()
            one.expect(AttractScreen)
            yield one


class Hand(Protocol):
    """How a customer chooses."""

    async def start(self) -> None:
        """Begin a visit."""

    async def choose(self, code: str) -> None:
        """Choose what the screen knows by this code."""

    async def foot(self, key: str) -> None:
        """Choose a key of the foot."""


class Keys:
    """A hand that only ever strikes keys."""

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby

    async def start(self) -> None:
        await self._lobby.drive("enter")

    async def choose(self, code: str) -> None:
        label = self._lobby.choices()[code].label
        await turn_to(self._lobby, label, lambda: self._lobby.drive(MORE_KEY))
        x, y = label_position(self._lobby, label)
        before = "".join(cell.character for cell in self._lobby.picture().rows[y][:x])
        await self._lobby.drive(before.split()[-1])

    async def foot(self, key: str) -> None:
        await self._lobby.drive(key)


class Touches:
    """A hand that only ever touches what it sees."""

    def __init__(self, lobby: Lobby) -> None:
        self._lobby = lobby

    async def start(self) -> None:
        await self._lobby.touch(4, 5)

    async def choose(self, code: str) -> None:
        label = self._lobby.choices()[code].label
        await turn_to(self._lobby, label, self._turn)
        await self._lobby.touch(*label_position(self._lobby, label))

    async def _turn(self) -> None:
        region = self._lobby.grid().region
        x, y = self._lobby.picture().find(f" {MORE_KEY}  ", region)[-1]
        await self._lobby.touch(x + 1, y)

    async def foot(self, key: str) -> None:
        await self._lobby.touch(*foot_position(self._lobby, key))


HANDS: Mapping[str, type[Keys] | type[Touches]] = {"keys": Keys, "touches": Touches}


async def turn_to(lobby: Lobby, label: str, turn: Callable[[], Awaitable[None]]) -> None:
    """Turn pages until the label can be seen."""
    for _ in range(8):
        if label in lobby.picture():
            return
        await turn()
    pytest.fail(f"{label!r} is on no page of {lobby.screen}\n{lobby.picture().text}")


def label_position(lobby: Lobby, label: str) -> tuple[int, int]:
    """Where a choice's label starts."""
    found = lobby.picture().find(f"  {label}", lobby.grid().region)
    assert found, f"{label!r} is not on {lobby.screen}\n{lobby.picture().text}"
    x, y = found[0]
    return x + 2, y


def foot_position(lobby: Lobby, key: str) -> tuple[int, int]:
    """Where a key of the foot stands."""
    found = lobby.picture().find(f"{key} ", lobby.screen.query_one(Foot).region)
    assert found, f"{key!r} is not in the foot of {lobby.screen}\n{lobby.picture().text}"
    return found[0]
