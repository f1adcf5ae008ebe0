"""It is done."""

from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice

ANOTHER, FINISH = "another", "finish"


class DoneScreen(CustomerScreen):
    """Something else, or the end."""

    help_matters = True

    def title_text(self) -> str:
        """Thanks."""
        return _("Done. Thank you!")

    def help_text(self) -> str:
        """The question."""
        return _("Is there anything else you would like to do?")

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
