"""From what the customer came for to an honest choice: pure functions over the catalog."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from kiosk.services.catalog import Catalog, Question, Route, Service
from kiosk.services.catalog_parts import Fee

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
    may_ask = max(0, MOST_QUESTIONS - len(answers))
    route = best_route(catalog, service, answers, now, may_ask)
    if route is None:
        return Counter(CounterBecause.NO_CHANNEL_NOW)
    if may_ask and (unknown := _open_questions(catalog, service, route, answers)):
        if len(unknown) > may_ask:  # then those that the route can't do without
            unknown = [each for each in unknown if each.code not in service.bring] or unknown
        return Ask(unknown[0])
    band = answers.get("amount")
    return Offer(route, catalog.route_fee(route, band), catalog.counter_fee(service_code, band))


def best_route(
    catalog: Catalog,
    service: Service,
    answers: Mapping[str, str],
    now: Circumstances,
    may_ask: int = 0,
) -> Route | None:
    """The first route that nothing closes and whose open questions can still be asked.

    What the service has a question for is never taken for granted, unless the counter asks for the
    same thing: who has no card with them is no better off there. Everything else that a route
    needs stands on its card.

    Args:
        catalog: What the bank offers.
        service: What the customer came for.
        answers: As for `decide`.
        now: As for `decide`.
        may_ask: How many questions may still be asked.
    """
    for route in catalog.routes_of(service.code):
        is_open = _is_usable(service, route, answers, now)
        unknown = _open_questions(catalog, service, route, answers) if is_open else []
        if is_open and sum(each.code not in service.bring for each in unknown) <= may_ask:
            return route
    return None


def _is_usable(
    service: Service, route: Route, answers: Mapping[str, str], now: Circumstances
) -> bool:
    """Whether neither the hour nor an answer nor an outage closes a route."""
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


def _open_questions(
    catalog: Catalog, service: Service, route: Route, answers: Mapping[str, str]
) -> list[Question]:
    """The questions that can still close a route, in the service's order."""
    questions = [catalog.question(code) for code in service.questions if code not in answers]
    return [each for each in questions if _decides(service, route, each)]


def _decides(service: Service, route: Route, question: Question) -> bool:
    if question.kind == "amount":
        return any(not _amount_fits(service, route, band.code) for band in service.amount_bands)
    return question.code in route.needs or question.code in route.not_for
