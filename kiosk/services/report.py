"""Every figure in one place, with its formula.

Rates are shown with both counts; an empty denominator means "no data". Customers of 60+ or in
large type are left out of the diversion figures, and nothing can change that.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from kiosk.db import Database
from kiosk.models import Diversion, HourlyFigures
from kiosk.models.tables import table_of

_DIVERSION = table_of(Diversion)
_FIGURES = table_of(HourlyFigures)


@dataclass(frozen=True)
class Share:
    """A rate as its two counts."""

    numerator: int
    denominator: int


@dataclass(frozen=True)
class DayReport:
    """One branch, one business day."""

    branch: str
    day: date
    visits: int
    visits_left_out: int
    """Of them, 60+ or large type: in no diversion figure."""
    offered: int
    accepted: int
    declined: int
    completed: int
    fell_back: int
    tickets: int
    """Issued and not given back."""
    tickets_left_out: int
    tickets_transferable: int
    """For services that an e-channel can do; without those left out."""
    decline_reasons: tuple[tuple[str, int], ...]
    """Reason code and count, the most frequent first; an empty code: not said."""

    @property
    def diversion_share(self) -> Share:
        """Diversion rate as a share: completed / (completed + tickets), transferable only."""
        return Share(self.completed, self.completed + self.tickets_transferable)

    @property
    def diversion_ratio(self) -> Share:
        """Diversion rate as a ratio (分流率): completed on e-channels / counter tickets.

        It can exceed 100 %. Until counters report, a ticket stands for a counter transaction.
        """
        return Share(self.completed, self.tickets - self.tickets_left_out)

    @property
    def acceptance(self) -> Share:
        """Accepted / offered."""
        return Share(self.accepted, self.offered)

    @property
    def completion(self) -> Share:
        """Completed / accepted."""
        return Share(self.completed, self.accepted)

    @property
    def fall_back(self) -> Share:
        """Fell back / accepted."""
        return Share(self.fell_back, self.accepted)

    @property
    def unknown_outcome(self) -> Share:
        """Outcome unknown / accepted.

        The three outcomes add up: accepted = completed + fell back + outcome unknown. Each accepted
        offer stands in one of them, by what was said last: the customer came back with it, or it
        was done; else nobody has said anything, or the customer walked away. All count on the day
        of the offer. An acceptance in quarantine may leave more outcomes than acceptances.
        """
        known = self.completed + self.fell_back
        return Share(max(0, self.accepted - known), self.accepted)


_COUNTS = (
    "visits", "visits_left_out", "offered", "accepted", "declined", "completed", "fell_back",
    "tickets", "tickets_left_out", "tickets_transferable",
)  # fmt: skip


def day_report(database: Database, branch: str, day: date) -> DayReport:
    """The figures of one branch's business day, from the projections of ``database``."""
    with database.read() as connection:
        sums = connection.execute(
            select(*(func.coalesce(func.sum(_FIGURES.c[name]), 0) for name in _COUNTS)).where(
                _FIGURES.c.branch == branch, _FIGURES.c.business_date == day
            )
        ).one()
        reason = func.coalesce(_DIVERSION.c.decline_reason, "")
        count = func.count()
        reasons = connection.execute(
            select(reason, count)
            .where(
                _DIVERSION.c.branch == branch,
                _DIVERSION.c.business_date == day,
                _DIVERSION.c.declined_at.is_not(None),
                _DIVERSION.c.accepted_at.is_(None),
                _DIVERSION.c.left_out.is_(False),
            )
            .group_by(reason)
            .order_by(count.desc(), reason)
        ).all()
    return DayReport(
        branch=branch,
        day=day,
        decline_reasons=tuple((code, number) for code, number in reasons),
        **dict(zip(_COUNTS, map(int, sums), strict=True)),
    )
