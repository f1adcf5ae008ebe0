"""The frame of the screens that staff work with: where they are, and what is too small for it."""

from datetime import time
from typing import Protocol

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType

from kiosk.i18n import _, format_time
from kiosk.screens.size import is_too_small
from kiosk.widgets.band import Band
from kiosk.widgets.words import Words


class StaffHost(Protocol):
    """What the frame needs of the app."""

    def local_time(self) -> time:
        """The wall clock in the branch's zone."""

    def place_text(self) -> str:
        """Where this is, such as a counter."""


class SwitchingHost(StaffHost, Protocol):
    """What a screen needs that has the key of the language."""

    def switch_language(self) -> None:
        """The next language."""


class StaffScreen(Screen[ScreenResultType]):
    """A screen for staff; a subclass writes its texts in `write`.

    Args:
        host: Knows where this is.
    """

    AUTO_FOCUS = ""

    def __init__(self, host: StaffHost) -> None:
        super().__init__()
        self._place = host

    def on_mount(self) -> None:
        """Fill in the texts."""
        self.show()

    def on_resize(self) -> None:
        """Other sizes have other lines."""
        self.show()

    def on_screen_resume(self) -> None:
        """The language may have changed on a later screen."""
        self.show()

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Go away with an answer, and once: what is struck before it has gone is for nobody.

        Textual would take away the screens below, and end the program with the last one.
        """
        if not self.is_active:
            return AwaitComplete()
        return super().dismiss(result)

    def show(self) -> None:
        """Write every text in the language in use; what has not changed is not drawn again."""
        band = self.query_one_optional(Band)
        if band is None or not self.is_mounted or not self.is_current:
            return  # it is on its way or going, or comes back to the front later
        width, height = self.size
        self.set_class(is_too_small(width, height), "-too-small")
        self.set_class(width < 80, "-narrow")
        self.set_class(height < 24, "-low")
        band.name_text = self.name_text()
        band.clock_text = format_time(self._place.local_time())
        self.query_one("#too-small", Words).text = _(
            "This window is too small. Make it larger, or its type smaller."
        )
        self.write()

    def name_text(self) -> str:
        """What stands at the top."""
        return self._place.place_text()

    def write(self) -> None:
        """Write the texts of this screen."""
        raise NotImplementedError
