"""Accepted offers against the channels' journals, and batches against receipts, as staff see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar
from uuid import UUID

from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.services import branch as branch_service
from kiosk.services.audit import AuditAction, AuditLog
from kiosk.services.branch import TerminalState
from kiosk.services.demos_report import Days
from kiosk.services.journal import Journal
from kiosk.services.reconcile import drill, items
from kiosk.services.reconcile.confirming import confirm
from kiosk.services.reconcile.drill import LineSeen, OfferSeen
from kiosk.services.reconcile.items import (
    ChannelProgress,
    OpenItem,
    Page,
    Probable,
    ProbableKind,
    Progress,
    TrendDay,
)
from kiosk.services.reconcile.whole import Whole, whole
from kiosk.services.staff.reading import FiguresSource, Scope
from kiosk.services.sync.status import SyncStatus, read_status

T = TypeVar("T")
_DAYS: Final = 14
"""So many to today are told of; what is open is told of however old it is."""


@dataclass(frozen=True)
class Reconciled:
    """How far the branch is."""

    days: Days
    progress: tuple[Progress, ...]
    channels: tuple[ChannelProgress, ...]
    open: Mapping[date, int]
    """How many are open of each day that has any; lists are read page by page."""
    probables: tuple[ProbableKind, ...]
    unclear: Mapping[str, int]
    """Lines by what is wrong with them."""
    may_confirm: bool
    """Whether this machine may write to the branch database."""


@dataclass(frozen=True)
class Batches:
    """What has come to the branch."""

    here: SyncStatus
    """This machine's own batches."""
    terminals: tuple[TerminalState, ...]
    """All of the branch, as the branch sees them; none where this machine may not ask it."""


class Reconciling:
    """Reads the branch's, and lets somebody say yes.

    Args:
        journal: The machine's own.
        source: Chooses where figures are read: only the branch knows of journals.
        settings: As they hold here.
        clock: For tests.
        audit: Keeps who said yes.
    """

    def __init__(
        self,
        journal: Journal,
        source: FiguresSource,
        settings: Config,
        clock: Clock,
        audit: AuditLog,
    ) -> None:
        self._journal = journal
        self._source = source
        self._settings = settings
        self._clock = clock
        self._audit = audit

    @property
    def today(self) -> date:
        """The branch's business day."""
        return self._journal.business_date()

    def read(self) -> Reconciled | None:
        """How far it is; None: this machine may not read the branch database.

        Raises:
            KioskError: What keeps it from being read, as each of these.
        """
        days = self._days()

        def ask(database: Database, branch: str) -> Reconciled:
            return Reconciled(
                Days(days[0], days[-1]),
                tuple(items.progress(database, branch, days)),
                tuple(items.by_channel(database, branch, days)),
                items.open_by_day(database, branch),
                tuple(items.probable_kinds(database, branch)),
                drill.unclear_counts(database, branch),
                drill.may_confirm(database),
            )

        return self._of_branch(ask)

    def open_items(self, page: Page | None = None) -> Sequence[OpenItem]:
        """What is open, the oldest first."""
        return (
            self._of_branch(lambda database, branch: items.open_items(database, branch, None, page))
            or ()
        )

    def probables(
        self, kind: ProbableKind | None = None, page: Page | None = None
    ) -> Sequence[Probable]:
        """What may be confirmed, the oldest first."""
        return (
            self._of_branch(lambda database, branch: items.probables(database, branch, kind, page))
            or ()
        )

    def probable_lines(self, kind: ProbableKind | None = None) -> Sequence[UUID]:
        """All of them, to say yes to."""
        return (
            self._of_branch(lambda database, branch: items.probable_lines(database, branch, kind))
            or ()
        )

    def unclear(self, page: Page | None = None) -> Sequence[LineSeen]:
        """Lines that are ambiguous or have something wrong, the newest first."""
        return self._of_branch(lambda database, branch: drill.unclear(database, branch, page)) or ()

    def whole(self) -> Whole | None:
        """All lists, for a file; None: this machine may not read the branch database."""
        days = self._days()
        return self._of_branch(lambda database, branch: whole(database, branch, days))

    def trend(self) -> Sequence[TrendDay]:
        """How many were open at the end of each day."""
        days = self._days()
        settings = self._settings
        return self._of_branch(lambda database, _: items.trend(database, settings, days)) or ()

    def offer(self, offer: UUID) -> tuple[Sequence[OfferSeen], Sequence[LineSeen]]:
        """An offer, and its lines."""
        found = self._of_branch(
            lambda database, branch: (
                drill.offers(database, branch, offer),
                drill.lines_of(database, branch, offer),
            )
        )
        return found or ((), ())

    def line(self, line: UUID) -> tuple[Sequence[LineSeen], Sequence[OfferSeen]]:
        """A line, and its offers."""
        found = self._of_branch(
            lambda database, branch: (
                drill.lines(database, branch, line),
                drill.offers_of(database, branch, line),
            )
        )
        return found or ((), ())

    def batches(self) -> Batches:
        """What this machine brought, and what the branch has of every one."""
        found = self._of_branch(branch_service.terminals) or []
        return Batches(read_status(self._settings), tuple(found))

    def confirm(self, lines: Sequence[UUID], staff: str) -> int:
        """Say that probable lines are their offers' transactions; how many.

        Raises:
            KioskError: `reconcile_not_here`: this machine may not; `line_not_probable`.
        """

        def say_so(database: Database, _branch: str) -> int:
            if not drill.may_confirm(database):
                raise KioskError("reconcile_not_here")
            return self._confirm(database, lines, staff)

        found = self._of_branch(say_so)
        if found is None:
            raise KioskError("reconcile_not_here")
        return found

    def _confirm(self, database: Database, lines: Sequence[UUID], staff: str) -> int:
        """The log is this machine's own: what the branch loses at the very end is told there."""
        subject = str(lines[0]) if len(lines) == 1 else f"{len(lines)} lines"
        kept = False

        def keep(result: str) -> None:
            nonlocal kept
            self._audit.record(AuditAction.RECONCILED, staff, subject, result)
            kept = True

        say = self._settings, self._clock, lines, staff
        try:
            return confirm(database, *say, lambda _: keep("confirmed"))
        except KioskError:
            if kept:
                keep("not confirmed")
            raise

    def _days(self) -> list[date]:
        return [self.today - timedelta(days=back) for back in reversed(range(_DAYS))]

    def _of_branch(self, ask: Callable[[Database, str], T]) -> T | None:
        with self._source.read() as reading:
            if reading.scope is Scope.TERMINAL:
                return None
            return ask(reading.database, self._journal.origin.branch)
