"""The call board's app: asks the branch, says what is new, and needs nobody's hand."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from kiosk import i18n
from kiosk.announcing import call_words
from kiosk.clock import Clock
from kiosk.config import Config, Language, Voice
from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.locked_app import LockedApp, log_into
from kiosk.screens.board.screen import BoardScreen, BoardState
from kiosk.services.board_view import BoardSource, BoardView, Call

if TYPE_CHECKING:
    from kiosk.services.voice.speaker import Speaker

log = logging.getLogger("kiosk")

LOOK_SECONDS = 0.5
"""From one look at the branch to the next."""
PAGE_SECONDS = 8
"""How long the board stays in one language, and the panel on one page."""
MARK_SECONDS = 12
"""How long a call counts as new."""
OLD_SECONDS = 5
"""After so long without an answer the board says that it is old: no alarm for a single miss."""
WAITS_SECONDS = 300
"""After so long nothing can be said of a wait; as on the terminals."""

Announce = Callable[[Call, tuple[Language, ...]], None]
"""Says a call aloud; returns at once."""


class BoardApp(LockedApp):
    """The lobby's call board."""

    def __init__(
        self,
        config: Config,
        source: BoardSource,
        clock: Clock | None = None,
        announce: Announce | None = None,
        look_every: float = LOOK_SECONDS,
    ) -> None:
        """Make the app.

        Args:
            config: How it looks until the branch has been asked.
            source: Where it looks; on the database thread.
            clock: For tests.
            announce: Says a new call aloud; none: the board is silent.
            look_every: Seconds.
        """
        super().__init__(config, clock)
        self.failure: KioskError | None = None
        """Why the board could not start."""
        self._source = source
        self._announce = announce
        self._look_every = look_every
        self._view: BoardView | None = None
        self._looking: asyncio.Task[None] | None = None
        self._heard_at: float | None = None
        """When the branch last answered, on the monotonic clock."""
        self._heard: datetime | None = None
        self._has_failed = False
        self._seen: set[tuple[str, datetime]] = set()
        """The keys of today's calls that were shown."""
        self._new_since: dict[tuple[str, datetime], float] = {}
        self._begun = self.seconds

    def on_mount(self) -> None:
        """Show the board and begin to look."""
        self._board = BoardScreen()
        self.push_screen(self._board)
        self.set_interval(self._look_every, self.tick)
        self.tick()

    def tick(self) -> None:
        """Begin a look unless one is under way, and show what time has changed."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self.look())
        self.show()

    async def looked(self) -> None:
        """Wait for the look that is under way."""
        if self._looking is not None:
            await self._looking

    async def look(self) -> None:
        """Ask the branch, and show what is new."""
        try:
            view = await self.call_service(self._source.look)
        except KioskError as error:
            self._go_without(error)
            return
        except Exception as error:
            self._handle_exception(error)  # as from any handler of Textual's
            return
        self._has_failed = False
        self._heard_at, self._heard = self.seconds, self.local_moment()
        if view is not None:
            self._take(view)
        self.show()

    def _go_without(self, error: KioskError) -> None:
        """Keep what is known; only who never knew anything, and would not by waiting, ends."""
        if not self._has_failed:
            log.warning("the branch can't be asked: %s", error)
        self._has_failed = True
        if self._heard is None and exit_code(error) != ExitCode.TRY_AGAIN:
            self.failure = error
            self.exit(return_code=1)
        self.show()

    def _take(self, view: BoardView) -> None:
        before, self._view = self._view, view
        for call in reversed(view.calls):
            # after an outage some have come and gone: nobody waits for those
            if before is not None and call.key not in self._seen and call.is_waited_for:
                self._new_since[call.key] = self.seconds
                if self._announce is not None:
                    self._announce(call, view.config.board.languages)
        # an earlier call comes back among the last ones when a later ticket is passed on
        self._seen = self._seen.union(call.key for call in view.calls) if view.calls else set()
        self._follow(view.config)

    def _follow(self, config: Config) -> None:
        before, self.config = self.config, config
        if before.appearance != config.appearance:
            self.theme = self.register_themes()
            self.refresh_css()

    def show(self) -> None:
        """Show what is known, as it is to be seen at this moment."""
        now = self.seconds
        self._new_since = {
            key: since for key, since in self._new_since.items() if now - since < MARK_SECONDS
        }
        languages = self.config.board.languages
        turn = int((now - self._begun) // PAGE_SECONDS)
        i18n.use_language(languages[turn % len(languages)])
        silent = now - (self._begun if self._heard_at is None else self._heard_at)
        is_old = silent > OLD_SECONDS
        moment = self.local_moment()
        # nobody waits from one day to the next
        is_of_today = self._heard is not None and self._heard.date() == moment.date()
        state = BoardState(
            view=self._view if is_of_today else None,
            config=self.config,
            now=moment.replace(second=0, microsecond=0),
            page=turn // len(languages),
            marked=frozenset(self._new_since),
            has_sign=bool(self._new_since) and int(now) % 2 == 0,
            old_since=self._heard if is_old else None,
            has_waits=silent < WAITS_SECONDS,
        )
        self._board.show(state)

    async def on_unmount(self) -> None:
        """Give back what was opened; a look that hangs is not waited for."""
        self.database_thread.submit(self._source.close)
        self.database_thread.shutdown(wait=False)


def run(config: Config, source: BoardSource) -> int:
    """Run the board until it is stopped; returns the exit status.

    Args:
        config: As it is without the branch.
        source: Where it looks.

    Raises:
        KioskError: It can't start; the sentence belongs on the console.
    """
    with suppress(OSError):  # a machine that only shows the board has no other file there
        config.data_folder.mkdir(parents=True, exist_ok=True)
    log_into(config.board_log_path)
    speaker = _speaker(config.voice) if config.voice.player else None
    app = BoardApp(config, source, announce=None if speaker is None else _announcing(speaker))
    try:
        app.run()
    finally:
        if speaker is not None:
            speaker.close()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


def _speaker(voice: Voice) -> "Speaker | None":
    """None: the board goes on in silence; `kiosk doctor` says why."""
    from kiosk.services.voice.clips import load_clips
    from kiosk.services.voice.speaker import Speaker

    assert voice.clips is not None  # noqa: S101 (the configuration refuses a player without them)
    try:
        return Speaker(voice.player, load_clips(voice.clips))
    except KioskError as error:
        log.error("calls are not said: %s", error)
        return None


def _announcing(speaker: "Speaker") -> Announce:
    def announce(call: Call, languages: tuple[Language, ...]) -> None:
        words = {each: call_words(call.number, call.counter, each) for each in languages}
        speaker.say(words)

    return announce
