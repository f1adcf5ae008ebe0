"""One person's work at a counter, from signing in to signing off."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.i18n import _, format_time
from kiosk.idle import IdleMonitor, IdleState, IdleTimes
from kiosk.screens.counter.host import Host
from kiosk.screens.counter.phrases import entry_texts
from kiosk.sentences import sentence
from kiosk.services.desk_view import DeskView
from kiosk.services.journal import new_id
from kiosk.services.workplace import CounterState, Entries, Workplace

log = logging.getLogger("kiosk")

RETRY_SECONDS = 2.0
_SLOW_SECONDS = 2.0
"""After so long without an answer the screen says that it waits for one."""
IDLE = IdleTimes(warn_after=270, countdown=30)
"""Nobody is at the counter for five minutes: it is closed."""


@dataclass(frozen=True)
class Press:
    """A key that was pressed, until the branch has what it does."""

    label: str
    act: Callable[[UUID], object]
    request: UUID
    """The same at every try: what was done already is not done again."""
    at: float
    """When, by the monotonic clock."""
    then: Callable[[], None] | None = None


def on_its_way(label: str) -> str:
    """What is said as long as the branch has not answered."""
    return _("“{label}” is still on its way.").format(label=label)


class Teller:
    """Knows what stands on the desk, and brings there what was pressed.

    Args:
        host: Shows it.
        at: What there is to work with.
    """

    def __init__(self, host: Host, at: Workplace, view: DeskView, entries: Entries) -> None:
        self.host = host
        self.at = at
        self.view = view
        self.entries = entries
        self.read_at = host.clock.now()
        """When the view was read."""
        self.pending: Press | None = None
        self.is_away = False
        """Whether the branch database could not be reached at the last try."""
        self.idle = IdleMonitor(host.seconds)
        self._note = ""
        self._reads_since: float | None = None
        """When the look at the desk began that is under way."""
        self._has_copied = False

    # what is said

    @property
    def now(self) -> datetime:
        """The time to which waits are counted; goes on while the branch is away."""
        return self.host.clock.now()

    @property
    def note(self) -> str:
        """One sentence that the teller has to know now; empty: all is well."""
        if self.is_away and self.pending is not None:
            return _(
                "The branch database can't be reached. “{label}” is kept and goes there as soon as "
                "it is back; Esc drops it."
            ).format(label=self.pending.label)
        if self.is_away or self._is_slow(self._reads_since):
            return _(
                "The branch database can't be reached; trying again. This is how it was at {time}."
            ).format(time=format_time(self.read_at.astimezone(self.at.zone)))
        if self.pending is not None and self._is_slow(self.pending.at):
            return on_its_way(self.pending.label)
        if self._idle_state() is IdleState.WARN and not self.is_on_break:
            left = self.idle.seconds_left(self.host.seconds, IDLE)
            return _("Nobody is here? The counter closes in {seconds} s; any key keeps it.").format(
                seconds=left
            )
        return self._note

    def _is_slow(self, since: float | None) -> bool:
        return since is not None and self.host.seconds - since > _SLOW_SECONDS

    def say(self, note: str) -> None:
        """Say something until the next key."""
        self._note = note
        self.host.refresh_screens()

    # what is done

    def press(
        self, label: str, act: Callable[[UUID], object], then: Callable[[], None] | None = None
    ) -> None:
        """Do something at the desk, once, however long the branch is away.

        Args:
            label: What the key says.
            act: Is given the request that names this press.
            then: What to do when it is done.
        """
        if self.pending is not None:
            return
        self._note = ""
        self.pending = Press(label, act, new_id(), self.host.seconds, then)
        self.host.work_on(self._bring(self.pending))

    def drop_pending(self) -> None:
        """Don't try any more; what was done already shows by itself."""
        if self.pending is not None and self.is_away:
            self.pending = None
            self.host.refresh_screens()

    async def _bring(self, press: Press) -> None:
        while self.pending is press and not await self._try(press):
            self.host.refresh_screens()
            await asyncio.sleep(RETRY_SECONDS)
        await self.read()

    async def _try(self, press: Press) -> bool:
        """Whether it is over."""
        try:
            await self.host.call_service(press.act, press.request)
        except KioskError as error:
            if self._is_away_by(error):
                return False
            self._note = sentence(error)
        else:
            self.is_away = False
            if self.pending is press and press.then is not None:
                press.then()
        if self.pending is press:
            self.pending = None
        return True

    async def read(self) -> None:
        """Look what stands on the desk now."""
        if self._reads_since is not None:
            return
        self._reads_since = self.host.seconds
        try:
            before = self._in_hand()
            self.view, self.entries = await self.host.call_service(self.at.read)
            self.read_at, self.is_away = self.now, False
            if self._has_copied and self._in_hand() != before:
                self._wipe()
        except KioskError as error:
            if not self._is_away_by(error):
                self._note = sentence(error)
        finally:
            self._reads_since = None
        self.host.refresh_screens()

    def _in_hand(self) -> UUID | None:
        return self.view.ticket.id if self.view.ticket else None

    def _is_away_by(self, error: KioskError) -> bool:
        """Whether the branch did not answer; the log has each outage once."""
        if exit_code(error) is not ExitCode.TRY_AGAIN:
            return False
        if not self.is_away:
            log.warning("the branch does not answer: %s", error)
        self.is_away = True
        return True

    def copy(self) -> None:
        """Put what the customer filled in on the clipboard, until the ticket leaves the desk."""
        self.host.put_on_clipboard("\n".join(entry_texts(self.entries)))
        self._has_copied = True
        self.say(_("Copied. It is wiped when the ticket leaves your desk."))

    async def leave(self) -> None:
        """Leave things in order when the program is stopped; one try, for there is no time."""
        if self._has_copied:
            self._wipe()
        if self.view.state is CounterState.OPEN and self.view.ticket is None:
            with suppress(KioskError):  # else whoever signs in next finds it open
                await self.host.call_service(self.at.desk.close, new_id())

    def _wipe(self) -> None:
        self.host.put_on_clipboard("")
        self._has_copied = False

    # when nobody is there

    def touch(self) -> None:
        """A key was pressed: somebody is here, and has read what was said."""
        self.idle.touch(self.host.seconds)
        self._note = ""

    def is_idle(self) -> bool:
        """Whether nobody has been here for too long."""
        return self._idle_state() is IdleState.END

    def _idle_state(self) -> IdleState:
        if self.view.ticket is not None or self.pending is not None:
            return IdleState.ACTIVE
        return self.idle.state(self.host.seconds, IDLE)

    @property
    def is_on_break(self) -> bool:
        """A break goes on though nobody is signed in."""
        return self.view.state is CounterState.BREAK
