"""How the branch records what a channel's journal says: many facts, and few statements.

An import may settle a hundred thousand offers at once. Their events go into the branch database
under the branch's own origin, without a round trip for each, and the projections follow them in
ranges; all of it in the transaction of whoever found them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection, bindparam, select, update

from kiosk import __version__, projections
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import BRANCH_ORIGIN, Branch, Kind, UndoneReason
from kiosk.models.payloads import (
    ReconciliationLapsed,
    ReconciliationMatched,
    ReconciliationUndone,
)
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.desk_journal import EPOCH
from kiosk.services.journal import SCHEMA_VERSION, new_id
from kiosk.services.reconcile import bulk
from kiosk.services.staff.contact_purge import newest_release
from kiosk.services.sync.wire import written

AT_ONCE = 20_000
"""Facts that are stored and followed together: bounds the memory."""
_BRANCH = table_of(Branch)
_SAME = (
    "branch", "terminal", "epoch", "occurred_at", "local_hour", "monotonic_ns", "boot_id", "kind",
    "release", "schema_version", "app_version",
)  # fmt: skip
_OWN = (
    "seq", "id", "business_date", "stage", "payload", "visit", "service", "channel", "offer",
    "subject", "reason", "staff",
)  # fmt: skip
_LOCK = Prepared(
    select(_BRANCH.c.last_seq)
    .where(_BRANCH.c.code == bindparam("branch"))
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True)
class JournalFact:
    """What the journal says of one accepted offer."""

    payload: ReconciliationMatched | ReconciliationUndone | ReconciliationLapsed
    visit: UUID
    service: str
    channel: str
    offer: UUID
    business_date: date
    """The offer's, so that all of it is kept and dropped together."""
    subject: UUID | None = None
    """The journal's line; none where it has lapsed."""
    reason: UndoneReason | None = None
    """Why a match holds no more."""
    staff: str | None = None
    """Who confirmed it or took it back, where a person did."""


FactRow = tuple[object, ...]
"""A fact as `bulk` writes it: what an event has of its own, but for its number and id."""


def fact_rows(
    payload: ReconciliationMatched | ReconciliationUndone, rows: Iterable[bulk.Row]
) -> Iterator[FactRow]:
    """Facts of one kind, that nobody in person has stated.

    Args:
        payload: Of all of them.
        rows: Business date, visit, service, channel, offer, line and reason of each.
    """
    text = _text(payload)
    for business_date, *rest in rows:
        yield (business_date, payload.stage, text, *rest, None)


def record_facts(
    connection: Connection,
    database: Database,
    config: Config,
    clock: Clock,
    facts: Iterable[JournalFact],
) -> int:
    """Record what the journal says, in the caller's transaction; as `record_rows`.

    Raises:
        ValueError: A match without its line, or taken back without a reason.
    """
    return record_rows(connection, database, config, clock, map(_row, facts))


def record_rows(
    connection: Connection,
    database: Database,
    config: Config,
    clock: Clock,
    rows: Iterable[FactRow],
) -> int:
    """Record what the journal says, in the caller's transaction.

    Args:
        connection: In a transaction of the branch database that writes.
        database: The branch database.
        config: Says which branch.
        clock: Gives the moment, one for all.
        rows: What is said twice counts twice.

    Returns:
        How many there were.

    Raises:
        KioskError: `branch_unknown`.
    """
    branch, now = config.branch.code, clock.now()
    before = last = lock_branch(connection, database, branch)
    same: dict[str, object] = {
        "branch": branch,
        "terminal": BRANCH_ORIGIN,
        "epoch": EPOCH,
        "occurred_at": now,
        "local_hour": now.astimezone(config.zone).hour,
        "monotonic_ns": clock.monotonic_ns(),
        "boot_id": clock.boot_id,
        "kind": Kind.RECONCILIATION.value,
        "release": newest_release(connection, branch),
        "schema_version": SCHEMA_VERSION,
        "app_version": __version__,
    }
    common = tuple(same.values())
    if database.is_sqlite:
        common = tuple(map(written, common))
    rest = iter(rows)
    while some := list(islice(rest, AT_ONCE)):
        first, last = last + 1, last + len(some)
        numbered = ((*common, seq, new_id().hex, *row) for seq, row in enumerate(some, first))
        bulk.add(connection, "event", (*_SAME, *_OWN), numbered)
        events = projections.EventRange(branch, BRANCH_ORIGIN, EPOCH, first, last)
        projections.apply(connection, events, [Kind.RECONCILIATION])
    mine = update(_BRANCH).where(_BRANCH.c.code == branch)
    connection.execute(mine.values(last_seq=last))
    return last - before


def lock_branch(connection: Connection, database: Database, branch: str) -> int:
    """One at a time: whoever records something else waits. The number of its last event.

    Raises:
        KioskError: `branch_unknown`.
    """
    if rows := _LOCK.rows(connection, {"branch": branch}):
        return int(rows[0][0])
    raise KioskError("branch_unknown", branch=branch, database=database.name)


def _row(fact: JournalFact) -> FactRow:
    payload = fact.payload
    if missing := [name for name in payload.columns if getattr(fact, name) is None]:
        raise ValueError(f"{type(payload).__name__} without {', '.join(missing)}")
    own = (
        fact.business_date, payload.stage, _text(payload), fact.visit, fact.service, fact.channel,
        fact.offer, fact.subject, fact.reason and fact.reason.value, fact.staff,
    )  # fmt: skip
    return tuple(map(written, own))


def _text(payload: ReconciliationMatched | ReconciliationUndone | ReconciliationLapsed) -> str:
    return json.dumps(payload.model_dump(mode="json"))
