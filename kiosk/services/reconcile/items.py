"""What is open, probable and faulty among accepted offers, for screens and reports: plain SQL."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
)

from kiosk.config import Config
from kiosk.db import Database
from kiosk.models import (
    Diversion,
    Event,
    JournalCandidate,
    JournalFile,
    JournalLine,
    Kind,
    LineState,
)
from kiosk.models.tables import table_of
from kiosk.services.reconcile.coverage import journal_channels
from kiosk.services.report import Share

_OFFER = table_of(Diversion)
_LINE = table_of(JournalLine)
_FILE = table_of(JournalFile)
_CANDIDATE = table_of(JournalCandidate)
_EVENT = table_of(Event)
_MATCHED = _OFFER.c.journal_matches > 0
_LAPSED = ~_MATCHED & _OFFER.c.lapsed_at.is_not(None)
_OPEN = ~_MATCHED & _OFFER.c.lapsed_at.is_(None)
_AT_ONCE = 500
_A_DAY = timedelta(days=1)
_BEFORE = timedelta(days=90)
"""How far back the trend looks for offers that are still open."""
_RowT = TypeVar("_RowT")


@dataclass(frozen=True)
class Progress:
    """How far one business day's accepted offers are settled."""

    day: date
    accepted: int
    matched: int
    open: int
    lapsed: int


@dataclass(frozen=True)
class ChannelProgress:
    """The same of one channel, over some days."""

    channel: str
    accepted: int
    matched: int
    open: int
    lapsed: int
    is_provable: bool
    """Whether a journal tells of the channel on these days."""


@dataclass(frozen=True)
class Page:
    """A part of a long list."""

    first: int
    """From 0."""
    count: int


@dataclass(frozen=True)
class ProbableKind:
    """Probable lines that are confirmed together, since their offers are of one kind."""

    channel: str
    service: str
    count: int


@dataclass(frozen=True)
class OpenItem:
    """An accepted offer of which the journal says nothing yet."""

    offer: UUID
    reference: str | None
    service: str
    channel: str
    terminal: str
    business_date: date
    accepted_at: datetime
    evidence: str | None
    """What somebody claims."""


@dataclass(frozen=True)
class Probable:
    """A line and an offer that have only each other; a person may say that it is so."""

    line: UUID
    offer: UUID
    file: str
    number: int
    said: str | None
    """The damaged reference that stands there, if one does."""
    reference: str | None
    """The offer's."""
    service: str
    channel: str
    amount_band: str | None
    accepted_at: datetime
    occurred_at: datetime


@dataclass(frozen=True)
class TrendDay:
    """How many offers were open when a day ended."""

    day: date
    accepted: int
    open: int


def progress(database: Database, branch: str, days: Collection[date]) -> list[Progress]:
    """Each of the days on which something was accepted; matched + open + lapsed = accepted."""
    day = _OFFER.c.business_date
    query = _counted(branch, day).where(day.in_(days)).group_by(day).order_by(day)
    return _found(database, Progress, query)


def by_channel(database: Database, branch: str, days: Collection[date]) -> list[ChannelProgress]:
    """The days together, by channel."""
    channel = _OFFER.c.channel
    query = _counted(branch, channel).where(_OFFER.c.business_date.in_(days))
    if not days:
        return []
    with database.read() as connection:
        journals = journal_channels(connection, branch, min(days), max(days)).get(branch, set())
        rows = connection.execute(query.group_by(channel).order_by(channel)).all()
    return [
        ChannelProgress(
            code, accepted, matched, still_open, lapsed, code in journals or matched > 0
        )
        for code, accepted, matched, still_open, lapsed in rows
    ]


def settled(channels: Collection[ChannelProgress]) -> Share | None:
    """Proven and lapsed / accepted; None: no journal tells of any of it."""
    if not any(each.is_provable for each in channels):
        return None
    done = sum(each.matched + each.lapsed for each in channels)
    return Share(done, sum(each.accepted for each in channels))


def open_items(
    database: Database,
    branch: str,
    days: Collection[date] | None = None,
    page: Page | None = None,
) -> list[OpenItem]:
    """What is open, the oldest first; of all days where none are named."""
    offer = _OFFER.c
    columns = [offer.id, *(offer[each.name] for each in fields(OpenItem)[1:])]
    query = select(*columns).where(*_open(branch, days)).order_by(offer.accepted_at, offer.id)
    return _found(database, OpenItem, on_page(query, page))


def open_by_day(
    database: Database, branch: str, days: Collection[date] | None = None
) -> dict[date, int]:
    """How many are open of each day that has any, the oldest first."""
    day = _OFFER.c.business_date
    query = select(day, func.count()).where(*_open(branch, days)).group_by(day).order_by(day)
    return dict(_rows(database, query))


