"""What a demo's transaction costs, in money and time: from the catalog, never typed in."""

from dataclasses import dataclass

from kiosk.services.catalog import Catalog, Route, Service, fee_at
from kiosk.services.catalog_parts import Fee
from kiosk.services.demo.money import Money
from kiosk.services.demo.script import Demo


@dataclass(frozen=True)
class Costs:
    """Where times and fees by the channel and at the counter are found."""

    service: Service | None
    """None: nothing that the counter does."""
    route: Route | None
    money: Money
    counter_fee: Fee | None = None
    """None: the catalog states none."""


def costs_of(catalog: Catalog, demo: Demo, band: str | None = None) -> Costs:
    """What the transaction costs.

    Args:
        catalog: States the fees and times.
        demo: The transaction.
        band: The customer's amount band of its service, if it is known.
    """
    amount = demo.amounts.get(band, demo.amount) if band else demo.amount
    if demo.service is None:
        return Costs(None, None, Money(amount, demo.fee))
    service = catalog.service(demo.service)
    route = next(
        route for route in catalog.routes_of(service.code) if route.channel == demo.channel
    )
    if amount is None:
        fee, counter_fee = catalog.route_fee(route), catalog.counter_fee(service)
    else:
        fee = fee_at(route.fees, amount)
        counter_fee = fee_at(service.fees, amount) if service.fees else None
    money = Money(amount, fee, route.max_amount)
    return Costs(service, route, money, counter_fee)
