"""Two or three questions at the end, each with its explanation."""

from typing import TYPE_CHECKING

from kiosk.i18n import _
from kiosk.screens.customer.demo.base import RunScreen
from kiosk.screens.customer.demo.lesson import Lesson
from kiosk.services.demo.script import CheckQuestion
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

NEXT, STOP = "next", "stop"


class CheckScreen(RunScreen):
    """One question after the other; the first answer counts."""

    compact = True
    help_matters = True

    def __init__(self, flow: "Flow", lesson: Lesson) -> None:
        super().__init__(flow, lesson)
        self._at = 0
        self._chosen: dict[int, int] = {}
        """Question → the answer that is being explained."""
        self._first: dict[int, int] = {}
        """Question → the answer that was given first."""
        self._since = flow.demos.seconds

    @property
    def question(self) -> CheckQuestion:
        """The one in front."""
        return self.lesson.demo.check[self._at]

    @property
    def score(self) -> tuple[int, int]:
        """How many first answers were right, and how many questions there are."""
        questions = self.lesson.demo.check
        right = sum(questions[at].answers[answer].right for at, answer in self._first.items())
        return right, len(questions)

    @property
    def place(self) -> str:
        """The question in front."""
        return _place(self._at)

    @property
    def wrong_keys(self) -> int:
        """1 if the first answer to this question was not right."""
        chosen = self._first.get(self._at)
        return int(chosen is not None and not self.question.answers[chosen].right)

    def title_text(self) -> str:
        """The question."""
        return self.lesson.text(self.question.question)

    def help_text(self) -> str:
        """After an answer, which one is right and why."""
        if (chosen := self._chosen.get(self._at)) is None:
            return ""
        because = self.lesson.text(self.question.because)
        if self.question.answers[chosen].right:
            return _("That is right. {because}").format(because=because)
        right = next(answer for answer in self.question.answers if answer.right)
        return (
            _("The right answer is: {answer}").format(answer=self.lesson.text(right.label))
            + f"\n{because}"
        )

    def choices(self) -> list[Choice]:
        """The answers; after one of them, what follows."""
        stop = Choice(STOP, _("Stop"), key="7")
        if self._at in self._chosen:
            is_last = self._at + 1 == len(self.lesson.demo.check)
            return [Choice(NEXT, _("See the result") if is_last else _("Next question")), stop]
        answers = [
            Choice(f"answer:{at}", self.lesson.text(answer.label))
            for at, answer in enumerate(self.question.answers)
        ]
        return [*answers, stop]

    async def choose(self, code: str) -> None:
        """Explain an answer, or go on."""
        if code == STOP:
            await self.flow.demos.ask_stop(self.lesson)
        elif code == NEXT:
            await self._go_on()
        else:
            answer = int(code.partition(":")[2])
            self._chosen[self._at] = answer
            self._first.setdefault(self._at, answer)
            self.write()

    async def _go_on(self) -> None:
        if self._at + 1 < len(self.lesson.demo.check):
            now = self.flow.demos.seconds
            following = _place(self._at + 1)
            await self.flow.demos.pass_question(self, following, round(now - self._since))
            self._at, self._since = self._at + 1, now
            self.write()
        else:
            await self.flow.demos.finish(self.lesson, self.score)

    async def go_back(self) -> None:
        """Take the answer back, or show what was said to the one before."""
        if self._chosen.pop(self._at, None) is not None:
            self.write()
        elif self._at:
            self._at -= 1
            self.write()
        else:
            await self.flow.demos.go_back()


def _place(at: int) -> str:
    return f"question_{at + 1}"
