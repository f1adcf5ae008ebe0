"""What a branch means to reach, as a release brings it to the terminals."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Period = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}(-(0[1-9]|1[0-2]))?$")]


class Unit(StrEnum):
    """What a target counts; an actual in another unit is refused, never converted."""

    COUNT = "count"
    FEN = "fen"
    """Minor units of money."""


class Target(BaseModel):
    """One product in one period."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product: Code
    period: Period
    """A year, `2026`, or a month, `2026-11`."""
    unit: Unit
    value: int = Field(gt=0)


class TargetList(BaseModel):
    """All that is aimed at."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> "TargetList":
        keys = [(target.product, target.period) for target in self.targets]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            product, period = twice[0]
            raise ValueError(f"{product} has more than one target for {period}")
        return self
