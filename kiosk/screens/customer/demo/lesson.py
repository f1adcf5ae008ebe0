"""A demo as it was opened: with which amount, and from where."""

from dataclasses import dataclass

from kiosk.i18n import language
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.demo.costs import Costs
from kiosk.services.demo.script import Demo
from kiosk.services.diversion import OfferMade


@dataclass(frozen=True)
class Lesson:
    """What is practised."""

    demo: Demo
    costs: Costs
    band: str | None = None
    """The customer's amount band, if they said it."""
    offer: OfferMade | None = None
    """None: it was opened from the experience zone."""
    is_accepted: bool = False
    """Whether the offer was accepted already: then the demo was opened from its steps."""

    def text(self, text: LocalizedText) -> str:
        """A text of the script in the language in use, with its figures."""
        return self.costs.money.fill(text.in_language(language()), language())
