"""The load by half hours: today against what is usual on such a weekday, and where waits come from.

It is about the lobby, not about diversion: everybody who took a ticket counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import fmean, median
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, select

from kiosk.db import Database
from kiosk.models import Ticket, TicketState
from kiosk.models.tables import table_of
from kiosk.services.staff.figures import zone_of

WEEKS: Final = 8
"""How many earlier days of the same weekday say what is usual."""
SLOT: Final = 30
"""Minutes."""
_HALF_HOUR: Final = timedelta(minutes=SLOT)
_NOTICEABLE: Final = 1.1
"""A cause is named when it makes a tenth more load than usual."""
_LONGER: Final = 2.0
"""Minutes by which the wait must be above the usual one before causes are looked for."""
_TICKET = table_of(Ticket)


@dataclass(frozen=True)
class Load:
    """Half an hour of one day, or of the usual one."""

    arrivals: float = 0
    wait: float | None = None
    """Mean minutes until the call, of those who came then; None: nobody was called yet."""
    counters: float = 0
    """Counters that began to serve somebody."""
    service: float | None = None
    """Mean minutes at the counter, of those who came then."""


@dataclass(frozen=True)
class HalfHour:
    """The same half hour today and as usual."""

    begins: time
    today: Load
    usual: Load


@dataclass(frozen=True)
class Cause:
    """Where a wait comes from, with what is usual."""

    code: str
    """`arrivals`, `counters` or `service`."""
    today: float
    usual: float


@dataclass(frozen=True)
class Rhythm:
    """One day of a branch."""

    day: date
    half_hours: tuple[HalfHour, ...]
    """From the first to the last with anybody in it, today or as usual."""
    days_compared: int
    """Earlier days of the same weekday that had tickets; 0: nothing is usual yet."""
    causes: tuple[Cause, ...] = ()
    """Why the wait is longer than usual, the largest first; none where it is not."""
    wait: float | None = None
    """Mean minutes so far today."""
    usual_wait: float | None = None
    """In the same half hours."""


def rhythm(database: Database, branch: str, day: date) -> Rhythm:
    """The load of a day by half hours, beside the usual one: the median of the last weeks.

    Args:
        database: Of the branch, or a terminal's own.
        branch: Its code.
        day: A business day; it may be still running.

    Raises:
        KioskError: What keeps the database from being read.
    """
    earlier = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    with database.read() as connection:
        zone = zone_of(connection, branch)
        rows = connection.execute(_tickets(branch, [day, *earlier])).all()
    by_day: dict[date, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        by_day[row.business_date].append(row)
    today = _loads(by_day.pop(day, []), _begin(day, zone))
    days = [_loads(by_day[each], _begin(each, zone)) for each in sorted(by_day)]
    usual = {slot: _usual([each.get(slot, Load()) for each in days]) for slot in _slots(days)}
    slots = sorted({*today, *usual})
    whole = range(slots[0], slots[-1] + 1) if slots else ()
    halves = tuple(
        HalfHour(_time(slot), today.get(slot, Load()), usual.get(slot, Load())) for slot in whole
    )
    return _explained(Rhythm(day, halves, len(days)))


def _begin(day: date, zone: ZoneInfo) -> datetime:
    """Midnight, as noon's clock has it: no branch is open when clocks are changed."""
    return datetime.combine(day, time(12), zone).astimezone(UTC) - timedelta(hours=12)


def _time(slot: int) -> time:
    return time(*divmod(slot * SLOT, 60))


def _slots(days: Iterable[Mapping[int, Load]]) -> set[int]:
    return {slot for each in days for slot in each}


def _loads(tickets: Iterable[Row[*tuple[Any, ...]]], begin: datetime) -> dict[int, Load]:
    """The half hours of a day; plain loops, as there are thousands of tickets."""
    came: dict[int, int] = defaultdict(int)
    waits: dict[int, list[float]] = defaultdict(list)
    services: dict[int, list[float]] = defaultdict(list)
    counters: dict[int, set[str]] = defaultdict(set)
    for issued, is_called, waiting, service, started, counter, state in (
        row[1:] for row in tickets
    ):
        slot = (issued - begin) // _HALF_HOUR
        came[slot] += 1
        if is_called:
            waits[slot].append(waiting / 60)
        if state == TicketState.SERVED.value:
            services[slot].append(service / 60)
        if started is not None and counter is not None:
            counters[(started - begin) // _HALF_HOUR].add(counter)
    return {
        slot: Load(came[slot], _mean(waits[slot]), len(counters[slot]), _mean(services[slot]))
        for slot in {*came, *counters}
    }


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None


def _usual(loads: Sequence[Load]) -> Load:
    """The median of the days; a day without anybody counts as one with nobody."""
    return Load(
        median(each.arrivals for each in loads),
        _median(each.wait for each in loads),
        median(each.counters for each in loads),
        _median(each.service for each in loads),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [each for each in values if each is not None]
    return median(known) if known else None


# --- where the wait comes from ----------------------------------------------------------------


def _explained(found: Rhythm) -> Rhythm:
    """With its causes: load is arrivals × minutes at the counter ÷ counters; each has a part."""
    # half hours that today has had, where something is usual
    both = [each for each in found.half_hours if each.today.wait is not None]
    wait = _weighted((each.today.arrivals, each.today.wait) for each in both)
    usual = _weighted((each.usual.arrivals, each.usual.wait) for each in both)
    causes: tuple[Cause, ...] = ()
    if wait is not None and usual is not None and wait - usual >= _LONGER:
        causes = tuple(_causes(both))
    return Rhythm(found.day, found.half_hours, found.days_compared, causes, wait, usual)


def _weighted(values: Iterable[tuple[float, float | None]]) -> float | None:
    """The mean over people, not over half hours."""
    known = [(count, value) for count, value in values if value is not None and count]
    total = sum(count for count, _ in known)
    return sum(count * value for count, value in known) / total if total else None


def _causes(half_hours: Sequence[HalfHour]) -> Iterable[Cause]:
    arrivals = _pair(half_hours, "arrivals")
    counters = _pair(half_hours, "counters")
    today = _weighted((each.today.arrivals, each.today.service) for each in half_hours)
    usual = _weighted((each.usual.arrivals, each.usual.service) for each in half_hours)
    parts = [
        (_ratio(*arrivals), Cause("arrivals", *arrivals)),
        (_ratio(*reversed(counters)), Cause("counters", *counters)),
        (_ratio(today or 0, usual or 0), Cause("service", today or 0, usual or 0)),
    ]
    parts.sort(key=lambda part: -part[0])
    return (cause for ratio, cause in parts if ratio >= _NOTICEABLE)


def _pair(half_hours: Sequence[HalfHour], name: str) -> tuple[float, float]:
    """A half hour's mean today and as usual."""
    today = fmean(getattr(each.today, name) for each in half_hours)
    return today, fmean(getattr(each.usual, name) for each in half_hours)


def _ratio(part: float, whole: float) -> float:
    """How many times as much; 1 where one of them is not known."""
    return part / whole if part > 0 and whole > 0 else 1.0


def _tickets(branch: str, days: Sequence[date]) -> Select[*tuple[Any, ...]]:
    t = _TICKET.c
    return select(
        t.business_date, t.issued_at, t.first_called_at.is_not(None), t.waiting_seconds,
        t.service_seconds, t.started_at, t.counter, t.state,
    ).where(
        t.branch == branch,
        t.business_date.in_(days),
        t.state != TicketState.CANCELLED.value,
        t.priority.is_not(None),
    )  # fmt: skip
