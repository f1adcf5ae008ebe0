"""All terminals and machines of all branches in a database, those first that need somebody."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, or_, select

from kiosk.db import Database
from kiosk.models import Outage
from kiosk.models.tables import table_of
from kiosk.services.attention import Attention, Notice, attention
from kiosk.services.branch import TerminalState, terminals

_OUTAGE = table_of(Outage)
_ORDER = {notice: place for place, notice in enumerate(Notice)}


class Level(StrEnum):
    """How much somebody is needed."""

    FAULT = "fault"
    """Customers or their events suffer."""
    WARNING = "warning"
    """It runs, but somebody should know."""
    OK = "ok"


@dataclass(frozen=True)
class Watched:
    """A terminal, and what stands out."""

    state: TerminalState
    found: Attention

    @property
    def level(self) -> Level:
        """How much it needs somebody."""
        if self.found.is_fault:
            return Level.FAULT
        return Level.WARNING if self.found.notices else Level.OK


@dataclass(frozen=True)
class MachineDown:
    """A channel, or one machine of it, that is not offered just now."""

    branch: str
    channel: str
    machine: int | None
    """None: the whole channel."""
    began_at: datetime
    began_by: str | None
    """The number of the member of staff; None: the machines' own status file says so."""
    until: datetime | None


@dataclass(frozen=True)
class Fleet:
    """What a database knows of all branches."""

    terminals: tuple[Watched, ...]
    """The worst first."""
    down: tuple[MachineDown, ...]

    def count(self, level: Level) -> int:
        """How many terminals are of a level."""
        return sum(each.level is level for each in self.terminals)


def look_after(database: Database, now: datetime) -> Fleet:
    """See how everything stands.

    Args:
        database: A branch's, or the head office's.
        now: Its time.

    Raises:
        KioskError: `not_a_branch_database`, or what keeps it from being read.
    """
    watched = [Watched(state, attention(state, now)) for state in terminals(database)]
    with database.read() as connection:
        return Fleet(tuple(sorted(watched, key=_urgency)), _down(connection, now))


def _urgency(each: Watched) -> tuple[int, int, str, str]:
    worst = min((_ORDER[notice] for notice in each.found.notices), default=len(_ORDER))
    return list(Level).index(each.level), worst, each.state.branch, each.state.code


def _down(connection: Connection, now: datetime) -> tuple[MachineDown, ...]:
    of = _OUTAGE.c
    rows = connection.execute(
        select(of.branch, of.channel, of.machine, of.began_at, of.began_by, of.until)
        .where(of.began_at <= now, of.ended_at.is_(None), or_(of.until.is_(None), of.until > now))
        .order_by(of.branch, of.channel, of.machine, of.began_at)
    )
    return tuple(MachineDown(*row) for row in rows)
