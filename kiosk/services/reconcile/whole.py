"""All that reconciling found, list by list: for a file, where screens show a page at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from kiosk.db import Database
from kiosk.services.reconcile import drill, items
from kiosk.services.reconcile.drill import LineSeen
from kiosk.services.reconcile.items import ChannelProgress, OpenItem, Probable, Progress


@dataclass(frozen=True)
class Whole:
    """What stands in the file."""

    channels: tuple[ChannelProgress, ...]
    progress: tuple[Progress, ...]
    open: tuple[OpenItem, ...]
    """Of all days, however old."""
    probables: tuple[Probable, ...]
    unclear: tuple[LineSeen, ...]


def whole(database: Database, branch: str, days: Collection[date]) -> Whole:
    """Read it; the days are those of channels and progress."""
    return Whole(
        tuple(items.by_channel(database, branch, days)),
        tuple(items.progress(database, branch, days)),
        tuple(items.open_items(database, branch)),
        tuple(items.probables(database, branch)),
        tuple(drill.unclear(database, branch)),
    )
