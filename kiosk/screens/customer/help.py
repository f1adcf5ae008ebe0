"""Help is wanted: the terminal becomes a sign that staff can see from afar."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.block_digits import BlockDigits
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow


class HelpScreen(CustomerScreen):
    """A sign; any choice takes it down."""

    title_in_band = False
    patience_seconds = 600  # the sign stands while the customer waits for somebody
    help_matters = True

    def __init__(self, flow: "Flow", service: str | None) -> None:
        super().__init__(flow)
        self.service = service

    def title_text(self) -> str:
        """The sign."""
        return _("Please help · 请来帮忙")

    def help_text(self) -> str:
        """What the customer can do meanwhile."""
        return _("Please raise your hand or wave, so that staff see you and this screen.")

    def work(self) -> Iterable[Widget]:
        """What the sign shows to those who can't read it from there."""
        yield BlockDigits("?")

    def choices(self) -> list[Choice]:
        """The way back."""
        return [Choice("back", _("I have been helped, go on"))]

    def too_small_text(self) -> str:
        """The sign first: somebody waits for it."""
        return f"{self.title_text()}\n{super().too_small_text()}"

    async def choose(self, code: str) -> None:
        """Take the sign down."""
        await self.flow.back()
