"""What everybody did, who did most, and the branch beside all branches."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from kiosk.figure_words import formula
from kiosk.i18n import N_, _
from kiosk.reporting.heading import span
from kiosk.reporting.staff import (
    Names,
    Part,
    comparison_part,
    left_out_note,
    people_part,
    ranking_part,
)
from kiosk.screens.staff_mode.lines import DOT_KEY, folded
from kiosk.screens.staff_mode.pages import Block, PagesScreen
from kiosk.services.demos_report import Days
from kiosk.services.staff.duties import Duty
from kiosk.services.staff.figures import COUNTS, ranking
from kiosk.services.staff.rates import COMPARED
from kiosk.services.staff.seen import Seen, WorkDone
from kiosk.widgets.foot import FootKey
from kiosk.widgets.panel import Line, Span

if TYPE_CHECKING:
    from kiosk.screens.staff_mode.flow import StaffFlow

_SPANS = (N_("Today"), N_("This month"), N_("This year"))
_SHORT_SPANS = (N_("Today"), N_("Month"), N_("Year"))
_RANKED_BY = ("used", "taught", "signed", "completed")
"""Each has its place: what customers have of it, before what was only signed."""


def days_of_span(span: int, today: date) -> Days:
    """Today, or the month or the year until today."""
    return Days((today, today.replace(day=1), today.replace(month=1, day=1))[span], today)


class FiguresScreen(PagesScreen):
    """Tables of a day, a month or a year."""

    NAME = N_("Figures")
    REPORT = "figures"
    DUTY = Duty.FIGURES

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._span = 0
        self._seen: Seen[WorkDone] | None = None

    async def load(self) -> None:
        """Read what everybody did."""
        work_done = self.staff.sees.work_done
        self._seen = await self.flow.host.call_service(work_done, self.days())

    def is_whole(self) -> bool:
        """Whether it is the whole branch's."""
        return self._seen is None or self._seen.is_whole

    def days(self) -> Days:
        """The span's."""
        return days_of_span(self._span, self.staff.sees.today)

    def head(self) -> Line:
        """Of which days."""
        return Span(_(_SPANS[self._span]), "strong"), Span(f"  {span(self.days())}", "quiet")

    def parts(self, *, explained: bool) -> Sequence[Part]:
        """By person, the rankings, the comparison."""
        if self._seen is None:
            return []
        names = Names(self.staff.terminal.catalog, self._seen.people)
        done = self._seen.value
        compared = comparison_part(done.compared, names, explained=explained)
        if not done.people:
            return [compared]
        rankings = [
            ranking_part(ranking(done.people, by), by, names, explained=explained)
            for by in _RANKED_BY
        ]
        return [people_part(done.people, names, explained=explained), *rankings, compared]

    def notes(self) -> Sequence[str]:
        """Who is in none of them."""
        return [left_out_note()]

    def blocks(self, width: int) -> Sequence[Block]:
        """The tables, or that there is nothing to put in them."""
        tables = super().blocks(width)
        if self._seen is None or self._seen.value.people:
            return tables
        return [folded(_("Nobody has noted anything yet in this time."), width), *tables]

    def formulas(self) -> Sequence[str]:
        """Of every column."""
        told = map(formula, (*COUNTS, "pay", *COMPARED))
        return [*told, left_out_note()]

    def foot_keys(self) -> Sequence[FootKey]:
        """Another span, too."""
        following = (self._span + 1) % len(_SPANS)
        long, short = _(_SPANS[following]), _(_SHORT_SPANS[following])
        return [FootKey(".", long, DOT_KEY, short), *super().foot_keys()]

    def takes(self, key: str) -> bool:
        """The dot shows the next span."""
        if key != DOT_KEY:
            return super().takes(key)
        self._span = (self._span + 1) % len(_SPANS)
        self.reload()
        return True
