"""What a simulated branch's parts are called, in commands, in reports and on screens."""

from collections.abc import Mapping
from typing import Final

from kiosk.i18n import N_, _, language
from kiosk.services.catalog import Catalog
from kiosk.services.simulation.scenario import Scenario

WHY_WORK: Final = N_(
    "Tickets and work stand side by side, as waits follow the work: e-channels take over the short "
    "errands first, so the counters' work falls less than their tickets. Whoever reckons with "
    "tickets alone promises too much."
)
"""Stands wherever tickets are told."""
NOT_YOURS: Final = N_("These are the assumptions of a default branch, not yours.")

_NAMES: Final[Mapping[str, str]] = {
    "Six counters, 41.53 % diverted": N_("Six counters, 41.53 % diverted"),
    "56.3 % diverted": N_("56.3 % diverted"),
    "transfer": N_("Transfers"),
    "bill": N_("Bills and taxes"),
    "passbook": N_("Passbooks and statements"),
    "card": N_("Cards: PIN, loss"),
    "complex": N_("Foreign currency, companies, inheritance"),
    "stm": N_("Smart counter"),
}
"""Of the scenario that ships with the program; a branch's own services are in its catalog."""

ASSUMED: Final[Mapping[str, str]] = {
    "walk_ins": N_("How many people come on a usual day"),
    "arrivals.half_hours": N_("When they come"),
    "arrivals.weekdays": N_("How weekdays differ"),
    "arrivals.day_spread": N_("How much the number of people differs between days"),
    "arrivals.half_hour_spread": N_("How much the number of people differs between half hours"),
    "services.group": N_("Which services a counter does together"),
    "services.share": N_("What people come for"),
    "services.minutes": N_("How long each service takes at the counter"),
    "services.spread": N_("How much the time at the counter differs between customers"),
    "services.channel": N_("Which e-channel can do a service"),
    "services.channel_share": N_("For how many an e-channel can really finish it"),
    "services.acceptance": N_("How many go to the e-channel, of those whom it can serve"),
    "services.channel_minutes": N_("How long it takes at the e-channel"),
    "counters.skills": N_("Which counter can do what"),
    "counters.opens": N_("When each counter opens"),
    "counters.closes": N_("When each counter closes"),
    "counters.breaks": N_("Planned breaks"),
    "devices.count": N_("How many machines there are"),
    "customers.priority_share": N_("How many may go ahead, as the elderly"),
    "customers.head_start": N_("By how many minutes these go ahead"),
    "customers.priority_acceptance": N_("How much less those who go ahead use e-channels"),
    "customers.come_back": N_("For how many an e-channel does not work"),
    "customers.call_gap": N_("Minutes from the call until somebody stands at the counter"),
    "customers.no_show_at_once": N_("How many take a ticket and go at once"),
    "customers.patience_median": N_("After how many minutes people leave in silence"),
    "customers.patience_sigma": N_("How much patience differs between people"),
    "customers.no_show_minutes": N_("How long a counter calls somebody who has gone"),
    "tellers.speed_sigma": N_("How much tellers differ in pace"),
    "tellers.day_sigma": N_("How much the pace differs between days"),
    "tellers.absences": N_("How often a teller is away without a plan"),
    "tellers.absence_minutes": N_("For how long a teller is away then"),
    "peak_days.every": N_("Each how manieth day is a pension day"),
    "peak_days.walk_ins": N_("How many more people come on pension days"),
    "peak_days.priority": N_("How many more may go ahead on pension days"),
    "peak_days.half_hours": N_("When people come on pension days"),
    "peak_days.services": N_("What people come for on pension days"),
}
"""What nobody may have measured, by the key of `kiosk.services.simulation.scenario.assumable`."""


def scenario_name(name: str) -> str:
    """A scenario's or a variant's; those of the program's own are translated."""
    return _(_NAMES[name]) if name in _NAMES else name


class ScenarioNames:
    """Services, groups and e-channels of a scenario, as people of the branch say them.

    Args:
        scenario: Has the codes.
        catalog: Knows most of them; the others have a name here, or are told by their code.
    """

    def __init__(self, scenario: Scenario, catalog: Catalog | None) -> None:
        self._scenario = scenario
        self._known = {code: _(name) for code, name in _NAMES.items()}
        if catalog is not None:
            spoken = language()
            self._known |= {each.code: each.name.in_language(spoken) for each in catalog.services}
            self._known |= {each.code: each.name.in_language(spoken) for each in catalog.channels}

    def of(self, code: str) -> str:
        """A service or an e-channel."""
        return self._known.get(code, code)

    def of_group(self, group: str) -> str:
        """Services that a counter does together."""
        services = self._scenario.services
        return " · ".join(self.of(each.code) for each in services if each.group == group)

    def assumed(self, key: str) -> str:
        """What nobody measured."""
        first, _dot, last = key.rpartition(".")
        table, _dot, code = first.partition(".")
        words = _(ASSUMED.get(f"{table}.{last}" if table else last, key))
        return f"{words}: {self.of(code)}" if code else words
