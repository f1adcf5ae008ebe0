"""What customers come for most, so that it stands on the first digits."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from kiosk.models import HourlyFigures
from kiosk.models.tables import table_of
from kiosk.services.catalog import Catalog, Service
from kiosk.services.journal import Journal

_LOOK_BACK: Final = timedelta(days=28)
"""Four whole weeks: each day of the week counts as often."""
_FIGURES = table_of(HourlyFigures)


def usual_first(journal: Journal, catalog: Catalog) -> tuple[Service, ...]:
    """Every service, the most frequent of this terminal first, then by their numbers.

    Args:
        journal: The terminal's own.
        catalog: What there is.
    """
    f = _FIGURES.c
    often = func.sum(f.tickets + f.offered).label("often")
    with journal.database.read() as connection:
        found = connection.execute(
            select(f.service, often)
            .where(
                f.branch == journal.origin.branch,
                f.business_date >= journal.business_date() - _LOOK_BACK,
                f.service != "",
            )
            .group_by(f.service)
        )
        counts = {row.service: row.often for row in found}
    return tuple(
        sorted(catalog.services, key=lambda each: (-counts.get(each.code, 0), each.number))
    )
