"""How far the targets are, and where that leads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kiosk.figure_words import formula
from kiosk.i18n import N_, _
from kiosk.reporting.staff import Names, Part, left_out_note, targets_part
from kiosk.screens.staff_mode.pages import PagesScreen
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.seen import Seen
from kiosk.services.staff.targets import Progress
from kiosk.widgets.panel import Line, Span

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_EXPLAINED = ("completion_rate", "due", "forecast")


class TargetsScreen(PagesScreen):
    """The targets whose period holds today."""

    NAME = N_("Targets")
    REPORT = "targets"
    DUTY = Duty.TARGETS

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._seen: Seen[tuple[Progress, ...]] | None = None

    async def load(self) -> None:
        """Read how far they are."""
        self._seen = await self.flow.host.call_service(self.staff.sees.targets)

    def is_whole(self) -> bool:
        """Whether it is the whole branch's."""
        return self._seen is None or self._seen.is_whole

    def head(self) -> Line:
        """Of which day."""
        return (
            Span(_("Targets that run now"), "strong"),
            Span(f"  {self.staff.sees.today}", "quiet"),
        )

    def parts(self, *, explained: bool) -> Sequence[Part]:
        """One table."""
        if self._seen is None:
            return []
        names = Names(self.staff.terminal.catalog, self._seen.people)
        return [targets_part(self._seen.value, names, explained=explained)]

    def notes(self) -> Sequence[str]:
        """Who is in none of them."""
        return [left_out_note()]

    def formulas(self) -> Sequence[str]:
        """Of every column."""
        told = map(formula, _EXPLAINED)
        return [*told, left_out_note()]
