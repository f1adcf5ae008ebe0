"""Why? A code, never free text; nobody has to answer."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from kiosk.i18n import N_, _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.services.catalog import Reason
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow


UNSAID = "-"
"""No reason has this code: a code begins with a letter."""


class ReasonScreen(CustomerScreen):
    """A list of reasons.

    Args:
        flow: Knows which screen follows which.
        question: One of this class's questions, not yet translated.
        reasons: To choose from.
        note: What to do with the code of the chosen one, or without any.
        service: What it is about.
    """

    FAILURE = N_("What went wrong?")
    DECLINE = N_("May we ask why you prefer the counter?")

    def __init__(
        self,
        flow: "Flow",
        question: str,
        reasons: Sequence[Reason],
        note: Callable[[str | None], Awaitable[None]],
        service: str,
    ) -> None:
        super().__init__(flow)
        self.service = service
        self._question = question
        self._reasons = reasons
        self._note = note

    def title_text(self) -> str:
        """The question."""
        return _(self._question)

    def help_text(self) -> str:
        """That an answer is a favour."""
        return _("Your answer helps us do better. It is kept without your name.")

    def choices(self) -> list[Choice]:
        """The reasons, and none of them: the way goes on without an answer."""
        return [
            *(Choice(each.code, each.name.in_language(language())) for each in self._reasons),
            Choice(UNSAID, _("I would rather not say")),
        ]

    async def choose(self, code: str) -> None:
        """Note the reason."""
        await self._note(None if code == UNSAID else code)
