"""Targets: completion to two decimals, what is due, the forecast, and the units that must agree."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kiosk.services.demos_report import Days
from kiosk.services.percent import percent
from kiosk.services.staff.open_days import OpenDays, days_of
from kiosk.services.staff.targets import Progress, progress, running
from kiosk.services.target_list import Actual, Metric, Target, TargetList, Unit, to_toml

DAY = date(2026, 11, 27)  # a Friday
YEAR_OF_A_BRANCH = (
    # product, metric, unit, target, actual, completion: one bank's year, see docs/staff.md
    ("company_net", Metric.ACCOUNTS, Unit.COUNT, "45", "49", "108.89"),
    ("net", Metric.ACCOUNTS, Unit.COUNT, "2000", "3483", "174.15"),
    ("company_phone", Metric.ACCOUNTS, Unit.COUNT, "20", "22", "110.00"),
    ("phone", Metric.ACCOUNTS, Unit.COUNT, "900", "157", "17.44"),
    ("mobile", Metric.ACCOUNTS, Unit.COUNT, "12", "12", "100.00"),
    ("net", Metric.TURNOVER, Unit.BILLION_YUAN, "5.2", "7.818", "150.35"),
    ("phone", Metric.TURNOVER, Unit.MILLION_YUAN, "60", "65", "108.33"),
    (None, Metric.FEE_INCOME, Unit.TEN_THOUSAND_YUAN, "14", "15.22", "108.71"),
)


def target(value: object = 100, **more: object) -> Target:
    known = {"metric": "signed", "period": "2026-11", "unit": "count", "value": value}
    return Target.model_validate(known | more)


def none_counted(_target: Target, _days: Days) -> int:
    raise AssertionError("no event counts these")


@pytest.mark.parametrize("row", YEAR_OF_A_BRANCH)
def test_the_completion_of_a_year(row: tuple[str | None, Metric, Unit, str, str, str]) -> None:
    product, metric, unit, aimed, reached, completion = row
    about = {"metric": metric, "product": product, "period": "2026", "unit": unit}
    listed = TargetList.model_validate(
        {"targets": [about | {"value": aimed}], "actuals": [about | {"value": reached}]}
    )
    (found,) = progress(listed, none_counted, OpenDays(), DAY)
    assert str(found.completion) == completion


def test_an_actual_in_another_unit_is_refused_never_divided() -> None:
    about = {"metric": "fee_income", "period": "2026"}
    with pytest.raises(ValidationError, match="units are not converted"):
        TargetList.model_validate(
            {
                "targets": [about | {"unit": "ten_thousand_yuan", "value": 14}],
                "actuals": [about | {"unit": "hundred_million_yuan", "value": "15.22"}],
            }
        )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"metric": "approached", "product": "net"}, "has no product"),
        ({"unit": "yuan"}, "is not counted in yuan"),
        ({"metric": "turnover"}, "is not counted in count"),
        ({"value": "1.5"}, "not a whole number"),
        ({"value": 0}, "greater than 0"),
        ({"value": "NaN"}, "finite"),
        ({"period": "2026-13"}, "pattern"),
        ({"period": "2026-Q5"}, "pattern"),
        ({"staff": "not a number!"}, "pattern"),
    ],
)
def test_what_no_target_can_be(more: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        target(**more)


def test_nobody_types_what_is_counted() -> None:
    with pytest.raises(ValidationError, match="counted from what is recorded"):
        Actual.model_validate(target(7).model_dump())


def test_two_targets_for_the_same() -> None:
    with pytest.raises(ValidationError, match="more than one target"):
        TargetList(targets=(target(1), target(2)))
    TargetList(targets=(target(1), target(2, staff="3107"), target(3, product="net")))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_the_days_of_a_period(period: str, first: date, last: date) -> None:
    assert days_of(period) == Days(first, last)


def test_open_days_leave_out_weekdays_and_holidays() -> None:
    workdays = OpenDays(range(5), [date(2026, 11, 11)])
    assert workdays.count(days_of("2026-11")) == 21 - 1
    assert OpenDays().count(days_of("2026-11")) == 30
    assert OpenDays(()).count(days_of("2026-11")) == 0


def test_what_is_due_and_where_it_leads() -> None:
    # 20 of 21 workdays are over on the 27th
    listed = TargetList(targets=(target(210),))
    (found,) = progress(listed, lambda _target, _days: 180, OpenDays(range(5)), DAY)
    assert (found.open_so_far, found.open_days) == (20, 21)
    assert found.due == Decimal("200.00")
    assert found.forecast == Decimal("189.00")
    assert found.forecast_completion == Decimal("90.00")
    assert found.completion == Decimal("85.71")


def test_counted_within_the_period_and_for_whom_it_is() -> None:
    asked: list[tuple[str | None, Days]] = []

    def count(target: Target, days: Days) -> int:
        asked.append((target.staff, days))
        return 1

    listed = TargetList(targets=(target(period="2026-Q3", staff="3107"), target(period="2026")))
    progress(listed, count, OpenDays(), DAY)
    assert asked == [("3107", days_of("2026-Q3")), (None, days_of("2026"))]


def test_before_the_first_open_day_nothing_is_known() -> None:
    (found,) = progress(TargetList(targets=(target(period="2027"),)), lambda *_: 0, OpenDays(), DAY)
    assert (found.open_so_far, found.due) == (0, Decimal("0.00"))
    assert found.forecast is None
    assert found.forecast_completion is None
    never = Progress(target(), Decimal(3), 0, 0)
    assert never.due is None


def test_an_actual_that_nobody_said_is_no_zero() -> None:
    listed = TargetList(targets=(target(metric="turnover", unit="yuan"),))
    (found,) = progress(listed, none_counted, OpenDays(), DAY)
    assert found.actual is None
    assert found.completion is found.forecast is found.forecast_completion is None


def test_the_targets_that_run_today() -> None:
    listed = TargetList(targets=tuple(target(period=each) for each in ("2026", "2026-10")))
    assert [each.period for each in running(listed, DAY).targets] == ["2026"]


def test_half_goes_up_and_an_empty_denominator_is_no_data() -> None:
    assert percent(1, 16) == Decimal("6.25")
    assert percent(1, 800) == Decimal("0.13"), "0.125"
    assert percent(9, 132) == Decimal("6.82")
    assert percent(0, 5) == Decimal("0.00")
    assert percent(3, 0) is None


AMOUNTS = st.decimals(min_value="0.01", max_value=10**9, places=2)


@given(AMOUNTS, AMOUNTS)
def test_a_percentage_is_as_near_as_two_decimals_come(part: Decimal, whole: Decimal) -> None:
    found = percent(part, whole)
    assert found is not None
    assert abs(found * whole - part * 100) * 2 <= Decimal("0.01") * whole


@given(st.lists(st.sampled_from(YEAR_OF_A_BRANCH), unique=True))
def test_what_is_published_is_read_back(
    rows: list[tuple[str, Metric, Unit, str, str, str]],
) -> None:

    entries = [
        {"metric": metric, "product": product, "period": "2026", "unit": unit}
        for product, metric, unit, _, _, _ in rows
    ]
    listed = TargetList.model_validate(
        {
            "targets": [
                entry | {"value": row[3]} for entry, row in zip(entries, rows, strict=True)
            ],
            "actuals": [
                entry | {"value": row[4]} for entry, row in zip(entries, rows, strict=True)
            ],
        }
    )
    assert TargetList.model_validate(tomllib.loads(to_toml(listed))) == listed
