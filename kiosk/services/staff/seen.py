"""What staff see of the branch's figures, and whether it is of the whole branch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.services.catalog import Catalog
from kiosk.services.demos_report import Days
from kiosk.services.journal import Journal
from kiosk.services.staff.figures import Counted, PersonFigures, people
from kiosk.services.staff.morning import MorningSheet, morning_sheet
from kiosk.services.staff.open_days import OpenDays
from kiosk.services.staff.rates import Compared, comparison
from kiosk.services.staff.reading import FiguresSource, Scope
from kiosk.services.staff.rhythm import Rhythm, rhythm
from kiosk.services.staff.targets import Progress, progress, running
from kiosk.services.staff.targets_release import published, staff_in, targets_in
from kiosk.services.target_list import TargetList

T = TypeVar("T")


@dataclass(frozen=True)
class Seen(Generic[T]):
    """Something that was read."""

    value: T
    is_whole: bool
    """Of the whole branch; else of this machine alone."""
    people: Mapping[str, str]
    """Names by staff number."""


@dataclass(frozen=True)
class WorkDone:
    """What everybody did on some days, and the branch's rates beside all branches'."""

    people: tuple[PersonFigures, ...]
    compared: tuple[Compared, ...]


class StaffSees:
    """Reads figures, of the branch where this machine may and else of its own.

    Args:
        journal: The machine's own.
        source: Chooses where they are read.
        catalog: The one in use.
        settings: For the branch's open days.
        clock: For tests.
    """

    def __init__(
        self,
        journal: Journal,
        source: FiguresSource,
        catalog: Catalog,
        settings: Config,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._source = source
        self._catalog = catalog
        self._settings = settings
        self._clock = clock

    @property
    def today(self) -> date:
        """The branch's business day."""
        return self._journal.business_date()

    def names(self) -> Mapping[str, str]:
        """Names by staff number, as this machine heard last; it waits for nobody."""
        return published([self._journal.database], self._journal.origin.branch, staff_in) or {}

    def work_done(self, days: Days) -> Seen[WorkDone]:
        """What everybody did.

        Raises:
            KioskError: What keeps the store from being read, as each of these.
        """
        dormant_days = self._catalog.follow_up.dormant_days

        def read(database: Database, branch: str) -> WorkDone:
            return WorkDone(
                people(database, branch, days),
                comparison(database, branch, days, self._clock.now(), dormant_days),
            )

        return self._read(read)

    def targets(self) -> Seen[tuple[Progress, ...]]:
        """How far the targets of today's periods are."""
        today, open_days = self.today, OpenDays.configured(self._settings)

        def read(database: Database, branch: str) -> tuple[Progress, ...]:
            listed = published([database, self._journal.database], branch, targets_in)
            holding = running(listed or TargetList(), today)
            with database.read() as connection:
                return progress(holding, Counted(connection, branch), open_days, today)

        return self._read(read)

    def rhythm(self) -> Seen[Rhythm]:
        """Today's load beside the usual one."""
        return self._read(lambda database, branch: rhythm(database, branch, self.today))

    def morning(self, day: date) -> Seen[MorningSheet]:
        """The sheet about a day."""
        rules = self._catalog.follow_up
        return self._read(lambda database, branch: morning_sheet(database, branch, day, rules))

    def _read(self, call: Callable[[Database, str], T]) -> Seen[T]:
        branch = self._journal.origin.branch
        with self._source.read() as reading:
            value = call(reading.database, branch)
            databases = [reading.database, self._journal.database]
            names = published(databases, branch, staff_in)
        return Seen(value, reading.scope is Scope.BRANCH, names or {})
