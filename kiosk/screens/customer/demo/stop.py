"""Whether to stop a demo."""

from kiosk.i18n import _
from kiosk.screens.customer.demo.base import RunScreen
from kiosk.screens.customer.demo.phrases import others_label
from kiosk.widgets.choice_grid import Choice

GO_ON, OTHERS = "go-on", "others"


class StopScreen(RunScreen):
    """Nothing was done, so that nothing is lost."""

    help_matters = True

    def title_text(self) -> str:
        """The question."""
        return _("Stop here?")

    def help_text(self) -> str:
        """What was done."""
        return _("Nothing was done: it was only practice.")

    def choices(self) -> list[Choice]:
        """On with it, or away from it."""
        return [
            Choice(GO_ON, _("Go on practising")),
            Choice(OTHERS, others_label(self.lesson)),
        ]

    async def choose(self, code: str) -> None:
        """Go on or stop."""
        if code == GO_ON:
            await self.flow.back()
        else:
            await self.flow.demos.stop()
