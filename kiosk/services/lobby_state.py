"""What staff have said about the lobby: who is being helped, and what is not to be offered.

Several places know a part of it: the terminal's own store at once, the branch with the next
synchronisation. Joined, the earliest word stands.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Connection, bindparam, case, func, or_, select

from kiosk.config import Machines
from kiosk.models import HelpCall, Outage, Visit
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.visits import EndReason

_CALL = table_of(HelpCall)
_OUTAGE = table_of(Outage)
_VISIT = table_of(Visit)
# waits for nobody; when staff sign in at the terminal, the customer stands beside them
_HAS_GONE = _VISIT.c.end_reason != EndReason.STAFF.value
_CALLS = Prepared(
    select(
        _CALL.c.id, _CALL.c.terminal, _CALL.c.screen, _CALL.c.service, _CALL.c.asked_at,
        _CALL.c.taken_at, _CALL.c.taken_by,
        func.coalesce(_CALL.c.done_at, case((_HAS_GONE, _VISIT.c.ended_at))),
    )
    .outerjoin(_VISIT, _VISIT.c.id == _CALL.c.visit)
    .where(_CALL.c.branch == bindparam("branch"), _CALL.c.business_date == bindparam("today"))
    .order_by(_CALL.c.asked_at, _CALL.c.id)
)  # fmt: skip
_OUTAGES = Prepared(
    select(
        _OUTAGE.c.id, _OUTAGE.c.channel, _OUTAGE.c.machine, _OUTAGE.c.began_at,
        _OUTAGE.c.began_by, _OUTAGE.c.until, _OUTAGE.c.ended_at,
    )
    .where(
        _OUTAGE.c.branch == bindparam("branch"),
        # of one that has ended, other places may not know so yet
        or_(
            _OUTAGE.c.until > bindparam("now"),
            _OUTAGE.c.until.is_(None) & _OUTAGE.c.ended_at.is_(None),
            _OUTAGE.c.business_date == bindparam("today"),
        ),
    )
    .order_by(_OUTAGE.c.began_at, _OUTAGE.c.id)
)  # fmt: skip


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CallNow(_Part):
    """A customer's call for a person."""

    id: UUID
    terminal: str
    screen: str | None
    service: str | None
    asked_at: AwareDatetime | None
    """None: this place knows only what became of it."""
    taken_at: AwareDatetime | None
    taken_by: str | None
    """The number of the member of staff."""
    done_at: AwareDatetime | None

    @property
    def is_open(self) -> bool:
        """Whether a customer still waits for somebody."""
        return self.asked_at is not None and self.done_at is None


class OutageNow(_Part):
    """A channel, or one machine of it, that is not to be offered."""

    id: UUID
    channel: str
    machine: int | None
    """None: the whole channel."""
    began_at: AwareDatetime | None
    """None: this place knows only its end."""
    began_by: str | None
    until: AwareDatetime | None
    ended_at: AwareDatetime | None

    def is_on(self, now: datetime) -> bool:
        """Whether it holds at a moment."""
        begun = self.began_at is not None and self.ended_at is None
        return begun and (self.until is None or now < self.until)


_PartT = TypeVar("_PartT", CallNow, OutageNow)


def read_calls(connection: Connection, branch: str, today: date) -> tuple[CallNow, ...]:
    """All calls of a business day, the open ones and the others."""
    rows = _CALLS.rows(connection, {"branch": branch, "today": today})
    return tuple(CallNow(**dict(zip(CallNow.model_fields, row, strict=True))) for row in rows)


def read_outages(
    connection: Connection, branch: str, today: date, now: datetime
) -> tuple[OutageNow, ...]:
    """All outages that hold, or ended today."""
    rows = _OUTAGES.rows(connection, {"branch": branch, "today": today, "now": now})
    return tuple(OutageNow(**dict(zip(OutageNow.model_fields, row, strict=True))) for row in rows)


def join_calls(known: Iterable[CallNow]) -> tuple[CallNow, ...]:
    """What several places know of calls, as one, in the order in which they came."""
    return _joined(known, _join_call, lambda each: each.asked_at)


def join_outages(known: Iterable[OutageNow]) -> tuple[OutageNow, ...]:
    """As `join_calls`, of outages."""
    return _joined(known, _join_outage, lambda each: each.began_at)


def channels_down(
    outages: Iterable[OutageNow], machines: Collection[Machines], now: datetime
) -> frozenset[str]:
    """The channels of which nothing works; a channel with machines is down when all of them are."""
    on = [each for each in outages if each.is_on(now)]
    whole = {each.channel for each in on if each.machine is None}
    by_machine = {each.channel for each in machines if each.count and not working(each, on, now)}
    return frozenset(whole | by_machine)


def working(machines: Machines, outages: Iterable[OutageNow], now: datetime) -> tuple[int, ...]:
    """The numbers of a channel's machines that can be used."""
    down = {
        each.machine for each in outages if each.channel == machines.channel and each.is_on(now)
    }
    return () if None in down else tuple(n for n in machines.numbers if n not in down)


def _joined(
    known: Iterable[_PartT],
    join: Callable[[_PartT, _PartT], _PartT],
    since: Callable[[_PartT], datetime | None],
) -> tuple[_PartT, ...]:
    found: dict[UUID, _PartT] = {}
    for each in known:
        found[each.id] = join(found[each.id], each) if each.id in found else each
    # what nobody knows the beginning of says nothing yet
    begun = [(start, each) for each in found.values() if (start := since(each)) is not None]
    return tuple(each for _, each in sorted(begun, key=lambda pair: (pair[0], pair[1].id)))


def _join_call(one: CallNow, other: CallNow) -> CallNow:
    asked = one if one.asked_at is not None else other
    taken = _earlier(one, other, lambda each: each.taken_at)
    done = _earlier(one, other, lambda each: each.done_at)
    return asked.model_copy(
        update={
            "taken_at": taken.taken_at, "taken_by": taken.taken_by, "done_at": done.done_at,
        }
    )  # fmt: skip


def _join_outage(one: OutageNow, other: OutageNow) -> OutageNow:
    begun = one if one.began_at is not None else other
    ended = _earlier(one, other, lambda each: each.ended_at)
    return begun.model_copy(update={"ended_at": ended.ended_at})


def _earlier(one: _PartT, other: _PartT, moment: Callable[[_PartT], datetime | None]) -> _PartT:
    first, second = moment(one), moment(other)
    return other if second is not None and (first is None or second < first) else one
