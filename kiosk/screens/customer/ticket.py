"""The counter ticket."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from kiosk.i18n import _, language
from kiosk.screens.customer.base import SIDE_MARGINS, CustomerScreen
from kiosk.screens.customer.phrases import (
    ahead_phrase,
    bring_phrase,
    last_known_phrase,
    wait_phrase,
)
from kiosk.screens.customer.slips import SlipState, remember_phrase
from kiosk.services.diversion import OfferMade
from kiosk.services.tickets import IssuedTicket
from kiosk.services.triage import CounterBecause
from kiosk.widgets.block_digits import BlockDigits
from kiosk.widgets.choice_grid import Choice, ChoiceGrid
from kiosk.widgets.words import Words

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

FINISH, GIVE_BACK, FILL_IN, WHY, PRINT = "finish", "give-back", "fill-in", "why", "print"
_FRAME, _FRAME_COMPACT = 17, 10
"""Rows that everything but text and buttons takes, with the number as tall as it can be."""
_ROWS_FOR_BUTTONS = 6
"""With fewer the number gets smaller."""
_MOST_CHOICES = 4
"""They have room on one page everywhere."""
_MARGINS = 2
"""Rows that the number can give up."""
_NOT_IN_HAND = (SlipState.FAILED, SlipState.SENT)


class TicketScreen(CustomerScreen):
    """The number, as large as it can be drawn, and what to bring."""

    help_matters = True

    def __init__(
        self,
        flow: "Flow",
        ticket: IssuedTicket,
        because: CounterBecause | None,
        declined: OfferMade | None,
        replaced: str,
    ) -> None:
        """Make the screen.

        Args:
            flow: Knows which screen follows which.
            ticket: To show.
            because: Why it is the counter, if the customer did not choose it.
            declined: The offer that the customer declined for it.
            replaced: The number of the ticket in whose place it is; empty: there was none.
        """
        super().__init__(flow)
        self._replaced = replaced
        self._ticket = ticket
        self._because = because
        self._declined = declined
        self.service = ticket.service

    def title_text(self) -> str:
        """What the number is."""
        return _("Your counter ticket")

    def help_text(self) -> str:
        """What became of an earlier ticket, and why it is the counter."""
        gone = _("Your ticket {number} is no longer valid.").format(number=self._replaced)
        return "\n".join(filter(None, [gone if self._replaced else "", self._why_counter()]))

    def _why_counter(self) -> str:
        """Empty if the customer chose it."""
        if self._because is CounterBecause.CANNOT_MOVE and self.service:
            why = self.flow.catalog.service(self.service).why_counter
            return why.in_language(language()) if why else ""
        if self._because is CounterBecause.NO_PERSUASION:
            return _("With large type chosen, you get a counter ticket straight away.")
        if self._because is CounterBecause.NO_CHANNEL_NOW:
            return _("Staff at the counter will do this with you.")
        return ""

    def work(self) -> Iterable[Widget]:
        """The number and what goes with it."""
        yield BlockDigits(self._ticket.number)
        yield Words(id="wait")
        yield Words(id="bring")

    def write(self) -> None:
        """Write wait and papers too."""
        super().write()
        wait, known = self._ticket.wait, self.flow.last_known
        told = [ahead_phrase(wait), wait_phrase(wait)]
        if wait is None:
            told = [last_known_phrase(known, with_range=True)]
        self.query_one("#wait", Words).text = "  ·  ".join(filter(None, told))
        slip = self.flow.slips.state(self._ticket.id)
        self._write_below(remember_phrase(slip))
        if self._buttons_make_pages():
            if slip in _NOT_IN_HAND:  # what to do without a slip matters most
                self.query_one("#help", Words).display = False
            else:
                self._write_below("")
        rows = self._rows_for_buttons()
        self.set_class(rows < _ROWS_FOR_BUTTONS, "-tight")
        self.set_class(rows < _ROWS_FOR_BUTTONS - 1, "-tighter")

    def _write_below(self, remember: str) -> None:
        needs = self.flow.catalog.service(self.service).bring if self.service else ()
        self.query_one("#bring", Words).text = "\n".join(
            filter(None, [bring_phrase(self.flow.catalog, needs), self._filled_in(), remember])
        )

    def _rows_for_buttons(self) -> int:
        """What is left beside everything else, with the number as tall as it can be."""
        names = ["#title", "#wait", "#bring"]
        taken = _FRAME_COMPACT if self.has_class("-compact") else _FRAME
        if self.query_one("#help", Words).display:
            names.append("#help")
            taken += self.has_class("-compact")  # the blank row above it
        lines = self.lines_of(*names, width=self.size.width - SIDE_MARGINS)
        return self.size.height - taken - lines

    def _buttons_make_pages(self) -> bool:
        """Whether they have no room on one page, even beside a number that gives up its margins."""
        rows = max(1, self._rows_for_buttons() + _MARGINS)
        return self.query_one(ChoiceGrid).pages_in(self.size.width - 2, rows) > 1

    def _filled_in(self) -> str:
        """That the counter will see something; empty where it will not."""
        if not self.flow.has_handed_over:
            return ""
        return _("The counter will see what you filled in.")

    def choices(self) -> list[Choice]:
        """The end, the way back, and what can be done meanwhile; what the bank would know last."""
        choices = [
            Choice(FINISH, _("Got it, finish")),
            Choice(GIVE_BACK, _("Give the ticket back")),
        ]
        if self.flow.slips.state(self._ticket.id) in _NOT_IN_HAND:
            choices.append(Choice(PRINT, _("Print it again")))
        if self.flow.may_fill_in(self._ticket):
            label = _("Change what I wrote")
            if not self.flow.has_handed_over:
                label = _("Fill in while I wait")
            choices.append(Choice(FILL_IN, label))
        if self._declined:
            choices.append(Choice(WHY, _("Say why the counter")))
        return choices[:_MOST_CHOICES]

    async def choose(self, code: str) -> None:
        """End the visit, cancel the ticket or ask why."""
        if code == FINISH:
            await self.flow.finish()
        elif code == GIVE_BACK:
            await self.flow.give_ticket_back(self._ticket.id)
        elif code == FILL_IN:
            await self.flow.fill_in()
        elif code == PRINT:
            await self.flow.print_again(self._ticket)
        elif self._declined:
            await self.flow.ask_why_declined(self._declined)

    def thank(self) -> None:
        """The reason was given: don't ask again."""
        self._declined = None
        self.write()
