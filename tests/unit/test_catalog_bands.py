"""Fee bands: whatever table is accepted gives every amount exactly one fee."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from kiosk.services.catalog import Catalog, FeeBand, FeeBands, Route, fee_at
from kiosk.services.catalog_file import load_catalog
from kiosk.services.catalog_parts import Fee

BANDS: TypeAdapter[tuple[FeeBand, ...]] = TypeAdapter(FeeBands)
LIMITS = st.lists(st.one_of(st.none(), st.integers(0, 12)), min_size=1, max_size=5)
GOOD_LIMITS = st.lists(st.integers(1, 6_000_000), unique=True, max_size=5).map(
    lambda limits: [*sorted(limits), None]
)
CATALOG: Catalog = load_catalog()
SERVICE = CATALOG.service("cross_bank_transfer")


def table(limits: list[int | None]) -> tuple[FeeBand, ...]:
    """A band for each limit, with a fee of its own so that bands can be told apart."""
    return tuple(
        FeeBand(up_to=limit, fee=Fee(low=number, high=number, unit="CNY_fen", source="C"))
        for number, limit in enumerate(limits)
    )


def holders(limits: list[int | None], amount: int) -> list[int]:
    """The bands that claim an amount: above the limit before, up to their own."""
    lower = [0, *(limit if limit is not None else 10**12 for limit in limits)]
    return [
        number
        for number, limit in enumerate(limits)
        if lower[number] < amount <= (limit if limit is not None else 10**12)
    ]


@given(LIMITS)
def test_a_table_is_accepted_only_if_it_covers_every_amount_once(limits: list[int | None]) -> None:
    covers = all(len(holders(limits, amount)) == 1 for amount in range(1, 20))
    each_is_of_use = all(
        any(number in holders(limits, amount) for amount in range(1, 20))
        for number in range(len(limits))
    )
    try:
        accepted = BANDS.validate_python(table(limits))
    except ValidationError:
        assert not (covers and each_is_of_use)
    else:
        assert covers
        assert each_is_of_use
        for amount in range(1, 20):
            assert fee_at(accepted, amount).low == holders(limits, amount)[0]
        assert fee_at(accepted, 0).low == 0


@given(GOOD_LIMITS, st.integers(0, 10**9))
def test_the_fee_of_an_amount_is_inside_the_range_of_its_band(
    limits: list[int | None], amount: int
) -> None:
    route = routed(limits)
    above = 0
    for band in SERVICE.amount_bands:
        if above < amount and (band.up_to is None or amount <= band.up_to):
            shown = CATALOG.route_fee(route, band.code)
            assert shown.low <= fee_at(route.fees, amount).low <= shown.high
        above = band.up_to or 0
    unknown = CATALOG.route_fee(route)
    assert unknown.low <= fee_at(route.fees, amount).low <= unknown.high


@given(GOOD_LIMITS)
def test_the_range_of_a_band_is_no_wider_than_its_amounts(limits: list[int | None]) -> None:
    route = routed(limits)
    above = 0
    for band in SERVICE.amount_bands:
        up_to = band.up_to if band.up_to is not None else 10**9
        inside = [fee_at(route.fees, amount).low for amount in (above + 1, up_to)]
        shown = CATALOG.route_fee(route, band.code)
        assert (shown.low, shown.high) == (min(inside), max(inside))
        above = up_to


def routed(limits: list[int | None]) -> Route:
    route = CATALOG.routes_of(SERVICE.code)[0]
    return route.model_copy(update={"fees": table(limits), "max_amount": None})


def test_an_amount_that_no_band_holds_is_an_error() -> None:
    with pytest.raises(KeyError):
        fee_at(table([5]), 6)


def test_every_table_of_the_packaged_catalog_covers_every_amount() -> None:
    services = (service.fees for service in CATALOG.services)
    routes = (route.fees for route in CATALOG.routes)
    for bands in itertools.chain(services, routes):
        limits = [band.up_to for band in bands]
        edges = [limit for limit in limits if limit is not None]
        for amount in [1, 10**9, *edges, *(edge + 1 for edge in edges)]:
            assert len(holders(limits, amount)) == 1
