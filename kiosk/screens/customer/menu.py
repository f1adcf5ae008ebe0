"""The services of one group."""

from typing import TYPE_CHECKING

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.services.catalog import Menu
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

_COLUMNS, _ROWS = 83, 24
"""From this size on a button also says the service as people say it."""


class MenuScreen(CustomerScreen):
    """One button for each service."""

    def __init__(self, flow: "Flow", menu: Menu) -> None:
        super().__init__(flow)
        self._menu = menu

    def title_text(self) -> str:
        """The group, and the question."""
        return _("{group}: which one?").format(group=self._menu.name.in_language(language()))

    def choices(self) -> list[Choice]:
        """The services, the most frequent first."""
        services = [self.flow.catalog.service(code) for code in self._menu.services]
        has_room = self.size.width >= _COLUMNS and self.size.height >= _ROWS
        return [
            Choice(
                service.code,
                service.name.in_language(language()),
                (service.spoken.in_language(language()),) if has_room else (),
            )
            for service in services
        ]

    async def choose(self, code: str) -> None:
        """Go on with the service."""
        await self.flow.choose_service(code)
