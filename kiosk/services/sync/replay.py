"""The road back when the branch database was restored from an older backup.

The terminal's ledger still has every batch that the branch gave a receipt for. It goes back to the
batch at which the branch stands now, and what came later is offered again unchanged. A person must
ask for that: a branch database that is wrong in another way must not be filled by itself.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection, delete, func, select, update

from kiosk.clock import Clock
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.lock import held
from kiosk.models import Batch, BatchState, Event, Quarantine, Watermark
from kiosk.models.tables import table_of
from kiosk.services.ballast import relieved
from kiosk.services.journal import Origin
from kiosk.services.sync import TARGET
from kiosk.services.sync.push import Outcome, Progress, introduce, refused, synchronise
from kiosk.services.sync.wire import BranchSide, Caller, Position, Status

_BATCH = table_of(Batch)
_EVENT = table_of(Event)
_QUARANTINE = table_of(Quarantine)
_WATERMARK = table_of(Watermark)


def replay(
    store: Database,
    origin: Origin,
    connect: Callable[[], BranchSide],
    clock: Clock,
    progress: Progress,
) -> Outcome:
    """Bring a restored branch database everything that it lost of this terminal.

    May be killed and repeated at any moment. On a branch that lost nothing it is a
    synchronisation like any other.

    Args:
        store: The terminal's own database.
        origin: Whose events it holds.
        connect: Reaches the branch; may raise KioskError.
        clock: The terminal's time.
        progress: Called after every batch.

    Raises:
        KioskError: `sync_replay_impossible` when the branch stands where this store never was,
            and as `push.synchronise`.
    """
    with held(store.path, "sync", "sync_running"):
        relieved(store.path, lambda: _go_back(store, origin, connect, clock))
    outcome = synchronise(store, origin, connect, clock, progress)
    with held(store.path, "sync", "sync_running"):
        _drop_again(store, origin, connect, clock)
    return outcome


def _go_back(
    store: Database, origin: Origin, connect: Callable[[], BranchSide], clock: Clock
) -> None:
    side = connect()
    try:
        caller = introduce(store, origin, clock)
        answer = side.greet(caller)
        if answer.status is not Status.BRANCH_LOST_DATA:
            return  # whatever else it says, it says again to the synchronisation that follows
        known = int(str(answer.details["known"]))
        position = _position_at(store, origin.epoch, known)
        if (
            position is None
            or side.greet(replace(caller, position=position)).status is not Status.OK
            or not _has_events(store, origin, position, caller.position)
        ):
            raise KioskError(
                "sync_replay_impossible", database=side.name, terminal=origin.terminal, known=known
            )
    finally:
        side.close()
    with store.write() as connection:
        _set_back(connection, origin, position)


def _position_at(store: Database, epoch: int, number: int) -> Position | None:
    """Where the terminal stood when a batch had been taken; None if it is not in the ledger."""
    if number == 0:
        return Position()
    with store.read() as connection:
        row = connection.execute(
            select(_BATCH.c.to_seq, _BATCH.c.digest).where(
                _BATCH.c.target == TARGET, _BATCH.c.epoch == epoch, _BATCH.c.number == number
            )
        ).first()
    return Position(number, row.to_seq, row.digest) if row else None


def _has_events(store: Database, origin: Origin, after: Position, last: Position) -> bool:
    """Whether all that was acknowledged behind a position is still in the store."""
    with store.read() as connection:
        count: int = connection.execute(
            select(func.count())
            .select_from(_EVENT)
            .where(
                _EVENT.c.branch == origin.branch,
                _EVENT.c.terminal == origin.terminal,
                _EVENT.c.epoch == origin.epoch,
                _EVENT.c.seq > after.seq,
                _EVENT.c.seq <= last.seq,
            )
        ).scalar_one()
    return count == last.seq - after.seq


def _set_back(connection: Connection, origin: Origin, position: Position) -> None:
    """Stand where the branch stands: later batches are open once more."""
    connection.execute(
        update(_BATCH)
        .where(
            _BATCH.c.target == TARGET,
            _BATCH.c.epoch == origin.epoch,
            _BATCH.c.number > position.number,
        )
        .values(state=BatchState.OPEN.value)
    )
    connection.execute(
        update(_WATERMARK)
        .where(_WATERMARK.c.target == TARGET, _WATERMARK.c.epoch == origin.epoch)
        .values(acked_seq=position.seq, batch_number=position.number, chain=position.chain)
    )
    # the branch says anew what it can't take; what a person decided stays decided
    connection.execute(
        delete(_QUARANTINE).where(
            _QUARANTINE.c.branch == origin.branch,
            _QUARANTINE.c.terminal == origin.terminal,
            _QUARANTINE.c.epoch == origin.epoch,
            _QUARANTINE.c.seq > position.seq,
            _QUARANTINE.c.dropped_at.is_(None),
        )
    )


def _drop_again(
    store: Database, origin: Origin, connect: Callable[[], BranchSide], clock: Clock
) -> None:
    """Tell the branch what a person decided before: its backup may be older than that."""
    decisions = _decisions(store, origin)
    if not decisions:
        return
    side = connect()
    try:
        caller: Caller = introduce(store, origin, clock)
        for why, events in decisions.items():
            answer = side.drop(caller, events, why)
            if answer.status is not Status.OK:
                raise refused(answer, side, origin)
    finally:
        side.close()


def _decisions(store: Database, origin: Origin) -> dict[str, list[int]]:
    """Why → the events that were dropped for that reason."""
    found: dict[str, list[int]] = {}
    with store.read() as connection:
        rows = connection.execute(
            select(_QUARANTINE.c.seq, _QUARANTINE.c.dropped_why).where(
                _QUARANTINE.c.branch == origin.branch,
                _QUARANTINE.c.terminal == origin.terminal,
                _QUARANTINE.c.epoch == origin.epoch,
                _QUARANTINE.c.dropped_at.is_not(None),
            )
        )
        for seq, why in rows:
            found.setdefault(why or "", []).append(seq)
    return found
