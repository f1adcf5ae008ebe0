"""One round: open the store, bring what waits, and leave nothing open."""

from contextlib import closing
from dataclasses import replace

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services.ballast import keep_ballast
from kiosk.services.branch import open_store, prepare_store
from kiosk.services.journal import Journal, Origin
from kiosk.services.sync.condition import read_condition
from kiosk.services.sync.push import Outcome, Progress, synchronise
from kiosk.services.sync.reach import reach
from kiosk.services.sync.replay import replay
from kiosk.services.sync.wire import BranchSide


def bring(
    settings: Config, url: str, clock: Clock, progress: Progress, *, again: bool = False
) -> Outcome:
    """Bring every waiting event of this terminal to a branch database.

    Args:
        settings: Whose store it is.
        url: The branch database; no password in it.
        clock: The terminal's time.
        progress: Called after every batch.
        again: The branch was restored from a backup: first bring what it lost, as `replay`.

    Raises:
        KioskError: `store_not_ready` and its like, and as `synchronise` or `replay`.
    """
    with closing(open_store(settings)) as store:
        origin = prepare_store(store, settings)

        def connect() -> BranchSide:
            return reach(url, clock)

        if again:
            outcome = replay(store, origin, connect, clock, progress)
        else:
            condition = read_condition(settings, clock)
            if (trouble := _follow_machines(settings, store, origin, clock)) is not None:
                condition = replace(condition, last_error=trouble.code, last_error_at=clock.now())
            outcome = synchronise(store, origin, connect, clock, progress, condition=condition)
    keep_ballast(settings.store_path)
    return outcome


def _follow_machines(
    settings: Config, store: Database, origin: Origin, clock: Clock
) -> KioskError | None:
    """Take up what the machines' status file says; what keeps it back keeps no event back."""
    if settings.devices.status_file is None:
        return None
    # most terminals have no such file, and this process shall stay small
    from kiosk.services.machines import follow_status_file
    from kiosk.services.staff.contact_purge import release_in_use

    try:
        release = release_in_use(store, origin.branch)
        follow_status_file(settings, Journal(store, origin, clock, settings.zone, release))
    except KioskError as error:
        return error
    return None
