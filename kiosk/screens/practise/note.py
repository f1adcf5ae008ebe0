"""What a customer would get here, and staff who practise do not."""

from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice


class NoteScreen(CustomerScreen):
    """This is practice."""

    help_matters = True

    def title_text(self) -> str:
        """What does not happen."""
        return _("This is practice: nothing is done here.")

    def help_text(self) -> str:
        """What it stands for."""
        return _("A customer would get a ticket here, staff would come, or the steps would follow.")

    def choices(self) -> list[Choice]:
        """The way back."""
        return [Choice("back", _("Go on practising"))]

    async def choose(self, code: str) -> None:
        """Go back to the screen before."""
        await self.flow.back()
