"""Who works in staff mode, and which place is in front of them."""

import logging
from collections.abc import Mapping
from uuid import UUID

from textual import events

from kiosk.errors import KioskError
from kiosk.screens.staff_mode.base import PlaceScreen
from kiosk.screens.staff_mode.host import SignedOff, StaffModeHost
from kiosk.screens.staff_mode.places import PLACES
from kiosk.services.audit import AuditAction
from kiosk.services.sign_in import SignedIn
from kiosk.services.staff.duties import duties_of
from kiosk.services.staff.services import StaffServices

log = logging.getLogger("kiosk")


class StaffFlow:
    """One member of staff at work.

    Args:
        host: The app.
        services: What the places work with.
        who: Has signed in.
    """

    def __init__(self, host: StaffModeHost, services: StaffServices, who: SignedIn) -> None:
        self.host = host
        self.services = services
        self.who = who
        self.duties = duties_of(who.roles)
        """What they may do."""
        self.ended = False
        """They have signed off: no place comes to the front any more."""
        self.heard: set[UUID] = set()
        """Calls for help that rang already and that nobody has taken yet."""
        self._names: Mapping[str, str] = {}
        self.segment: str | None = None
        """The code of the kind of customer who stands there, from one place to the next."""
        self._is_moving = False
        self._typed_ahead: list[events.Key] = []
        self._below = len(host.screen_stack)
        """How many screens stand below theirs."""

    @property
    def places(self) -> Mapping[str, type[PlaceScreen]]:
        """The places that they may use, each by its digit, which is the same for everybody."""
        return {digit: place for digit, place in PLACES.items() if place.DUTY in self.duties}

    def led_to(self, key: str, here: type[PlaceScreen]) -> str | None:
        """The digits of the place to which a key leads from another one; None: to none."""
        found = [digit for digit in self.places if set(digit) == {key}]
        at = [self.places[digit] for digit in found]
        following = at.index(here) + 1 if here in at else 0
        return found[following % len(found)] if found else None

    async def start(self) -> None:
        """Show the first of their places."""
        try:
            self._names = await self.host.call_service(self.services.sees.names)
        except KioskError as error:
            log.error("the names of staff could not be read: %s", error)
        await self.open(next(iter(self.places), ""))

    def name_of(self, number: str) -> str:
        """A member of staff as the others call them; by the number where no name is known here."""
        return self.who.name if number == self.who.number else self._names.get(number, number)

    async def open(self, digit: str) -> None:
        """Put a place in front, as it is now, instead of the one before and all it asked."""
        if self.sets_out(digit):
            await self.arrive(digit)

    def sets_out(self, digit: str) -> bool:
        """Whether a place can be opened now; if so, `arrive` is next, and keys wait for that."""
        if digit not in self.places or self.ended or self._is_moving:
            return False
        self._is_moving = True
        return True

    async def arrive(self, digit: str) -> None:
        """Open the place that was set out for."""
        place = self.places[digit]

        async def change() -> None:
            if self.ended:  # signed off on the way: what is in front now is no longer theirs
                return
            self._clear()
            await self.host.show_screen(place(self))

        try:
            await self.host.draw_once(change)
        finally:
            self._is_moving = False
            typed, self._typed_ahead = self._typed_ahead, []
            for key in typed:
                self.host.post_message(key)

    def holds_back(self, key: events.Key) -> bool:
        """Whether a key is for the place that is on its way: it comes there as soon as that is."""
        if self._is_moving:
            self._typed_ahead.append(events.Key(key.key, key.character))
        return self._is_moving

    def end(self) -> None:
        """Take their screens away."""
        self.ended = True
        self._clear()

    async def keep_end(self, why: SignedOff) -> None:
        """Keep that they have signed off; they have, whatever keeps it from being kept."""
        audit = self.services.audit
        try:
            await self.host.call_service(
                audit.record, AuditAction.SIGN_OFF, self.who.number, result=why.value
            )
        except KioskError as error:
            log.error("the end of staff mode could not be kept: %s", error)

    def _clear(self) -> None:
        while len(self.host.screen_stack) > self._below:
            self.host.drop_screen()
