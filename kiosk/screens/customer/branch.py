"""Away from the branch: where it is, when it is open, and what to bring."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.config import Branch
from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.phrases import bring_phrase
from kiosk.services.diversion import OfferMade
from kiosk.services.triage import CounterBecause
from kiosk.widgets.choice_grid import Choice
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

FINISH, ANOTHER, WHY = "finish", "another", "why"


class BranchScreen(CustomerScreen):
    """In the place of a ticket, whose number would mean nothing here.

    Args:
        flow: Knows which screen follows which.
        branch: Where to come to.
        service: What the customer came for, as far as it is known.
        because: Why it is the counter, if the customer did not choose it.
        declined: The offer that the customer declined for it.
    """

    help_matters = True

    def __init__(
        self,
        flow: "Flow",
        branch: Branch,
        service: str | None,
        because: CounterBecause | None,
        declined: OfferMade | None,
    ) -> None:
        super().__init__(flow)
        self.service = service
        self._branch = branch
        self._because = because
        self._declined = declined

    def title_text(self) -> str:
        """An invitation."""
        return _("You are welcome at the branch")

    def help_text(self) -> str:
        """Why it is not done here."""
        if self._because is CounterBecause.CANNOT_MOVE and self.service:
            why = self.flow.catalog.service(self.service).why_counter
            return why.in_language(language()) if why else ""
        if self._because is CounterBecause.NO_CHANNEL_NOW:
            return self._machines() or _("Staff at the counter will do this with you.")
        return ""

    def _machines(self) -> str:
        """Those that do it there; empty: none does."""
        catalog = self.flow.catalog
        routes = catalog.routes_of(self.service) if self.service else ()
        there = [each for route in routes if (each := catalog.channel(route.channel)).in_branch]
        names = _(", ").join(dict.fromkeys(each.name.in_language(language()) for each in there))
        return _("A machine there does it, too: {names}").format(names=names) if names else ""

    def work(self) -> Iterable[Widget]:
        """The way, and what to bring."""
        yield Words(id="where")
        yield Words(id="bring")

    def write(self) -> None:
        """Write them too."""
        super().write()
        self.query_one("#where", Words).text = self._where()
        needs = self.flow.catalog.service(self.service).bring if self.service else ()
        told = [
            bring_phrase(self.flow.catalog, needs),
            _("You need no ticket yet: you get one when you come."),
        ]
        self.query_one("#bring", Words).text = "\n".join(filter(None, told))

    def _where(self) -> str:
        address = self._branch.address.in_language(language())
        hours = self._branch.hours.in_language(language())
        told = [
            self._branch.name.in_language(language()),
            _("Address: {address}").format(address=address) if address else "",
            _("Open: {hours}").format(hours=hours) if hours else "",
        ]
        return "\n".join(filter(None, told))

    def too_small_text(self) -> str:
        """What has room everywhere."""
        return "\n".join(filter(None, [self.title_text(), self._where()]))

    def choices(self) -> list[Choice]:
        """The end, something else; what the bank would know last."""
        choices = [
            Choice(FINISH, _("Got it, finish")),
            Choice(ANOTHER, _("Something else")),
        ]
        if self._declined:
            choices.append(Choice(WHY, _("Say why the counter")))
        return choices

    async def choose(self, code: str) -> None:
        """End the visit, begin anew or ask why."""
        if code == FINISH:
            await self.flow.finish()
        elif code == ANOTHER:
            await self.flow.start_over()
        elif self._declined:
            await self.flow.ask_why_declined(self._declined)

    def thank(self) -> None:
        """The reason was given: don't ask again."""
        self._declined = None
        self.write()
