"""Who works here: a staff number and a PIN."""

from collections.abc import Callable
from typing import Protocol

from pydantic import SecretStr
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from kiosk.errors import KioskError
from kiosk.exit_codes import ExitCode, exit_code
from kiosk.i18n import N_, NATIVE_NAMES, _, language, language_after
from kiosk.screens.new_pin import NewPinScreen
from kiosk.screens.staff import StaffScreen, SwitchingHost
from kiosk.sentences import sentence
from kiosk.services.pins import PIN_DIGITS
from kiosk.widgets.band import Band
from kiosk.widgets.foot import Foot, FootKey
from kiosk.widgets.words import Words

LANGUAGE_KEYS = ("number_sign", "slash")
"""A field would take them as characters: the app takes them first."""
_LEAVING = ("escape", "full_stop")
_CHOOSE = ("pin_to_be_chosen", "pin_not_digits", "pin_guessable", "pin_same")
"""What is wrong with a PIN, and not with who it is."""
_FORGET_SECONDS = 60
"""What somebody typed who then went away does not stay longer."""


class SignInHost(SwitchingHost, Protocol):
    """What signing in needs of the app."""

    @property
    def seconds(self) -> float:
        """The monotonic clock."""

    async def begin_work(self, number: str, pin: SecretStr, new: SecretStr | None = None) -> None:
        """Sign somebody in and show them what they work with; raises why not.

        Args:
            number: The staff number.
            pin: Their PIN.
            new: The one that they have chosen to use from now on.
        """


class SignInScreen(StaffScreen[None]):
    """Two fields; Enter goes on.

    Args:
        host: Lets people in.
        title: What they come into, not yet translated.
        leave: Goes back to what stood there before; None: nothing did.
    """

    AUTO_FOCUS = "#number"
    COUNTER = N_("Sign in at this counter")
    PRACTICE = N_("Sign in to practise")
    STAFF_MODE = N_("Sign in to staff mode")

    def __init__(
        self, host: SignInHost, title: str, leave: Callable[[], None] | None = None
    ) -> None:
        super().__init__(host)
        self._host = host
        self._title = title
        self._leave = leave
        self._is_checking = False
        self._error: KioskError | None = None
        self._typed_at = host.seconds

    def compose(self) -> ComposeResult:
        """The frame and the two fields."""
        yield Band()
        yield Words(id="title")
        with Vertical(id="fields"):
            with Horizontal(classes="field"):
                yield Words(id="number-label")
                yield self._field("number", r"[A-Za-z0-9-]{0,16}")
            with Horizontal(classes="field"):
                yield Words(id="pin-label")
                yield self._field("pin", rf"[0-9]{{0,{PIN_DIGITS}}}", is_secret=True)
        yield Words(id="note")
        yield Foot()
        yield Words(id="too-small")

    @staticmethod
    def _field(name: str, restrict: str, *, is_secret: bool = False) -> Input:
        field = Input(id=name, restrict=restrict, password=is_secret, select_on_focus=False)
        field.cursor_blink = False  # each blink would be drawn
        return field

    def write(self) -> None:
        """Write the texts; the app has it done every second."""
        if self._host.seconds - self._typed_at > _FORGET_SECONDS and not self._is_checking:
            self._clear()
            self._error = None
        self.query_one("#title", Words).text = _(self._title)
        self.query_one("#number-label", Words).text = _("Staff number")
        self.query_one("#pin-label", Words).text = _("PIN")
        note = self.query_one("#note", Words)
        note.text = self._note()
        note.set_class(self._is_checking, "-told")
        following = NATIVE_NAMES[language_after(language())]
        keys = [FootKey("Enter", _("Go on"), "enter"), FootKey("#", following, "language")]
        if self._leave is not None:
            keys.insert(1, FootKey("Esc", _("Back"), "leave"))
        self.query_one(Foot).show(keys)

    def _note(self) -> str:
        if self._is_checking:
            return _("Checking …")
        if self._error is None:
            return ""
        if exit_code(self._error) is ExitCode.TRY_AGAIN:
            return _("The branch database can't be reached, so nobody can sign in yet. Try again.")
        return sentence(self._error)

    @on(Input.Changed)
    def typed(self) -> None:
        """Somebody is typing."""
        self._typed_at = self._host.seconds

    def _clear(self) -> None:
        """Forget who was here, and begin with the number."""
        for field in self.query(Input):
            if field.value:
                field.value = ""
                self.set_focus(self.query_one("#number"))

    def takes_key(self, key: str) -> bool:
        """Go from the number to the PIN at once: what is typed next is not to be seen."""
        number, pin = self.query_one("#number", Input), self.query_one("#pin", Input)
        if key in _LEAVING and self._leave is not None:
            self._leave()
            return True
        if key in ("up", "backspace") and self.focused is pin and not pin.value:
            self.set_focus(number)  # it may be what was wrong
            return True
        if key not in ("enter", "tab", "down") or self.focused is not number:
            return False
        self.set_focus(pin)
        return True

    @on(Input.Submitted)
    def go_on(self) -> None:
        """Ask for what is missing, or check."""
        number, pin = self.query_one("#number", Input), self.query_one("#pin", Input)
        if not number.value:
            self.set_focus(number)
        elif not pin.value:
            self.set_focus(pin)
        elif not self._is_checking:
            given = (number.value, SecretStr(pin.value))
            pin.value = ""
            self._start(*given)

    def _start(self, number: str, pin: SecretStr, new: SecretStr | None = None) -> None:
        self._is_checking, self._error = True, None
        self.show()
        self.run_worker(self._check(number, pin, new), group="sign-in", description="sign in")

    async def _check(self, number: str, pin: SecretStr, new: SecretStr | None) -> None:
        try:
            await self._host.begin_work(number, pin, new)
        except KioskError as error:
            if error.code in _CHOOSE:
                self._ask_new_pin(number, pin, "" if new is None else sentence(error))
            else:
                self._error = error
        else:
            self._clear()
        finally:
            self._is_checking = False
            self.show()

    def _ask_new_pin(self, number: str, pin: SecretStr, refused: str) -> None:
        """Who has to choose a PIN is asked until it can be taken, or they go back."""

        def chosen(new: SecretStr | None) -> None:
            if new is None:
                self._clear()
            else:
                self._start(number, pin, new)

        self.app.push_screen(NewPinScreen(self._host, refused), chosen)

    @on(Foot.Pressed)
    def press_key(self, event: Foot.Pressed) -> None:
        """Do what the key says that the mouse pressed."""
        if event.action == "language":
            self._host.switch_language()
        elif event.action == "leave" and self._leave is not None:
            self._leave()
        else:
            self.go_on()
