"""The frame of every place of staff mode, and what its keys do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.i18n import NATIVE_NAMES, SHORT_NAMES, _, language, language_after, ngettext
from kiosk.screens.pick import PickScreen, Question
from kiosk.screens.staff import StaffScreen
from kiosk.screens.staff_mode.read import ReadScreen, Text
from kiosk.screens.staff_mode.segments import answers_text
from kiosk.screens.write_in import Asked, WriteInScreen
from kiosk.sentences import sentence
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.help_calls import CallNow
from kiosk.widgets.band import Band
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.panel import Panel
from kiosk.widgets.place_list import PlaceList
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

log = logging.getLogger("kiosk")

_LISTEN_SECONDS = 1.0
_SIGN_OFF = "0"
# Keypads have other names for the same keys under some terminals.
_BACK = ("minus", "escape")
_LANGUAGE = "language"
"""Only as it is touched: the app takes its keys before any screen."""


class _PickScreen(PickScreen):
    """A list with the way back that every place has."""

    BACK = (*PickScreen.BACK, *_BACK)
    BACK_KEY = "-"


class PlaceScreen(StaffScreen[None]):
    """One place: who works in it, the other places, its work, its keys.

    A subclass has `work` between the list of places and the foot, fills it in `write_work`, names
    its own keys in `foot_keys` and does what they say in `takes`.

    Args:
        flow: Knows who works here, and the other places.
    """

    NAME = ""
    """A message id, short: it stands in the list of places."""
    SHORT = ""
    """Another one for the list, where it would take a row more."""
    DUTY = Duty.LOBBY
    """Who may come here."""
    DIGITS_CHOOSE = False
    """Whether digits do something here, and lead to other places only from the first one."""

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow.host)
        self.flow = flow
        self.staff = flow.services
        self.who = flow.who
        self.calls: tuple[CallNow, ...] = ()
        """Customers who wait for somebody, the first one first."""
        self._is_hearing = False
        self._busy = False
        self._note = ""
        self._is_fault = False

    # who calls

    def on_mount(self) -> None:
        """Listen for calls, whatever somebody does here; Textual calls this beside a subclass's."""
        if Duty.LOBBY in self.flow.duties:
            self._hear()
            self.set_interval(_LISTEN_SECONDS, self._hear)

    def _hear(self) -> None:
        if not self._is_hearing:  # one look at a time
            self._is_hearing = True
            self.run_worker(self._listen(), group="listen", description="listen for calls")

    async def _listen(self) -> None:
        try:
            calls = await self.flow.host.call_service(self.staff.help_calls.open_calls)
        except KioskError as error:
            log.error("the calls for help could not be read: %s", error)
            return
        finally:
            self._is_hearing = False
        waiting = {each.id for each in calls if each.taken_by is None}
        if waiting - self.flow.heard:
            self.app.bell()
        self.flow.heard = waiting
        if calls != self.calls:
            self.calls = calls
            self.show()

    def ring_text(self) -> str:
        """Said in every place as long as a customer waits for somebody."""
        if not self.flow.heard:
            return ""
        count = len(self.flow.heard)
        return ngettext(
            "{count} customer calls: 1 shows where.",
            "{count} customers call: 1 shows where.",
            count,
        ).format(count=count)

    # what a place says of itself

    def work(self) -> Iterable[Widget]:
        """What stands between the list of places and the foot."""
        return ()

    def write_work(self) -> None:
        """Write the texts of the work; about once a second, too."""

    def foot_keys(self) -> Sequence[FootKey]:
        """The place's own keys, left of those that every place has.

        What a key does is its `action`: the name of the key as `takes` knows it.
        """
        return ()

    def takes(self, key: str) -> bool:
        """Do what a key says, before it can mean another place; False where it says nothing."""
        return False

    # the frame

    def compose(self) -> ComposeResult:
        """The frame."""
        yield Band()
        yield PlaceList()
        yield Words(id="ring")
        yield from self.work()
        yield Words(id="note")
        yield Foot()
        yield Words(id="too-small")

    def name_text(self) -> str:
        """Staff mode, who, and where."""
        place = _(self.NAME)
        return _("Staff mode · {name} · {place}").format(name=self.who.name, place=place)

    def write(self) -> None:
        """Write all of it."""
        self.query_one(PlaceList).show(
            [(digit, _(place.SHORT or place.NAME)) for digit, place in self.flow.places.items()],
            next(digit for digit, place in self.flow.places.items() if place is type(self)),
            digits_lead=not self.DIGITS_CHOOSE,
        )
        self.query_one("#ring", Words).text = self.ring_text()
        note = self.query_one("#note", Words)
        note.text = self._note
        note.set_class(not self._is_fault, "-told")
        self.write_work()  # the keys say how many pages there are
        self.call_after_refresh(self._fit, self._heights())
        following = language_after(language())
        self.query_one(Foot).show(
            [
                *self.foot_keys(),
                FootKey("0", _("Sign off"), _SIGN_OFF),
                FootKey("#", NATIVE_NAMES[following], _LANGUAGE, SHORT_NAMES[following]),
            ]
        )

    def _heights(self) -> list[int]:
        return [each.size.height for each in self.query(Panel)]

    def _fit(self, heights: list[int]) -> None:
        """Lay the work out anew where what stands around it has taken or left some rows."""
        if self._heights() != heights:  # where somebody has gone elsewhere since, nothing is shown
            self.show()

    def say(self, note: str, *, is_fault: bool = False) -> None:
        """Tell something above the foot, until a key is struck.

        Args:
            note: What was done, or what kept it from being done.
            is_fault: The latter: it stands out.
        """
        self._note, self._is_fault = note, is_fault
        self.show()

    # steps

    def act(self, step: Callable[[], Awaitable[None]]) -> None:
        """Run a step unless one is under way; what stops it is told above the foot."""
        if self._busy or self.flow.ended:
            return
        self._busy = True
        self.run_worker(self._act(step), group="step", description="a step of staff")

    async def _act(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except KioskError as error:
            self.say(sentence(error), is_fault=True)
        finally:
            self._busy = False

    # what a step asks; only a step can

    async def ask(self, question: Question) -> tuple[str, ...] | None:
        """Let somebody choose; the codes, or None: they went back."""
        return await self._until_answered(_PickScreen(self.flow.host, question))

    async def read_answers(self) -> None:
        """Let staff read what may help the kind of customer who stands there."""
        if self.flow.segment is not None:
            catalog = self.staff.terminal.catalog
            await self.read(answers_text(catalog, catalog.segment(self.flow.segment)))

    async def read(self, text: Text) -> bool:
        """Let somebody read; whether they came to the end and confirmed it."""
        return await self._until_answered(ReadScreen(self.flow.host, text)) or False

    async def write_in(self, asked: Asked) -> str | None:
        """Let somebody type; the text as it was taken, or None: they went back."""
        return await self._until_answered(WriteInScreen(self.flow.host, asked))

    async def _until_answered(self, screen: Screen[ScreenResultType]) -> ScreenResultType | None:
        """Put what asks in front; a place that has gone asks nothing, and its step ends here.

        Textual's own way waits until screens that are going have gone. This one may be among them:
        its step would wait for its own end, and be cancelled in the midst of it.
        """
        if self not in self.app.screen_stack:
            raise asyncio.CancelledError
        return await asyncio.shield(self.app.push_screen(screen, wait_for_dismiss=True))

    # keys

    def on_key(self, event: events.Key) -> None:
        """The place first, then what every place knows."""
        event.stop()
        if not self.flow.holds_back(event):
            self.press(event.key)

    @on(Foot.Pressed)
    def press_foot(self, event: Foot.Pressed) -> None:
        """Do what the key of the foot says that was touched."""
        self.press(event.action)

    @on(PlaceList.Chosen)
    def go_to(self, event: PlaceList.Chosen) -> None:
        """Go to the place that was touched."""
        self.open_place(event.digit)

    def press(self, key: str) -> None:
        """Do what a key says."""
        if self._note:
            self.say("")
        if self.takes(key):
            self.show()
        elif digit := self.flow.led_to(key, type(self)):
            self.open_place(digit)
        elif key == _SIGN_OFF:
            self.flow.host.sign_off()
        elif key == _LANGUAGE:
            self.flow.host.switch_language()
        elif key in _BACK:
            self.open_place(next(iter(self.flow.places)))

    def open_place(self, digit: str) -> None:
        """Go to another place, or come to this one anew."""
        if self.flow.sets_out(digit):
            # the app's: this screen goes, and its workers with it
            self.app.run_worker(self.flow.arrive(digit), group="place", description="a place")
