"""From what the customer came for to an honest choice: pure functions over the catalog."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from kiosk.services.catalog import Catalog, Fee, Question, Route, Service

YES, NO = "yes", "no"
MOST_QUESTIONS = 2
"""Nobody is asked more before they see a choice."""


class CounterBecause(StrEnum):
    """Why no channel stands beside the counter."""

    CANNOT_MOVE = "cannot_move"
    """The service needs a person."""
    NO_PERSUASION = "no_persuasion"
    """60+ or large type: ticket first."""
    NO_CHANNEL_NOW = "no_channel_now"
    """None fits the answers, the hour or the channels that are up."""


@dataclass(frozen=True)
class Circumstances:
    """What else decides, beside the customer's answers."""

    local_time: time
    channels_down: Collection[str] = ()
    no_persuasion: bool = False


@dataclass(frozen=True)
class Ask:
    """A question whose answer changes the route."""

    question: Question


@dataclass(frozen=True)
class Offer:
    """A channel that the customer can use now, to be shown beside the counter."""

    route: Route
    fee: Fee
    counter_fee: Fee | None


@dataclass(frozen=True)
class Counter:
    """The counter alone."""

    because: CounterBecause


def decide(
    catalog: Catalog, service_code: str, answers: Mapping[str, str], now: Circumstances
) -> Ask | Offer | Counter:
    """What to show next.

    Args:
        catalog: What the bank offers.
        service_code: What the customer came for; must be in the catalog.
        answers: Question code → answer code so far: `yes`, `no`, or an amount band.
        now: The hour, the channels that are down, whether persuasion is out of the question.
    """
    service = catalog.service(service_code)
    if not catalog.routes_of(service_code):
        return Counter(CounterBecause.CANNOT_MOVE)
    if now.no_persuasion:
        return Counter(CounterBecause.NO_PERSUASION)
    if len(answers) < MOST_QUESTIONS and (question := _deciding(catalog, service, answers, now)):
        return Ask(question)
    route = best_route(catalog, service, answers, now)
    if route is None:
        return Counter(CounterBecause.NO_CHANNEL_NOW)
    band = answers.get("amount")
    return Offer(route, catalog.route_fee(route, band), catalog.counter_fee(service_code, band))


def best_route(
    catalog: Catalog, service: Service, answers: Mapping[str, str], now: Circumstances
) -> Route | None:
    """The first channel that is usable; what was not asked counts as met, and the card shows it."""
    for route in catalog.routes_of(service.code):
        if _is_usable(service, route, answers, now):
            return route
    return None


def _is_usable(
    service: Service, route: Route, answers: Mapping[str, str], now: Circumstances
) -> bool:
    return (
        route.channel not in now.channels_down
        and _is_open(route, now.local_time)
        and all(answers.get(need, YES) == YES for need in route.needs)
        and all(answers.get(code, NO) == NO for code in route.not_for)
        and _amount_fits(service, route, answers.get("amount"))
    )


def _is_open(route: Route, local_time: time) -> bool:
    hours = route.hours
    return hours is None or hours.opens <= local_time < hours.closes


def _amount_fits(service: Service, route: Route, band_code: str | None) -> bool:
    if band_code is None or route.max_amount is None:
        return True
    band = next(band for band in service.amount_bands if band.code == band_code)
    return band.up_to is not None and band.up_to <= route.max_amount


def _answers_to(service: Service, question: Question) -> tuple[str, ...]:
    if question.kind == "amount":
        return tuple(band.code for band in service.amount_bands)
    return (YES, NO)


def _deciding(
    catalog: Catalog, service: Service, answers: Mapping[str, str], now: Circumstances
) -> Question | None:
    """The first open question whose answers lead to different routes."""
    for code in service.questions:
        if code in answers:
            continue
        question = catalog.question(code)
        outcomes = {
            best_route(catalog, service, {**answers, code: answer}, now)
            for answer in _answers_to(service, question)
        }
        if len(outcomes) > 1:
            return question
    return None
