"""What may be read before an e-product is opened: which product, and five pages about it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.i18n import N_, _, language
from kiosk.screens.customer.base import SIDE_MARGINS, CustomerScreen
from kiosk.services.product import PAGES, PageCode, Product
from kiosk.widgets.choice_grid import Choice
from kiosk.widgets.text import portions
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

UNSURE, READ, READ_ON, NOT_NOW = "-", "read", "read-on", "not-now"
"""No product has the code of whoever is not sure: a code begins with a letter."""
_PAGE_NAMES: dict[PageCode, str] = {
    "what": N_("what it is"),
    "benefits": N_("benefits"),
    "risks": N_("risks"),
    "fees": N_("fees"),
    "address": N_("address and hotline"),
}
_FEW_SENTENCES = 2
"""At once in large type, where words are few."""


class ProductScreen(CustomerScreen):
    """Which of the products that can be opened here."""

    def __init__(self, flow: "Flow", service: str) -> None:
        super().__init__(flow)
        self.service = self._service = service

    def title_text(self) -> str:
        """The question."""
        return _("Which would you like?")

    def help_text(self) -> str:
        """What comes next, and what does not."""
        return _("You can read first what it is, its risks and its fees. Nothing is opened here.")

    def choices(self) -> list[Choice]:
        """The products, and none of them yet."""
        catalog = self.flow.catalog
        products = [catalog.product(code) for code in catalog.service(self._service).opens]
        return [
            *(
                Choice(product.code, product.name.in_language(language()), self._where(product))
                for product in products
            ),
            Choice(UNSURE, _("Not sure yet")),
        ]

    def _where(self, product: Product) -> tuple[str, ...]:
        if product.channel is None:
            return ()
        return (self.flow.catalog.channel(product.channel).where.in_language(language()),)

    async def choose(self, code: str) -> None:
        """Show what there is to read; who is not sure goes on without."""
        if code == UNSURE:
            await self.flow.proceed(self._service, {})
        else:
            await self.flow.show_disclosure(self._service, self.flow.catalog.product(code))


class DisclosureScreen(CustomerScreen):
    """One page about a product; it can be confirmed when its end has been shown.

    Args:
        flow: Knows which screen follows which.
        service: What the customer came for.
        product: What it is about.
        at: Which of the pages.
    """

    patience_seconds = 180
    """Who reads touches nothing."""

    def __init__(self, flow: "Flow", service: str, product: Product, at: int) -> None:
        super().__init__(flow)
        self.service = self._service = service
        self._product = product
        self._at = at
        self._portions: list[list[str]] = [[]]
        """What can be seen at once, and then."""
        self._portion = 0
        self._looks: object = None
        """What the page was folded for: in another language or size it begins anew."""

    @property
    def _page(self) -> PageCode:
        return PAGES[self._at]

    def title_text(self) -> str:
        """What this page tells, and how many there are."""
        return _("{product}: {page} ({number} of {count})").format(
            product=self._product.name.in_language(language()),
            page=_(_PAGE_NAMES[self._page]),
            number=self._at + 1,
            count=len(PAGES),
        )

    def work(self) -> Iterable[Widget]:
        """The text."""
        yield Words(id="page")

    def write(self) -> None:
        """Begin the page anew in another language or size; else stay where the customer is."""
        looks = (language(), self.flow.session.large_type, self.size)
        if looks != self._looks:
            self._looks, self._portion = looks, 0
        super().write()

    def show_choices(self) -> None:
        """Show as much of the text as has room, and how to go on."""
        large = self.flow.session.large_type
        self._portions = portions(
            self._sentences(),
            self.size.width - SIDE_MARGINS,
            self._rows(),
            most=_FEW_SENTENCES if large else 0,
        )
        # a strike may have been meant for what stood here before: it turns no further than the end
        self._portion = min(self._portion, len(self._portions) - 1)
        self.query_one("#page", Words).text = "\n".join(self._portions[self._portion])
        super().show_choices()

    def _rows(self) -> int:
        """Rows between the title and the buttons, but for those that keep them apart."""
        around = 9  # band, foot, margins of text and buttons
        if self.has_class("-compact"):
            around = 6
        buttons = 3 if self.has_class("-low") and not self.has_class("-large") else 5
        title = self.lines_of("#title", width=self.size.width - SIDE_MARGINS)
        return max(1, self.size.height - around - buttons - title)

    def _sentences(self) -> list[str]:
        disclosure = self._product.disclosure
        sentences = list(disclosure.page(self._page, language()))
        if self._page == "fees":
            source = self.flow.catalog.sources[disclosure.fee_source]
            sentences.append(_("Fees as of {day}").format(day=source.effective.isoformat()))
        elif self._page == "address":
            sentences.append(_("Official address: {address}").format(address=disclosure.web))
            sentences.append(_("Hotline: {number}").format(number=disclosure.hotline))
        return sentences

    def choices(self) -> list[Choice]:
        """Read on to the end; there, confirm that it was read. Or do neither."""
        page, pages = self._portion + 1, len(self._portions)
        onward = Choice(READ, _("I have read this"))
        if page < pages:
            onward = Choice(
                READ_ON, _("Read on ({page} of {pages})").format(page=page, pages=pages)
            )
        return [onward, Choice(NOT_NOW, _("Not now"))]

    async def choose(self, code: str) -> None:
        """Go on reading, or with what the customer came for."""
        if code == READ_ON:
            self._turn(1)
        elif code == NOT_NOW:
            await self.flow.proceed(self._service, {})
        else:
            await self.flow.note_read(self._product, self._page)
            await self.flow.show_disclosure(self._service, self._product, self._at + 1)

    async def go_back(self) -> None:
        """To what was read before; from the beginning, to the screen before this one."""
        if self._portion:
            self._turn(-1)
        else:
            await super().go_back()

    def _turn(self, by: int) -> None:
        self._portion += by
        self.show_choices()
