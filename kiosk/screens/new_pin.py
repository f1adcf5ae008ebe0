"""A new PIN, typed twice."""

from typing import Protocol

from pydantic import SecretStr
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from kiosk.i18n import _
from kiosk.screens.staff import StaffHost, StaffScreen
from kiosk.services.pins import PIN_DIGITS
from kiosk.widgets.band import Band
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.words import Words

_FORGET_SECONDS = 60
"""Who went away has chosen nothing: nobody else shall choose for them."""


class NewPinHost(StaffHost, Protocol):
    """What choosing a PIN needs of the app."""

    @property
    def seconds(self) -> float:
        """The monotonic clock."""


class NewPinScreen(StaffScreen[SecretStr | None]):
    """One field, twice; goes away with the PIN, or with None.

    Args:
        host: Knows where this is.
        refused: Why the one before could not be taken.
    """

    AUTO_FOCUS = "#new-pin"

    def __init__(self, host: NewPinHost, refused: str = "") -> None:
        super().__init__(host)
        self._first: SecretStr | None = None
        self._differs = False
        self._refused = refused
        self._host = host
        self._typed_at = host.seconds

    def compose(self) -> ComposeResult:
        """The frame and the field."""
        yield Band()
        yield Words(id="title")
        yield Words(id="help")
        with Vertical(id="fields"), Horizontal(classes="field"):
            yield Words(id="pin-label")
            field = Input(
                id="new-pin",
                restrict=rf"[0-9]{{0,{PIN_DIGITS}}}",
                password=True,
                select_on_focus=False,
            )
            field.cursor_blink = False  # each blink would be drawn
            yield field
        yield Words(id="note")
        yield Foot()
        yield Words(id="too-small")

    def write(self) -> None:
        """Write the texts; the app has it done every second."""
        if self._host.seconds - self._typed_at > _FORGET_SECONDS:
            self.dismiss(None)
            return
        self.query_one("#title", Words).text = _("Choose a PIN of your own")
        self.query_one("#help", Words).text = _(
            "Six digits that nobody guesses: no row, no repetition, no date. It holds on this "
            "machine from now on, for 90 days."
        )
        label = _("New PIN") if self._first is None else _("New PIN, again")
        self.query_one("#pin-label", Words).text = label
        self.query_one("#note", Words).text = self._note()
        self.query_one(Foot).show(
            [FootKey("Enter", _("Go on"), "enter"), FootKey("Esc", _("Back"), "leave")]
        )

    def _note(self) -> str:
        if self._first is not None:
            return ""
        return _("The two were not the same. Begin again.") if self._differs else self._refused

    @on(Input.Changed)
    def typed(self) -> None:
        """Somebody is typing."""
        self._typed_at = self._host.seconds

    @on(Input.Submitted)
    def go_on(self) -> None:
        """Ask once more, or compare."""
        field = self.query_one("#new-pin", Input)
        typed, field.value = SecretStr(field.value), ""
        if not typed.get_secret_value():
            return
        if self._first is None:
            self._first = typed
        elif self._first == typed:
            self.dismiss(typed)
        else:
            self._first, self._differs = None, True
        self.show()

    def on_key(self, event: events.Key) -> None:
        """Back to signing in; keypads have no Esc, but a key that takes back what was typed."""
        is_empty = not self.query_one("#new-pin", Input).value
        if event.key == "escape" or (event.key == "backspace" and is_empty):
            event.stop()
            self.dismiss(None)

    @on(Foot.Pressed)
    def press_key(self, event: Foot.Pressed) -> None:
        """Do what the key says that the mouse pressed."""
        if event.action == "leave":
            self.dismiss(None)
        else:
            self.go_on()
