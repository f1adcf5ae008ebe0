"""Lets somebody try again who failed too often on this machine."""

from contextlib import closing

from kiosk.addresses import sqlite_url
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.audit import AuditAction, AuditLog, log_of_commands, system_user
from kiosk.services.sign_in import failed_tries, person


def unlock(settings: Config, number: str, clock: Clock) -> None:
    """Forget the failures of somebody, and those in the machine's places, as they were theirs.

    Raises:
        KioskError: `sign_in_not_kept`; what keeps it from being kept in the audit log.
    """
    has_store = settings.store_path.exists()
    url = sqlite_url(settings.store_path) if has_store else settings.branch_database_url
    with closing(Database(url)) as database:
        if has_store:
            log = AuditLog(database, settings, clock, settings.terminal.code)
        else:
            log = log_of_commands(database, settings, clock)
        log.record(AuditAction.ROSTER_CHANGED, system_user(), number, "unlocked")
    failed_tries(settings.data_folder).forgive_with_places(person(number), clock.now())
