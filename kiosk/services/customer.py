"""What the customer's screens work with, in one hand."""

from dataclasses import dataclass

from kiosk.config import Branch
from kiosk.services.catalog import Catalog
from kiosk.services.demo.runs import DemoRuns
from kiosk.services.disclosures import Disclosures
from kiosk.services.diversion import Diversions
from kiosk.services.entries import Entries
from kiosk.services.followed import Followed
from kiosk.services.journal import Journal
from kiosk.services.lobby_watch import LobbyWatch
from kiosk.services.poster import Poster
from kiosk.services.printing.printing import Printing
from kiosk.services.tickets import Tickets
from kiosk.services.visits import Visits


@dataclass(frozen=True)
class CustomerServices:
    """The services of one customer terminal."""

    catalog: Catalog
    visits: Visits
    diversions: Diversions
    tickets: Tickets
    entries: Entries
    demo_runs: DemoRuns
    disclosures: Disclosures
    lobby: LobbyWatch
    """Calls for help and outages."""
    journal: Journal
    followed: Followed
    """What the branch says, as far as this terminal follows it."""
    posters: tuple[Poster, ...] = ()
    """What is shown while nobody is there."""
    printing: Printing | None = None
    """None where no printer is configured."""
    away_from: Branch | None = None
    """Where customers are told to come to; None: the terminal stands there and gives tickets."""

    def close(self) -> None:
        """Give back the store."""
        self.journal.database.close()
