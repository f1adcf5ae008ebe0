"""The frame of every customer screen, and what its keys do."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from kiosk.i18n import NATIVE_NAMES, SHORT_NAMES, _, language, language_after
from kiosk.screens.size import is_too_small
from kiosk.widgets.band import Band
from kiosk.widgets.choice_grid import Choice, ChoiceGrid
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

SIDE_MARGINS = 4
"""Cells left free beside every text, left and right together."""
_BAND_AND_FOOT = 4
"""Rows of a compact screen."""
TOUCH = "touch"
"""How the double-strike guard knows a touch, wherever it falls: a finger that trembles slides."""

_ACTIONS = {
    "0": "ticket",
    "8": "help",
    "9": "back",
    "backspace": "back",
    "full_stop": "back",
    "asterisk": "large_type",
    "number_sign": "language",
    "slash": "language",
}


def too_small_sentence(*, is_away: bool = False) -> str:
    """What stands where no button does."""
    if is_away:
        return _("This screen is too small. Press 0 or touch it to see where the branch is.")
    return _("This screen is too small. Press 0 or touch it for a counter ticket.")


def ticket_key(*, is_away: bool) -> FootKey:
    """The one step to the counter; from elsewhere, what there is to know before coming."""
    if is_away:
        return FootKey("0", _("At the branch"), "ticket", short=_("Branch"))
    return FootKey("0", _("Counter ticket"), "ticket", short=_("Ticket"))


def turn_choice(page: int, pages: int) -> Choice:
    """The button that turns the page, and where the customer is."""
    label = _("More choices") if page < pages else _("First page")
    return Choice("more", label, (_("Page {page} of {pages}").format(page=page, pages=pages),))


class CustomerScreen(Screen[None]):
    """Band, title, work and foot; a subclass says what stands in them.

    Texts come from methods, so that a switch of the language or to large type shows the same
    screen anew with everything that was entered.

    Args:
        flow: Knows which screen follows which.
    """

    AUTO_FOCUS = "ChoiceGrid"
    cards = False
    """Whether the choices are cards side by side."""
    compact = False
    """Whether the screen needs every row that it can get."""

    title_in_band = True
    """Whether a compact screen may show its title in the band."""
    patience_seconds = 0
    """How long a customer may be busy with what this screen says before anybody asks for them."""
    help_matters = False
    """Whether the help stays in large type, where words are few."""

    class Shown(Message):
        """Something else stands on the screen than a moment ago."""

    def __init__(self, flow: "Flow") -> None:
        super().__init__()
        self.flow = flow
        self.service: str | None = None
        """What the customer is about, as far as this screen knows."""
        self._busy = False
        self._shown: object = None
        """What the texts were written for."""

    @property
    def is_typing(self) -> bool:
        """Whether digits are typed here, and choose nothing."""
        return False

    def title_text(self) -> str:
        """The one question or statement of this screen."""
        raise NotImplementedError

    def help_text(self) -> str:
        """One line of help, only if it helps."""
        return ""

    def choices(self) -> Sequence[Choice]:
        """What can be chosen."""
        return ()

    async def choose(self, code: str) -> None:
        """Go where a choice leads."""
        raise NotImplementedError

    def work(self) -> Iterable[Widget]:
        """What stands between the title and the choices."""
        return ()

    def compose(self) -> ComposeResult:
        """The frame."""
        yield Band()
        yield from self.body()
        yield Foot()
        yield Words(id="too-small")

    def body(self) -> Iterable[Widget]:
        """What stands between band and foot."""
        yield Words(id="title")
        yield Words(id="help")
        yield from self.work()
        yield ChoiceGrid(cards=self.cards)

    def on_mount(self) -> None:
        """Fill in the texts."""
        self.show()

    def on_screen_resume(self) -> None:
        """The language or the size of type may have changed on a later screen."""
        self.show()
        self.call_after_refresh(self.post_message, self.Shown())

    def on_resize(self) -> None:
        """Small terminals get a smaller frame."""
        self.show()

    def tick(self) -> None:
        """About a second has passed while this screen was in front."""

    def show(self) -> None:
        """Write every text of the screen in the language in use, if anything has changed."""
        if not self.is_mounted:
            return
        state = (language(), self.flow.session.large_type, self.size, self.flow.status())
        if state != self._shown:
            self._shown = state
            self.write()

    def write(self) -> None:
        """Write every text of the screen."""
        large, title = self.flow.session.large_type, self.title_text()
        before = self.classes
        self._fit(self.size.width, self.size.height)
        in_band = (
            self.title_in_band
            and self.has_class("-compact")
            and 0 < cell_len(title) <= self.size.width - 4
        )
        self.set_class(in_band, "-title-in-band", update=False)
        if self.classes != before:  # the styles of the whole screen, once for all of its classes
            self.update_node_styles()
        band = self.query_one(Band)
        band.name_text = title if in_band else self.flow.place()
        status = self.flow.status()
        band.note_text = _("Large type") if large else ""
        band.status_text, band.clock_text = status.waiting, status.time
        self.query_one("#title", Words).text = title
        self.show_choices()
        help_line = self.query_one("#help", Words)
        help_line.text = self.help_text() if self.help_matters or not large else ""
        if not self.help_matters and self._help_makes_pages():
            help_line.text = ""
        help_line.display = bool(help_line.text) and not self.has_class("-too-small")
        self.query_one(Foot).show(self.foot_keys())
        self.query_one("#too-small", Words).text = self.too_small_text()
        self.call_after_refresh(self.post_message, self.Shown())

    def _help_makes_pages(self) -> bool:
        """Whether the choices have room on one page, but not together with the help."""
        if not self.has_class("-title-in-band"):
            return False
        width, height = self.size.width - 2, self.size.height - _BAND_AND_FOOT
        lines = self.lines_of("#help", width=self.size.width - SIDE_MARGINS) + 1
        grid = self.query_one(ChoiceGrid)
        return grid.pages_in(width, height) == 1 < grid.pages_in(width, height - lines)

    def show_choices(self) -> None:
        """Show what can be chosen now."""
        large = self.flow.session.large_type
        self.query_one(ChoiceGrid).show(self.choices(), turn_choice, large=large)

    def lines_of(self, *names: str, width: int) -> int:
        """How many lines these texts take on so many cells; one in the band takes none."""
        shown = [name for name in names if name != "#title" or not self.has_class("-title-in-band")]
        return sum(self.query_one(name, Words).lines_in(width) for name in shown)

    def too_small_text(self) -> str:
        """What is all there is on a terminal that can't hold the screen: the way to the counter."""
        if self.flow.issued:
            return f"{self.flow.issued.number}\n{_('Your counter ticket')}"
        return too_small_sentence(is_away=self.flow.branch is not None)

    def foot_keys(self) -> list[FootKey]:
        """The same keys on every screen."""
        large = self.flow.session.large_type
        following = language_after(language())
        type_key = (_("Normal type"), _("Normal")) if large else (_("Large, 60+"), _("Large"))
        return [
            self._ticket_key(),
            FootKey("8", _("Call staff"), "help"),
            FootKey("9", _("Back"), "back"),
            FootKey("*", type_key[0], "large_type", short=type_key[1], is_on=large),
            FootKey("#", NATIVE_NAMES[following], "language", short=SHORT_NAMES[following]),
        ]

    def foot_keys_while_typing(self, *, has_typed: bool) -> list[FootKey]:
        """Those that are digits elsewhere have another key, or are touched."""
        ticket, _help, _back, *others = CustomerScreen.foot_keys(self)
        return [
            FootKey("", ticket.label, ticket.action, short=ticket.short),
            FootKey("+", _("Call staff"), "help"),
            FootKey("" if has_typed else ".", _("Back"), "back"),
            *others,
        ]

    def _ticket_key(self) -> FootKey:
        if issued := self.flow.issued:
            label = _("Your ticket: {number}").format(number=issued.number)
            return FootKey("0", label, "ticket", short=issued.number)
        return ticket_key(is_away=self.flow.branch is not None)

    def on_key(self, event: events.Key) -> None:
        """Digits choose; the keys of the foot have the same meaning everywhere."""
        if self.flow.is_double_strike(event.key):
            event.stop()
            return
        action = _ACTIONS.get(event.key)
        if self.has_class("-too-small"):
            event.stop()  # nobody chooses what can't be seen
            if action in ("ticket", "help"):
                self.perform(action)
        elif action:
            event.stop()
            self.perform(action)
        elif event.key in "1234567" and self.query_one(ChoiceGrid).press_key(event.key):
            event.stop()

    def on_click(self) -> None:
        """Where the screen is too small for buttons, all of it is one."""
        if self.has_class("-too-small") and not self.flow.is_double_strike(TOUCH):
            self.perform("ticket")

    @on(Foot.Pressed)
    def press_foot(self, event: Foot.Pressed) -> None:
        """Do what the touched key of the foot says."""
        if not self.flow.is_double_strike(TOUCH):
            self.perform(event.action)

    @on(ChoiceGrid.Chosen)
    def follow_choice(self, event: ChoiceGrid.Chosen) -> None:
        """Do what the chosen button says."""
        if event.touched and self.flow.is_double_strike(TOUCH):
            self.query_one(ChoiceGrid).release()
            return
        self.run_once(lambda: self.choose(event.code))

    def perform(self, action: str) -> None:
        """Start one of the foot's actions."""
        calls: dict[str, Callable[[], Awaitable[None]]] = {
            "ticket": self.take_ticket,
            "help": self.ask_help,
            "back": self.go_back,
            "large_type": self.flow.switch_large_type,
            "language": self.flow.switch_language,
        }
        self.run_once(calls[action])

    async def take_ticket(self) -> None:
        """Give the customer a counter ticket."""
        await self.flow.take_ticket(self.service)

    async def ask_help(self) -> None:
        """Call a member of staff."""
        await self.flow.call_staff(type(self).__name__, self.service)

    async def go_back(self) -> None:
        """Show the screen before this one."""
        await self.flow.back()

    def run_once(self, call: Callable[[], Awaitable[None]]) -> None:
        """Run a step of the flow unless one is under way: a second touch changes nothing."""
        if self._busy or self.flow.ended or not self.is_current:
            return
        self._busy = True
        self.run_worker(self._run(call), group="flow", description="a step of the flow")

    async def _run(self, call: Callable[[], Awaitable[None]]) -> None:
        try:
            await self.flow.guarded(call)
        finally:
            self._busy = False
            for grid in self.query(ChoiceGrid):  # none where the step dropped this screen
                grid.release()

    def _fit(self, width: int, height: int) -> None:
        large = self.flow.session.large_type
        for name, holds in (
            ("-large", large),
            ("-compact", self.compact or large or height < 24),
            ("-narrow", width < 80),
            ("-low", height < 24),
            ("-tall", height >= 40),
            ("-too-small", is_too_small(width, height)),
        ):
            self.set_class(holds, name, update=False)
