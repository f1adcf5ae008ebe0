"""Which way leads to a branch database."""

from kiosk.clock import Clock
from kiosk.services.sync.wire import BranchSide


def reach(url: str, clock: Clock) -> BranchSide:
    """The branch's end at an address.

    Args:
        url: An SQLAlchemy URL; no password in it.
        clock: The time of a branch whose database can't tell it itself.

    Raises:
        KioskError: What keeps the address from being used.
    """
    if url.startswith("postgresql"):
        from kiosk.services.sync.function_branch import FunctionBranch

        return FunctionBranch(url)
    from kiosk.services.sync.receive import DirectBranch

    return DirectBranch(url, clock)
