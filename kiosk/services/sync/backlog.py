"""What a terminal still has to bring, for the branch to know of it too."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from kiosk.models import Event
from kiosk.models.tables import table_of
from kiosk.prepared import Prepared
from kiosk.services.journal import Origin
from kiosk.services.store import moment_of_event

_EVENT = table_of(Event)
_BEHIND = (
    (_EVENT.c.branch == bindparam("branch"))
    & (_EVENT.c.terminal == bindparam("terminal"))
    & (_EVENT.c.epoch == bindparam("epoch"))
    & (_EVENT.c.seq > bindparam("after"))
)
_LAST_AND_OLDEST = Prepared(
    select(
        select(func.max(_EVENT.c.seq)).where(_BEHIND).scalar_subquery(),
        select(_EVENT.c.occurred_at)
        .where(_BEHIND)
        .order_by(_EVENT.c.seq)
        .limit(1)
        .scalar_subquery(),
    )
)


@dataclass(frozen=True)
class Backlog:
    """The events behind a position."""

    waiting: int
    oldest_at: datetime | None
    """When the first of them happened; none where nothing waits, or where nobody can read it."""


def backlog_behind(connection: Connection, origin: Origin, seq: int) -> Backlog:
    """What a store holds behind an event; its events are numbered without a gap.

    Args:
        connection: To the terminal's store, in a transaction.
        origin: Whose events it holds.
        seq: The last event that does not wait.
    """
    [(last, oldest)] = _LAST_AND_OLDEST.run(connection, {**vars(origin), "after": seq})
    return Backlog(0, None) if last is None else Backlog(last - seq, moment_of_event(oldest))
