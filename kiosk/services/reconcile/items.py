"""What is open, probable and faulty among accepted offers, for screens and reports: plain SQL."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Select, case, delete, func, select, update

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import (
    Diversion,
    Event,
    JournalCandidate,
    JournalFile,
    JournalLine,
    Kind,
    LineState,
    MatchRule,
)
from kiosk.models.payloads import ReconciliationMatched
from kiosk.models.tables import table_of
from kiosk.services.reconcile.facts import JournalFact, record_facts

_OFFER = table_of(Diversion)
_LINE = table_of(JournalLine)
_FILE = table_of(JournalFile)
_CANDIDATE = table_of(JournalCandidate)
_EVENT = table_of(Event)
_MATCHED = _OFFER.c.journal_matches > 0
_LAPSED = ~_MATCHED & _OFFER.c.lapsed_at.is_not(None)
_OPEN = ~_MATCHED & _OFFER.c.lapsed_at.is_(None)
_AT_ONCE = 500
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
class JournalFault:
    """A line that is not what it seems to be."""

    line: UUID
    file: str
    number: int
    fault: str
    """One of `LineFault`."""
    state: str
    """One of `LineState`: what is damaged may be probable all the same."""
    channel: str | None
    service: str | None
    reference: str | None
    occurred_at: datetime
    offer: UUID | None


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
    return _found(database, ChannelProgress, query.group_by(channel).order_by(channel))


def open_items(
    database: Database, branch: str, days: Collection[date] | None = None
) -> list[OpenItem]:
    """What is open, the oldest first; of all days where none are named."""
    offer = _OFFER.c
    columns = [offer.id, *(offer[each.name] for each in fields(OpenItem)[1:])]
    query = select(*columns).where(offer.branch == branch, offer.accepted_at.is_not(None), _OPEN)
    if days is not None:
        query = query.where(offer.business_date.in_(days))
    return _found(database, OpenItem, query.order_by(offer.accepted_at, offer.id))


def probables(database: Database, branch: str) -> list[Probable]:
    """What a person may confirm, the oldest first."""
    line, offer = _LINE.c, _OFFER.c
    query = (
        select(
            line.id, offer.id, _FILE.c.name, line.number, line.reference, offer.reference,
            offer.service, offer.channel, line.amount_band, offer.accepted_at, line.occurred_at,
        )
        .select_from(_LINE)
        .join(_CANDIDATE, _CANDIDATE.c.line == line.id)
        .join(_OFFER, offer.id == _CANDIDATE.c.offer)
        .join(_FILE, _FILE.c.id == line.file)
        .where(line.branch == branch, line.state == LineState.PROBABLE.value)
        .order_by(line.occurred_at, line.id)
    )  # fmt: skip
    return _found(database, Probable, query)


def faults(database: Database, branch: str) -> list[JournalFault]:
    """The lines of which something must be told, the newest first."""
    line = _LINE.c
    query = (
        select(
            line.id, _FILE.c.name, line.number, line.fault, line.state, line.channel, line.service,
            line.reference, line.occurred_at, line.offer,
        )
        .join(_FILE, _FILE.c.id == line.file)
        .where(line.branch == branch, line.fault.is_not(None))
        .order_by(line.occurred_at.desc(), line.id)
    )  # fmt: skip
    return _found(database, JournalFault, query)


def trend(database: Database, config: Config, days: Sequence[date]) -> list[TrendDay]:
    """How many offers were open at the end of each of the days, which follow each other."""
    if not days:
        return []
    branch, offer, event = config.branch.code, _OFFER.c, _EVENT.c
    settled = (
        select(event.offer, func.min(event.occurred_at).label("at"))
        .where(event.branch == branch, event.kind == Kind.RECONCILIATION.value)
        .where(event.stage.in_(("matched", "lapsed")))
        .group_by(event.offer)
        .subquery()
    )
    query = (
        select(offer.business_date, case((_OPEN, None), else_=settled.c.at))
        .outerjoin(settled, settled.c.offer == offer.id)
        .where(offer.branch == branch, offer.accepted_at.is_not(None))
        .where(offer.business_date.between(days[0] - _BEFORE, days[-1]))
    )
    with database.read() as connection:
        rows = [
            (day, at.astimezone(config.zone).date() if at else None)
            for day, at in connection.execute(query)
        ]
    return [
        TrendDay(
            day,
            sum(accepted == day for accepted, _ in rows),
            sum(accepted <= day and (at is None or at > day) for accepted, at in rows),
        )
        for day in days
    ]


def confirm(
    database: Database,
    config: Config,
    clock: Clock,
    lines: Collection[UUID] | None,
    staff: str,
    keep: Callable[[Connection], None],
) -> int:
    """Say that probable lines are their offers' transactions.

    Args:
        database: The branch database.
        config: The branch's.
        clock: Gives the moment.
        lines: Which; None: all that are probable.
        staff: The number of who says so.
        keep: Keeps for the audit that it is done, in the transaction and as the last thing in it:
            what is refused leaves no word, and what can't be kept is not done.

    Returns:
        How many.

    Raises:
        KioskError: `line_not_probable` for one that is not, or not any more; then none is.
    """
    with database.write() as connection:
        found = _to_confirm(connection, config.branch.code, lines)
        if lines is not None and len(found) < len(set(lines)):
            known = {row.line for row in found}
            raise KioskError(
                "line_not_probable", line=next(each for each in lines if each not in known)
            )
        rule = ReconciliationMatched(rule=MatchRule.CHANNEL_SERVICE_AMOUNT_TIME)
        facts = [
            JournalFact(
                rule, row.visit, row.service, row.channel, row.offer, row.business_date,
                subject=row.line, staff=staff,
            )
            for row in found
        ]  # fmt: skip
        for row in found:
            connection.execute(
                update(_LINE)
                .where(_LINE.c.id == row.line)
                .values(state=LineState.MATCHED.value, offer=row.offer)
            )
            connection.execute(delete(_CANDIDATE).where(_CANDIDATE.c.line == row.line))
        if not facts:
            return 0
        count = record_facts(connection, database, config, clock, facts)
        keep(connection)
        return count


def _to_confirm(connection: Connection, branch: str, lines: Collection[UUID] | None) -> list[Any]:
    """Locked, so that nobody else says the same at the same moment."""
    offer = _OFFER.c
    query = (
        select(
            _LINE.c.id.label("line"), offer.id.label("offer"), offer.visit, offer.service,
            offer.channel, offer.business_date,
        )
        .select_from(_LINE)
        .join(_CANDIDATE, _CANDIDATE.c.line == _LINE.c.id)
        .join(_OFFER, offer.id == _CANDIDATE.c.offer)
        .where(_LINE.c.branch == branch, _LINE.c.state == LineState.PROBABLE.value)
        .with_for_update(of=_LINE)
    )  # fmt: skip
    if lines is None:
        return list(connection.execute(query))
    wanted = list(lines)
    return [
        row
        for first in range(0, len(wanted), _AT_ONCE)
        for row in connection.execute(query.where(_LINE.c.id.in_(wanted[first : first + _AT_ONCE])))
    ]


def _counted(branch: str, key: Any) -> Select[Any]:
    counts = (func.sum(case((each, 1), else_=0)) for each in (_MATCHED, _OPEN, _LAPSED))
    return select(key, func.count(), *counts).where(
        _OFFER.c.branch == branch, _OFFER.c.accepted_at.is_not(None)
    )


def _found(database: Database, made: type[_RowT], query: Select[Any]) -> list[_RowT]:
    with database.read() as connection:
        return [made(*row) for row in connection.execute(query)]
