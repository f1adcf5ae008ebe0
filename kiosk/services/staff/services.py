"""What staff mode works with, in one hand."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.config import Config
from kiosk.services.audit import AuditLog
from kiosk.services.customer import CustomerServices
from kiosk.services.sign_in import SignInCall
from kiosk.services.staff.assists import Assists
from kiosk.services.staff.contacts import Contacts
from kiosk.services.staff.day_book import DayBook
from kiosk.services.staff.follow_up_work import FollowUpWork
from kiosk.services.staff.help_calls import HelpCalls
from kiosk.services.staff.now import Lobbies
from kiosk.services.staff.outages import Outages
from kiosk.services.staff.reconciling import Reconciling
from kiosk.services.staff.seen import StaffSees
from kiosk.services.staff.sign_ups import SignUps


@dataclass(frozen=True)
class StaffServices:
    """The services of one terminal, for people who work in the branch."""

    terminal: CustomerServices
    """What the customers' screens work with: journal and catalog, too."""
    settings: Config
    """As they hold here."""
    lobbies: Lobbies
    """What goes on just now."""
    sees: StaffSees
    """How the branch does."""
    help_calls: HelpCalls
    outages: Outages
    assists: Assists
    sign_ups: SignUps
    day_book: DayBook
    follow_up_work: FollowUpWork
    """Whom to call or visit."""
    reconciling: Reconciling
    """What the channels' journals prove."""
    sign_in: SignInCall
    """See `SignIn.sign_in`."""
    audit: AuditLog
    """Who did what that somebody may have to answer for."""
    contacts: Contacts
    """Phone numbers that customers left."""
    close: Callable[[], None]
    """Give back what was opened for staff; the terminal's services are whoever's who made them."""
