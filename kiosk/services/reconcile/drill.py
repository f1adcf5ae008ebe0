"""From an accepted offer to the lines of its channel's journal, and back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select, text

from kiosk.db import Database
from kiosk.models import Diversion, JournalCandidate, JournalFile, JournalLine, LineState
from kiosk.models.tables import table_of
from kiosk.services.reconcile.items import Page, on_page

_OFFER = table_of(Diversion)
_LINE = table_of(JournalLine)
_FILE = table_of(JournalFile)
_CANDIDATE = table_of(JournalCandidate)
_UNCLEAR = or_(_LINE.c.fault.is_not(None), _LINE.c.state == LineState.AMBIGUOUS.value)
_RIGHTS = text(
    "SELECT has_table_privilege('journal_line', 'UPDATE')"
    " AND has_table_privilege('event', 'INSERT')"
)


@dataclass(frozen=True)
class LineSeen:
    """A line that concerns an offer, or says that it does."""

    line: UUID
    file: str
    number: int
    channel: str | None
    service: str | None
    reference: str | None
    """As it stands there, whole or not."""
    amount_band: str | None
    occurred_at: datetime
    state: str
    """One of `LineState`."""
    fault: str | None
    """One of `LineFault`."""

    @property
    def is_probable(self) -> bool:
        """Whether a person may say that it is its offer's."""
        return self.state == LineState.PROBABLE.value


@dataclass(frozen=True)
class OfferSeen:
    """An accepted offer, with what is known of it."""

    offer: UUID
    reference: str | None
    service: str
    channel: str
    terminal: str
    amount_band: str | None
    accepted_at: datetime
    evidence: str | None
    """What somebody claims."""
    state: str
    """`matched`, `open` or `lapsed`."""


def lines_of(database: Database, branch: str, offer: UUID) -> list[LineSeen]:
    """Those that are its transaction, that may be it, or that have its reference."""
    candidates = select(_CANDIDATE.c.line).where(_CANDIDATE.c.offer == offer)
    return _lines(database, branch, or_(_LINE.c.offer == offer, _LINE.c.id.in_(candidates)))


def offers_of(database: Database, branch: str, line: UUID) -> list[OfferSeen]:
    """Those whose transaction it is or may be, or whose reference it has."""
    named = select(_LINE.c.offer).where(_LINE.c.id == line, _LINE.c.offer.is_not(None))
    candidates = select(_CANDIDATE.c.offer).where(_CANDIDATE.c.line == line)
    return _offers(database, branch, or_(_OFFER.c.id.in_(named), _OFFER.c.id.in_(candidates)))


def offers(database: Database, branch: str, offer: UUID) -> list[OfferSeen]:
    """The one of this id; none where there is none."""
    return _offers(database, branch, _OFFER.c.id == offer)


def lines(database: Database, branch: str, line: UUID) -> list[LineSeen]:
    """The one of this id; none where there is none."""
    return _lines(database, branch, _LINE.c.id == line)


def unclear(database: Database, branch: str, page: Page | None = None) -> list[LineSeen]:
    """The lines with a fault and those that may be of several offers, the newest first."""
    return _lines(database, branch, _UNCLEAR, page)


def unclear_counts(database: Database, branch: str) -> dict[str, int]:
    """How many of them there are, by `LineFault` or else `LineState`, the most frequent first."""
    name, count = func.coalesce(_LINE.c.fault, _LINE.c.state), func.count()
    query = select(name, count).where(_LINE.c.branch == branch, _UNCLEAR)
    found = _rows(database, query.group_by(name).order_by(count.desc(), name))
    return dict(found)


def may_confirm(database: Database) -> bool:
    """Whether this login may say that a line is an offer's; a file's owner may."""
    if database.is_sqlite:
        return True
    with database.read() as connection:
        return bool(connection.execute(_RIGHTS).scalar_one())


def _lines(
    database: Database, branch: str, which: ColumnElement[bool], page: Page | None = None
) -> list[LineSeen]:
    line = _LINE.c
    query = (
        select(
            line.id, _FILE.c.name, line.number, line.channel, line.service, line.reference,
            line.amount_band, line.occurred_at, line.state, line.fault,
        )
        .join(_FILE, _FILE.c.id == line.file)
        .where(line.branch == branch, which)
        .order_by(line.occurred_at.desc(), line.id)
    )  # fmt: skip
    return [LineSeen(*row) for row in _rows(database, on_page(query, page))]


def _offers(database: Database, branch: str, which: ColumnElement[bool]) -> list[OfferSeen]:
    offer = _OFFER.c
    state = case(
        (offer.journal_matches > 0, "matched"), (offer.lapsed_at.is_not(None), "lapsed"),
        else_="open",
    )  # fmt: skip
    query = (
        select(
            offer.id, offer.reference, offer.service, offer.channel, offer.terminal,
            offer.amount_band, offer.accepted_at, offer.evidence, state,
        )
        .where(offer.branch == branch, offer.accepted_at.is_not(None), which)
        .order_by(offer.accepted_at, offer.id)
    )  # fmt: skip
    return [OfferSeen(*row) for row in _rows(database, query)]


def _rows(database: Database, query: Select[*tuple[Any, ...]]) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(query))
