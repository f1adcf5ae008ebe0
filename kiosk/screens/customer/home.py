"""The first question: what did you come for?"""

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice


class HomeScreen(CustomerScreen):
    """The groups of services."""

    def title_text(self) -> str:
        """The question."""
        return _("What would you like to do?")

    def choices(self) -> list[Choice]:
        """One button for each group."""
        return [
            Choice(
                menu.code,
                menu.name.in_language(language()),
                (menu.hint.in_language(language()),),
            )
            for menu in self.flow.catalog.menus
        ]

    async def choose(self, code: str) -> None:
        """Show the group's services."""
        menu = next(menu for menu in self.flow.catalog.menus if menu.code == code)
        await self.flow.show_menu(menu)
