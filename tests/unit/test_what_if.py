"""What can be set in What if: each thing as far as it can be, and nothing else with it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.errors import KioskError
from kiosk.services.simulation.scenario import Scenario
from kiosk.services.simulation.scenario_file import default_scenario
from kiosk.services.simulation.variants import expected
from kiosk.services.staff.what_if import (
    COUNTERS,
    DIVERSION,
    LUNCH_MINUTES,
    LUNCH_START,
    Dial,
    Setting,
)

BASE = default_scenario()


def dial(setting: Setting, code: str) -> Dial:
    found = [*setting.dials(), *setting.dials_of_services()]
    return next(each for each in found if each.code == code)


def moved(setting: Setting, code: str, value: float) -> Setting:
    return setting.moved(dial(setting, code), value)


def values(setting: Setting) -> dict[str, float]:
    return {each.code: each.value for each in setting.dials()}


@settings(max_examples=20)
@given(st.lists(st.integers(0, 61), min_size=1, max_size=4))
def test_diversion_comes_to_what_was_set_from_wherever(shares: list[int]) -> None:
    setting = Setting.of(BASE)
    for share in shares:
        setting = moved(setting, DIVERSION, share)
        assert expected(setting.scenario()).diverted == pytest.approx(share / 100)


def test_one_thing_changes_nothing_else() -> None:
    setting = Setting.of(BASE)
    before = values(setting)
    for code, value in ((COUNTERS, 7), (LUNCH_START, 12 * 60), (LUNCH_MINUTES, 45)):
        assert values(moved(setting, code, value)) == before | {code: value}


def test_a_service_alone_is_what_was_set_and_counts_in_the_whole() -> None:
    setting = moved(Setting.of(BASE), "transfer", 0)
    assert dial(setting, "transfer").value == 0
    assert dial(setting, "bill").value == dial(Setting.of(BASE), "bill").value
    assert values(setting)[DIVERSION] < values(Setting.of(BASE))[DIVERSION]


@pytest.mark.parametrize(
    ("code", "value"),
    [(COUNTERS, 0), (COUNTERS, 99), (DIVERSION, 62), (LUNCH_START, 60), (LUNCH_MINUTES, 0),
     ("transfer", 101), (LUNCH_START, 16.9 * 60)],
)  # fmt: skip
def test_nothing_goes_further_than_it_can(code: str, value: float) -> None:
    with pytest.raises(KioskError) as refused:
        moved(Setting.of(BASE), code, value)
    assert refused.value.code == "what_if_limit"


def test_a_track_leads_to_steps() -> None:
    lunch = dial(Setting.of(BASE), LUNCH_START)
    assert lunch.at(0) == lunch.least
    assert lunch.at(1) == lunch.most
    assert {(lunch.at(at / 40) - lunch.least) % lunch.step for at in range(41)} == {0}


def test_a_branch_without_e_channels_and_lunch_has_only_counters() -> None:
    plain: Scenario = BASE.model_copy(
        update={
            "services": tuple(
                each.model_copy(
                    update={"channel": None, "channel_share": 0.0, "acceptance": 0.0,
                            "channel_minutes": 0.0}
                )
                for each in BASE.services
            ),
            "counters": tuple(each.model_copy(update={"breaks": ()}) for each in BASE.counters),
            "devices": (),
        }
    )  # fmt: skip
    setting = Setting.of(plain)
    assert values(setting) == {COUNTERS: 6}
    assert not setting.dials_of_services()