def probables(
    database: Database, branch: str, kind: ProbableKind | None = None, page: Page | None = None
) -> list[Probable]:
    """What a person may confirm, the oldest first; of all kinds where none is named."""
    line, offer = _LINE.c, _OFFER.c
    query = probable(
        branch, kind,
        line.id, offer.id, _FILE.c.name, line.number, line.reference, offer.reference,
        offer.service, offer.channel, line.amount_band, offer.accepted_at, line.occurred_at,
    ).join(_FILE, _FILE.c.id == line.file).order_by(line.occurred_at, line.id)  # fmt: skip
    return _found(database, Probable, on_page(query, page))


def probable_kinds(database: Database, branch: str) -> list[ProbableKind]:
    """How many there are of each kind, the most first."""
    kind, count = (_OFFER.c.channel, _OFFER.c.service), func.count()
    query = probable(branch, None, *kind, count).group_by(*kind).order_by(count.desc(), *kind)
    return _found(database, ProbableKind, query)


def probable_lines(database: Database, branch: str, kind: ProbableKind | None = None) -> list[UUID]:
    """The lines alone, for who says yes to all of them."""
    query = probable(branch, kind, _LINE.c.id).order_by(_LINE.c.occurred_at, _LINE.c.id)
    return [line for (line,) in _rows(database, query)]


def fault_counts(database: Database, branch: str) -> dict[str, int]:
    """How many lines of the journals have something wrong, by `LineFault`."""
    fault = _LINE.c.fault
    query = select(fault, func.count()).where(_LINE.c.branch == branch, fault.is_not(None))
    return dict(_rows(database, query.group_by(fault)))


def trend(database: Database, config: Config, days: Sequence[date]) -> list[TrendDay]:
    """How many offers were open at the end of each of the days, which follow each other."""
    if not days:
        return []
    branch, offer = config.branch.code, _OFFER.c
    since = days[0] - _BEFORE
    settled = _settled(branch, since)
    midnights = [datetime.combine(day + _A_DAY, time(), config.zone) for day in days]
    counts = [
        count
        for day, midnight in zip(days, midnights, strict=True)
        for count in (
            _count_if(offer.business_date == day),
            _count_if(
                offer.business_date <= day,
                or_(_OPEN, settled.c.at.is_(None), settled.c.at >= midnight),
            ),
        )
    ]
    query = (
        select(*counts)
        .select_from(_OFFER)
        .outerjoin(settled, settled.c.offer == offer.id)
        .where(offer.branch == branch, offer.accepted_at.is_not(None))
        .where(offer.business_date.between(since, days[-1]))
    )
    [found] = _rows(database, query)
    return [
        TrendDay(day, accepted, still_open)
        for day, accepted, still_open in zip(days, found[::2], found[1::2], strict=True)
    ]


def _settled(branch: str, since: date) -> Subquery:
    """When the journal first said something of an offer."""
    event = _EVENT.c
    return (
        select(event.offer, func.min(event.occurred_at).label("at"))
        .where(event.branch == branch, event.kind == Kind.RECONCILIATION.value)
        .where(event.stage.in_(("matched", "lapsed")), event.business_date >= since)
        .group_by(event.offer)
        .subquery()
    )


def on_page(query: Select[*tuple[Any, ...]], page: Page | None) -> Select[*tuple[Any, ...]]:
    """The rows of a page alone; all of them where none is named."""
    return query if page is None else query.limit(page.count).offset(page.first)


def _open(branch: str, days: Collection[date] | None) -> Iterator[ColumnElement[bool]]:
    yield from (_OFFER.c.branch == branch, _OFFER.c.accepted_at.is_not(None), _OPEN)
    if days is not None:
        yield _OFFER.c.business_date.in_(days)


def probable(
    branch: str, kind: ProbableKind | None, *columns: ColumnElement[Any]
) -> Select[*tuple[Any, ...]]:
    """What is asked of probable lines and their offers."""
    query = (
        select(*columns)
        .select_from(_LINE)
        .join(_CANDIDATE, _CANDIDATE.c.line == _LINE.c.id)
        .join(_OFFER, _OFFER.c.id == _CANDIDATE.c.offer)
        .where(_LINE.c.branch == branch, _LINE.c.state == LineState.PROBABLE.value)
    )
    if kind is None:
        return query
    return query.where(_OFFER.c.channel == kind.channel, _OFFER.c.service == kind.service)


def _counted(branch: str, key: Any) -> Select[*tuple[Any, ...]]:
    counts = map(_count_if, (_MATCHED, _OPEN, _LAPSED))
    return select(key, func.count(), *counts).where(
        _OFFER.c.branch == branch, _OFFER.c.accepted_at.is_not(None)
    )


def _count_if(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)


def _found(database: Database, made: type[_RowT], query: Select[*tuple[Any, ...]]) -> list[_RowT]:
    return [made(*row) for row in _rows(database, query)]


def _rows(database: Database, query: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    with database.read() as connection:
        return connection.execute(query).all()
