"""Every figure in one place, with its formula.

Rates are shown with both counts; an empty denominator means "no data". Customers of 60+ or in
large type are left out of the diversion figures, and nothing can change that.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, func, literal_column, select

from kiosk.db import Database
from kiosk.models import Diversion, HourlyFigures, Ticket, TicketState
from kiosk.models.tables import table_of
from kiosk.projections.statement import ENDS
from kiosk.services.reconcile.coverage import provable
from kiosk.services.spread import NO_DATA, Spread, spread_of

_DIVERSION = table_of(Diversion)
_FIGURES = table_of(HourlyFigures)
_TICKET = table_of(Ticket)


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
    served: int = 0
    no_show: int = 0
    """Were called, and did not come."""
    expired: int = 0
    """Left over at the end of the day."""
    is_provable: bool = False
    """Whether a journal tells of the day: without one nothing can be proven."""
    proven: int = 0
    """Of the completed ones, those that the channel's journal has; of the others, people say so."""
    served_counted: int | None = None
    """Served, without those left out; None: no counter called anybody, so nobody knows."""
    waiting: Spread = NO_DATA
    """Waiting time, minutes: call − issue, with the waits after being sent on or coming late; of
    the tickets that were called and have ended."""
    service: Spread = NO_DATA
    """Service time, minutes: finish − start, without time on hold; of the tickets that were
    served."""

    @property
    def diversion_share(self) -> Share:
        """Diversion rate as a share: completed / (completed + tickets), transferable only."""
        return Share(self.completed, self.completed + self.tickets_transferable)

    @property
    def diversion_ratio(self) -> Share:
        """Diversion rate as a ratio (分流率): completed on e-channels / counter transactions.

        It can exceed 100 %. A counter transaction is a ticket that was served. On a day on which no
        counter called anybody, as where counters do not report, each ticket stands for one: who
        went away unserved is counted too, and the ratio is lower than it would be.
        """
        if self.served_counted is None:
            return Share(self.completed, self.tickets - self.tickets_left_out)
        return Share(self.completed, self.served_counted)

    @property
    def acceptance(self) -> Share:
        """Accepted / offered."""
        return Share(self.accepted, self.offered)

    @property
    def completion(self) -> Share:
        """Completed / accepted."""
        return Share(self.completed, self.accepted)

    @property
    def proof(self) -> Share | None:
        """Proven by the channel's journal / accepted; None: nothing could be proven."""
        return Share(self.proven, self.accepted) if self.is_provable else None

    @property
    def claim(self) -> Share:
        """Completed as people say alone, and not proven / accepted."""
        return Share(self.completed - self.proven, self.accepted)

    @property
    def proven_share(self) -> Share | None:
        """The part of the diversion share that is proven."""
        return self._proven_part(self.diversion_share)

    @property
    def proven_ratio(self) -> Share | None:
        """The part of the diversion ratio that is proven."""
        return self._proven_part(self.diversion_ratio)

    def _proven_part(self, rate: Share) -> Share | None:
        return replace(rate, numerator=self.proven) if self.is_provable else None

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


_SUMS = ("waited", "waiting_seconds", "service_seconds")
_COUNTS = (
    "visits", "visits_left_out", "offered", "accepted", "declined", "completed", "fell_back",
    "tickets", "tickets_left_out", "tickets_transferable", "served", "no_show", "expired",
    "proven",
)  # fmt: skip


def day_report(database: Database, branch: str, day: date) -> DayReport:
    """The figures of one branch's business day, from the projections of ``database``."""
    with database.read() as connection:
        sums = connection.execute(
            select(
                *(func.coalesce(func.sum(_FIGURES.c[name]), 0) for name in (*_COUNTS, *_SUMS))
            ).where(_FIGURES.c.branch == branch, _FIGURES.c.business_date == day)
        ).one()
        ended = connection.execute(_called_and_ended(branch, day)).all()
        is_provable = branch in provable(connection, branch, day, day)
        called = connection.execute(_anybody_called(branch, day)).first() is not None
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
    counts = dict(zip((*_COUNTS, *_SUMS), map(int, sums), strict=True))
    waited, waiting, service = (counts.pop(name) for name in _SUMS)
    served = [each for each in ended if each.state == TicketState.SERVED.value]
    return DayReport(
        branch=branch,
        day=day,
        is_provable=is_provable,
        decline_reasons=tuple((code, number) for code, number in reasons),
        served_counted=sum(not each.left_out for each in served) if called else None,
        waiting=_spread([each.waiting_seconds for each in ended], waiting, waited),
        service=_spread([each.service_seconds for each in served], service, counts["served"]),
        **counts,
    )


def _called_and_ended(branch: str, day: date) -> Select[*tuple[Any, ...]]:
    t = _TICKET.c
    ends = [each.value for each in ENDS]
    return select(t.state, t.left_out, t.waiting_seconds, t.service_seconds).where(
        t.branch == branch,
        t.business_date == day,
        t.state.in_(ends),
        t.first_called_at.is_not(None),
    )


def _anybody_called(branch: str, day: date) -> Select[int]:
    t = _TICKET.c
    return (
        select(literal_column("1"))
        .where(t.branch == branch, t.business_date == day, t.first_called_at.is_not(None))
        .limit(1)
    )


def _spread(seconds: list[int], total: int, count: int) -> Spread:
    """The mean from the kept sums, as long reports have it; the rest needs every ticket."""
    spread = spread_of([each / 60 for each in seconds])
    return replace(spread, count=count, mean=total / 60 / count if count else None)
