"""It did not work on the channel: the counter is still there."""

from typing import TYPE_CHECKING

from kiosk.i18n import _
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

TICKET, FINISH = "ticket", "finish"


class AfterFailureScreen(CustomerScreen):
    """A ticket, or the way out."""

    help_matters = True

    def __init__(self, flow: "Flow", service: str) -> None:
        super().__init__(flow)
        self.service = service

    def title_text(self) -> str:
        """An apology and the question."""
        if self.flow.branch:
            return _("Sorry that did not work. At the branch, staff will do it with you.")
        return _("Sorry that did not work. Would you like a ticket?")

    def help_text(self) -> str:
        """What happens to the time already spent."""
        if self.flow.branch:
            return ""
        return _("The ticket notes when you came.")

    def choices(self) -> list[Choice]:
        """Ticket or end."""
        label = _("See where it is") if self.flow.branch else _("Get a ticket")
        return [Choice(TICKET, label), Choice(FINISH, _("No, thank you"))]

    async def choose(self, code: str) -> None:
        """Give the ticket, or end the visit."""
        if code == TICKET:
            await self.take_ticket()
        else:
            await self.flow.finish()
