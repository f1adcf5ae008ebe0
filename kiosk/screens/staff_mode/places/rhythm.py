"""The load of today by half hours beside the usual one, and where a wait comes from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kiosk.i18n import N_, _, format_time
from kiosk.reporting.staff import Part, causes, rhythm_part, usual_days
from kiosk.screens.staff_mode.lines import folded
from kiosk.screens.staff_mode.pages import Block, PagesScreen, section_blocks
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.rhythm import Rhythm
from kiosk.services.staff.seen import Seen
from kiosk.widgets.panel import Line, Span
from kiosk.widgets.plot import plot_lines

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_PLOT_ROWS = (7, 14)
"""The fewest in which a shape can be seen, and as many as it needs."""


class RhythmScreen(PagesScreen):
    """A plot, then the figures."""

    NAME = N_("Rhythm")
    REPORT = "rhythm"
    DUTY = Duty.FIGURES

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._seen: Seen[Rhythm] | None = None

    async def load(self) -> None:
        """Read today."""
        self._seen = await self.flow.host.call_service(self.staff.sees.rhythm)

    def is_whole(self) -> bool:
        """Whether it is the whole branch's."""
        return self._seen is None or self._seen.is_whole

    def head(self) -> Line:
        """Of which day."""
        return (
            Span(_("Customers by half hours"), "strong"),
            Span(f"  {self.staff.sees.today}", "quiet"),
        )

    def parts(self, *, explained: bool) -> Sequence[Part]:
        """By half hours."""
        return [] if self._seen is None else [rhythm_part(self._seen.value)]

    def notes(self) -> Sequence[str]:
        """What is usual, and where the wait comes from."""
        if self._seen is None:
            return []
        return [usual_days(self._seen.value), *causes(self._seen.value)]

    def blocks(self, width: int) -> Sequence[Block]:
        """The shape, why the wait is long, the figures."""
        if self._seen is None:
            return []
        found = self._seen.value
        if not found.half_hours:
            return [folded(_("Nobody has come yet today."), width)]
        legend: Line = (
            Span("█ " + _("today")),
            Span("   ▚ " + _("as usual"), "attention"),
        )
        why = [line for cause in causes(found) for line in folded(cause, width, "attention")]
        below = [legend, *folded(usual_days(found), width, "quiet"), *why]
        least, most = _PLOT_ROWS
        rows = max(least, min(most, self.rows - len(below)))
        plot = plot_lines(
            [format_time(each.begins) for each in found.half_hours],
            [each.today.arrivals for each in found.half_hours],
            [each.usual.arrivals for each in found.half_hours],
            width,
            rows,
        )
        return [[*plot, *below], *section_blocks(rhythm_part(found).section, width)]
