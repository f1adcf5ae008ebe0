"""Reads what can be read of a store, sound or damaged, without changing it.

Rows are copied by SQLite itself, so that every value stays as it is. Where a page can't be read,
the range around it is halved until only the rows on it are left out.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Table

from kiosk.database_errors import error_code
from kiosk.errors import KioskError
from kiosk.migrations import HEAD, REVISIONS
from kiosk.models import (
    AuditEntry,
    Batch,
    BranchMeta,
    CarriedEvent,
    Event,
    Quarantine,
    RefusedRelease,
    Release,
    StoredContact,
    Terminal,
    TicketFloor,
    Watermark,
)
from kiosk.models.tables import table_of
from kiosk.services.sync import TARGET
from kiosk.services.sync.wire import Position, ticket_count
from kiosk.sqlite_driver import driver

if TYPE_CHECKING:
    from sqlite3 import Connection

_EVENT = table_of(Event)
_WATERMARK = table_of(Watermark)
_ALONGSIDE = (
    AuditEntry, Watermark, Batch, Quarantine, CarriedEvent, TicketFloor, Release, RefusedRelease,
    StoredContact,
)  # fmt: skip
LEDGERS = tuple(table_of(model) for model in _ALONGSIDE)
"""What a store keeps besides events and what follows from them."""
_TABLES = (table_of(BranchMeta), table_of(Terminal), *LEDGERS, _EVENT)
_UNREADABLE = ("database_damaged", "disk_failing")
_LEAST_ROW_BYTES = 64
_GAPS = """
    SELECT epoch, last + 1, seq - 1 FROM (
        SELECT epoch, seq, lag(seq, 1, 0) OVER (PARTITION BY epoch ORDER BY seq) AS last
        FROM old_event
    ) WHERE seq > last + 1
"""


_WHOLE = " AND ".join(
    (
        *(f"{column.name} IS NOT NULL" for column in _EVENT.columns if not column.nullable),
        "typeof(epoch) = 'integer'",
        "typeof(seq) = 'integer'",
    )
)
"""What no event can be without; anything else is for the branch to judge."""


@dataclass(frozen=True)
class Gap:
    """Events of one epoch that can't be read, both ends included."""

    epoch: int
    from_seq: int
    to_seq: int


@dataclass(frozen=True)
class OldEvent:
    """An event of the old store, as far as it matters here."""

    row: int
    """Its row in the copy."""
    epoch: int
    seq: int
    key: tuple[date, UUID] | None
    """Business date and id; none where they are no date and no id."""


