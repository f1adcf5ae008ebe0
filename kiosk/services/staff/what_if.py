"""What somebody sets in "What if": one thing after the other, each as far as it can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError
from kiosk.services.simulation.scenario import PlannedBreak, Scenario, Variant
from kiosk.services.simulation.scenario_file import default_scenario, read_scenario
from kiosk.services.simulation.variants import expected, varied

OWN_SCENARIO: Final = "scenario.toml"
"""In the data folder: the branch's own, as `kiosk simulate fit` writes it."""
DIVERSION, COUNTERS, LUNCH_START, LUNCH_MINUTES = (
    "diversion", "counters", "lunch_start", "lunch_minutes",
)  # fmt: skip
_NAME: Final = "What if"
"""No screen shows it."""
_QUARTER: Final = 15.0
_MOST_MORE: Final = 6
"""Counters beside those that there are."""
_LONGEST_LUNCH: Final = 120.0


@dataclass(frozen=True)
class Basis:
    """What is varied."""

    scenario: Scenario
    """Without variants."""
    is_own: bool
    """Whether it is the branch's; else the one that ships with the program."""


def basis(data_folder: Path) -> Basis:
    """The branch's own scenario, where there is one.

    Raises:
        KioskError: `scenario_invalid`.
    """
    own = data_folder / OWN_SCENARIO
    found = read_scenario(own) if own.exists() else default_scenario()
    return Basis(found.model_copy(update={"variants": ()}), own.exists())


@dataclass(frozen=True)
class Dial:
    """Something that can be set."""

    code: str
    """One of those above, or a service's."""
    value: float
    least: float
    most: float
    step: float

    @property
    def share(self) -> float:
        """How far it is from the least to the most; a branch may have it beyond either."""
        return min(1.0, max(0.0, (self.value - self.least) / (self.most - self.least)))

    def at(self, share: float) -> float:
        """The value at such a share of the way, on a step."""
        steps = round(share * (self.most - self.least) / self.step)
        return self.least + steps * self.step


@dataclass(frozen=True)
class Setting:
    """What is different from the basis."""

    base: Scenario
    counters: int
    acceptance: Mapping[str, float] = field(default_factory=dict)
    """Of those services that were set, alone or together."""
    lunch_start: float | None = None
    lunch_minutes: float | None = None

    @classmethod
    def of(cls, base: Scenario) -> "Setting":
        """Nothing is different yet."""
        return cls(base, len(base.counters))

    def variant(self) -> Variant:
        """As the simulation knows it."""
        return Variant(
            name=_NAME,
            acceptance=self.acceptance,
            counters=self.counters,
            lunch_start=self.lunch_start,
            lunch_minutes=self.lunch_minutes,
        )

    def scenario(self) -> Scenario:
        """The branch as it is set.

        Raises:
            KioskError: It can't be.
        """
        return varied(self.base, self.variant())

    def compared(self) -> Scenario:
        """The basis, with what is set as its one variant."""
        return self.base.model_copy(update={"variants": (self.variant(),)})

    def dials(self) -> list[Dial]:
        """What concerns the whole branch."""
        now = self.scenario()
        most = int(100 * expected(_everybody_goes(self.base)).diverted)
        count = len(self.base.counters)
        found = [Dial(COUNTERS, len(now.counters), 1, count + _MOST_MORE, 1)]
        if most > 0:
            found.insert(0, Dial(DIVERSION, round(100 * expected(now).diverted), 0, most, 1))
        if (lunch := _lunch(now)) is not None:
            last = self.base.closes - _QUARTER
            found += [
                Dial(LUNCH_START, lunch.start, self.base.opens, last, _QUARTER),
                Dial(LUNCH_MINUTES, lunch.minutes, _QUARTER, _LONGEST_LUNCH, _QUARTER),
            ]
        return found

    def dials_of_services(self) -> list[Dial]:
        """How many go to the e-channel, of those whom it can serve; for each service."""
        now = self.scenario()
        return [
            Dial(each.code, round(100 * each.acceptance), 0, 100, 5)
            for each in now.services
            if each.channel is not None
        ]

    def moved(self, dial: Dial, value: float) -> "Setting":
        """With one thing at another value.

        Raises:
            KioskError: `what_if_limit`: it can't be.
        """
        if not dial.least <= value <= dial.most:
            raise KioskError("what_if_limit")
        try:
            found = self._moved(dial, value)
            found.scenario()
        except KioskError as error:
            raise KioskError("what_if_limit") from error
        return found

    def _moved(self, dial: Dial, value: float) -> "Setting":
        match dial.code:
            case "counters":
                return replace(self, counters=int(value))
            case "lunch_start":
                return replace(self, lunch_start=value)
            case "lunch_minutes":
                return replace(self, lunch_minutes=value)
            case "diversion":
                return replace(self, acceptance=self._diverting(value / 100))
        return replace(self, acceptance={**self.acceptance, dial.code: value / 100})

    def _diverting(self, share: float) -> dict[str, float]:
        """All acceptances up or down together."""
        now = self.scenario()
        start = now if expected(now).diverted else self.base
        set_so = varied(start, Variant(name=_NAME, diversion=share))
        return {each.code: each.acceptance for each in set_so.services if each.channel}


def _everybody_goes(scenario: Scenario) -> Scenario:
    services = tuple(
        each.model_copy(update={"acceptance": 1.0 if each.acceptance else 0.0})
        for each in scenario.services
    )
    return scenario.model_copy(update={"services": services})


def _lunch(scenario: Scenario) -> PlannedBreak | None:
    """The first wave's; lunch is a counter's longest break."""
    found = [
        max(each.breaks, key=lambda planned: planned.minutes)
        for each in scenario.counters
        if each.breaks
    ]
    return min(found, key=lambda each: each.start, default=None)
