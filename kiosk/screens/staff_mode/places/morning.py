"""The morning sheet: what yesterday was like, for the meeting before the doors open."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kiosk.i18n import N_, _, format_day
from kiosk.reporting.staff import Names, Part, morning_parts
from kiosk.screens.staff_mode.lines import DOT_KEYS
from kiosk.screens.staff_mode.pages import PagesScreen
from kiosk.services.demos_report import Days
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.morning import MorningSheet
from kiosk.services.staff.seen import Seen
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_MOST_DAYS_BACK = 7


class MorningScreen(PagesScreen):
    """One day; the dot goes back a day."""

    NAME = N_("Morning sheet")
    REPORT = "morning"
    DUTY = Duty.FIGURES

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._days_back = 1
        self._seen: Seen[MorningSheet] | None = None

    @property
    def _day(self) -> date:
        return self.staff.sees.today - timedelta(days=self._days_back)

    async def load(self) -> None:
        """Read the day."""
        self._seen = await self.flow.host.call_service(self.staff.sees.morning, self._day)

    def is_whole(self) -> bool:
        """Whether it is the whole branch's."""
        return self._seen is None or self._seen.is_whole

    def head(self) -> Line:
        """Which day."""
        return (Span(format_day(self._day), "strong"),)

    def days(self) -> Days:
        """That one."""
        return Days(self._day, self._day)

    def parts(self, *, explained: bool) -> Sequence[Part]:
        """A table for each thing that is told."""
        if self._seen is None:
            return []
        names = Names(self.staff.terminal.catalog, self._seen.people)
        return morning_parts(self._seen.value, names)

    def foot_keys(self) -> Sequence[FootKey]:
        """The day before, too."""
        before = FootKey(".", _("The day before"), DOT_KEYS[0], _("Day before"))
        return [before, *super().foot_keys()]

    def takes(self, key: str) -> bool:
        """The dot goes back, and after a week to yesterday."""
        if key not in DOT_KEYS:
            return super().takes(key)
        self._days_back = self._days_back % _MOST_DAYS_BACK + 1
        self.reload()
        return True
