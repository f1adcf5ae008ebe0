"""One round: open the store, bring what waits, and leave nothing open."""

from contextlib import closing

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.services.ballast import keep_ballast
from kiosk.services.branch import open_store, prepare_store
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
            outcome = synchronise(store, origin, connect, clock, progress, condition=condition)
    keep_ballast(settings.store_path)
    return outcome
