"""What a branch means to reach, as a release brings it to the terminals."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kiosk.services.staff_roster import StaffNumber

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
PERIOD_PATTERN: Final = r"^20[0-9]{2}(-(Q[1-4]|0[1-9]|1[0-2]))?$"
"""A year, `2026`; a quarter, `2026-Q4`; or a month, `2026-11`."""
Period = Annotated[str, StringConstraints(pattern=PERIOD_PATTERN)]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]


class Metric(StrEnum):
    """What a target is about."""

    SIGNED = "signed"
    TAUGHT = "taught"
    USED = "used"
    COMPLETED = "completed"
    """Diversions."""
    PROVEN = "proven"
    """Of them, those that the channel's journal has; of a branch, for a journal knows nobody."""
    FOLLOW_UPS = "follow_ups"
    APPROACHED = "approached"
    ACCOUNTS = "accounts"
    """As the core system counts them; from here on no event says them, and somebody has to."""
    TURNOVER = "turnover"
    FEE_INCOME = "fee_income"


BY_HAND: Final = (Metric.ACCOUNTS, Metric.TURNOVER, Metric.FEE_INCOME)
"""No event counts them: their actuals are imported."""
BY_PRODUCT: Final = (Metric.SIGNED, Metric.TAUGHT, Metric.USED, *BY_HAND)
"""A target for one of them may be for one product only."""
OF_MONEY: Final = (Metric.TURNOVER, Metric.FEE_INCOME)


class Unit(StrEnum):
    """What a value counts; an actual in another unit is refused, never converted."""

    COUNT = "count"
    FEN = "fen"
    """Minor units of money."""
    YUAN = "yuan"
    TEN_THOUSAND_YUAN = "ten_thousand_yuan"
    MILLION_YUAN = "million_yuan"
    HUNDRED_MILLION_YUAN = "hundred_million_yuan"
    BILLION_YUAN = "billion_yuan"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: Metric
    product: Code | None = None
    """None: all of them."""
    staff: StaffNumber | None = None
    """None: the whole branch."""
    period: Period
    unit: Unit
    value: Amount

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is about; a target and its actual share one."""
        return (self.metric.value, self.product or "", self.staff or "", self.period)

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.product is not None and self.metric not in BY_PRODUCT:
            raise ValueError(f"{self.metric} has no product")
        if self.staff is not None and self.metric is Metric.PROVEN:
            raise ValueError(f"{self.metric} is nobody's")
        if (self.unit is not Unit.COUNT) is not (self.metric in OF_MONEY):
            raise ValueError(f"{self.metric} is not counted in {self.unit}")
        if self.unit is Unit.COUNT and self.value != self.value.to_integral_value():
            raise ValueError(f"{self.value} is not a whole number")
        return self


class Target(_Entry):
    """What is to be reached in one period."""

    value: Annotated[Amount, Field(gt=0)]


class Actual(_Entry):
    """What was reached, where no event counts it."""

    value: Annotated[Amount, Field(ge=0)]

    @model_validator(mode="after")
    def _not_counted(self) -> Self:
        if self.metric not in BY_HAND:
            raise ValueError(f"{self.metric} is counted from what is recorded")
        return self


class TargetList(BaseModel):
    """All that is aimed at, and what was reached of what no event counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    targets: tuple[Target, ...] = ()
    actuals: tuple[Actual, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for noun, entries in (("target", self.targets), ("actual", self.actuals)):
            for key, times in Counter(each.key for each in entries).items():
                if times > 1:
                    raise ValueError(f"{' '.join(filter(None, key))} has more than one {noun}")
        return self

    @model_validator(mode="after")
    def _same_units(self) -> Self:
        units = {each.key: each.unit for each in self.targets}
        for actual in self.actuals:
            if (unit := units.get(actual.key, actual.unit)) is not actual.unit:
                told = f"an actual in {actual.unit} for a target in {unit}; units are not converted"
                raise ValueError(f"{' '.join(filter(None, actual.key))}: {told}")
        return self

    def actual_of(self, target: Target) -> Actual | None:
        """What was reached of a target, as far as somebody has said so."""
        return next((each for each in self.actuals if each.key == target.key), None)


def to_toml(listed: TargetList) -> str:
    """The list as it is published; `TargetList` reads it back."""
    return "".join(_blocks(listed))


def _blocks(listed: TargetList) -> Iterator[str]:
    """Whatever stands in quotes is a code or a number: nothing in it needs to be escaped."""
    for section, entries in (("targets", listed.targets), ("actuals", listed.actuals)):
        for entry in entries:
            values = entry.model_dump(mode="json", exclude_none=True)
            yield f"[[{section}]]\n"
            yield from (f'{name} = "{value}"\n' for name, value in values.items())
            yield "\n"
