"""What a member of staff can practise."""

from typing import TYPE_CHECKING

from kiosk.i18n import _, ngettext
from kiosk.screens.customer.base import CustomerScreen
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.practise.flow import PractiseFlow

DEMOS, OBJECTIONS, END = "demos", "objections", "end"


class PractiseHomeScreen(CustomerScreen):
    """The demos that customers see, or what customers say."""

    help_matters = True

    def __init__(self, flow: "PractiseFlow") -> None:
        super().__init__(flow)
        self._practise = flow

    def title_text(self) -> str:
        """Who it is, and the question."""
        return _("{name}: what would you like to practise?").format(name=self._practise.who.name)

    def help_text(self) -> str:
        """What is kept of it."""
        return _("What you practise is counted for you; no customer is, and nothing is done.")

    def choices(self) -> list[Choice]:
        """Demos, objections, the end."""
        catalog = self.flow.catalog
        demos, objections = len(catalog.demos), len(catalog.objections)
        told = ngettext("{count} demo", "{count} demos", demos).format(count=demos)
        said = ngettext("{count} sentence", "{count} sentences", objections)
        choices = [
            Choice(DEMOS, _("Demos, as customers see them"), (told,)),
            Choice(OBJECTIONS, _("What customers say"), (said.format(count=objections),)),
        ]
        shown = [
            choice for choice, count in zip(choices, (demos, objections), strict=True) if count
        ]
        return [*shown, Choice(END, _("Sign off"))]

    async def choose(self, code: str) -> None:
        """Go there."""
        if code == DEMOS:
            await self.flow.demos.show_zone()
        elif code == OBJECTIONS:
            await self._practise.drill(self.flow.catalog.objections)
        else:
            await self.flow.finish()
