"""What a demo's transaction costs is what the catalog says."""

from demo_samples import CALL, TRANSFER, sample

from kiosk.services.catalog_file import load_catalog
from kiosk.services.demo.costs import costs_of

CATALOG = load_catalog()


def test_the_amount_is_the_customers_band_and_the_fee_follows_it() -> None:
    demo = sample(TRANSFER)
    [route] = [
        each for each in CATALOG.routes_of("cross_bank_transfer") if each.channel == "mobile"
    ]
    usual, entered = costs_of(CATALOG, demo), costs_of(CATALOG, demo, "upto_5k")
    assert (usual.money.amount, entered.money.amount) == (500_00, 3_000_00)
    assert usual.route == entered.route == route
    assert entered.money.limit == route.max_amount
    assert entered.money.fee == CATALOG.route_fee(route, "upto_5k")
    assert entered.counter_fee == CATALOG.counter_fee("cross_bank_transfer", "upto_5k")
    assert usual.counter_fee == CATALOG.counter_fee("cross_bank_transfer", "upto_2k")
    assert costs_of(CATALOG, demo, "upto_50k").money.amount == 500_00


def test_without_an_amount_the_fee_is_all_that_it_can_be() -> None:
    demo = sample(TRANSFER).model_copy(update={"amount": None, "amounts": {}})
    costs = costs_of(CATALOG, demo)
    assert costs.route is not None
    assert costs.money.amount is None
    assert costs.money.fee == CATALOG.route_fee(costs.route)
    assert costs.counter_fee == CATALOG.counter_fee("cross_bank_transfer")


def test_a_demo_of_nothing_that_the_counter_does_says_its_own_fee() -> None:
    demo = sample(CALL)
    costs = costs_of(CATALOG, demo)
    assert (costs.service, costs.route, costs.counter_fee) == (None, None, None)
    assert costs.money.fee == demo.fee
