"""A demo is over: once more, something else, or the real thing."""

from typing import TYPE_CHECKING

from kiosk.i18n import _
from kiosk.screens.customer.demo.base import DemoScreen
from kiosk.screens.customer.demo.intro import way_choices
from kiosk.screens.customer.demo.lesson import Lesson
from kiosk.screens.customer.demo.phrases import others_label
from kiosk.services.demo.runs import Way
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

AGAIN, OTHERS, REAL, END = "again", "others", "real", "end"


class FinishScreen(DemoScreen):
    """What was achieved, and where to go.

    Args:
        flow: Knows which screen follows which.
        lesson: What was practised.
        way: How.
        score: Of a check: how many answers were right, and of how many.
    """

    help_matters = True

    def __init__(
        self, flow: "Flow", lesson: Lesson, way: Way, score: tuple[int, int] | None
    ) -> None:
        super().__init__(flow, lesson)
        self._way = way
        self._score = score

    def title_text(self) -> str:
        """What was achieved."""
        if self._score is not None:
            right, count = self._score
            return _("{right} of {count} answers were right").format(right=right, count=count)
        if self._way is Way.TRY:
            return _("You have done it yourself")
        return _("That was the demo")

    def help_text(self) -> str:
        """What matters most when it is real."""
        return self.lesson.text(self.lesson.demo.safety)

    def choices(self) -> list[Choice]:
        """Once more or on."""
        others = [choice for choice in way_choices() if choice.code in self._next_ways()]
        choices = [*others, Choice(AGAIN, _("Once more"))]
        choices.append(Choice(OTHERS, others_label(self.lesson)))
        if self.lesson.offer is None and self.lesson.demo.service is not None:
            choices.append(Choice(REAL, _("Do it for real")))
        choices.append(Choice(END, _("That is all")))
        return choices

    def _next_ways(self) -> tuple[Way, ...]:
        """Showing is for who has not done it yet."""
        return tuple(way for way in (Way.TRY, Way.CHECK) if way is not self._way)

    async def choose(self, code: str) -> None:
        """Go there."""
        demos = self.flow.demos
        if code == AGAIN:
            await demos.begin(self.lesson, self._way)
        elif code == OTHERS:
            demos.show_others()
        elif code == REAL and self.lesson.demo.service is not None:
            await self.flow.choose_service(self.lesson.demo.service)
        elif code == END:
            await self.flow.finish()
        else:
            await demos.begin(self.lesson, Way(code))
