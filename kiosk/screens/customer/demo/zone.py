"""The experience zone: what can be practised, by what it is for."""

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice


class ZoneScreen(CustomerScreen):
    """The groups of demos."""

    def title_text(self) -> str:
        """The question, and that nobody can lose anything."""
        return _("What would you like to practise? No money moves.")

    def choices(self) -> list[Choice]:
        """One button for each group."""
        return [
            Choice(
                group.code,
                group.name.in_language(language()),
                (group.hint.in_language(language()),),
            )
            for group in self.flow.catalog.demo_groups
            if self.flow.catalog.demos_in(group.code)
        ]

    async def choose(self, code: str) -> None:
        """Show the group's demos."""
        group = next(each for each in self.flow.catalog.demo_groups if each.code == code)
        await self.flow.demos.show_group(group)
