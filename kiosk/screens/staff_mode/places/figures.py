"""What everybody did, who did most, and the branch beside all branches."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from kiosk.figure_words import formula
from kiosk.i18n import N_, _
from kiosk.reporting.staff import Names, comparison_part, people_part, ranking_part
from kiosk.screens.staff_mode.lines import DOT_KEYS, folded
from kiosk.screens.staff_mode.pages import Block, PagesScreen, section_blocks
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
_RANKED_BY = ("used", "taught", "signed", "completed")
"""Each has its place: what customers have of it, before what was only signed."""


def days_of_span(span: int, today: date) -> Days:
    """Today, or the month or the year until today."""
    return Days((today, today.replace(day=1), today.replace(month=1, day=1))[span], today)


class FiguresScreen(PagesScreen):
    """Tables of a day, a month or a year."""

    NAME = N_("Figures")
    DUTY = Duty.FIGURES

    def __init__(self, flow: "StaffFlow") -> None:
        super().__init__(flow)
        self._span = 0
        self._seen: Seen[WorkDone] | None = None

    async def load(self) -> None:
        """Read what everybody did."""
        sees = self.staff.sees
        days = days_of_span(self._span, sees.today)
        self._seen = await self.flow.host.call_service(sees.work_done, days)

    def is_whole(self) -> bool:
        """Whether it is the whole branch's."""
        return self._seen is None or self._seen.is_whole

    def head(self) -> Line:
        """Of which days."""
        days = days_of_span(self._span, self.staff.sees.today)
        span = f"{days.first}" if days.first == days.last else f"{days.first} – {days.last}"
        return Span(_(_SPANS[self._span]), "strong"), Span(f"  {span}", "quiet")

    def blocks(self, width: int) -> Sequence[Block]:
        """By person, the rankings, the comparison."""
        if self._seen is None:
            return []
        names = Names(self.staff.terminal.catalog, self._seen.people)
        people = self._seen.value.people
        compared = comparison_part(self._seen.value.compared, names)
        if not people:
            nothing = folded(_("Nobody has noted anything yet in this time."), width)
            return [nothing, *section_blocks(compared.section, width)]
        parts = [people_part(people, names)]
        parts += [ranking_part(ranking(people, by), by, names) for by in _RANKED_BY]
        parts.append(compared)
        return [block for part in parts for block in section_blocks(part.section, width)]

    def formulas(self) -> Sequence[str]:
        """Of every column."""
        told = map(formula, (*COUNTS, "pay", *COMPARED))
        return [*told, _("Customers of 60+ and in large type are in none of these figures.")]

    def foot_keys(self) -> Sequence[FootKey]:
        """Another span, too."""
        following = _(_SPANS[(self._span + 1) % len(_SPANS)])
        return [FootKey(".", following, DOT_KEYS[0]), *super().foot_keys()]

    def takes(self, key: str) -> bool:
        """The dot shows the next span."""
        if key not in DOT_KEYS:
            return super().takes(key)
        self._span = (self._span + 1) % len(_SPANS)
        self.reload()
        return True
