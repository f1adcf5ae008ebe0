"""What the customer's screens work with, in one hand."""

from dataclasses import dataclass

from kiosk.services.catalog import Catalog
from kiosk.services.diversion import Diversions
from kiosk.services.journal import Journal
from kiosk.services.tickets import Tickets
from kiosk.services.visits import Visits


@dataclass(frozen=True)
class CustomerServices:
    """The services of one customer terminal."""

    catalog: Catalog
    visits: Visits
    diversions: Diversions
    tickets: Tickets
    journal: Journal

    def close(self) -> None:
        """Give back the store."""
        self.journal.database.close()
