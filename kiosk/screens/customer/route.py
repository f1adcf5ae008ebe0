"""How to do it on the channel: short steps and a QR code."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from kiosk.i18n import _, language
from kiosk.screens.customer.base import SIDE_MARGINS, CustomerScreen
from kiosk.screens.customer.phrases import (
    address_of,
    code_phrase,
    reference_alone,
    reference_lines,
    reference_phrase,
)
from kiosk.services.diversion import OfferMade
from kiosk.services.triage import Offer
from kiosk.widgets.choice_grid import LEAST_HEIGHT, Choice
from kiosk.widgets.qr_code import QrCode
from kiosk.widgets.text import fold
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

_BAND_AND_FOOT = 4
"""Rows."""
_CODE_MARGINS = 2
"""Rows above and below the code, where it stands below the words."""
_BESIDE_CODE = 1
"""Columns."""
DONE, FAILED, HELP, DEMO, TICKET, CODE = "done", "failed", "help", "demo", "ticket", "code"


class RouteScreen(CustomerScreen):
    """The accepted way, one step below the other."""

    compact = True

    def __init__(self, flow: "Flow", made: OfferMade, offer: Offer, band: str | None) -> None:
        super().__init__(flow)
        self._band = band
        self._made = made
        self._route = offer.route
        self._shows_code = True
        """Whether the code stands on this page, and not on one of its own."""
        self.patience_seconds = 60 * self._route.minutes_helped.high
        self.service = made.service

    def title_text(self) -> str:
        """Service and channel."""
        catalog = self.flow.catalog
        return _("{service}: {channel}").format(
            service=catalog.service(self._made.service).name.in_language(language()),
            channel=catalog.channel(self._route.channel).name.in_language(language()),
        )

    def work(self) -> Iterable[Widget]:
        """The steps and the safety line."""
        yield Words(id="steps", hanging=3)
        yield Words(id="safety")
        yield Words(id="reference", first_is_strong=True)

    def body(self) -> Iterable[Widget]:
        """Everything in one column, with the code beside it where there is room."""
        yield Horizontal(Vertical(*super().body(), id="words"), *self._code(), id="way")

    def _code(self) -> list[Widget]:
        link = self._route.link_for(self.flow.reference(self._made))
        if not link:
            return []
        code = QrCode(link)
        column = Vertical(code, Words(id="address"), id="code")
        column.styles.width = code.columns + _BESIDE_CODE
        return [column]

    def write(self) -> None:
        """Write the steps too."""
        super().write()
        steps, safety = self.query_one("#steps", Words), self.query_one("#safety", Words)
        steps.text = "\n".join(
            f"{number}. {step.in_language(language())}"
            for number, step in enumerate(self._route.steps, 1)
        )
        safety.text = self._route.safety.in_language(language())
        self.query_one("#reference", Words).text = ""
        shows_code = self._has_room_for_code()
        if shows_code != self._shows_code:
            self._shows_code = shows_code
            self.show_choices()
        self.set_class(not shows_code, "-code-elsewhere")
        for address in self.query("#address").results(Words):
            address.text = self._caption(self._route.plain_link or "") if shows_code else ""
        self._write_reference(with_code=shows_code)
        spare = self._spare_rows(with_code=shows_code)
        # a blank line above the reference first, then above the safety line, then above the steps
        self.set_class(spare < 3, "-tight")
        self.set_class(spare < 2, "-tighter")
        self.set_class(spare < 1, "-full")

    def _write_reference(self, *, with_code: bool) -> None:
        """Its number and what it is for; where that has no room, the number, or nothing."""
        reference, words = self.flow.reference(self._made), self.query_one("#reference", Words)
        if reference is not None:
            phrases = reference_lines, reference_phrase, reference_alone
            for text in (*(phrase(reference) for phrase in phrases), ""):
                words.text = text
                if self._spare_rows(with_code=with_code) >= 0:
                    break
        words.display = bool(words.text)

    def _caption(self, link: str) -> str:
        """What the code opens, on one line: the address always."""
        phrase = code_phrase(link)
        columns = self.query_one(QrCode).columns
        return phrase if cell_len(phrase) <= columns else address_of(link)

    def _has_room_for_code(self) -> bool:
        """Whether the code stands on this page, beside the words or below them."""
        if not self._route.link or (self.has_class("-large") and not self.has_class("-narrow")):
            return False
        if self.has_class("-narrow"):
            return self.has_class("-tall")
        return self._spare_rows(with_code=True) >= 0

    def _spare_rows(self, *, with_code: bool) -> int:
        """Rows that are left with buttons as low as may be; less than 0: something would be cut."""
        width, height = self.size.width - SIDE_MARGINS, self.size.height - _BAND_AND_FOOT
        if with_code:
            code = self.query_one(QrCode)
            caption = len(fold(self._caption(self._route.plain_link or ""), code.columns))
            if self.has_class("-narrow"):
                height -= code.rows + caption + _CODE_MARGINS
            elif code.rows + caption > height:
                return -1
            else:
                width -= code.columns + _BESIDE_CODE
        rows = -(-len(self.choices()) // 2) * LEAST_HEIGHT
        return (
            height - rows - self.lines_of("#title", "#steps", "#safety", "#reference", width=width)
        )

    def choices(self) -> list[Choice]:
        """How it went, or how it is done."""
        hidden = self._route.link and not self._shows_code
        has_demo = self.flow.demos.of_offer(self._made) is not None
        return [
            Choice(DONE, _("Done")),
            Choice(FAILED, _("Did not work")),
            # staff can be called by the foot as well
            Choice(DEMO, _("Show me how")) if has_demo else Choice(HELP, _("I need help")),
            # four buttons have room on every terminal; the ticket is in the foot as well
            Choice(CODE, _("Show the QR code")) if hidden else Choice(TICKET, self._ticket_label()),
        ]

    def _ticket_label(self) -> str:
        return _("At the branch") if self.flow.branch else _("Get a ticket")

    async def choose(self, code: str) -> None:
        """Note how it went, or help."""
        if code == DONE:
            await self.flow.complete(self._made)
        elif code == FAILED:
            await self.flow.ask_why_failed(self._made)
        elif code == DEMO:
            await self.flow.demos.open_for(self._made, self._band, is_accepted=True)
        elif code == HELP:
            await self.ask_help()
        elif code == CODE:
            await self.flow.show_code(self._route, self._made)
        else:
            await self.take_ticket()
