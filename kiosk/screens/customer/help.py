"""Help is wanted: the terminal becomes a sign that staff can see from afar."""

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.block_digits import BlockDigits
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

log = logging.getLogger("kiosk")


class HelpScreen(CustomerScreen):
    """A sign; any choice takes it down."""

    title_in_band = False
    patience_seconds = 600  # the sign stands while the customer waits for somebody
    help_matters = True

    def __init__(self, flow: "Flow", service: str | None, call: UUID) -> None:
        super().__init__(flow)
        self.service = service
        self._call = call
        self._coming: str | None = None
        self._is_looking = False

    def tick(self) -> None:
        """Look whether somebody has taken the call."""
        if self._coming is None and not self._is_looking:
            self._is_looking = True
            self.run_worker(self._look(), group="look", description="look who comes")

    async def _look(self) -> None:
        try:
            self._coming = await self.flow.who_comes(self._call)
        except KioskError as error:
            log.error("whether somebody comes could not be read: %s", error)
        finally:
            self._is_looking = False
        if self._coming is not None:
            self.write()

    def title_text(self) -> str:
        """The sign."""
        return _("Please help · 请来帮忙")

    def help_text(self) -> str:
        """Who comes; until then, what the customer can do meanwhile."""
        if self._coming:
            return _("{name} is coming. Please wait here.").format(name=self._coming)
        if self._coming is not None:
            return _("A member of staff is coming. Please wait here.")
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
        await self.go_back()

    async def go_back(self) -> None:
        """Whoever leaves the sign waits for nobody."""
        await self.flow.no_help_needed(self._call)
