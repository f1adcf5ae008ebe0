"""The first question: what did you come for?"""

from typing import Final

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice

EXPERIENCE: Final = "experience"


class HomeScreen(CustomerScreen):
    """The groups of services."""

    def title_text(self) -> str:
        """The question."""
        return _("What would you like to do?")

    def choices(self) -> list[Choice]:
        """One button for each group, and where everything can be practised."""
        groups = [
            Choice(
                menu.code,
                menu.name.in_language(language()),
                (menu.hint.in_language(language()),),
            )
            for menu in self.flow.catalog.menus
        ]
        if not self.flow.catalog.demos:
            return groups
        return [
            *groups,
            Choice(EXPERIENCE, _("Practise"), (_("A simulated phone, or machine"),)),
        ]

    async def choose(self, code: str) -> None:
        """Show the group's services, or what can be practised."""
        if code == EXPERIENCE:
            await self.flow.demos.show_zone()
            return
        menu = next(menu for menu in self.flow.catalog.menus if menu.code == code)
        await self.flow.show_menu(menu)
