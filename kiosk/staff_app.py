"""What the apps of staff share: services that load behind signing in, the language, the end."""

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from textual import events

from kiosk import i18n
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.locked_app import LockedApp
from kiosk.screens.sign_in import LANGUAGE_KEYS, SignInScreen


class StaffServices(Protocol):
    """What the services of staff have in common."""

    @property
    def close(self) -> Callable[[], None]:
        """Give back the databases."""


ServicesT = TypeVar("ServicesT", bound=StaffServices)


class StaffApp(LockedApp, Generic[ServicesT], inherit_bindings=False):
    """An app that somebody signs in to; a subclass shows the sign-in screen first."""

    def __init__(
        self, config: Config, load: Callable[[], ServicesT], clock: Clock | None = None
    ) -> None:
        """Make the app.

        Args:
            config: How it looks and where it stands.
            load: Builds the services; called on the database thread behind the first screen.
            clock: For tests.
        """
        super().__init__(config, clock)
        self._load = load
        self._services: asyncio.Future[ServicesT] | None = None
        self._failure: KioskError | None = None
        """Why it could not start."""

    def on_mount(self) -> None:
        """Load behind the first screen; Textual calls this beside a subclass's own."""
        self._services = asyncio.ensure_future(self._load_services())
        self._services.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _load_services(self) -> ServicesT:
        try:
            return await self.call_service(self._load)
        except KioskError as error:
            self._failure = error
            self.exit(return_code=1)
            raise

    async def services(self) -> ServicesT:
        """The services, as soon as they are there; whoever was quick to sign in waits for them."""
        assert self._services is not None  # noqa: S101 (set before the first screen)
        return await asyncio.shield(self._services)

    async def on_unmount(self) -> None:
        """Let the last write finish and give back the database."""
        if self._services is not None and self._services.done() and not self._services.exception():
            await self.call_service(self._services.result().close)
        self.database_thread.shutdown(wait=False)

    def run_to_end(self) -> int:
        """Run it until it is stopped; returns the exit status.

        Raises:
            KioskError: It can't start; the sentence belongs on the console.
        """
        self.run()
        # what is said after it, is said as by every command
        i18n.use_language(i18n.language_of_environment())
        if self._failure is not None:
            raise self._failure
        return self.return_code or 0

    # whose hands they are

    def somebody_is_there(self) -> None:
        """Somebody touched a key or the screen."""
        raise NotImplementedError

    def takes_language_keys(self) -> bool:
        """Whether they are the app's on the screen in front, and not that screen's own."""
        return True

    def switch_language(self) -> None:
        """The next language."""
        i18n.use_language(i18n.language_after(i18n.language()))
        self.refresh_screens()

    async def hear(self, event: events.Event) -> None:
        """Notice that somebody is there, and take the keys that no field may have."""
        if isinstance(event, events.Key | events.MouseDown):
            self.somebody_is_there()
        if not (isinstance(event, events.Key) and self._takes_key(event.key)):
            await super().hear(event)

    def _takes_key(self, key: str) -> bool:
        """Whether a key was for the app itself.

        A field takes every character first: no binding would hear of the language. And it tells of
        Enter by a message, which the PIN that is typed after it would overtake.
        """
        if key in LANGUAGE_KEYS and self.takes_language_keys():
            self.switch_language()
            return True
        return isinstance(self.screen, SignInScreen) and self.screen.takes_key(key)
