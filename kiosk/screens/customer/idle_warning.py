"""Are you still there?"""

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from kiosk.i18n import _, ngettext
from kiosk.widgets.words import Words


class IdleWarning(ModalScreen[None]):
    """A countdown; any key or touch goes on with the session."""

    def __init__(self, seconds: int, ticket: str | None, *, has_handed_over: bool = False) -> None:
        """Make the screen.

        Args:
            seconds: How many are left.
            ticket: The number of the visit's ticket, if it has one.
            has_handed_over: The counter will see what was filled in for it.
        """
        super().__init__()
        self._ticket = ticket
        self._has_handed_over = has_handed_over
        self._seconds = seconds

    def compose(self) -> ComposeResult:
        """The question and the countdown."""
        with Vertical(id="still-there"):
            yield Words(_("Are you still there?"), id="question")
            yield Words(self._countdown(), id="countdown")
            if self._ticket:
                yield Words(self._what_stays().format(number=self._ticket))
            yield Words(_("Touch the screen or press any key to go on."), id="how")

    def count(self, seconds: int) -> None:
        """Show how many seconds are left."""
        self._seconds = seconds
        for words in self.query("#countdown").results(Words):  # none yet, or none any more
            words.text = self._countdown()

    def on_key(self, event: events.Key) -> None:
        """Go on; the key means nothing else."""
        event.stop()
        self.go_on()

    def on_click(self, event: events.Click) -> None:
        """Go on; the touch means nothing else."""
        event.stop()
        self.go_on()

    def go_on(self) -> None:
        """Uncover the customer's screen; a second key at the same moment finds it uncovered."""
        if self.is_active:
            self.dismiss()

    def _what_stays(self) -> str:
        if self._has_handed_over:
            return _("Your ticket {number} stays valid, and the counter sees what you handed over.")
        return _("Your ticket {number} stays valid.")

    def _countdown(self) -> str:
        return ngettext(
            "In {count} second everything you entered is wiped.",
            "In {count} seconds everything you entered is wiped.",
            self._seconds,
        ).format(count=self._seconds)
