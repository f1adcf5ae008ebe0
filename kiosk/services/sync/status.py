"""How a terminal's synchronisation stands, read from its own store: the branch may be away."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kiosk.config import Config
from kiosk.errors import KioskError
from kiosk.services.store import epoch_of, moment_of_event, reading
from kiosk.services.sync import TARGET

if TYPE_CHECKING:
    from sqlite3 import Connection

_MARK = """
    SELECT acked_seq, batch_number, last_receipt_at, last_pull_at, last_attempt_at, last_error,
    last_error_params FROM watermark WHERE target = ? AND epoch = ?
"""
_LAST_BATCH = "SELECT events FROM batch WHERE target = ? AND epoch = ? AND number = ?"
_OPEN_BATCH = """
    SELECT number FROM batch WHERE target = ? AND epoch = ? AND number = ? AND state = 'open'
"""
_QUARANTINED = "SELECT count(*) FROM quarantine WHERE dropped_at IS NULL"
_RELEASES = """
    SELECT name, version, published_at FROM release WHERE branch = ? ORDER BY name
"""
_REFUSED = "SELECT name, version, reason, params, refused_at FROM refused_release ORDER BY name"
_BEHIND = "FROM event WHERE branch = ? AND terminal = ? AND epoch = ? AND seq > ?"


@dataclass(frozen=True)
class FollowedRelease:
    """A release that this terminal follows."""

    name: str
    version: int
    published_at: datetime


@dataclass(frozen=True)
class RefusedRelease:
    """A release that this terminal can't follow."""

    name: str
    version: int
    refused_at: datetime
    reason: KioskError


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
    last_pull_at: datetime | None
    """When the branch last said which releases hold."""
    releases: tuple[FollowedRelease, ...]
    refused_releases: tuple[RefusedRelease, ...]


def read_status(settings: Config) -> SyncStatus:
    """Read how far the synchronisation has come.

    Raises:
        KioskError: What keeps the store from being read, or says that it is another terminal's.
    """
    with reading(settings) as connection:
        epoch = epoch_of(connection, settings)
        mark = connection.execute(_MARK, (TARGET, epoch)).fetchone()
        nothing_yet = (0, 0, None, None, None, None, None)
        acknowledged, number, receipt, pull, attempt, code, params = mark or nothing_yet
        last = connection.execute(_LAST_BATCH, (TARGET, epoch, number)).fetchone()
        following = connection.execute(_OPEN_BATCH, (TARGET, epoch, number + 1)).fetchone()
        (quarantined,) = connection.execute(_QUARANTINED).fetchone()
        origin = (settings.branch.code, settings.terminal.code, epoch)
        waiting, oldest = _waiting(connection, (*origin, acknowledged))
        followed = connection.execute(_RELEASES, (settings.branch.code,)).fetchall()
        refused = connection.execute(_REFUSED).fetchall()
    return SyncStatus(
        waiting=waiting,
        oldest_waiting=oldest,
        acknowledged=acknowledged,
        open_batch=following[0] if following else None,
        last_batch=number or None,
        last_batch_events=last[0] if last else None,
        last_receipt_at=_moment(receipt),
        quarantined=quarantined,
        last_attempt_at=_moment(attempt),
        last_error=_error(code, params),
        last_pull_at=_moment(pull),
        releases=tuple(
            FollowedRelease(name, version, _stored(published))
            for name, version, published in followed
        ),
        refused_releases=tuple(
            RefusedRelease(name, version, _stored(at), _known_error(reason, params))
            for name, version, reason, params, at in refused
        ),
    )


def _waiting(
    connection: "Connection", behind: tuple[str, str, int, int]
) -> tuple[int, datetime | None]:
    """How many events the branch lacks: their numbers have no gap; and when the first happened."""
    (last,) = connection.execute(f"SELECT max(seq) {_BEHIND}", behind).fetchone()
    if last is None:
        return 0, None
    first = connection.execute(f"SELECT occurred_at {_BEHIND} ORDER BY seq LIMIT 1", behind)
    return last - behind[-1], moment_of_event(first.fetchone()[0])


def _error(code: str | None, params: str | None) -> KioskError | None:
    return None if code is None else _known_error(code, params)


def _known_error(code: str, params: str | None) -> KioskError:
    import json  # not on every run: most attempts go well

    return KioskError(code, **json.loads(params or "{}"))


def _moment(stored: str | None) -> datetime | None:
    return _stored(stored) if stored else None


def _stored(moment: str) -> datetime:
    """A time as the tables keep it: in UTC, without saying so."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)
