"""The counter's app: who works here, the language, the end of work. No domain logic."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pydantic import SecretStr
from textual import events
from textual.app import App

from kiosk import i18n
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.i18n import _
from kiosk.lock import held
from kiosk.locked_app import LockedApp, log_into
from kiosk.screens.counter.teller import Teller
from kiosk.screens.counter.work import WorkScreen
from kiosk.screens.sign_in import LANGUAGE_KEYS, SignInScreen
from kiosk.services.workplace import CounterServices

_TICK_SECONDS = 1.0


class CounterApp(LockedApp, inherit_bindings=False):
    """The screen of one counter."""

    def __init__(
        self,
        config: Config,
        counter: int,
        load: Callable[[], CounterServices],
        clock: Clock | None = None,
    ) -> None:
        """Make the app.

        Args:
            config: How it looks and where it stands.
            counter: The counter's number.
            load: Builds the services; called on the database thread behind the first screen.
            clock: For tests.
        """
        super().__init__(config, clock)
        self.counter = counter
        self.failure: KioskError | None = None
        """Why it could not start."""
        self.teller: Teller | None = None
        """Who is signed in."""
        self._load = load
        self._services: asyncio.Future[CounterServices] | None = None
        self._leaving: Teller | None = None
        """Who has signed off, as long as the branch does not know it."""

    def on_mount(self) -> None:
        """Ask who it is; the rest loads behind that."""
        self._services = asyncio.ensure_future(self._load_services())
        self._services.add_done_callback(lambda done: done.cancelled() or done.exception())
        self.push_screen(SignInScreen(self, SignInScreen.COUNTER))
        self.set_interval(_TICK_SECONDS, self._tick)

    async def _load_services(self) -> CounterServices:
        try:
            return await self.call_service(self._load)
        except KioskError as error:
            self.failure = error
            self.exit(return_code=1)
            raise

    async def on_unmount(self) -> None:
        """Let the last write finish and give back the database."""
        if self._services is not None and self._services.done() and not self._services.exception():
            await self.call_service(self._services.result().close)
        self.database_thread.shutdown(wait=False)

    async def leave(self) -> None:
        """Close an empty counter before the end: nobody will call there."""
        if self.teller is not None:
            await self.teller.leave()
        self.exit()

    # who works here

    async def begin_work(self, number: str, pin: SecretStr) -> None:
        """Sign somebody in and show them the desk.

        Raises:
            KioskError: Why not.
        """
        assert self._services is not None  # noqa: S101 (set before the first screen)
        services = await asyncio.shield(self._services)
        who = await self.call_service(services.sign_in, number, pin)
        if self._leaving is not None:  # or it would close the counter once more
            self._leaving.pending = None
            self._leaving = None
        at = await self.call_service(services.workplace, who)
        held_ticket = await self.call_service(at.begin)
        self.teller = Teller(self, at, *await self.call_service(at.read))
        if held_ticket is not None:
            self.teller.say(
                _("{number} was still here from before and is on hold now.").format(
                    number=held_ticket
                )
            )
        await self.show_screen(WorkScreen(self, self.teller))

    def sign_off(self) -> None:
        """Close the counter and lock the screen, now; the branch hears of it as soon as it can."""
        teller = self.teller
        if teller is None:
            return
        self._leaving = teller
        teller.press(_("Sign off"), teller.at.desk.close, then=self._gone)
        self._lock()

    def _gone(self) -> None:
        self._leaving = None

    def _lock(self) -> None:
        self.teller = None
        while len(self.screen_stack) > 1 and not isinstance(self.screen, SignInScreen):
            self.pop_screen()

    def _tick(self) -> None:
        if self.teller is not None and self.teller.is_idle():
            if self.teller.is_on_break:
                self._lock()  # the break goes on, and is ended by who comes back
            else:
                self.sign_off()
        self.refresh_screens()

    async def on_event(self, event: events.Event) -> None:
        """Notice that somebody is there, and which language they want, on whatever screen."""
        if self.teller is not None and isinstance(event, events.Key | events.MouseDown):
            self.teller.idle.touch(self.seconds)
        if not (isinstance(event, events.Key) and self._takes_key(event.key)):
            await super().on_event(event)

    def _takes_key(self, key: str) -> bool:
        """Whether a key was for the app itself.

        A field takes every character first: no binding would hear of the language. And it tells of
        Enter by a message, which the PIN that is typed after it would overtake.
        """
        if key in LANGUAGE_KEYS:
            self.switch_language()
            return True
        return isinstance(self.screen, SignInScreen) and self.screen.takes_key(key)

    # what screens need

    def place_text(self) -> str:
        """Which counter this is."""
        return _("Counter {number}").format(number=self.counter)

    def work_on(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with something, whatever screen is in front."""
        self.run_worker(work, group="work", description="bring a key's press to the branch")

    def switch_language(self) -> None:
        """The next language."""
        i18n.use_language(i18n.language_after(i18n.language()))
        self.refresh_screens()

    def put_on_clipboard(self, text: str) -> None:
        """Only what was asked for: copying out of a field stays switched off."""
        App.copy_to_clipboard(self, text)


def run(config: Config, counter: int, read_config: Callable[[str], Config]) -> int:
    """Run the counter until it is stopped; returns the exit status.

    Args:
        config: As it is on this machine.
        counter: The counter's number.
        read_config: The same over a body of the branch's settings.

    Raises:
        KioskError: The counter can't start; the sentence belongs on the console.
    """

    def load() -> CounterServices:
        # slow to import: behind the first screen
        from kiosk.bootstrap import build_counter

        i18n.prepare_languages()
        return build_counter(config, counter, read_config)

    name = config.data_folder / f"counter-{counter}"
    log_into(name.with_suffix(".log"))
    with held(name, "screen", "counter_in_use"):
        app = CounterApp(config, counter, load)
        app.run()
    # what is said after it, is said as by every command
    i18n.use_language(i18n.language_of_environment())
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0
