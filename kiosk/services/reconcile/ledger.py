"""What the branch database knows of offers and journals, for the rules, and back again."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, delete, false, func, or_, select, update

from kiosk.models import (
    Branch,
    Diversion,
    JournalCandidate,
    JournalFile,
    JournalLine,
    LineFault,
    LineState,
)
from kiosk.models.tables import table_of
from kiosk.services.reconcile.bulk import Row, add_missing

_BRANCH = table_of(Branch)
_OFFER = table_of(Diversion)
_FILE = table_of(JournalFile)
_LINE = table_of(JournalLine)
_CANDIDATE = table_of(JournalCandidate)
_AT_ONCE = 5_000
_BEFORE = timedelta(days=90)
"""How long after its acceptance an offer may still be proven."""
LINE = ("id", "branch", "file", "number", "channel", "service", "reference", "amount_band",
        "occurred_at", "reverses", "offer", "state", "fault")  # fmt: skip
"""The columns of a line."""


def accepted_offers(branch: str, since: datetime | None) -> Select[Any]:
    """Those that lines may be about, in the order of the columns that the rules read."""
    offer = _OFFER.c
    wanted = and_(offer.branch == branch, offer.accepted_at.is_not(None))
    if since is not None:
        is_matched = select(_LINE.c.offer).where(
            _LINE.c.branch == branch, _LINE.c.state == LineState.MATCHED.value
        )
        wanted = and_(wanted, or_(offer.accepted_at >= since - _BEFORE, offer.id.in_(is_matched)))
    return select(
        offer.id, offer.reference, offer.channel, offer.service, offer.amount_band,
        offer.accepted_at, offer.terminal, offer.visit, offer.business_date,
    ).where(wanted)  # fmt: skip


def held_matches(branch: str) -> Select[Any]:
    """What is matched at present: line, offer, and whether by the reference."""
    by_reference = func.coalesce(_LINE.c.reference == _OFFER.c.reference, false())
    return (
        select(_LINE.c.id, _LINE.c.offer, by_reference)
        .join(_OFFER, _OFFER.c.id == _LINE.c.offer)
        .where(_LINE.c.branch == branch, _LINE.c.state == LineState.MATCHED.value)
    )


def last_event(connection: Connection, branch: str) -> int:
    """The number of the branch's own last event: by it, who confirms or undoes is noticed."""
    query = select(_BRANCH.c.last_seq).where(_BRANCH.c.code == branch)
    return int(connection.execute(query).scalar_one())


def replace_lines(
    connection: Connection, files: Sequence[UUID], lines: Iterable[Row], candidates: Iterable[Row]
) -> None:
    """Let what stands of the lines of some files be this, and nothing else.

    A line that an older file has, which is not kept any more, stands already.

    Args:
        connection: In a transaction that writes.
        files: They are kept.
        lines: In the order of `LINE`.
        candidates: Lines and the offers that they may be about.
    """
    of_files = select(_LINE.c.id).where(_LINE.c.file.in_(files))
    connection.execute(delete(_CANDIDATE).where(_CANDIDATE.c.line.in_(of_files)))
    connection.execute(delete(_LINE).where(_LINE.c.file.in_(files)))
    add_missing(connection, _LINE.name, LINE, lines)
    add_missing(connection, _CANDIDATE.name, ("line", "offer"), candidates)


def take_back(connection: Connection, lines: Sequence[UUID]) -> None:
    """Of lines whose file is not kept any more."""
    for first in range(0, len(lines), _AT_ONCE):
        mine = _LINE.c.id.in_(lines[first : first + _AT_ONCE])
        stands = update(_LINE).where(mine, _LINE.c.state == LineState.MATCHED.value)
        connection.execute(
            stands.values(state=LineState.NONE.value, fault=LineFault.TAKEN_BACK.value)
        )


def covered_until(connection: Connection, branch: str) -> dict[str, datetime]:
    """Up to when there is a journal, by channel."""
    until: dict[str, datetime] = {}
    query = select(_FILE.c.channels, _FILE.c.last_at, _FILE.c.imported_at).where(
        _FILE.c.branch == branch, _FILE.c.last_at.is_not(None)
    )
    for channels, last_at, imported_at in connection.execute(query):
        # one wrong date in a journal covers no days to come
        covered = min(last_at, imported_at)
        for channel in channels:
            until[channel] = max(covered, until.get(channel, covered))
    return until


def lapsed_offers(branch: str, channel: str, accepted_until: datetime) -> Select[Any]:
    """Offers of which the journal had no line in all their days, and that is not said yet."""
    offer = _OFFER.c
    return select(offer.visit, offer.service, offer.channel, offer.id, offer.business_date).where(
        offer.branch == branch,
        offer.channel == channel,
        offer.accepted_at.is_not(None),
        offer.accepted_at <= accepted_until,
        offer.journal_matches <= 0,
        offer.lapsed_at.is_(None),
    )
