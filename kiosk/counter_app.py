"""The counter's app: who works here, the language, the end of work. No domain logic."""

from collections.abc import Callable, Coroutine
from typing import Any

from pydantic import SecretStr
from textual.app import App

from kiosk import i18n
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.i18n import _
from kiosk.lock import held
from kiosk.locked_app import log_into
from kiosk.screens.counter.teller import Teller
from kiosk.screens.counter.work import WorkScreen
from kiosk.screens.sign_in import SignInScreen
from kiosk.services.workplace import CounterServices
from kiosk.staff_app import StaffApp

_TICK_SECONDS = 1.0


class CounterApp(StaffApp[CounterServices], inherit_bindings=False):
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
        super().__init__(config, load, clock)
        self.counter = counter
        self.teller: Teller | None = None
        """Who is signed in."""
        self._leaving: Teller | None = None
        """Who has signed off, as long as the branch does not know it."""

    def on_mount(self) -> None:
        """Ask who it is."""
        self.push_screen(SignInScreen(self, SignInScreen.COUNTER))
        self.set_interval(_TICK_SECONDS, self._tick)

    async def leave(self) -> None:
        """Close an empty counter before the end: nobody will call there."""
        if self.teller is not None:
            await self.teller.leave()
        self.exit()

    # who works here

    async def begin_work(self, number: str, pin: SecretStr, new: SecretStr | None = None) -> None:
        """Sign somebody in and show them the desk.

        Raises:
            KioskError: Why not.
        """
        services = await self.services()
        who = await self.call_service(services.sign_in, number, pin, new)
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

    def somebody_is_there(self) -> None:
        """Whoever works here has not gone away."""
        if self.teller is not None:
            self.teller.idle.touch(self.seconds)

    # what screens need

    def place_text(self) -> str:
        """Which counter this is."""
        return _("Counter {number}").format(number=self.counter)

    def work_on(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with something, whatever screen is in front."""
        self.run_worker(work, group="work", description="bring a key's press to the branch")

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
        return CounterApp(config, counter, load).run_to_end()
