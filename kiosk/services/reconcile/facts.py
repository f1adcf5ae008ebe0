"""How the branch records what a channel's journal says: many facts, and few statements.

An import may settle a hundred thousand offers at once. Their events go into the branch database
under the branch's own origin, without a round trip for each, and the projections follow them in
ranges; all of it in the transaction of whoever found them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
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
from kiosk.prepared import Prepared, execute
from kiosk.services.desk_journal import EPOCH
from kiosk.services.journal import SCHEMA_VERSION, new_id
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
_COLUMNS = ", ".join((*_SAME, *_OWN))
_SIGNS = ", ".join("?" * len((*_SAME, *_OWN)))
_INSERT = f"INSERT INTO event ({_COLUMNS}) VALUES ({_SIGNS})"  # noqa: S608 (our own words)
_COPY = f"COPY event ({_COLUMNS}) FROM STDIN"
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


def record_facts(
    connection: Connection,
    database: Database,
    config: Config,
    clock: Clock,
    facts: Iterable[JournalFact],
) -> int:
    """Record what the journal says, in the caller's transaction.

    Args:
        connection: In a transaction of the branch database that writes.
        database: The branch database.
        config: Says which branch.
        clock: Gives the moment, one for all.
        facts: What is said twice counts twice.

    Returns:
        How many there were.

    Raises:
        KioskError: `branch_unknown`.
        ValueError: A match without its line, or taken back without a reason.
    """
    branch, now = config.branch.code, clock.now()
    before = last = _lock_branch(connection, database, branch)
    same: dict[str, Any] = {
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
    rest = iter(facts)
    while some := list(islice(rest, AT_ONCE)):
        first, last = last + 1, last + len(some)
        _store(connection, same, _own(some, first))
        events = projections.EventRange(branch, BRANCH_ORIGIN, EPOCH, first, last)
        projections.apply(connection, events, [Kind.RECONCILIATION])
    mine = update(_BRANCH).where(_BRANCH.c.code == branch)
    connection.execute(mine.values(last_seq=last))
    return last - before


def _lock_branch(connection: Connection, database: Database, branch: str) -> int:
    if rows := _LOCK.rows(connection, {"branch": branch}):
        return int(rows[0][0])
    raise KioskError("branch_unknown", branch=branch, database=database.name)


def _own(facts: Iterable[JournalFact], first: int) -> Iterator[tuple[object, ...]]:
    """What each event has of its own, in the order of `_OWN`."""
    texts: dict[object, str] = {}
    for seq, fact in enumerate(facts, first):
        payload = fact.payload
        if missing := [name for name in payload.columns if getattr(fact, name) is None]:
            raise ValueError(f"{type(payload).__name__} without {', '.join(missing)}")
        if (text := texts.get(payload)) is None:
            text = texts[payload] = json.dumps(payload.model_dump(mode="json"))
        reason = fact.reason.value if fact.reason else None
        yield (
            seq, new_id(), fact.business_date, payload.stage, text, fact.visit, fact.service,
            fact.channel, fact.offer, fact.subject, reason, fact.staff,
        )  # fmt: skip


def _store(
    connection: Connection, same: Mapping[str, object], events: Iterable[tuple[object, ...]]
) -> None:
    if connection.dialect.name == "sqlite":
        common = tuple(map(written, same.values()))
        execute(
            connection, _INSERT, ((*common, *map(written, event)) for event in events), many=True
        )
        return
    common = tuple(same.values())
    with connection.connection.cursor().copy(_COPY) as copy:
        for event in events:
            copy.write_row((*common, *event))
