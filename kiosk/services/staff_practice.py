"""What staff practise with."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.services.customer import CustomerServices
from kiosk.services.drills import Drills
from kiosk.services.sign_in import SignInCall


@dataclass(frozen=True)
class PracticeServices:
    """The services of a terminal, for people who are no customers."""

    terminal: CustomerServices
    """What the customers' screens work with."""
    drills: Drills
    sign_in: SignInCall
    """See `SignIn.sign_in`."""
    close: Callable[[], None]
