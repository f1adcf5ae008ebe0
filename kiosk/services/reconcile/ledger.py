"""What the branch database knows of offers and journals, for the rules, and back again."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, and_, delete, false, func, or_, select, update

from kiosk.models import (
    Diversion,
    JournalCandidate,
    JournalFile,
    JournalLine,
    LineFault,
    LineState,
)
from kiosk.models.tables import table_of
from kiosk.projections.statement import insert_into

_OFFER = table_of(Diversion)
_FILE = table_of(JournalFile)
_LINE = table_of(JournalLine)
_CANDIDATE = table_of(JournalCandidate)
_AT_ONCE = 5_000
_BEFORE = timedelta(days=90)
"""How long after its acceptance an offer may still be proven."""

Pair = tuple[UUID, UUID]
"""A line and its offer."""


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


def held_pairs(connection: Connection, branch: str) -> set[Pair]:
    """The same, to see whether somebody has confirmed or undone one meanwhile."""
    return {(line, offer) for line, offer, _ in connection.execute(held_matches(branch))}


def put_down(connection: Connection, query: Select[Any], path: Path) -> None:
    """Write what a query finds as CSV, which DuckDB reads fastest of all that it reads."""
    found = connection.execution_options(yield_per=_AT_ONCE).execute(query)
    with path.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        for rows in found.partitions():
            writer.writerows([_plain(value) for value in row] for row in rows)


def _plain(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def replace_lines(
    connection: Connection, branch: str, files: Sequence[UUID], lines: Iterator[Mapping[str, Any]]
) -> None:
    """Let what stands of the lines of some files be this, and nothing else."""
    of_files = select(_LINE.c.id).where(_LINE.c.file.in_(files))
    connection.execute(delete(_CANDIDATE).where(_CANDIDATE.c.line.in_(of_files)))
    connection.execute(delete(_LINE).where(_LINE.c.file.in_(files)))
    _store(connection, _LINE, ({**line, "branch": branch} for line in lines))


def replace_candidates(connection: Connection, candidates: Iterator[Mapping[str, Any]]) -> None:
    """Add the offers that lines may be about; those of before went with the lines."""
    _store(connection, _CANDIDATE, candidates)


def take_back(connection: Connection, lines: Sequence[UUID]) -> None:
    """Of lines whose file is not kept any more."""
    for first in range(0, len(lines), _AT_ONCE):
        mine = _LINE.c.id.in_(lines[first : first + _AT_ONCE])
        stands = update(_LINE).where(mine, _LINE.c.state == LineState.MATCHED.value)
        connection.execute(
            stands.values(state=LineState.NONE.value, fault=LineFault.TAKEN_BACK.value)
        )


def _store(connection: Connection, table: Table, rows: Iterator[Mapping[str, Any]]) -> None:
    """Add rows; a line that an older file has, which is not kept any more, stands already."""
    add = insert_into(table, connection.dialect.name).on_conflict_do_nothing()
    some: list[Mapping[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _AT_ONCE:
            connection.execute(add, some)
            some = []
    if some:
        connection.execute(add, some)


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
