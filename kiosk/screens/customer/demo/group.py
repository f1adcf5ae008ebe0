"""The demos of one group."""

from typing import TYPE_CHECKING

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.services.demo.script import DemoGroup
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow


class GroupScreen(CustomerScreen):
    """The demos of one group."""

    def __init__(self, flow: "Flow", group: DemoGroup) -> None:
        super().__init__(flow)
        self._group = group

    def title_text(self) -> str:
        """The group, and the question."""
        return _("{group}: practise which one?").format(
            group=self._group.name.in_language(language())
        )

    def choices(self) -> list[Choice]:
        """One button for each demo, with the channel that it shows."""
        catalog = self.flow.catalog
        return [
            Choice(
                demo.code,
                demo.name.in_language(language()),
                (catalog.channel(demo.channel).name.in_language(language()),),
            )
            for demo in catalog.demos_in(self._group.code)
        ]

    async def choose(self, code: str) -> None:
        """Say what the demo teaches."""
        await self.flow.demos.open(self.flow.catalog.demo(code))
