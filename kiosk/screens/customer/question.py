"""A question whose answer decides what can be offered."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.i18n import language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.services.catalog import Question
from kiosk.services.triage import NO, YES
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow


class QuestionScreen(CustomerScreen):
    """One of at most two questions."""

    def __init__(
        self, flow: "Flow", service: str, answers: Mapping[str, str], question: Question
    ) -> None:
        super().__init__(flow)
        self.service = self._service = service
        self._answers = answers
        self._question = question

    def title_text(self) -> str:
        """The question."""
        return self._question.text.in_language(language())

    def help_text(self) -> str:
        """What the answer is for, if the catalog says so."""
        return self._question.help.in_language(language()) if self._question.help else ""

    def choices(self) -> list[Choice]:
        """Amount bands, or the two answers."""
        if self._question.kind == "amount":
            bands = self.flow.catalog.service(self._service).amount_bands
            return [Choice(band.code, band.label.in_language(language())) for band in bands]
        answers = ((YES, self._question.yes), (NO, self._question.no))
        return [Choice(code, text.in_language(language())) for code, text in answers if text]

    async def choose(self, code: str) -> None:
        """Go on with the answer."""
        await self.flow.proceed(self._service, {**self._answers, self._question.code: code})
