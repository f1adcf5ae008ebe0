"""The frame of the counter's screens: who works where, and the place too small to work in."""

from textual.screen import Screen, ScreenResultType

from kiosk.i18n import _, format_time
from kiosk.screens.counter.host import Host
from kiosk.screens.size import is_too_small
from kiosk.widgets.band import Band
from kiosk.widgets.words import Words


class CounterScreen(Screen[ScreenResultType]):
    """A screen of the counter; a subclass writes its texts in `write`.

    Args:
        host: Knows who works here.
    """

    AUTO_FOCUS = ""

    def __init__(self, host: Host) -> None:
        super().__init__()
        self.host = host

    def on_mount(self) -> None:
        """Fill in the texts."""
        self.show()

    def on_resize(self) -> None:
        """Other sizes have other lines."""
        self.show()

    def on_screen_resume(self) -> None:
        """The language may have changed on a later screen."""
        self.show()

    def show(self) -> None:
        """Write every text in the language in use; what has not changed is not drawn again."""
        band = self.query_one_optional(Band)
        if band is None or not self.is_current:
            return  # it is on its way or going, or comes back to the front later
        width, height = self.size
        self.set_class(is_too_small(width, height), "-too-small")
        self.set_class(width < 80, "-narrow")
        self.set_class(height < 24, "-low")
        band.name_text = self.name_text()
        band.clock_text = format_time(self.host.local_time())
        self.query_one("#too-small", Words).text = _(
            "This window is too small for the counter. Make it larger, or its type smaller."
        )
        self.write()

    def name_text(self) -> str:
        """What stands at the top."""
        return _("Counter {number}").format(number=self.host.counter)

    def write(self) -> None:
        """Write the texts of this screen."""
        raise NotImplementedError
