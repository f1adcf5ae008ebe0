"""How a terminal's synchronisation stands, read from its own store: the branch may be away."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Batch, BatchState, Event, Quarantine, Watermark
from kiosk.models.tables import table_of
from kiosk.services.journal import Origin
from kiosk.services.sync.push import TARGET

_BATCH = table_of(Batch)
_EVENT = table_of(Event)
_QUARANTINE = table_of(Quarantine)
_WATERMARK = table_of(Watermark)


@dataclass(frozen=True)
class SyncStatus:
    """What branch IT wants to know first."""

    waiting: int
    """Events that the branch has not acknowledged."""
    oldest_waiting: datetime | None
    """When the oldest of them happened."""
    acknowledged: int
    """Events that the branch has, those in quarantine among them."""
    open_batch: int | None
    """The batch that was offered and has no receipt yet."""
    last_batch: int | None
    """The last batch with a receipt."""
    last_batch_events: int | None
    last_receipt_at: datetime | None
    quarantined: int
    last_attempt_at: datetime | None
    last_error: KioskError | None
    """What stopped the last attempt; none when it went well."""


def read_status(store: Database, origin: Origin) -> SyncStatus:
    """Read how far the synchronisation has come.

    Raises:
        KioskError: What keeps the store from being read.
    """
    with store.read() as connection:
        mark = connection.execute(
            select(_WATERMARK).where(
                _WATERMARK.c.target == TARGET, _WATERMARK.c.epoch == origin.epoch
            )
        ).first()
        acknowledged = mark.acked_seq if mark else 0
        number = mark.batch_number if mark else 0
        batches = {row.number: row for row in _batches(connection, origin, number)}
        waiting, oldest = _waiting(connection, origin, acknowledged)
        quarantined = connection.execute(
            select(func.count()).select_from(_QUARANTINE).where(_QUARANTINE.c.epoch == origin.epoch)
        ).scalar_one()
    following = batches.get(number + 1)
    last = batches.get(number)
    return SyncStatus(
        waiting=waiting,
        oldest_waiting=oldest,
        acknowledged=acknowledged,
        open_batch=following.number if following else None,
        last_batch=number or None,
        last_batch_events=last.events if last else None,
        last_receipt_at=mark.last_receipt_at if mark else None,
        quarantined=quarantined,
        last_attempt_at=mark.last_attempt_at if mark else None,
        last_error=_last_error(mark),
    )


def _batches(connection: Connection, origin: Origin, number: int) -> list[Row[int, int, str]]:
    """The last acknowledged batch and the open one."""
    rows = connection.execute(
        select(_BATCH.c.number, _BATCH.c.events, _BATCH.c.state).where(
            _BATCH.c.target == TARGET, _BATCH.c.epoch == origin.epoch, _BATCH.c.number >= number
        )
    )
    return [row for row in rows if row.number == number or row.state == BatchState.OPEN.value]


def _waiting(
    connection: Connection, origin: Origin, acknowledged: int
) -> tuple[int, datetime | None]:
    behind = (
        (_EVENT.c.branch == origin.branch)
        & (_EVENT.c.terminal == origin.terminal)
        & (_EVENT.c.epoch == origin.epoch)
        & (_EVENT.c.seq > acknowledged)
    )
    last = connection.execute(select(func.max(_EVENT.c.seq)).where(behind)).scalar()
    if last is None:
        return 0, None
    first = select(_EVENT.c.occurred_at).where(behind).order_by(_EVENT.c.seq).limit(1)
    return last - acknowledged, connection.execute(first).scalar()


def _last_error(mark: "Row[*tuple[object, ...]] | None") -> KioskError | None:
    if mark is None or mark.last_error is None:
        return None
    return KioskError(mark.last_error, **(mark.last_error_params or {}))
