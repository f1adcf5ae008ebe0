"""Scenarios: what a file may say, what it is refused for, and what variants change."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import KioskError
from kiosk.paths import resource
from kiosk.services.catalog_parts import Part
from kiosk.services.simulation.scenario import (
    Arrivals,
    Counter,
    Customers,
    Devices,
    PeakDays,
    PlannedBreak,
    Scenario,
    Service,
    Tellers,
    Variant,
)
from kiosk.services.simulation.scenario_file import (
    default_scenario,
    read_scenario,
    scenario_in,
    written,
)
from kiosk.services.simulation.variants import expected, variants_of, varied

DEFAULT = default_scenario()
WRITTEN = written(DEFAULT)


def test_the_default_diverts_what_it_says() -> None:
    base, more = variants_of(DEFAULT)
    assert base.name == DEFAULT.name
    assert base.services == DEFAULT.services
    assert expected(base).diverted == pytest.approx(0.4153, abs=1e-6)
    assert expected(more).diverted == pytest.approx(0.563, abs=1e-6)
    # a quarter fewer tickets are a sixth less work
    assert expected(more).work / expected(base).work == pytest.approx(1 - 0.173, abs=0.002)


shares = st.floats(0, 1)
moments = st.integers(9 * 60, 17 * 60 - 1)
TEXT = "abc窗口 3%&\"'\\"
names = st.text(TEXT, min_size=1, max_size=12).filter(lambda text: text == text.strip())
variants = st.builds(
    Variant,
    name=names,
    diversion=st.none() | shares,
    acceptance=st.dictionaries(st.sampled_from(("deposit", "card")), shares),
    counters=st.none() | st.integers(1, 99),
    lunch_start=st.none() | moments,
    lunch_minutes=st.none() | st.floats(1, 90),
    walk_ins=st.floats(0.1, 3),
)


@given(
    name=names,
    walk_ins=st.floats(0.1, 9_999),
    start=moments,
    minutes=st.floats(0.1, 90),
    opens=st.none() | st.just(9 * 60),
    variants=st.lists(variants, max_size=5, unique_by=lambda each: each.name),
)
def test_what_is_written_reads_back_equal(
    name: str,
    walk_ins: float,
    start: int,
    minutes: float,
    opens: int | None,
    variants: list[Variant],
) -> None:
    teller = Counter(
        name=name,
        skills=DEFAULT.groups,
        opens=opens,
        breaks=(PlannedBreak(start=start, minutes=minutes),),
    )
    changed = {
        "name": f"base {name}",
        "walk_ins": walk_ins,
        "counters": (teller,),
        "variants": tuple(variants),
        "assumptions": (),
    }
    scenario = Scenario.model_validate(dict(DEFAULT) | changed)
    assert scenario_in(written(scenario), "x") == scenario


FAULTS = {
    ("opens = 09:00:00", 'opens = "9"'): ("opens", "must be a time of day"),
    ("opens = 09:00:00", "opens = 09:00:30"): ("opens", "hours and minutes"),
    ("opens = 09:00:00", "opens = 17:30:00"): ("closes", "must be later than opens"),
    ("opens = 09:00:00", "opens = 09:30:00"): ("arrivals.half_hours", "there are 15 half hours"),
    ("walk_ins = 626.86", 'walk_ins = "many"'): ("walk_ins", "valid number"),
    ("walk_ins = 626.86", "walk_ins = nan"): ("walk_ins", "finite number"),
    ("walk_ins = 626.86", "walk_in = 626.86"): ("walk_ins", "required"),
    ("come_back = 0.06", "come_back = 1.06"): ("customers.come_back", "less than or equal to 1"),
    ("share = 0.16", "share = 0.26"): ("services", "must add up to 1"),
    ("minutes = 3.2", "minutes = 0"): ("services.deposit.minutes", "greater than 0"),
    ('code = "card"', 'code = "deposit"'): ("services", '"deposit" stands here more than once'),
    ('channel = "atm"\n', ""): ("services.deposit.channel", "which e-channel"),
    ('    "complex",\n', ""): ("counters", 'can serve "complex"'),
    ('"transfer",\n]', '"transfar",\n]'): ("counters.1.skills", 'mean "transfer"'),
    ("start = 11:30:00", "start = 17:30:00"): ("counters.1.breaks", "must lie in its hours"),
    ('{ channel = "stm"', '{ channel = "sstm"'): ("devices.sstm", "no service is done there"),
    ("passbook = 1.8", "passbok = 1.8"): ("peak_days.services", 'mean "passbook"'),
    ("diversion = 0.563", "acceptance = { complex = 0.5 }"): (
        "variants.56.3 % diverted.acceptance",
        'no e-channel can do "complex"',
    ),
    ('    "customers.head_start",', '    "customers.head_stat",'): ("assumptions", "head_start"),
    ("[tellers]", "[tellers"): ("file", "line"),
    ("[tellers]", "[tellers]\nmood = 3"): ("tellers.mood", "there is no such key"),
}


@pytest.mark.parametrize("change", FAULTS)
def test_a_refusal_says_where_and_why(change: tuple[str, str], tmp_path: Path) -> None:
    before, after = change
    assert before in WRITTEN, "the test changes nothing"
    path = tmp_path / "branch.toml"
    path.write_text(WRITTEN.replace(before, after), encoding="utf-8")
    with pytest.raises(KioskError) as refused:
        read_scenario(path)
    params = refused.value.params
    assert (refused.value.code, params["file"]) == ("scenario_invalid", path)
    key, reason = FAULTS[change]
    assert params["key"] == key
    assert reason in str(params["reason"])


def test_fewer_counters_still_serve_everybody() -> None:
    names = {
        count: [each.name for each in changed(counters=count).counters] for count in (2, 4, 6, 8)
    }
    assert names == {
        2: ["4", "5"],
        4: ["3", "4", "5", "6"],
        6: ["1", "2", "3", "4", "5", "6"],
        8: ["1", "2", "3", "4", "5", "6", "7", "8"],
    }
    eight = changed(counters=8).counters
    assert eight[6].skills == eight[4].skills
    assert eight[7].skills == eight[3].skills
    three = changed(counters=3).model_copy(
        update={"counters": (DEFAULT.counters[0], DEFAULT.counters[1], DEFAULT.counters[5])}
    )
    with pytest.raises(KioskError) as refused:
        varied(three, Variant(name="one", counters=1))
    assert refused.value.code == "variant_counters_too_few"
    assert refused.value.params["least"] == 2


def test_lunch_moves_in_waves() -> None:
    half_past = changed(lunch_start=12 * 60 + 30, lunch_minutes=45)
    lunches = {(each.start, each.minutes) for of in half_past.counters for each in of.breaks}
    assert lunches == {(750, 45), (795, 45)}
    with pytest.raises(KioskError) as refused:
        changed(lunch_start=16 * 60 + 50)
    assert refused.value.code == "variant_invalid"


@given(wanted=st.floats(0.01, 0.6))
def test_diversion_comes_out_as_wanted(wanted: float) -> None:
    assert expected(changed(diversion=wanted)).diverted == pytest.approx(wanted, abs=1e-9)


def test_more_than_e_channels_can_do_is_refused() -> None:
    with pytest.raises(KioskError) as refused:
        changed(diversion=0.7)
    assert refused.value.code == "variant_diverts_too_much"
    assert refused.value.params["most"] == "61.5%"


def test_single_services_can_be_accepted_otherwise() -> None:
    nobody = changed(acceptance={each.code: 0.0 for each in DEFAULT.services if each.channel})
    assert expected(nobody).diverted == 0
    assert changed(walk_ins=1.2).walk_ins == pytest.approx(1.2 * DEFAULT.walk_ins)


def changed(**what: object) -> Scenario:
    return varied(DEFAULT, Variant.model_validate({"name": "changed", **what}))


def test_every_key_is_explained() -> None:
    text = resource("docs/scenario.md").read_text(encoding="utf-8")
    models: list[type[Part]] = [Scenario, Arrivals, Service, Counter, Devices, Customers, Tellers]
    models += [PeakDays, Variant]
    for model in models:
        for key in model.model_fields:
            assert f"`{key}`" in text or f"\n{key} = " in text, (model.__name__, key)
