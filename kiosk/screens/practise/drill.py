"""One to one: what the customer says, a short answer, a question that gives the word back."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.objection import Objection
from kiosk.widgets.choice_grid import Choice
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.practise.flow import PractiseFlow

ANSWER, QUESTION, COULD, NOT_YET = "answer", "question", "could", "not-yet"
MISSED, ALL, HOME = "missed", "all", "home"


class DrillScreen(CustomerScreen):
    """One objection after the other: it is answered aloud before anybody looks.

    Args:
        flow: Of the member of staff.
        objections: What is practised, in this order.
    """

    help_matters = True

    def __init__(self, flow: "PractiseFlow", objections: Sequence[Objection]) -> None:
        super().__init__(flow)
        self._practise = flow
        self._objections = objections
        self._at = 0
        self._seen: tuple[str, ...] = ()
        """What was looked at already: the answer, the question."""
        self._missed: list[Objection] = []

    def title_text(self) -> str:
        """Which of how many."""
        return _("A customer says ({number} of {count})").format(
            number=self._at + 1, count=len(self._objections)
        )

    def help_text(self) -> str:
        """How it is played."""
        return _("One of you is the customer. Answer aloud first, then look.")

    def work(self) -> Iterable[Widget]:
        """What is said."""
        yield Words(id="objection")
        yield Words(id="reply")

    def show_choices(self) -> None:
        """Show what was looked at, and what comes next."""
        objection = self._objections[self._at]
        self.query_one("#objection", Words).text = _("“{text}”").format(
            text=_said(objection.reason)
        )
        replies = {
            ANSWER: _("You say: {text}").format(text=_said(objection.answer)),
            QUESTION: _("You ask: {text}").format(text=_said(objection.follow_up)),
        }
        self.query_one("#reply", Words).text = "\n\n".join(replies[each] for each in self._seen)
        super().show_choices()

    def choices(self) -> list[Choice]:
        """Look at the next part; in the end, how it went."""
        if ANSWER not in self._seen:
            return [Choice(ANSWER, _("Show a short answer"))]
        if QUESTION not in self._seen:
            return [Choice(QUESTION, _("Show what to ask then"))]
        return [Choice(COULD, _("I could say it")), Choice(NOT_YET, _("Not yet"))]

    async def choose(self, code: str) -> None:
        """Look, or judge and go on."""
        if code in (ANSWER, QUESTION):
            self._seen = (*self._seen, code)
            self.show_choices()
            return
        objection = self._objections[self._at]
        await self._practise.note_drill(objection, could_say=code == COULD)
        if code == NOT_YET:
            self._missed.append(objection)
        if self._at + 1 < len(self._objections):
            self._at, self._seen = self._at + 1, ()
            self.write()
        else:
            await self._practise.end_drill(self._objections, self._missed)

    async def go_back(self) -> None:
        """Cover what was looked at last; else leave."""
        if self._seen:
            self._seen = self._seen[:-1]
            self.show_choices()
        else:
            await super().go_back()


class DrillEndScreen(CustomerScreen):
    """How it went, as they say themselves, and what can be practised once more."""

    def __init__(
        self, flow: "PractiseFlow", objections: Sequence[Objection], missed: Sequence[Objection]
    ) -> None:
        super().__init__(flow)
        self._practise = flow
        self._objections = objections
        self._missed = missed

    def title_text(self) -> str:
        """How many could be said."""
        count = len(self._objections)
        return _("You could say {could} of {count}.").format(
            could=count - len(self._missed), count=count
        )

    def choices(self) -> list[Choice]:
        """Those that were missed, all of them, or something else."""
        missed = [Choice(MISSED, _("Those not yet, once more"))] if self._missed else []
        return [
            *missed,
            Choice(ALL, _("All of them once more")),
            Choice(HOME, _("Practise something else")),
        ]

    async def choose(self, code: str) -> None:
        """Go there."""
        if code == HOME:
            await self.flow.start_over()
        else:
            everything = self.flow.catalog.objections
            await self._practise.drill(self._missed if code == MISSED else everything)

    async def go_back(self) -> None:
        """What was judged stays judged: something else."""
        await self.flow.start_over()


def _said(text: LocalizedText) -> str:
    return text.in_language(language())
