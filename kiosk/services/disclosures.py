"""Pages that a customer reads before a product is opened: what it is, its risks, its fees."""

from uuid import UUID

from kiosk.models.payloads import DisclosureRead
from kiosk.services.journal import Fact, Journal


class Disclosures:
    """Records which text was read."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def read(
        self, visit: UUID, language: str, product: str, page: str, version: int, digest: str
    ) -> None:
        """Record that a page was read to its end.

        Args:
            visit: The customer's.
            language: In which.
            product: The product's code.
            page: The page's code.
            version: Of the product's text.
            digest: SHA-256 of the very text that was shown, in hexadecimal.
        """
        payload = DisclosureRead(page=page, version=version, digest=digest)
        self._journal.record(Fact(payload, visit=visit, language=language, product=product))
