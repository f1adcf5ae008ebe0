"""The terminal's app: modes, language, idle watch, what to do on a crash. No domain logic."""

import asyncio
import gc
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from textual import events, on
from textual.screen import Screen

from kiosk import i18n, keypad
from kiosk.clock import Clock, SystemClock
from kiosk.config import Config, Language, Voice
from kiosk.errors import KioskError
from kiosk.idle import IdleMonitor, IdleState, IdleTimes
from kiosk.last_error import NotesLastError
from kiosk.lock import held
from kiosk.locked_app import LockedApp, log_into
from kiosk.scanner import ScanGuard
from kiosk.screens.customer.attract import AttractScreen
from kiosk.screens.customer.idle_warning import IdleWarning
from kiosk.services.ballast import relieved
from kiosk.textual_patches import styles_are_current

if TYPE_CHECKING:
    from pydantic import SecretStr

    from kiosk.background import BackgroundSync
    from kiosk.screens.customer.flow import Flow
    from kiosk.screens.staff_mode.host import SignedOff
    from kiosk.services.customer import CustomerServices
    from kiosk.services.staff.services import StaffServices
    from kiosk.services.tickets import LastKnown
    from kiosk.services.visits import EndReason
    from kiosk.services.voice.reader import Reader
    from kiosk.services.wait import Wait
    from kiosk.staff_at_terminal import StaffAtTerminal

log = logging.getLogger("kiosk")
P = ParamSpec("P")
R = TypeVar("R")

ATTRACT = "attract"
STAFF_CHORD = "ctrl+s"
"""Opens the sign-in of staff; no screen for customers tells of it."""
_TOUCHES = (
    events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp, events.Paste,
)  # fmt: skip
_MOST_PATIENCE_SECONDS = 600
_READING_SECONDS = 300.0
"""A player that has not read a screen to its end by then hangs."""
_TICK_SECONDS = 1.0
_WAIT_EVERY_TICKS = 15


