"""What staff work by: segments, bundles, days until a follow-up, piece rates; and refusals."""

import pytest
from support import default_catalog
from test_catalog_leaflets import TEXT, WHOLE, problems_of
from test_catalog_refusals import FILE

from kiosk.services.catalog_file import read_catalog

STAFF = f"""
[segments.shop]
name = {TEXT}
services = ["coins"]
products = ["app"]
objections = ["no_time"]

[segments.young]
name = {TEXT}
services = ["transfer"]
products = ["app"]

[bundles.new]
name = {TEXT}
customer = "personal"
products = ["app"]

[follow_up]
personal_days = 5
company_days = 10
retry_days = 2
dormant_days = 60

[piece_rates]
source = "C"
completed = 50

[piece_rates.used]
app = 300
"""
WITH_STAFF = WHOLE + STAFF


def test_what_the_refusals_begin_with_is_good() -> None:
    catalog = read_catalog(WITH_STAFF.encode(), FILE)
    assert catalog.segment("shop").products == catalog.bundle("new").products == ("app",)
    assert catalog.segment_of("transfer") == catalog.segment("young")
    assert catalog.segment("shop").objections == (catalog.objection("no_time").code,)
    assert catalog.follow_up.dormant_days == 60
    assert catalog.piece_rates is not None
    assert catalog.piece_rates.used == {"app": 300}


def test_a_catalog_needs_none_of_it() -> None:
    catalog = read_catalog(WHOLE.encode(), FILE)
    assert not catalog.segments
    assert not catalog.bundles
    assert catalog.segment_of("transfer") is None
    assert catalog.piece_rates is None
    rules = catalog.follow_up
    assert (rules.personal_days, rules.company_days) == (7, 15)
    assert (rules.retry_days, rules.dormant_days) == (3, 90)


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ('["coins"]', '["coin"]', "segments.shop.services[0]", 'did you mean "coins"?'),
        ('["coins"]', '["coins", "coins"]', "segments.shop.services", "more than once"),
        (
            'services = ["transfer"]\nproducts',
            'services = ["coins"]\nproducts',
            "segments.young.services[0]",
            '"coins" stands in segments.shop already',
        ),
        ('["no_time"]', '["no_tim"]', "segments.shop.objections[0]", "unknown objection"),
        (
            'products = ["app"]\nobj',
            "products = []\nobj",
            "segments.shop.products",
            "at least 1",
        ),
        ('"personal"', '"private"', "bundles.new.customer", "'private' is not one of"),
        (
            'customer = "personal"\nproducts = ["app"]',
            'customer = "personal"\nproducts = ["ap"]',
            "bundles.new.products[0]",
            'unknown product "ap"; did you mean "app"?',
        ),
        ("personal_days = 5", "personal_days = 0", "follow_up.personal_days", "greater than"),
        ("personal_days", "person_days", "follow_up.person_days", "unknown key"),
        ("dormant_days = 60", "dormant_days = 10", "follow_up.dormant_days", "not above 10"),
        ('source = "C"\ncompleted', "completed", "piece_rates.source", "missing"),
        ("completed = 50", "completed = 0.5", "piece_rates.completed", "whole number of fen"),
        ("app = 300", "app = -1", "piece_rates.used.app", "cannot be negative"),
        ("app = 300", "ap = 300", "piece_rates.used.ap", 'did you mean "app"?'),
        ("[piece_rates.used]", "[piece_rates.sold]", "piece_rates.sold", "unknown key"),
    ],
)
def test_a_single_fault(old: str, new: str, key: str, reason: str) -> None:
    head, tail = WHOLE, STAFF.replace(old, new, 1)
    assert tail != STAFF
    assert any(found == key and reason in told for found, told in problems_of(head + tail))


@pytest.mark.parametrize("section", ["segments", "bundles"])
def test_more_than_six_do_not_fit_a_screen(section: str) -> None:
    more = "".join(
        f'[{section}.more{number}]\nname = {TEXT}\nproducts = ["app"]\n'
        + ('customer = "company"\n' if section == "bundles" else "")
        for number in range(6)
    )
    assert any(
        key == section and "at most 6" in reason for key, reason in problems_of(WITH_STAFF + more)
    )


def test_the_packaged_catalog_serves_every_kind_of_customer() -> None:
    catalog = default_catalog()
    assert {bundle.customer for bundle in catalog.bundles} == {"personal", "company", "merchant"}
    assert catalog.bundle("new_company").products == ("company_net", "reconciliation")
    assert len(catalog.segments) == 5
    offered = {code for bundle in catalog.bundles for code in bundle.products}
    offered |= {code for segment in catalog.segments for code in segment.products}
    assert offered == {product.code for product in catalog.products}


def test_the_packaged_rates_pay_for_no_signature_alone() -> None:
    rates = default_catalog().piece_rates
    assert rates is not None
    assert not rates.signed
    assert all(rates.used[product] >= fen for product, fen in rates.taught.items())
