"""It is done."""

from typing import TYPE_CHECKING

from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.phrases import reference_phrase
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

ANOTHER, FINISH = "another", "finish"


class DoneScreen(CustomerScreen):
    """Something else, or the end."""

    help_matters = True

    def __init__(self, flow: "Flow", given_back: str, reference: str | None) -> None:
        """Make the screen.

        Args:
            flow: Knows which screen follows which.
            given_back: The number of the ticket that is not needed any more; empty: there was none.
            reference: Of what was done.
        """
        super().__init__(flow)
        self._reference = reference
        self._given_back = given_back

    def title_text(self) -> str:
        """Thanks."""
        return _("Done. Thank you!")

    def help_text(self) -> str:
        """The number of what was done, what became of the ticket, and the question."""
        lines = [_("Is there anything else you would like to do?")]
        if self._given_back:
            gone = _("Your ticket {number} is not needed any more and was given back.")
            lines.insert(0, gone.format(number=self._given_back))
        if self._reference:
            lines.insert(0, reference_phrase(self._reference))
        return "\n".join(lines)

    def choices(self) -> list[Choice]:
        """Another thing or the end."""
        return [Choice(ANOTHER, _("Something else")), Choice(FINISH, _("That is all"))]

    async def choose(self, code: str) -> None:
        """Start over, or end the visit."""
        if code == ANOTHER:
            await self.flow.start_over()
        else:
            await self.flow.finish()

    async def go_back(self) -> None:
        """There is no way back into what is done: start over."""
        await self.flow.start_over()