class KioskApp(LockedApp, inherit_bindings=False):
    """The customer terminal."""

    DEFAULT_MODE = ATTRACT

    def __init__(
        self,
        config: Config,
        load: "Callable[[Config], CustomerServices]",
        clock: Clock | None = None,
        read_config: Callable[[], Config] | None = None,
        start_beside: "Callable[[], BackgroundSync | None]" = lambda: None,
        reader: "Reader | None" = None,
    ) -> None:
        """Make the app.

        Args:
            config: How it looks and where it stands.
            load: Builds the services; called on the database thread behind the first screen, and
                again when the branch says something new.
            clock: For tests.
            read_config: Reads the configuration anew; none: it stays as it is.
            start_beside: Starts what runs beside the terminal; called behind the services.
            reader: Says customers' screens aloud; none: the terminal is silent.
        """
        super().__init__(config, clock)
        self.add_mode(ATTRACT, self._attract_screen)
        self.failure: KioskError | None = None
        """Why the terminal could not start."""
        self.beside: BackgroundSync | None = None
        """What runs beside the terminal, once it has been started."""
        self._load = load
        self._read_config = read_config or (lambda: config)
        self._start_beside = start_beside
        self._reader = reader
        self._said: tuple[object, tuple[str, ...]] = (None, ())
        """The screen that was read out last, and what it said."""
        self._services: CustomerServices | None = None
        self._painted = asyncio.Event()
        self._loading: asyncio.Task[CustomerServices] | None = None
        self._flow: Flow | None = None
        self._staff: StaffAtTerminal | None = None
        """None until a member of staff comes for the first time."""
        self._typed_ahead: list[events.Key] | None = None
        """What was typed since the chord, until that has led somewhere; None: it was not struck."""
        self._scans = ScanGuard(self.call_later, self._pass_on) if config.devices.scanner else None
        self._visits = 0
        self._visit_mode = ""
        self._starting = self._ending = False
        self._between_visits = asyncio.Lock()
        """Held while a visit begins, and while services are exchanged."""
        self._idle = IdleMonitor(self.seconds)
        self._ticks = 0

    # starting and ending

    def on_mount(self) -> None:
        """Show the attract screen first; everything else loads behind it."""
        self.call_after_refresh(self._start_loading)
        self.set_interval(_TICK_SECONDS, self._tick)

    def _start_loading(self) -> None:
        self._loading = asyncio.create_task(self._load_services())
        # nobody may ask for it any more: asyncio would print the error of a failed start
        self._loading.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._painted.set()

    async def _load_services(self) -> "CustomerServices":
        try:
            services = await self.call_service(self._load, self.config)
        except KioskError as error:
            self.failure = error
            self.exit(return_code=1)
            raise
        except Exception as error:
            self._handle_exception(error)  # a terminal that can't serve must not stand there
            raise
        self._services = services
        # nothing that is loaded now ever goes: the collector need not look at it again
        gc.collect()
        gc.freeze()
        self._show_posters(services)
        await self._show_wait()
        # a terminal that can't start it serves customers all the same
        self.run_worker(self._begin_beside(), group="beside", exit_on_error=False)
        return services

    async def _begin_beside(self) -> None:
        self.beside = await self.call_service(self._start_beside)

    async def leave(self) -> None:
        """End the visit, and then the app."""
        from kiosk.services.visits import EndReason

        if self._staff is not None:
            from kiosk.screens.staff_mode.host import SignedOff

            await self._staff.close(SignedOff.STOPPED)
        await self._end_visit(EndReason.INTERRUPTED)
        self.exit()

    async def on_unmount(self) -> None:
        """Let the last write finish and give back the store."""
        if self._services is not None:
            await self.call_service(self._services.close)
        self.database_thread.shutdown(wait=False)

    # what the flow needs

    async def call_service(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run a service on the one database thread; it ends even if the step is cancelled."""

        def act() -> R:
            return call(*args, **kwargs)

        return await super().call_service(relieved, self.config.store_path, act)

    def bring_now(self) -> None:
        """Let the branch have what has happened without waiting for the next round."""
        if self.beside is not None:
            self.beside.bring_now()

    # visits

    @on(AttractScreen.Started)
    def start(self, event: AttractScreen.Started) -> None:
        """Somebody is here."""
        is_double = self.is_double_strike(event.by)
        if self._starting or self._flow is not None:
            return
        if is_double:
            self.refresh_screens()  # a button that starts nothing is not pressed either
            return
        self._starting = True
        self.run_worker(self._start_visit(event), group="start", description="start a visit")

    async def _start_visit(self, event: AttractScreen.Started) -> None:
        try:
            async with self._between_visits:
                await self._open_session(event)
        except KioskError as error:
            log.error("no visit could be started: %s", error)
            if isinstance(self.screen, AttractScreen):
                i18n.use_language(event.language or i18n.DEFAULT_LANGUAGE)
                self.screen.show_failure()
                await self._show_wait()
        finally:
            self._starting = False

    async def _open_session(self, event: AttractScreen.Started) -> None:
        await self._painted.wait()
        assert self._loading is not None  # noqa: S101 (set before the event)
        await asyncio.shield(self._loading)
        services = self._services
        assert services is not None  # noqa: S101 (loaded by now)
        # slow to import: the database thread has done it by now, behind the first paint
        from kiosk.screens.customer.base import CustomerScreen
        from kiosk.screens.customer.flow import Flow
        from kiosk.services.journal import new_id
        from kiosk.session import CustomerSession

        wait, last_known = await self._read_queue(services)
        language: Language = event.language or i18n.DEFAULT_LANGUAGE
        visit = new_id()
        arrived_at = await self.call_service(services.visits.start, visit, language)
        session = CustomerSession(visit, language, arrived_at)
        i18n.use_language(language)
        flow = self._flow = Flow(self, services, session, wait, last_known)
        self._visits += 1
        mode = self._visit_mode = f"visit-{self._visits}"
        self.add_mode(mode, lambda: self._first_screen(flow))
        self._idle.touch(self.seconds)
        await self.draw_once(lambda: self.switch_mode(mode))
        home = self.screen
        if isinstance(home, CustomerScreen):
            if event.then is not None:
                home.perform(event.then)
            elif self.config.appearance.large_type:
                home.perform("large_type")

    async def end_visit(self, reason: "EndReason") -> None:
        """Wipe the session and show the attract screen.

        The work is done by the app itself: a step of the flow dies with the screen that it runs on.
        """
        self.call_later(self._spawn_end, reason)

    def _spawn_end(self, reason: "EndReason") -> None:
        self.run_worker(self._end_visit(reason), group="end", description="end a visit")

    async def _end_visit(self, reason: "EndReason") -> None:
        if self._ending or self._flow is None or self._services is None:
            return
        self._ending = self._flow.ended = True
        try:
            await self._flow.end(reason)
        except KioskError as error:
            log.error("the end of a visit could not be stored: %s", error)
        finally:
            self._flow = None
            self._said = (None, ())
            self._hush()
            if self.current_mode == self._visit_mode:  # else staff have come before it
                i18n.use_language(i18n.DEFAULT_LANGUAGE)
                await self.draw_once(lambda: self.switch_mode(ATTRACT))
            await self.remove_mode(self._visit_mode)
            self.clear_notifications()
            self._ending = False
            self.call_after_refresh(gc.collect)  # between sessions, never during one
        await self._show_wait()

    # aloud

    def on_customer_screen_shown(self) -> None:
        """Say what stands there; of the same screen, what is new."""
        from kiosk.screens.customer.base import CustomerScreen

        if self._reader is None or not isinstance(self.screen, CustomerScreen | IdleWarning):
            return
        from kiosk.screens.customer.aloud import said_aloud

        screen, before = self._said
        texts = said_aloud(self.screen)
        self._said = (self.screen, texts)
        known = before if screen is self.screen else ()
        if new := [text for text in texts if text not in known]:
            self._reader.read(i18n.language(), new)

    def _hush(self) -> None:
        if self._reader is not None:
            self._reader.hush()

    # staff

    @property
    def _is_staffs(self) -> bool:
        return self._staff is not None and self._staff.is_open

    def _takes_key(self, event: events.Key) -> bool:
        """Whether a key was for staff, who sign in here."""
        key = event.key
        if self._typed_ahead is not None:
            self._typed_ahead.append(event)
            return True
        if key == STAFF_CHORD:
            self._typed_ahead = []
            self.run_worker(self._open_staff_mode(), group="staff", description="staff mode")
            return True
        return self._staff is not None and self._staff.takes_key(self.screen, key)

    async def _open_staff_mode(self) -> None:
        """Show where staff sign in; what was typed meanwhile is for that, and for nobody else."""
        try:
            await self._show_sign_in()
        finally:
            typed, self._typed_ahead = self._typed_ahead or [], None
            for event in typed if self._is_staffs else ():
                self.post_message(events.Key(event.key, event.character))

    async def _show_sign_in(self) -> None:
        """Not while something else is on its way to the screen: the chord can be struck again."""
        if self._starting or self._ending or self._is_in_step():
            return
        await self._painted.wait()
        assert self._loading is not None  # noqa: S101 (set before the event)
        async with self._between_visits:
            await asyncio.shield(self._loading)
            if self._staff is None:
                self._staff = (await self.call_service(_import_staff_mode))(self)
            await self._staff.open()

    def _is_in_step(self) -> bool:
        return any(each.group == "flow" and not each.is_finished for each in self.workers)

    async def begin_work(
        self, number: str, pin: "SecretStr", new: "SecretStr | None" = None
    ) -> None:
        """Sign a member of staff in.

        Raises:
            KioskError: Why not.
        """
        assert self._staff is not None  # noqa: S101 (it shows where they sign in)
        await self._staff.begin_work(number, pin, new)

    async def load_staff(self) -> "StaffServices":
        """Build what staff work with."""
        from kiosk.bootstrap import build_staff

        assert self._services is not None  # noqa: S101 (loaded before anybody signs in)
        return await self.call_service(build_staff, self.config, self._services, self.clock)

    async def make_way(self) -> None:
        """End the customer's visit, if there is one, behind the staff's screens."""
        from kiosk.services.visits import EndReason

        # the app's own work: where staff sign in may go meanwhile, and a visit ends whole
        ending = self.run_worker(
            self._end_visit(EndReason.STAFF), group="end", description="end a visit"
        )
        await asyncio.shield(ending.wait())

    async def come_back(self) -> None:
        """Show what is there for customers: the visit, or the attract screen."""
        language = self._flow.session.language if self._flow else i18n.DEFAULT_LANGUAGE
        i18n.use_language(language)
        self._idle.touch(self.seconds)
        mode = self._visit_mode if self._flow else ATTRACT
        await self.draw_once(lambda: self.switch_mode(mode))
        await self._show_wait()

    def sign_off(self, why: "SignedOff | None" = None) -> None:
        """Whoever of the staff is here goes."""
        from kiosk.screens.staff_mode.host import SignedOff

        if self._staff is not None:
            leaving = self._staff.close(why or SignedOff.ASKED)
            self.run_worker(leaving, group="staff", description="sign off")

    def place_text(self) -> str:
        """Bank and branch, and that this is for staff."""
        return i18n._("{place} · staff mode").format(place=self.place_name())

    def switch_language(self) -> None:
        """The next language, for staff."""
        i18n.use_language(i18n.language_after(i18n.language()))
        self.refresh_screens()

    # the watch

    async def hear(self, event: events.Event) -> None:
        """Notice that somebody is there; before any field, take the keys of staff."""
        if isinstance(event, _TOUCHES):
            self._idle.touch(self.seconds)
            self._hush()
            if self._staff is not None:
                self._staff.touch()
        if isinstance(event, events.Key):
            event = event if self._is_staffs else self._as_digit(event)
            if self._may_be_scanned(event):
                return
        await self._pass_on(event)

    def _may_be_scanned(self, key: events.Key) -> bool:
        """Whether a key waits until it is known who typed it; what staff scan is for a field."""
        is_for_staff = self._is_staffs or self._typed_ahead is not None
        if self._scans is None or is_for_staff or key.is_forwarded:
            return False
        return self._scans.holds(key)

    async def _pass_on(self, event: events.Event) -> None:
        if not (isinstance(event, events.Key) and self._takes_key(event)):
            await super().hear(event)

    def _as_digit(self, key: events.Key) -> events.Key:
        """Customers have a keypad and no use for the keys that it has without NumLock.

        But for its arrows: those move among the choices.
        """
        is_typing = self.screen_stack and getattr(self.screen, "is_typing", False)
        return keypad.as_digit(key, arrows=bool(is_typing))

    async def _tick(self) -> None:
        self._ticks += 1
        if self._staff is not None and self._staff.is_open:
            self._staff.watch()
            return
        await self._watch_idle()
        if self.screen_stack and isinstance(self.screen, AttractScreen):
            self.screen.turn(self.seconds)
        self._tick_screen()
        if self._flow is None and self._ticks % _WAIT_EVERY_TICKS == 0:
            await self._follow_branch()
            await self._show_wait()
            gc.collect()  # nobody stands there, and a holiday is long

    def _tick_screen(self) -> None:
        if self._flow is None or not self.screen_stack:
            return
        from kiosk.screens.customer.base import CustomerScreen

        if isinstance(self.screen, CustomerScreen):
            self.screen.tick()

    async def _follow_branch(self) -> None:
        """Between visits, take up what the branch has said since: its settings, its catalog."""
        async with self._between_visits:
            before = self._services
            if before is None or self._flow is not None or self._is_staffs:
                return
            try:
                if not await self.call_service(before.followed.has_changed):
                    return
                config = await self.call_service(self._read_config)
                self._services = await self.call_service(self._load, config)
                await self.call_service(before.close)
            except KioskError as error:
                log.error("what the branch says could not be taken up: %s", error)
                return
            self.config = config
            self._show_posters(self._services)
        self.theme = self.register_themes()
        self.refresh_css()
        self.refresh_screens()

    def _show_posters(self, services: "CustomerServices") -> None:
        """Between visits, when the services were built."""
        if self.screen_stack and isinstance(self.screen, AttractScreen):
            self.screen.show_posters(services.posters)

    async def _watch_idle(self) -> None:
        if self._flow is None:
            return
        from kiosk.screens.customer.base import CustomerScreen
        from kiosk.services.visits import EndReason

        # the warning itself stands before the customer's screen
        shown = [each for each in self.screen_stack if isinstance(each, CustomerScreen)]
        if not shown:
            return  # the app is ending
        patience = shown[-1].patience_seconds
        now, times = self.seconds, self._idle_times(self._flow.session.large_type, patience)
        state = self._idle.state(now, times)
        if state is IdleState.END:
            await self.end_visit(EndReason.IDLE)
        elif state is IdleState.WARN:
            left = self._idle.seconds_left(now, times)
            if isinstance(self.screen, IdleWarning):
                self.screen.count(left)
            else:
                issued = self._flow.issued
                warning = IdleWarning(
                    left,
                    issued.number if issued else None,
                    has_handed_over=self._flow.has_handed_over,
                )
                await self.push_screen(warning)
                self.on_customer_screen_shown()
        elif isinstance(self.screen, IdleWarning):
            self.screen.go_on()  # a finger that slid has touched the screen too

    def _idle_times(self, large_type: bool, patience: int) -> IdleTimes:
        idle = self.config.idle
        warn_after = idle.warn_after_large_type if large_type else idle.warn_after
        return IdleTimes(max(warn_after, min(patience, _MOST_PATIENCE_SECONDS)), idle.countdown)

    async def _show_wait(self) -> None:
        from kiosk.screens.customer.phrases import last_known_phrase, waiting_phrase

        if self._services is None:
            return
        try:
            wait, last_known = await self._read_queue(self._services)
        except KioskError as error:
            log.error("the queue could not be read: %s", error)
            return
        # the app may have ended meanwhile, and has no screen then
        if self.screen_stack and isinstance(self.screen, AttractScreen):
            self.screen.show_waiting(waiting_phrase(wait) or last_known_phrase(last_known))

    async def _read_queue(
        self, services: "CustomerServices"
    ) -> "tuple[Wait | None, LastKnown | None]":
        """What can be said of the queue; if nothing, what could be said last."""
        if (wait := await self.call_service(services.tickets.wait)) is not None:
            return wait, None
        return None, await self.call_service(services.tickets.last_known)

    def _attract_screen(self) -> AttractScreen:
        screen = AttractScreen(
            self.place_name,
            lambda: i18n.format_time(self.local_time()),
            is_away=self.config.terminal.outreach,
        )
        styles_are_current(self, screen)
        return screen

    def _first_screen(self, flow: "Flow") -> Screen[None]:
        screen = flow.home()
        styles_are_current(self, screen)
        return screen


def _import_staff_mode() -> "type[StaffAtTerminal]":
    """Many screens, and no customer needs them: imported when staff come, off the loop."""
    from kiosk.staff_at_terminal import StaffAtTerminal

    return StaffAtTerminal


def run(config: Config, read_config: Callable[[], Config]) -> int:
    """Run the terminal until it is stopped; returns the exit status.

    Args:
        config: As it is now.
        read_config: Reads it anew, when the branch has said something.

    Raises:
        KioskError: The terminal can't start; the sentence belongs on the console.
    """

    def load(config: Config) -> "CustomerServices":
        # slow to import, the flow with all its screens too: behind the first paint
        import kiosk.screens.customer.flow  # noqa: F401
        from kiosk.bootstrap import build

        i18n.prepare_languages()
        return build(config)

    def start_beside() -> "BackgroundSync | None":
        if not config.sync.in_background:
            return None
        from kiosk.background import BackgroundSync

        sync = BackgroundSync()
        sync.start()
        return sync

    log_into(config.log_path)
    log.addHandler(NotesLastError(config.last_error_path, SystemClock()))
    reader = _reader(config.voice) if config.voice.player and config.voice.terminal else None
    app = KioskApp(config, load, None, read_config, start_beside, reader)
    with held(config.store_path, "terminal", "store_in_use"):
        try:
            app.run()
        finally:
            if app.beside is not None:
                app.beside.stop()
            if reader is not None:
                reader.close()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


def _reader(voice: Voice) -> "Reader | None":
    """None: the terminal goes on in silence; `kiosk doctor` says why."""
    from kiosk.services.voice.clips import load_clips
    from kiosk.services.voice.reader import Reader
    from kiosk.services.voice.speaker import Speaker

    assert voice.clips is not None  # noqa: S101 (the configuration refuses a player without them)
    try:
        clips = load_clips(voice.clips)
    except KioskError as error:
        log.error("screens are not said: %s", error)
        return None
    return Reader(Speaker(voice.player, clips, _READING_SECONDS), clips, voice.headphones)
