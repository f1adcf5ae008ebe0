"""Whatever is wrong in a script, it is refused, or it can still be walked to its end."""

import copy
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.paths import resource
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_file import check_catalog, load_catalog
from kiosk.services.catalog_parts import CatalogError
from kiosk.services.demo.costs import costs_of
from kiosk.services.demo.money import Money
from kiosk.services.demo.practice import Outcome, Standing, play
from kiosk.services.demo.script import Demo

CODES = [demo.code for demo in load_catalog().demos]
MOST_STEPS = 100
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text(max_size=3),
    st.sampled_from(["{amount}", "{sum}", "6222021234567890123", "amount", "secret", "x" * 200]),
    st.just([]),
    st.just({}),
)


@cache
def packaged() -> dict[str, Any]:
    return tomllib.loads((resource("catalog") / "default.toml").read_text(encoding="utf-8"))


@cache
def script(code: str) -> dict[str, Any]:
    text = (resource("catalog") / "demos" / f"{code}.toml").read_text(encoding="utf-8")
    demo: dict[str, Any] = tomllib.loads(text)["demos"][code]
    return demo


@cache
def around(code: str) -> dict[str, Any]:
    """Of the catalog only what one demo needs, so that thousands of them can be checked."""
    raw, demo = packaged(), script(code)
    service = demo.get("service", "balance")
    return {
        **raw,
        "services": {service: raw["services"][service]},
        "routes": [route for route in raw["routes"] if route["service"] == service],
        "menus": {"all": {**raw["menus"]["query"], "services": [service]}},
        "demo_groups": {demo["group"]: raw["demo_groups"][demo["group"]]},
        "segments": {},
    }


def places(table: Any) -> Iterator[tuple[Any, Any]]:
    """Every key of a script, with the table or list that it stands in."""
    if isinstance(table, dict | list):
        for key in list(table) if isinstance(table, dict) else range(len(table)):
            yield table, key
            yield from places(table[key])


def assert_can_be_walked(demo: Demo, money: Money) -> None:
    """From wherever a learner may stand."""
    for screen in demo.screens:
        standing = Standing(screen)
        for _ in range(MOST_STEPS):
            reaction = play(demo, money, standing)
            if reaction.outcome is Outcome.FINISHED:
                break
            assert reaction.outcome is Outcome.MOVED, (screen, standing)
            standing = reaction.standing
        else:
            pytest.fail(f"no end from {screen}")


def assert_is_sound(catalog: Catalog) -> None:
    for demo in catalog.demos:
        for band in (None, *demo.amounts):
            assert_can_be_walked(demo, costs_of(catalog, demo, band).money)


def test_every_demo_can_be_walked_from_wherever_one_stands() -> None:
    assert len(CODES) >= 12
    assert_is_sound(load_catalog())


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_single_key_that_is_missing_or_wrong(data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(CODES))
    demo = copy.deepcopy(script(code))
    table, key = data.draw(st.sampled_from(list(places(demo))))
    if data.draw(st.booleans()):
        del table[key]
    else:
        table[key] = data.draw(st.one_of(JUNK, st.sampled_from(list(demo["screens"]))))
    try:
        catalog = check_catalog({**around(code), "demos": {code: demo}}, "bank.toml")
    except CatalogError as refused:
        if not all(each.key.startswith("demo") and each.reason for each in refused.problems):
            pytest.fail(str(refused.problems))
    else:
        assert_is_sound(catalog)
