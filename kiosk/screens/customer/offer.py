"""The choice: an e-channel and the counter, side by side as equals."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kiosk.i18n import _, language
from kiosk.screens.customer.base import CustomerScreen
from kiosk.screens.customer.phrases import (
    ahead_phrase,
    channel_time_phrase,
    counter_time_phrase,
    fee_phrase,
    machines_phrase,
    needs_phrase,
)
from kiosk.services.diversion import OfferMade
from kiosk.services.lobby_watch import MachinesNow
from kiosk.services.triage import Offer
from kiosk.services.wait import Wait
from kiosk.widgets.choice_grid import Choice

if TYPE_CHECKING:
    from kiosk.screens.customer.flow import Flow

CHANNEL, COUNTER, DEMO = "channel", "counter", "demo"


class OfferScreen(CustomerScreen):
    """Two cards of the same size; nothing is preselected and nothing goes on by itself."""

    cards = True

    def __init__(
        self,
        flow: "Flow",
        made: OfferMade,
        offer: Offer,
        answers: Mapping[str, str],
        wait: Wait | None,
        machines: MachinesNow | None = None,
    ) -> None:
        super().__init__(flow)
        self._made = made
        self._offer = offer
        self._answers = answers
        self._wait = wait
        self._machines = machines
        self.service = made.service

    @property
    def _band(self) -> str | None:
        """The amount band that was asked for, if one was."""
        return self._answers.get("amount")

    def title_text(self) -> str:
        """The service, with the amount if one was asked."""
        service = self.flow.catalog.service(self._made.service)
        name = service.name.in_language(language())
        band = next((b for b in service.amount_bands if b.code == self._band), None)
        return f"{name}  {band.label.in_language(language())}" if band else name

    def help_text(self) -> str:
        """One sentence why there is a choice."""
        return _("This can be done either way. Which do you prefer?")

    def choices(self) -> list[Choice]:
        """The channel and the counter; below them, how the channel is used."""
        catalog, route = self.flow.catalog, self._offer.route
        service, channel = catalog.service(self._made.service), catalog.channel(route.channel)
        channel_lines = (
            channel_time_phrase(route.minutes_alone, route.minutes_helped),
            machines_phrase(self._machines) or channel.where.in_language(language()),
            fee_phrase(self._offer.fee, route.fee_note),
            needs_phrase(catalog, route.needs),
        )
        counter_lines = (
            counter_time_phrase(self._wait, service.minutes),
            ahead_phrase(self._wait),
            fee_phrase(self._offer.counter_fee, service.fee_note),
            needs_phrase(catalog, service.bring),
        )
        cards = [
            Choice(CHANNEL, channel.name.in_language(language()), _without_end(channel_lines)),
            Choice(COUNTER, self._counter_name(), _without_end(counter_lines)),
        ]
        if self.flow.demos.of_offer(self._made) is None:
            return cards
        return [*cards, Choice(DEMO, _("See first how it is done (demo)"), below=True)]

    def _counter_name(self) -> str:
        if self.flow.branch:
            return _("At the branch, with staff")
        return _("Counter, with staff")

    async def choose(self, code: str) -> None:
        """Show the way, practise it, or give a ticket."""
        if code == CHANNEL:
            await self.flow.accept(self._made, self._offer, self._band)
        elif code == DEMO:
            await self.flow.demos.open_for(self._made, self._band, is_accepted=False)
        else:
            await self.take_ticket()

    async def take_ticket(self) -> None:
        """Prefer the counter."""
        await self.flow.decline(self._made)


def _without_end(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Without empty lines at the end; elsewhere they keep times and fees side by side."""
    while lines and not lines[-1]:
        lines = lines[:-1]
    return lines
