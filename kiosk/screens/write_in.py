"""One typed text, checked before it is taken."""

from collections.abc import Callable
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from kiosk.errors import KioskError
from kiosk.i18n import NATIVE_NAMES, _, language, language_after
from kiosk.screens.staff import StaffScreen, SwitchingHost
from kiosk.sentences import sentence
from kiosk.widgets.band import Band
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.words import Words


@dataclass(frozen=True)
class Asked:
    """What is asked for, in the language in use at that moment."""

    title: Callable[[], str]
    help: Callable[[], str]
    restrict: str
    """What can be typed at all, as a regular expression."""
    check: Callable[[str], str]
    """Gives what is taken for what was typed; raises why it can't be."""
    enter: Callable[[], str]
    """What Enter does."""


class WriteInScreen(StaffScreen[str]):
    """A field; goes away with what was typed in it, or with None."""

    AUTO_FOCUS = "#typed"

    def __init__(self, host: SwitchingHost, asked: Asked) -> None:
        super().__init__(host)
        self._host = host
        self._asked = asked
        self._error: KioskError | None = None

    def compose(self) -> ComposeResult:
        """The frame and the field."""
        yield Band()
        yield Words(id="title")
        field = Input(id="typed", restrict=self._asked.restrict, select_on_focus=False)
        field.cursor_blink = False  # each blink would be drawn
        yield field
        yield Words(id="help")
        yield Words(id="note")
        yield Foot()
        yield Words(id="too-small")

    def write(self) -> None:
        """Write the texts."""
        self.query_one("#title", Words).text = self._asked.title()
        self.query_one("#help", Words).text = self._asked.help()
        self.query_one("#note", Words).text = sentence(self._error) if self._error else ""
        following = NATIVE_NAMES[language_after(language())]
        self.query_one(Foot).show(
            [
                FootKey("Enter", self._asked.enter(), "enter"),
                FootKey("Esc", _("Back"), "back"),
                FootKey("#", following, "language"),
            ]
        )

    @on(Input.Changed)
    def typed(self) -> None:
        """What was said of the text before does not hold for this one."""
        self._error = None
        self.show()

    @on(Input.Submitted)
    def go_on(self) -> None:
        """Take it, or say why not."""
        try:
            text = self._asked.check(self.query_one("#typed", Input).value)
        except KioskError as error:
            self._error = error
            self.show()
        else:
            self.dismiss(text)

    def on_key(self, event: events.Key) -> None:
        """The way back; keypads have no Esc, but a key that takes back what was typed."""
        is_empty = not self.query_one("#typed", Input).value
        if event.key == "escape" or (event.key == "backspace" and is_empty):
            event.stop()
            self.dismiss(None)

    @on(Foot.Pressed)
    def press_key(self, event: Foot.Pressed) -> None:
        """Do what the key says that the mouse pressed."""
        match event.action:
            case "enter":
                self.go_on()
            case "back":
                self.dismiss(None)
            case _:
                self._host.switch_language()
