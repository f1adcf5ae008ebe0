"""The morning sheet: what yesterday was like, for the meeting before the doors open."""

from asyncio import wrap_future
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kiosk.i18n import N_, _, format_day
from kiosk.reporting.staff import Names, Part, morning_parts
from kiosk.reporting.strip import strip
from kiosk.screens.staff_mode.export import may_export
from kiosk.screens.staff_mode.lines import DOT_KEY, STAR_KEY
from kiosk.screens.staff_mode.pages import PagesScreen
from kiosk.services.audit import AuditAction
from kiosk.services.demos_report import Days
from kiosk.services.printing.printing import Outcome
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.morning import MorningSheet
from kiosk.services.staff.seen import Seen
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_MOST_DAYS_BACK = 7
_OUTCOMES = {
    Outcome.PRINTED: N_("Printed."),
    Outcome.SENT: N_("The printer has it. If nothing comes out, look whether it has paper."),
    Outcome.FAILED: N_("Nothing was printed."),
}


class MorningScreen(PagesScreen):
    """One day; the dot goes back a day."""

    NAME = N_("Morning sheet")
    SHORT = N_("Morning")
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
        before = FootKey(".", _("The day before"), DOT_KEY, _("Prior"))
        to_print = [FootKey("*", _("Print"), STAR_KEY)] if self._may_print() else []
        return [before, *to_print, *super().foot_keys()]

    def takes(self, key: str) -> bool:
        """The dot goes back, and after a week to yesterday."""
        if key == STAR_KEY and self._may_print():
            self.act(self._print)
        elif key == DOT_KEY:
            self._days_back = self._days_back % _MOST_DAYS_BACK + 1
            self.reload()
        else:
            return super().takes(key)
        return True

    def _may_print(self) -> bool:
        return may_export(self) and self._is_loaded

    async def _print(self) -> None:
        """On paper it has left the program, as a file has."""
        printing, report = self.staff.terminal.printing, self.report()
        if printing is None:
            told = _("No printer is set up for this machine. Branch IT can set one up.")
            self.say(told, is_fault=True)
            return
        self.say(_("It is being printed…"))
        audit, what = self.staff.audit, f"{report.name} {report.span}"
        await self.flow.host.call_service(
            audit.record, AuditAction.EXPORTED, self.who.number, what, "print"
        )
        moment = self.flow.host.clock.now().astimezone(self.staff.settings.zone)
        outcome = await wrap_future(printing.start(strip(report, moment)))
        if outcome is Outcome.FAILED and printing.problem is not None:
            raise printing.problem
        self.say(_(_OUTCOMES[outcome]))
