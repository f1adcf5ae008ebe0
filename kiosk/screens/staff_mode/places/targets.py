"""How far the targets are, and where that leads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kiosk.figure_words import formula
from kiosk.i18n import N_, _
from kiosk.reporting.staff import Names, targets_part
from kiosk.screens.staff_mode.pages import Block, PagesScreen, section_blocks
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

    def blocks(self, width: int) -> Sequence[Block]:
        """One table."""
        if self._seen is None:
            return []
        names = Names(self.staff.terminal.catalog, self._seen.people)
        return section_blocks(targets_part(self._seen.value, names).section, width)

    def formulas(self) -> Sequence[str]:
        """Of every column."""
        told = map(formula, _EXPLAINED)
        return [*told, _("Customers of 60+ and in large type are in none of these figures.")]
