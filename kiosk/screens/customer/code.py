"""The QR code on a page of its own, where it does not fit beside the steps."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.phrases import code_phrase
from kiosk.services.catalog import Route
from kiosk.widgets.qr_code import QrCode
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow


class CodeScreen(CustomerScreen):
    """A code to scan; beside it what it opens, and the safety line."""

    compact = True

    def __init__(self, flow: "Flow", route: Route, reference: str | None) -> None:
        super().__init__(flow)
        self._route = route
        self._reference = reference
        self.patience_seconds = 60 * route.minutes_helped.high
        self.service = route.service

    def title_text(self) -> str:
        """None: every row belongs to the code."""
        return ""

    def work(self) -> Iterable[Widget]:
        """The code and what to do with it."""
        yield Horizontal(
            QrCode(self._route.link_for(self._reference) or ""), Words(id="steps"), id="way"
        )

    def write(self) -> None:
        """Write the words beside the code too."""
        super().write()
        self.query_one("#steps", Words).text = "\n\n".join(
            [
                _("Scan it with your phone's camera."),
                code_phrase(self._route.plain_link or ""),
                self._route.safety.in_language(language()),
                _("9: back to the steps"),
            ]
        )
