"""One thing changed at a time, and what diversion can be expected to do."""

from dataclasses import dataclass

from pydantic import ValidationError

from kiosk.errors import KioskError
from kiosk.services.simulation.scenario import (
    Counter,
    PlannedBreak,
    Scenario,
    Service,
    Variant,
    stays,
)
from kiosk.services.simulation.scenario_file import first_problem

_CLOSE_ENOUGH = 1e-12


@dataclass(frozen=True)
class Expected:
    """What a usual day brings on average, by the scenario's numbers alone."""

    diverted: float
    """Share of the walk-ins who leave without a ticket."""
    work: float
    """Minutes at the counters, for each walk-in."""
    load: float
    """Work over the time that counters are open; less comes of it where people leave in silence."""


def expected(scenario: Scenario) -> Expected:
    """Diversion and work, tickets whose customer is gone at once included."""
    diverted = work = 0.0
    customers = scenario.customers
    for service in scenario.services:
        away = _away(scenario, service, service.acceptance)
        diverted += service.share * away
        gone = customers.no_show_at_once
        ticket = (1 - gone) * (service.minutes + customers.call_gap)
        work += service.share * (1 - away) * (ticket + gone * customers.no_show_minutes)
    return Expected(diverted, work, scenario.walk_ins * work / counter_minutes(scenario))


def counter_minutes(scenario: Scenario) -> float:
    """How long counters are open, all of them together, until the branch closes."""
    return sum(open_minutes(each, scenario) for each in scenario.counters)


def open_minutes(counter: Counter, scenario: Scenario) -> float:
    """How long a counter is open, without its breaks, until the branch closes."""
    opens = scenario.opens if counter.opens is None else max(scenario.opens, counter.opens)
    closes = scenario.closes if stays(counter, scenario) else counter.closes or scenario.closes
    return closes - opens - sum(min(each.minutes, closes - each.start) for each in counter.breaks)


def variants_of(scenario: Scenario) -> tuple[Scenario, ...]:
    """What is compared: the scenario itself, then each variant.

    Raises:
        KioskError: As `varied`.
    """
    base = scenario.model_copy(update={"variants": ()})
    return (base, *(varied(base, each) for each in scenario.variants))


def varied(scenario: Scenario, variant: Variant) -> Scenario:
    """The scenario with what a variant changes, and its name.

    Raises:
        KioskError: `variant_diverts_too_much`, `variant_counters_too_few`, or `variant_invalid`.
    """
    changed = scenario.model_copy(
        update={
            "name": variant.name,
            "walk_ins": scenario.walk_ins * variant.walk_ins,
            "services": tuple(
                each.model_copy(
                    update={"acceptance": variant.acceptance.get(each.code, each.acceptance)}
                )
                for each in scenario.services
            ),
            "variants": (),
        }
    )
    if variant.diversion is not None:
        changed = _diverting(changed, variant.diversion)
    if variant.counters is not None:
        changed = _with_counters(changed, variant.counters)
    lunches = tuple(_lunch(each, variant, changed) for each in changed.counters)
    return _checked(changed.model_copy(update={"counters": lunches}))


def _checked(scenario: Scenario) -> Scenario:
    """A lunch may have moved to where it can't be."""
    try:
        return Scenario.model_validate(scenario.model_dump())
    except ValidationError as error:
        key, reason = first_problem(error, {})
        raise KioskError(
            "variant_invalid", variant=scenario.name, key=key, reason=reason
        ) from error


# --- diversion --------------------------------------------------------------------------------


def _away(scenario: Scenario, service: Service, acceptance: float) -> float:
    """The share of those who come for a service that leave without a ticket."""
    customers = scenario.customers
    ahead = customers.priority_share
    relative = 1 - ahead + ahead * customers.priority_acceptance
    return service.channel_share * acceptance * relative * (1 - customers.come_back)


def _diverting(scenario: Scenario, wanted: float) -> Scenario:
    """All acceptances times one factor, none above 1, so that so many are diverted."""

    def scaled(factor: float) -> Scenario:
        services = tuple(
            each.model_copy(update={"acceptance": min(1.0, factor * each.acceptance)})
            for each in scenario.services
        )
        return scenario.model_copy(update={"services": services})

    accepting = [each.acceptance for each in scenario.services if each.acceptance]
    high = 1 / min(accepting, default=1.0)
    most = expected(scaled(high)).diverted
    if wanted > most + _CLOSE_ENOUGH:
        raise KioskError("variant_diverts_too_much", variant=scenario.name, most=f"{most:.1%}")
    low = 0.0
    while high - low > _CLOSE_ENOUGH * high:
        middle = (low + high) / 2
        if expected(scaled(middle)).diverted < wanted:
            low = middle
        else:
            high = middle
    return scaled(high)


# --- counters ---------------------------------------------------------------------------------


def _with_counters(scenario: Scenario, count: int) -> Scenario:
    """Fewer: whoever can do least stays away; more: as those who can do most."""
    counters = list(scenario.counters)
    while len(counters) > count:
        spare = [each for each in counters if _is_spare(each, counters, scenario)]
        if not spare:
            raise KioskError("variant_counters_too_few", variant=scenario.name, least=len(counters))
        # of equals the last
        counters.remove(min(reversed(spare), key=lambda each: len(each.skills)))
    models = sorted(scenario.counters, key=lambda each: -len(each.skills))
    names = {each.name for each in counters}
    number = 0
    while len(counters) < count:
        number += 1
        if str(number) not in names:
            model = models[(len(counters) - len(models)) % len(models)]
            counters.append(model.model_copy(update={"name": str(number)}))
    return scenario.model_copy(update={"counters": tuple(counters)})


def _is_spare(counter: Counter, counters: list[Counter], scenario: Scenario) -> bool:
    """Whether every service can still be served until closing without a counter."""
    others = [each for each in counters if each is not counter and stays(each, scenario)]
    return {skill for each in others for skill in each.skills} >= set(scenario.groups)


def _lunch(counter: Counter, variant: Variant, scenario: Scenario) -> Counter:
    """A counter with its longest break at another time, or of another length."""
    if not counter.breaks or (variant.lunch_start is None and variant.lunch_minutes is None):
        return counter
    lunch = _longest(counter)
    first = min(_longest(each).start for each in scenario.counters if each.breaks)
    minutes = variant.lunch_minutes or lunch.minutes
    start = first if variant.lunch_start is None else variant.lunch_start
    moved = PlannedBreak(
        start=start + round((lunch.start - first) * minutes / lunch.minutes), minutes=minutes
    )
    breaks = sorted(
        (moved, *(each for each in counter.breaks if each is not lunch)),
        key=lambda each: each.start,
    )
    return counter.model_copy(update={"breaks": tuple(breaks)})


def _longest(counter: Counter) -> PlannedBreak:
    return max(counter.breaks, key=lambda each: each.minutes)
