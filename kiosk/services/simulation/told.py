"""A comparison as lines of JSON: how far it is, then all of it, or why not.

So a program that started `kiosk simulate --json` can show how far it is, and need not simulate in
its own process.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from kiosk.errors import KioskError
from kiosk.services.simulation.comparison import Changes, Comparison
from kiosk.services.simulation.measures import Measures


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True)


class Progress(_Line):
    """So many days of so many are over."""

    says: Literal["progress"] = "progress"
    done: int
    of: int


class ToldOutcome(_Line):
    """What came of one variant."""

    name: str
    usual: Measures
    peak: Measures | None
    usual_change: Changes | None
    peak_change: Changes | None


class Told(_Line):
    """What came of all of them, the scenario itself first."""

    says: Literal["result"] = "result"
    days: int
    seed: int
    outcomes: tuple[ToldOutcome, ...]


class Refused(_Line):
    """Why nothing comes."""

    says: Literal["refused"] = "refused"
    code: str
    params: dict[str, str]

    def error(self) -> KioskError:
        """As it was raised."""
        return KioskError(self.code, **self.params)


_LINE: TypeAdapter[Progress | Told | Refused] = TypeAdapter(
    Annotated[Progress | Told | Refused, Field(discriminator="says")]
)


def told(found: Comparison) -> Told:
    """What is told of a comparison."""
    return Told(
        days=found.days,
        seed=found.seed,
        outcomes=tuple(
            ToldOutcome(
                name=each.scenario.name,
                usual=each.usual,
                peak=each.peak,
                usual_change=each.usual_change,
                peak_change=each.peak_change,
            )
            for each in found.outcomes
        ),
    )


def refused(error: KioskError) -> Refused:
    """What is told of an error."""
    return Refused(code=error.code, params={key: str(each) for key, each in error.params.items()})


def line_of(each: Progress | Told | Refused) -> str:
    """As a line, without its end."""
    return json.dumps(each.model_dump(mode="json"), ensure_ascii=False)


def read_line(line: bytes) -> Progress | Told | Refused:
    """A line as it was meant.

    Raises:
        ValueError: It is none of these.
    """
    return _LINE.validate_json(line)
