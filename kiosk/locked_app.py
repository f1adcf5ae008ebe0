"""What every app of the house shares: no way out, one database thread, no traceback on screen."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.screen import Screen
from textual.worker import WorkerFailed

from kiosk import i18n, keypad
from kiosk.clock import Clock, SystemClock
from kiosk.config import Config
from kiosk.paths import resource
from kiosk.service_manager import ServiceManager
from kiosk.stopping import stop_when_told
from kiosk.textual_patches import (
    Pictures,
    draw_nothing_in_a_batch,
    draw_now,
    let_nobody_stop_a_removal,
    let_widgets_go,
    picture_of,
    select_nothing,
)
from kiosk.theme import HIGH_CONTRAST, LIGHT, themes

log = logging.getLogger("kiosk")
P = ParamSpec("P")
R = TypeVar("R")

_DOUBLE_STRIKE_SECONDS = 0.4
"""A second strike of the same key within this time is a trembling hand, not a wish."""
_RESIZED_SECONDS = 0.1
"""By then Textual has drawn what it draws for another size."""
_LOG_BYTES = 1_000_000
NANOSECONDS = 1_000_000_000


class LockedApp(App[None], inherit_bindings=False):
    """An app that stands in a branch and that nobody gets out of."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS_PATH = resource("kiosk.tcss")

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        """Make the app.

        Args:
            config: How it looks and where it stands.
            clock: For tests.
        """
        let_widgets_go()
        let_nobody_stop_a_removal()
        draw_nothing_in_a_batch()
        select_nothing()
        super().__init__()
        self.config = config
        self.clock = clock or SystemClock()
        self.database_thread = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._pictures = Pictures()
        self._last_strike = ("", 0.0)
        i18n.use_language(i18n.DEFAULT_LANGUAGE)
        # Assigning the theme would have Textual parse every style once more after the start.
        self.set_reactive(App.theme, self.register_themes())
        self.stylesheet.set_variables(self.get_css_variables())

    def register_themes(self) -> str:
        """Make the bank's themes; returns the chosen one."""
        appearance = self.config.appearance
        for theme in themes(appearance.accent):
            self.register_theme(theme)
        return HIGH_CONTRAST if appearance.theme == "high-contrast" else LIGHT

    def on_mount(self) -> None:
        """Listen to what may end it; Textual calls this beside a subclass's own."""
        if self.is_web:  # its driver ends it when the page goes away
            return
        if not self.is_headless:
            stop_when_told(self.leave)
            self._report_to(ServiceManager())

    def _report_to(self, manager: ServiceManager) -> None:
        """Say from the loop that it is up and alive: one that hangs is started anew."""
        self.call_after_refresh(manager.ready)
        if manager.beat_every:
            self.set_interval(manager.beat_every, manager.alive)

    async def leave(self) -> None:
        """End properly: it was told to, or its terminal has gone."""
        self.exit()

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the one database thread; it ends even if the step is cancelled."""

        def act() -> R:
            return call(*args, **kwargs)

        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(self.database_thread, act)
        # nobody may be there to hear of an error any more: asyncio would print it
        job.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(job)

    # time

    @property
    def seconds(self) -> float:
        """The monotonic clock."""
        return self.clock.monotonic_ns() / NANOSECONDS

    def local_moment(self) -> datetime:
        """Day and wall clock in the branch's zone."""
        return self.clock.now().astimezone(self.config.zone)

    def local_time(self) -> time:
        """The wall clock in the branch's zone."""
        return self.local_moment().time()

    def is_double_strike(self, key: str) -> bool:
        """Whether the same key was struck a moment ago."""
        before, at = self._last_strike
        now = self.seconds
        self._last_strike = (key, now)
        return key == before and now - at < _DOUBLE_STRIKE_SECONDS

    def place_name(self) -> str:
        """Bank and branch, in the language in use."""
        language = i18n.language()
        bank = self.config.bank.name.in_language(language)
        return f"{bank} · {self.config.branch.name.in_language(language)}"

    # keys

    async def on_event(self, event: events.Event) -> None:
        """Give each key its usual name before anybody asks which one it is."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            key = keypad.named(event)
            if key is None:
                return
            event = key
        if isinstance(event, events.Resize) and self.screen_stack:
            self.set_timer(_RESIZED_SECONDS, self._draw_what_was_cut)
        await self.hear(event)

    async def hear(self, event: events.Event) -> None:
        """Take what happens; an app may do so before its screens."""
        await super().on_event(event)

    # drawing

    def _draw_what_was_cut(self) -> None:
        """Draw anew what did not fit while the terminal was small for a moment.

        Textual draws nothing that is as large as before.
        """
        self._pictures.forget()
        if self.screen_stack and not self._batch_count:
            self._display(self.screen, picture_of(self.screen))

    async def show_screen(self, screen: Screen[Any]) -> None:
        """Put a screen in front."""
        await self.draw_once(lambda: self.push_screen(screen))

    def drop_screen(self) -> None:
        """Remove the screen in front."""
        self.pop_screen()  # not awaited: the step that drops a screen may run on that screen

    async def draw_once(self, change: Callable[[], Awaitable[None]]) -> None:
        """Change which screen is in front, and draw that one when all of it is in its place."""
        written = asyncio.Event()
        with self.batch_update():
            await change()
            self.screen.call_later(written.set)
            await written.wait()
        draw_now(self.screen)

    def refresh_screens(self) -> None:
        """Show the screen in front anew; the others follow when they come to the front."""
        show = getattr(self.screen, "show", None)
        if show is not None:
            show()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Show what was drawn, unless it stands there already."""
        if renderable is None or self._batch_count or self._pictures.is_new(renderable):
            super()._display(screen, renderable)

    def delay_update(self, delay: float = 0.01) -> None:
        """Hold back the picture while modes change, but for whoever draws it himself."""
        if not self._batch_count:
            super().delay_update(delay)

    @property
    def _background_screens(self) -> list[Screen[Any]]:
        """None: no screen shows through another.

        Textual keeps this list in the context of whatever drew last, a timer's for example, and
        with it the screens of a customer who has gone.
        """
        return []

    # no way out, and no customer's data on the screen of a crash

    def copy_to_clipboard(self, text: str) -> None:
        """Never: the clipboard outlives the session."""

    def _fatal_error(self) -> None:
        # Textual would print a traceback with every local variable on the customer's screen.
        error: BaseException | None = self._exception
        if isinstance(error, WorkerFailed):
            error = error.error  # where it was: the worker's own word for it says nothing
        if error is not None:
            where = "".join(traceback.format_tb(error.__traceback__))
            log.critical("unhandled %s\n%s", type(error).__name__, where)
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End as after any other fatal error; what Textual would print may hold anything."""
        self._fatal_error()


def log_into(path: Path) -> None:
    """Keep the log in a file: what is written to the terminal while the app runs is lost."""
    from logging.handlers import RotatingFileHandler

    # a log that can't be written must not be a traceback on the customer's screen
    logging.raiseExceptions = False
    handler = RotatingFileHandler(
        path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.propagate = False
