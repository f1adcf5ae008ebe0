"""What customers were told of their wait, held against how long they waited.

The range is that of the ticket's own event, the wait goes from the issue to the first call. Half a
minute outside the range counts as inside. Both directions are counted: a range that is shaded
towards an e-channel would show as called earlier than said.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import exists, select

from kiosk.db import Database
from kiosk.models import Diversion, Event, Kind, Ticket
from kiosk.models.payloads import TicketIssued
from kiosk.models.tables import table_of
from kiosk.services.spread import Spread, spread_of

Key = TypeVar("Key", str, int)

_GRACE = 0.5
"""Minutes."""
_MUCH = 5.0
"""Minutes."""
_DIVERSION = table_of(Diversion)
_EVENT = table_of(Event)
_TICKET = table_of(Ticket)


@dataclass(frozen=True)
class Kept:
    """How ranges came true: of all tickets that were told one and were called."""

    told: int
    inside: int
    later: int
    """Called later than said."""
    much_later: int
    """By more than five minutes."""
    earlier: int
    """Called earlier than said."""
    waited: Spread
    """Minutes from the issue to the first call."""


@dataclass(frozen=True)
class WaitsReport:
    """One branch, one business day."""

    branch: str
    day: date
    total: Kept
    """Without those who were told "no wait"."""
    by_queue: tuple[tuple[str, Kept], ...]
    by_hour: tuple[tuple[int, Kept], ...]
    """Of the issue, in the branch's time zone."""
    after_offer: Kept
    """Of customers who had been offered an e-channel beside the counter."""
    without_offer: Kept
    no_wait: Kept
    """Told that a counter is free; inside means called within half a minute."""
    told_no_range: int
    """Called, and had been told the number of people, or nothing."""
    not_called: int
    """Told a range or nothing, and not called: waiting, given back or left over."""


@dataclass(frozen=True)
class _Told:
    queue: str
    hour: int
    was_offered: bool
    low: int
    high: int | None
    waited: float


def waits_report(database: Database, branch: str, day: date) -> WaitsReport:
    """Hold a day's ranges against its waits.

    Args:
        database: The branch database: terminals know of no call.
        branch: Its code.
        day: The business day.

    Raises:
        KioskError: What keeps the database from being read.
    """
    told: list[_Told] = []
    told_no_range = not_called = 0
    for row in _tickets(database, branch, day):
        wait = row.payload.get("wait") or {}
        if row.first_called_at is None:
            not_called += 1
        elif wait.get("low") is None:
            told_no_range += 1
        else:
            minutes = max(0.0, (row.first_called_at - row.occurred_at).total_seconds() / 60)
            shown = wait["low"], wait["high"]
            told.append(_Told(row.queue, row.local_hour, row.was_offered, *shown, minutes))
    ranges = [each for each in told if each.high != 0]
    return WaitsReport(
        branch=branch,
        day=day,
        total=_kept(ranges),
        by_queue=_grouped(ranges, lambda each: each.queue),
        by_hour=_grouped(ranges, lambda each: each.hour),
        after_offer=_kept(each for each in ranges if each.was_offered),
        without_offer=_kept(each for each in ranges if not each.was_offered),
        no_wait=_kept(each for each in told if each.high == 0),
        told_no_range=told_no_range,
        not_called=not_called,
    )


def _tickets(database: Database, branch: str, day: date) -> Iterable[Any]:
    was_offered = exists().where(
        _DIVERSION.c.visit == _EVENT.c.visit, _DIVERSION.c.offered_at.is_not(None)
    )
    issued = (
        select(
            _EVENT.c.payload, _EVENT.c.queue, _EVENT.c.local_hour, _EVENT.c.occurred_at,
            _TICKET.c.first_called_at, was_offered.label("was_offered"),
        )
        .outerjoin(_TICKET, _TICKET.c.id == _EVENT.c.ticket)
        .where(
            _EVENT.c.branch == branch,
            _EVENT.c.business_date == day,
            _EVENT.c.kind == Kind.TICKET.value,
            _EVENT.c.stage == TicketIssued.stage,
        )
    )  # fmt: skip
    with database.read() as connection:
        return connection.execute(issued).all()


def _grouped(told: Iterable[_Told], key: Callable[[_Told], Key]) -> tuple[tuple[Key, Kept], ...]:
    groups: dict[Key, list[_Told]] = {}
    for each in told:
        groups.setdefault(key(each), []).append(each)
    return tuple((each, _kept(groups[each])) for each in sorted(groups))


def _kept(told: Iterable[_Told]) -> Kept:
    told = list(told)
    ends = [(each.waited, math.inf if each.high is None else each.high) for each in told]
    later = sum(waited > end + _GRACE for waited, end in ends)
    earlier = sum(each.waited < each.low - _GRACE for each in told)
    return Kept(
        told=len(told),
        inside=len(told) - later - earlier,
        later=later,
        much_later=sum(waited > end + _MUCH for waited, end in ends),
        earlier=earlier,
        waited=spread_of([each.waited for each in told]),
    )
