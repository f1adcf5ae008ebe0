"""Lets somebody try again who failed too often on this machine."""

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.services.audit import AuditAction, log_of_this_machine, system_user
from kiosk.services.sign_in import failed_tries, person


def unlock(settings: Config, number: str, clock: Clock) -> None:
    """Forget the failures of somebody, and those in the machine's places, as they were theirs.

    Raises:
        KioskError: `sign_in_not_kept`; what keeps it from being kept in the audit log.
    """
    with log_of_this_machine(settings, clock) as log:
        log.record(AuditAction.ROSTER_CHANGED, system_user(), number, "unlocked")
    failed_tries(settings.data_folder).forgive_with_places(person(number), clock.now())
