"""The terminal can't do something; the counter can."""

from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice


class FailureScreen(CustomerScreen):
    """What happened, what was kept, what to do."""

    help_matters = True

    def title_text(self) -> str:
        """What happened."""
        return _("This terminal can't do that just now.")

    def help_text(self) -> str:
        """What to do."""
        if self.flow.branch:
            return _("Nothing was done in your name. Please ask the staff beside this terminal.")
        return _("Nothing was done in your name. Please go to a counter or call staff.")

    def choices(self) -> list[Choice]:
        """The way back."""
        return [Choice("back", _("Back"))]

    async def choose(self, code: str) -> None:
        """Go back to the screen before."""
        await self.flow.back()
