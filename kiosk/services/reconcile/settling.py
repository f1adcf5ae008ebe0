"""One run: journals against accepted offers, and what follows put into the database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, insert, select

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import JournalDamage, JournalFile, MatchRule
from kiosk.models.payloads import (
    ReconciliationLapsed,
    ReconciliationMatched,
    ReconciliationUndone,
)
from kiosk.models.tables import table_of
from kiosk.services.reconcile import ledger
from kiosk.services.reconcile.bulk import MOMENT, put_down
from kiosk.services.reconcile.facts import (
    FactRow,
    JournalFact,
    fact_rows,
    lock_branch,
    record_facts,
    record_rows,
)
from kiosk.services.reconcile.matching import JournalLines, judge
from kiosk.services.reconcile.workbench import workbench

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FILE = table_of(JournalFile)
_DAMAGE = table_of(JournalDamage)
_REPEATED = "repeated"
"""A line that stands in its file twice: one of it counts, the other is damage."""
_AT_ONCE = 5_000
_FACT = """SELECT offer.business_date::TEXT, plain(offer.visit), offer.service, offer.channel,
    plain(offer), plain(line), {reason} FROM {table} JOIN offer USING (offer) ORDER BY offer"""
"""What is stored in the order of its key is stored without looking about."""
_UNDONE = _FACT.format(reason="reason", table="undone")
_CHOSEN = _FACT.format(reason="NULL", table="chosen")
_LINES = """SELECT plain(line), ? AS branch, plain(file), number, channel, service, reference,
    amount_band, strftime(occurred_at, ?), plain(reverses), plain(offer), state, fault
    FROM verdict WHERE fault IS DISTINCT FROM 'repeated' ORDER BY line"""
_CANDIDATES = "SELECT plain(line), plain(offer) FROM candidate ORDER BY line, offer"


@dataclass(frozen=True)
class NewFile:
    """A journal that comes in with this run."""

    row: dict[str, Any]
    """Of `journal_file`."""
    damage: Sequence[tuple[int, str]]
    lines: JournalLines


@dataclass(frozen=True)
class Settled:
    """What a run came to."""

    matched: int
    undone: int
    lapsed: int
    states: dict[str, int]
    """How many of the lines are each: by `LineState`."""
    faults: dict[str, int]
    """By `LineFault`, and those that are repeated."""


def settle(
    database: Database,
    config: Config,
    clock: Clock,
    journals: Sequence[JournalLines],
    new: NewFile | None = None,
) -> Settled:
    """Hold the accepted offers against the journals, and take a new one in, in one transaction.

    Args:
        database: The branch database.
        config: The branch's.
        clock: Gives the time of what is recorded.
        journals: Those whose lines are kept, the oldest first; the new one last.
        new: The one that comes in.

    Raises:
        KioskError: `database_conflict` where somebody confirmed or undid something meanwhile.
    """
    branch = config.branch.code
    if not journals:
        with database.write() as writing:
            lapsed = _lapse(writing, database, config, clock)
        return Settled(0, 0, lapsed, {}, {})
    with TemporaryDirectory() as name, workbench(Path(name)) as connection:
        offers, held = Path(name, "offers.csv"), Path(name, "held.csv")
        with database.read() as reading:
            since = _since(reading, journals, new)
            put_down(reading, ledger.accepted_offers(branch, since), offers)
            put_down(reading, ledger.held_matches(branch), held)
            before = ledger.last_event(reading, branch)
        judge(connection, journals, offers, held, branch)
        with database.write() as writing:
            if lock_branch(writing, database, branch) != before:
                raise KioskError("database_conflict", database=database.name)
            if new is not None:
                _take_in(writing, new, connection)
            _put_in(writing, branch, journals, connection)
            count = record_rows(writing, database, config, clock, _facts(connection))
            lapsed = _lapse(writing, database, config, clock)
        return _settled(connection, count, lapsed)


def _since(
    connection: Connection, journals: Sequence[JournalLines], new: NewFile | None
) -> datetime | None:
    """The time of the first line of all."""
    ids = [UUID(each.file) for each in journals]
    query = select(_FILE.c.first_at).where(_FILE.c.id.in_(ids), _FILE.c.first_at.is_not(None))
    times = [at for (at,) in connection.execute(query)]
    if new is not None and new.row["first_at"] is not None:
        times.append(new.row["first_at"])
    return min(times, default=None)


def _take_in(connection: Connection, new: NewFile, found: "DuckDBPyConnection") -> None:
    repeated = found.execute(
        "SELECT number FROM verdict WHERE file = ? AND fault = ?", [new.lines.file, _REPEATED]
    ).fetchall()
    damage = [*new.damage, *((number, _REPEATED) for (number,) in repeated)]
    connection.execute(insert(_FILE), [{**new.row, "damaged": len(damage)}])
    rows = [{"file": new.row["id"], "number": each[0], "reason": each[1]} for each in damage]
    if rows:
        connection.execute(insert(_DAMAGE), rows)


def _put_in(
    connection: Connection,
    branch: str,
    journals: Sequence[JournalLines],
    found: "DuckDBPyConnection",
) -> None:
    files = [UUID(each.file) for each in journals]
    undone = [line for (line,) in found.execute("SELECT line FROM undone").fetchall()]
    ledger.take_back(connection, undone)
    moment = MOMENT[connection.dialect.name]
    lines, candidates = _rows(found, _LINES, branch, moment), _rows(found, _CANDIDATES)
    ledger.replace_lines(connection, files, lines, candidates)


def _rows(found: "DuckDBPyConnection", query: str, *values: object) -> Iterator[tuple[Any, ...]]:
    cursor = found.cursor().execute(query, values)
    while rows := cursor.fetchmany(_AT_ONCE):
        yield from rows


def _facts(found: "DuckDBPyConnection") -> Iterator[FactRow]:
    """First what holds no more: an offer may get another line in the same run."""
    yield from fact_rows(ReconciliationUndone(), _rows(found, _UNDONE))
    by_reference = ReconciliationMatched(rule=MatchRule.REFERENCE)
    yield from fact_rows(by_reference, _rows(found, _CHOSEN))


def _lapse(connection: Connection, database: Database, config: Config, clock: Clock) -> int:
    """Say of offers whose days are over, and covered by a journal, that it has nothing of them."""
    branch, days = config.branch.code, timedelta(days=config.reconcile.days)
    facts = [
        JournalFact(ReconciliationLapsed(), *row)
        for channel, until in ledger.covered_until(connection, branch).items()
        for row in connection.execute(ledger.lapsed_offers(branch, channel, until - days))
    ]
    return record_facts(connection, database, config, clock, facts) if facts else 0


def _settled(found: "DuckDBPyConnection", facts: int, lapsed: int) -> Settled:
    [(undone,)] = found.execute("SELECT count(*) FROM undone").fetchall()
    states = "SELECT state, count(*) FROM verdict GROUP BY state"
    faults = "SELECT fault, count(*) FROM verdict WHERE fault IS NOT NULL GROUP BY fault"
    return Settled(
        matched=facts - undone,
        undone=undone,
        lapsed=lapsed,
        states=dict(found.execute(states).fetchall()),
        faults=dict(found.execute(faults).fetchall()),
    )
