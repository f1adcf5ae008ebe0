"""A journal's file comes into the branch database, whole or not at all."""

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Diversion, JournalFile
from kiosk.models.tables import table_of
from kiosk.services.catalog import Catalog
from kiosk.services.journal import new_id
from kiosk.services.reconcile.kept_lines import KeptLines, kept_lines
from kiosk.services.reconcile.layout import Layout
from kiosk.services.reconcile.matching import JournalLines
from kiosk.services.reconcile.reading import Damage, Read, read_journal
from kiosk.services.reconcile.settling import NewFile, Settled, settle
from kiosk.services.reconcile.workbench import workbench

_FILE = table_of(JournalFile)
_OFFER = table_of(Diversion)
MARGIN: Final = timedelta(days=7)
"""Beyond the days of an offer, lines are kept for terminals that bring their events late."""


@dataclass(frozen=True)
class Imported:
    """What came of one file."""

    name: str
    lines: int
    damaged: tuple[Damage, ...]
    settled: Settled
    first_at: datetime | None
    last_at: datetime | None


class Journals:
    """Takes journals of channels into a branch database.

    Args:
        database: The branch database.
        config: The branch's.
        catalog: The branch's.
        clock: Gives the times of what is recorded.
    """

    def __init__(self, database: Database, config: Config, catalog: Catalog, clock: Clock) -> None:
        self._database = database
        self._config = config
        self._catalog = catalog
        self._clock = clock

    def take_in(self, path: Path, layout: Layout) -> Imported:
        """Read a file, match what can be matched, and keep the rest of it for later.

        Raises:
            KioskError: `journal_known` for one that is there already; `journal_unreadable`,
                `journal_incomplete`, `reconcile_busy`, `reconcile_not_installed`.
        """
        with self._kept() as kept:
            # to read one that is known would take longer
            self._require_new(_digest(path), path)
            journals = self._journals(kept)
            file, branch = new_id(), self._config.branch.code
            with workbench(kept.folder) as connection:
                read = read_journal(
                    connection, path, layout, self._catalog, kept.path(file), branch
                )
            self._require_new(read.recoded.digest, path)
            kept.make_sure(file)
            has_terminals = layout.columns.terminal is not None
            lines = JournalLines(str(file), kept.path(file), has_terminals)
            damage = [(each.number, each.reason) for each in read.damaged]
            new = NewFile(self._row(file, path, layout, read), damage, lines)
            settled = settle(self._database, self._config, self._clock, [*journals, lines], new)
        first, last = new.row["first_at"], new.row["last_at"]
        return Imported(path.name, read.lines, read.damaged, settled, first, last)

    def settle(self) -> Settled:
        """Match what is kept with offers that have come since."""
        with self._kept() as kept:
            return settle(self._database, self._config, self._clock, self._journals(kept))

    def count_offers(self) -> int:
        """How many have been accepted, as far as the branch knows: with more, more may match."""
        offer = _OFFER.c
        query = select(func.count()).where(
            offer.branch == self._config.branch.code, offer.accepted_at.is_not(None)
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def _kept(self) -> AbstractContextManager[KeptLines]:
        return kept_lines(self._config.journals_folder, self._config.branch.code)

    def _journals(self, kept: KeptLines) -> list[JournalLines]:
        """Those whose lines may still be needed; what else lies there is cleared away."""
        oldest = self._clock.now() - timedelta(days=self._config.reconcile.days) - MARGIN
        file = _FILE.c
        query = (
            select(file.id, file.has_terminals)
            .where(
                file.branch == self._config.branch.code,
                or_(file.imported_at >= oldest, file.last_at >= oldest),
            )
            .order_by(file.imported_at, file.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).fetchall()
        kept.clean([row.id for row in rows])
        return [
            JournalLines(str(row.id), kept.path(row.id), row.has_terminals)
            for row in rows
            if kept.path(row.id).exists()
        ]

    def _require_new(self, digest: str, path: Path) -> None:
        query = select(_FILE.c.name, _FILE.c.imported_at).where(
            _FILE.c.branch == self._config.branch.code, _FILE.c.digest == digest
        )
        with self._database.read() as connection:
            known = connection.execute(query).first()
        if known is not None:
            at = known.imported_at.astimezone(self._config.zone)
            raise KioskError(
                "journal_known", file=path.name, known=known.name, day=at.date().isoformat()
            )

    def _row(self, file: UUID, path: Path, layout: Layout, read: Read) -> dict[str, object]:
        return {
            "id": file,
            "branch": self._config.branch.code,
            "layout": layout.name,
            "name": path.name,
            "digest": read.recoded.digest,
            "size": read.recoded.size,
            "channels": layout.our_channels,
            "has_terminals": layout.columns.terminal is not None,
            "lines": read.lines,
            "damaged": len(read.damaged),
            "first_at": _in_utc(read.first_at),
            "last_at": _in_utc(read.last_at),
            "first_day": self._day(read.first_at),
            "last_day": self._day(read.last_at),
            "imported_at": self._clock.now(),
        }

    def _day(self, moment: datetime | None) -> date | None:
        """One wrong date in a journal tells of no days to come."""
        at = _in_utc(moment)
        return at and min(at, self._clock.now()).astimezone(self._config.zone).date()


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as journal:
            return hashlib.file_digest(journal, "sha256").hexdigest()
    except OSError as error:
        raise KioskError("journal_unreadable", file=path, reason=error.strerror) from error


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