class Salvage:
    """What could be read of an old store, as tables `old_…` of a connection of its own.

    Args:
        connection: Where the tables are made.
        path: The old store; may be missing.
        backup: A sound copy of it, of any age: adds what the old store does not have.
    """

    def __init__(self, connection: "Connection", path: Path, backup: Path | None = None) -> None:
        self.connection = connection
        self.path = path
        self.is_there = path.exists()
        self.is_readable = False
        self.revision: str | None = None
        """The form of the old store; none where it can't be read."""
        self._last_known: dict[int, int] = {}
        for table in _TABLES:
            names = ", ".join(column.name for column in table.columns)
            connection.execute(f"CREATE TEMP TABLE old_{table.name} ({names})")
        if self.is_there:
            self._read()
        self._own_events = self._last_row(_EVENT)
        self._own_positions = self._last_row(_WATERMARK)
        if backup is not None:
            self._add(backup)

    def require_schema(self) -> None:
        """Check that the old store has this program's form, where that can be read.

        Raises:
            KioskError: `store_older`, `schema_newer`.
        """
        if self.revision not in (None, HEAD):
            code = "store_older" if self.revision in REVISIONS else "schema_newer"
            raise KioskError(code, database=self.path, revision=self.revision)

    def owner(self) -> tuple[str, str] | None:
        """Branch and terminal that the store says it is of."""
        row = self.connection.execute("SELECT branch, code FROM old_terminal").fetchone()
        return (str(row[0]), str(row[1])) if row else None

    def is_branch_database(self) -> bool:
        """Whether it is no terminal's store at all."""
        return self.connection.execute("SELECT 1 FROM old_branch_meta").fetchone() is not None

    def epoch(self) -> int:
        """Of the store; 0 where nobody can tell."""
        (of_store,) = self.connection.execute("SELECT max(epoch) FROM old_terminal").fetchone()
        (of_events,) = self.connection.execute("SELECT max(epoch) FROM old_event").fetchone()
        return int(of_store or of_events or 0)

    def count(self) -> int:
        """How many events could be read."""
        (count,) = self.connection.execute("SELECT count(*) FROM old_event").fetchone()
        return int(count)

    def positions(self) -> dict[int, Position]:
        """Epoch → the last batch that the branch has given a receipt for.

        Of an epoch that the old store has none of, as the backup has it.
        """
        found: dict[int, Position] = {}
        for epoch, number, seq, chain, _ in self._marks():
            found.setdefault(epoch, Position(number, seq, chain))
        return found

    def _marks(self) -> Iterator[tuple[int, int, int, str, int]]:
        """Epoch, batch, seq, digest, and whether the backup has it; the old store's first."""
        yield from self.connection.execute(
            "SELECT epoch, batch_number, acked_seq, chain, rowid > ? FROM old_watermark"
            " WHERE target = ? AND batch_number > 0 ORDER BY rowid",
            (self._own_positions, TARGET),
        )

    def events_behind(self, acknowledged: dict[int, int]) -> Iterator[OldEvent]:
        """The events behind those that the branch has, in their order.

        Args:
            acknowledged: Epoch → the last event that it has for certain. That vouches only for
                the events that lie beside it: store and backup may have gone on separately.
        """
        of_backup: dict[int, int] = {}
        for epoch, _, _, _, is_from_backup in self._marks():
            of_backup.setdefault(epoch, is_from_backup)
        rows = self.connection.execute(
            "SELECT rowid, epoch, seq, business_date, id FROM old_event ORDER BY epoch, seq"
        )
        for row, epoch, seq, day, event in rows:
            is_vouched = of_backup.get(epoch) == (row > self._own_events)
            if not is_vouched or seq > acknowledged.get(epoch, 0):
                yield OldEvent(row, epoch, seq, _key(day, event))

    def gaps(self, acknowledged: dict[int, int]) -> list[Gap]:
        """The events behind those that the branch has which can't be read."""
        found = [Gap(*row) for row in self.connection.execute(_GAPS)]
        for epoch, last in self._last_known.items():
            (read,) = self.connection.execute(
                "SELECT max(seq) FROM old_event WHERE epoch = ?", (epoch,)
            ).fetchone()
            if last > (read or 0):
                found.append(Gap(epoch, (read or 0) + 1, last))
        behind = (
            Gap(gap.epoch, max(gap.from_seq, acknowledged.get(gap.epoch, 0) + 1), gap.to_seq)
            for gap in sorted(found, key=lambda gap: (gap.epoch, gap.from_seq))
        )
        return [gap for gap in behind if gap.from_seq <= gap.to_seq]

    def highest_number(self, day: date) -> int:
        """The highest count of a day's ticket numbers, or the one that they had to be above."""
        numbers = self.connection.execute(
            "SELECT ticket_number FROM old_event WHERE kind = 'ticket' AND business_date = ?",
            (day.isoformat(),),
        )
        floors = self.connection.execute(
            "SELECT number FROM old_ticket_floor WHERE business_date = ?", (day.isoformat(),)
        )
        counts = [ticket_count(str(number)) for (number,) in numbers]
        return max([0, *counts, *(int(number) for (number,) in floors)])

    def _last_row(self, table: Table) -> int:
        last = f"SELECT coalesce(max(rowid), 0) FROM old_{table.name}"  # noqa: S608 (our own words)
        (found,) = self.connection.execute(last).fetchone()
        return int(found)

    def _add(self, backup: Path) -> None:
        self.connection.execute("ATTACH ? AS old", (f"{backup.absolute().as_uri()}?mode=ro",))
        for table in _TABLES:
            self._copy(table, self._columns(table), *self._bounds(table))
        self._leave_out_fragments()
        self.connection.execute(
            "DELETE FROM old_event WHERE rowid > ?1 AND"
            " id IN (SELECT id FROM old_event WHERE rowid <= ?1)",
            (self._own_events,),
        )
        self.connection.execute("DETACH old")
        self.is_readable = True

    def _read(self) -> None:
        address = f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            self.connection.execute("ATTACH ? AS old", (address,))
        except driver.DatabaseError as error:
            self._require_damage(error)
            return
        # shall not refuse a file for being shorter than it says; it is opened to be read only
        self.connection.execute("PRAGMA old.writable_schema = ON")
        self._read_revision()
        for table in _TABLES:
            if columns := self._columns(table):
                self.is_readable = True
                self._copy(table, columns, *self._bounds(table))
        self._leave_out_fragments()
        self._read_last_known()
        self.connection.execute("DETACH old")

    def _leave_out_fragments(self) -> None:
        self.connection.execute(f"DELETE FROM old_event WHERE NOT ({_WHOLE})")  # noqa: S608 (ours)

    def _read_revision(self) -> None:
        try:
            row = self.connection.execute("SELECT version_num FROM old.alembic_version").fetchone()
            self.revision = str(row[0]) if row else None
        except driver.OperationalError:
            return  # no such table: nothing was ever stored
        except driver.DatabaseError as error:
            self._require_damage(error)

    def _columns(self, table: Table) -> list[str]:
        """The columns that both the old table and this program's have; none if it can't be read."""
        try:
            rows = self.connection.execute(f"PRAGMA old.table_info({table.name})").fetchall()
        except driver.DatabaseError as error:
            self._require_damage(error)
            return []
        there = {row[1] for row in rows}
        return [column.name for column in table.columns if column.name in there]

    def _bounds(self, table: Table) -> tuple[int, int]:
        try:
            last_row = f"SELECT max(rowid) FROM old.{table.name}"  # noqa: S608 (our own words)
            (last,) = self.connection.execute(last_row).fetchone()
        except driver.DatabaseError as error:
            self._require_damage(error)
            last = self.path.stat().st_size // _LEAST_ROW_BYTES  # there can't be more
        return 1, last or 0

    def _copy(self, table: Table, columns: Sequence[str], first: int, last: int) -> None:
        if first > last:
            return
        names = ", ".join(columns)
        try:
            self.connection.execute(
                f"INSERT INTO old_{table.name} ({names})"  # noqa: S608 (our own words)
                f" SELECT {names} FROM old.{table.name} WHERE rowid BETWEEN ? AND ?",
                (first, last),
            )
        except driver.DatabaseError as error:
            self._require_damage(error)
            if first == last:
                return
            middle = (first + last) // 2
            self._copy(table, columns, first, middle)
            self._copy(table, columns, middle + 1, last)

    def _read_last_known(self) -> None:
        """The index of the events may know of later ones than can be read."""
        known = "SELECT epoch, max(seq) FROM old.event WHERE branch = ? AND terminal = ? GROUP BY 1"
        owner = self.owner()
        if owner is None:
            return
        try:
            self._last_known = dict(self.connection.execute(known, owner).fetchall())
        except driver.DatabaseError as error:
            self._require_damage(error)

    def _require_damage(self, error: "driver.DatabaseError") -> None:
        """Go on only where the old file itself can't be read."""
        code = error_code(error)
        if code not in _UNREADABLE:
            if code is None:
                raise error
            raise KioskError(code, database=self.path) from error


@contextmanager
def salvaged(path: Path, backup: Path | None = None) -> Iterator[Salvage]:
    """What can be read of a store.

    Args:
        path: Its file; may be missing.
        backup: A sound copy of it; none: there is none.

    Raises:
        KioskError: `disk_full` and the like: there is no room for the copy.
    """
    with closing(driver.connect(":memory:", uri=True)) as connection:
        connection.isolation_level = None  # the driver shall not begin transactions by itself
        connection.text_factory = _text
        yield Salvage(connection, path, backup)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def _key(day: object, event: object) -> tuple[date, UUID] | None:
    try:
        return date.fromisoformat(str(day)), UUID(str(event))
    except ValueError:
        return None
