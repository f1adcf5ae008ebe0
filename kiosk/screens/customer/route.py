"""How to do it on the channel: short steps and a QR code."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.i18n import _, language
from kiosk.screens.customer.base import SIDE_MARGINS, CustomerScreen
from kiosk.services.diversion import OfferMade
from kiosk.services.triage import Offer
from kiosk.widgets.choice_grid import LEAST_HEIGHT, Choice
from kiosk.widgets.qr_code import QrCode
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

_BAND_AND_FOOT = 4
"""Rows."""
_CODE_MARGINS = 2
"""Rows above and below the code, where it stands below the words."""
DONE, FAILED, HELP, TICKET, CODE = "done", "failed", "help", "ticket", "code"


class RouteScreen(CustomerScreen):
    """The accepted way, one step below the other."""

    compact = True

    def __init__(self, flow: "Flow", made: OfferMade, offer: Offer) -> None:
        super().__init__(flow)
        self._made = made
        self._route = offer.route
        self.patience_seconds = 60 * self._route.minutes_helped.high
        self.service = made.service

    def title_text(self) -> str:
        """Service and channel."""
        catalog = self.flow.catalog
        return _("{service}: by {channel}").format(
            service=catalog.service(self._made.service).name.in_language(language()),
            channel=catalog.channel(self._route.channel).name.in_language(language()),
        )

    def work(self) -> Iterable[Widget]:
        """The steps and the safety line."""
        yield Words(id="steps", hanging=3)
        yield Words(id="safety")

    def body(self) -> Iterable[Widget]:
        """Everything in one column, with the code beside it where there is room."""
        code = [QrCode(self._route.link)] if self._route.link else []
        yield Horizontal(Vertical(*super().body(), id="words"), *code, id="way")

    def write(self) -> None:
        """Write the steps too."""
        super().write()
        steps, safety = self.query_one("#steps", Words), self.query_one("#safety", Words)
        steps.text = "\n".join(
            f"{number}. {step.in_language(language())}"
            for number, step in enumerate(self._route.steps, 1)
        )
        safety.text = self._route.safety.in_language(language())
        rows = -(-len(self.choices()) // 2) * LEAST_HEIGHT
        width, height = self._room_for_words()
        lines = self.lines_of("#title", "#steps", "#safety", width=width)
        spare = height - rows - lines
        self.set_class(spare < 2, "-tight")
        self.set_class(spare < 1, "-tighter")

    def _room_for_words(self) -> tuple[int, int]:
        """Columns and rows beside the code, or above it."""
        width, height = self.size.width - SIDE_MARGINS, self.size.height - _BAND_AND_FOOT
        if self._route.link and self._shows_code():
            code = self.query_one(QrCode)
            if self.has_class("-narrow"):
                height -= code.rows + _CODE_MARGINS
            else:
                width -= code.columns + 1
        return width, height

    def _shows_code(self) -> bool:
        """Whether the code stands on this page; the styles say the same."""
        if self.has_class("-narrow"):
            return self.has_class("-tall")
        return not self.has_class("-large")

    def choices(self) -> list[Choice]:
        """How it went, or help."""
        choices = [
            Choice(DONE, _("Done")),
            Choice(FAILED, _("Did not work")),
            Choice(HELP, _("I need help")),
            Choice(TICKET, _("Get a ticket")),
        ]
        if self._route.link and not self._shows_code():
            choices.append(Choice(CODE, _("Show the QR code")))
        return choices

    async def choose(self, code: str) -> None:
        """Note how it went, or help."""
        if code == DONE:
            await self.flow.complete(self._made)
        elif code == FAILED:
            await self.flow.ask_why_failed(self._made)
        elif code == HELP:
            await self.ask_help()
        elif code == CODE:
            await self.flow.show_code(self._route)
        else:
            await self.take_ticket()
