"""From what a customer came for to an honest choice, for the whole catalog that ships."""

from collections.abc import Iterator
from datetime import time
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import default_catalog

from kiosk.services.catalog import Move, Question, Route
from kiosk.services.triage import (
    MOST_QUESTIONS,
    NO,
    YES,
    Ask,
    Circumstances,
    Counter,
    CounterBecause,
    Offer,
    best_route,
    decide,
)

CATALOG = default_catalog()
CODES = [service.code for service in CATALOG.services]
MOVING = [service.code for service in CATALOG.services if service.move is not Move.NO]
STAYING = [service.code for service in CATALOG.services if service.move is Move.NO]
NOON = Circumstances(time(12, 0))
HOURS = [
    time(0, 0),
    time(8, 29),
    time(8, 30),
    time(12, 0),
    time(16, 29),
    time(16, 30),
    time(23, 59),
]

Answers = dict[str, str]
Way = list[tuple[Answers, Ask | Offer | Counter]]


def answers_to(service: str, question: Question) -> list[str]:
    if question.kind == "amount":
        return [band.code for band in CATALOG.service(service).amount_bands]
    return [YES, NO]


def ways(service: str, now: Circumstances = NOON, answers: Answers | None = None) -> Iterator[Way]:
    """Every way through the questions: what was known, and what came of it, step by step."""
    known = answers or {}
    step = decide(CATALOG, service, known, now)
    if not isinstance(step, Ask):
        yield [(known, step)]
        return
    for answer in answers_to(service, step.question):
        for way in ways(service, now, known | {step.question.code: answer}):
            yield [(known, step), *way]


def ends(service: str, now: Circumstances = NOON) -> Iterator[tuple[Answers, Offer | Counter]]:
    for way in ways(service, now):
        answers, last = way[-1]
        assert not isinstance(last, Ask)
        yield answers, last


def circumstances() -> Iterator[Circumstances]:
    """Every channel down, and every pair, at every hour that matters."""
    channels = [channel.code for channel in CATALOG.channels]
    for down in [(), *combinations(channels, 1), *combinations(channels, 2), tuple(channels)]:
        yield Circumstances(time(12, 0), down)
    for hour in HOURS:
        yield Circumstances(hour)


def key_of(step: Offer | Counter) -> object:
    """What the customer sees of an outcome."""
    return step.route.channel if isinstance(step, Offer) else step.because


# --- every service, every answer --------------------------------------------------------------


@pytest.mark.parametrize("service", CODES)
def test_nobody_is_asked_more_than_twice_and_every_way_ends(service: str) -> None:
    for now in circumstances():
        for way in ways(service, now):
            asked = [step.question.code for _, step in way if isinstance(step, Ask)]
            assert len(asked) == len(way) - 1 <= MOST_QUESTIONS == 2
            assert len(set(asked)) == len(asked)
            assert set(asked) <= set(CATALOG.service(service).questions)


@pytest.mark.parametrize("service", CODES)
def test_every_question_decides_something(service: str) -> None:
    for now in circumstances():
        asked = {
            (tuple(known.items()), step.question.code): step.question
            for way in ways(service, now)
            for known, step in way
            if isinstance(step, Ask)
        }
        for (known, code), question in asked.items():
            outcomes = {
                frozenset(key_of(end) for end in outcome(service, now, dict(known) | {code: each}))
                for each in answers_to(service, question)
            }
            assert len(outcomes) > 1, (service, known, code)


def outcome(service: str, now: Circumstances, answers: Answers) -> Iterator[Offer | Counter]:
    """Everything that may come of these answers, whatever is asked after them."""
    for way in ways(service, now, answers):
        _, last = way[-1]
        assert not isinstance(last, Ask)
        yield last


@pytest.mark.parametrize("service", MOVING)
def test_an_offer_fits_every_answer(service: str) -> None:
    offers = 0
    for now in circumstances():
        for answers, end in ends(service, now):
            if isinstance(end, Counter):
                assert end.because is CounterBecause.NO_CHANNEL_NOW
                continue
            offers += 1
            route = end.route
            assert route.service == service
            assert route.channel not in now.channels_down
            assert not [need for need in route.needs if answers.get(need) == NO]
            assert not [code for code in route.not_for if answers.get(code) == YES]
            assert is_open(route, now.local_time)
            assert fits_amount(route, answers)
    assert offers


def is_open(route: Route, at: time) -> bool:
    return route.hours is None or route.hours.opens <= at < route.hours.closes


def fits_amount(route: Route, answers: Answers) -> bool:
    if "amount" not in answers or route.max_amount is None:
        return True
    bands = {band.code: band.up_to for band in CATALOG.service(route.service).amount_bands}
    up_to = bands[answers["amount"]]
    return up_to is not None and up_to <= route.max_amount


@pytest.mark.parametrize("service", MOVING)
def test_the_best_route_is_offered_of_which_everything_is_known(service: str) -> None:
    """The counter stands alone only where there is none."""
    for now in circumstances():
        for answers, end in ends(service, now):
            known = [
                route
                for route in CATALOG.routes_of(service)
                if is_usable(route, answers, now) and not taken_for_granted(route, answers)
            ]
            best = min(known, key=lambda route: route.rank, default=None)
            assert (end.route if isinstance(end, Offer) else None) == best


@pytest.mark.parametrize("service", MOVING)
def test_what_was_answered_counts_whether_it_was_asked_or_not(service: str) -> None:
    this = CATALOG.service(service)
    questions = [CATALOG.question(code) for code in this.questions]
    for chosen in product(*([None, *answers_to(service, each)] for each in questions)):
        pairs = zip(this.questions, chosen, strict=True)
        answers = {code: answer for code, answer in pairs if answer is not None}
        for may_ask in range(MOST_QUESTIONS + 1):
            reachable = [
                route
                for route in CATALOG.routes_of(service)
                if is_usable(route, answers, NOON)
                and len(taken_for_granted(route, answers)) <= may_ask
            ]
            best = min(reachable, key=lambda route: route.rank, default=None)
            assert best_route(CATALOG, this, answers, NOON, may_ask) == best


def is_usable(route: Route, answers: Answers, now: Circumstances) -> bool:
    """Nothing that is known closes the route."""
    return (
        route.channel not in now.channels_down
        and is_open(route, now.local_time)
        and fits_amount(route, answers)
        and not any(answers.get(need) == NO for need in route.needs)
        and not any(answers.get(code) == YES for code in route.not_for)
    )


def taken_for_granted(route: Route, answers: Answers) -> set[str]:
    """What the service could ask about the route and did not, unless the counter needs it too."""
    service = CATALOG.service(route.service)
    decisive = {*route.needs, *route.not_for, *(["amount"] if route.max_amount else [])}
    return (decisive & set(service.questions)) - set(answers) - set(service.bring)


# --- who is sent where ------------------------------------------------------------------------

EVERYTHING = {"app", "card", "id_card", "in_person", "u_key", "net_bank", "known_pin",
              "local_scheme", "sms_service"}  # fmt: skip
PEOPLE = {
    "with the app": EVERYTHING,
    "without the app": {"card", "id_card", "in_person", "known_pin", "local_scheme"},
    "with an ID card alone": {"id_card", "in_person"},
    "at home on a computer": {"net_bank", "u_key", "in_person"},
}
"""Who comes: what they say yes to; the amount is the last that has a limit."""
SENT = {
    "balance": ("mobile", "atm", None, None),
    "statement": ("mobile", "smart_counter", "smart_counter", "smart_counter"),
    "same_bank_transfer": ("mobile", "smart_counter", "smart_counter", "smart_counter"),
    "cross_bank_transfer": ("mobile", "smart_counter", "smart_counter", "smart_counter"),
    "withdrawal": ("atm", "atm", None, None),
    "deposit": ("atm", "atm", None, None),
    "passbook_update": ("smart_counter",) * 4,
    "utilities": ("mobile", "smart_counter", None, None),
    "phone_top_up": ("mobile", "smart_counter", None, None),
    "social_insurance": ("mobile", "smart_counter", None, None),
    "credit_card_repayment": ("mobile", "atm", None, None),
    "provisional_loss": ("mobile", "smart_counter", "smart_counter", "phone"),
    "formal_loss": ("smart_counter", "smart_counter", "smart_counter", None),
    "pin_change": ("atm", "atm", None, None),
    "unlock": ("smart_counter", "smart_counter", "smart_counter", None),
    "open_account": ("smart_counter", "smart_counter", "smart_counter", None),
    "ebanking_signup": ("smart_counter", "smart_counter", None, None),
    "phone_number_change": ("smart_counter", "smart_counter", "smart_counter", None),
    "id_renewal": ("mobile", "smart_counter", "smart_counter", None),
    "time_deposit": ("mobile", "smart_counter", "smart_counter", "smart_counter"),
    "savings_bonds": ("mobile", None, None, None),
    "wealth": ("mobile", "smart_counter", "smart_counter", "smart_counter"),
    "funds": ("mobile", None, None, None),
    "foreign_exchange": ("mobile", "smart_counter", "smart_counter", "smart_counter"),
    "deposit_certificate": ("smart_counter", "smart_counter", "smart_counter", None),
    "loan": ("mobile", None, None, None),
}
"""Service → where each of these people is sent; None: to the counter at once."""


def sent_to(service: str, says_yes_to: set[str], now: Circumstances = NOON) -> str | None:
    """The channel that is offered to somebody who answers truly."""
    answers: Answers = {}
    while isinstance(step := decide(CATALOG, service, answers, now), Ask):
        code = step.question.code
        if step.question.kind == "amount":
            answers[code] = CATALOG.service(service).amount_bands[-2].code
        else:
            answers[code] = YES if code in says_yes_to else NO
    return step.route.channel if isinstance(step, Offer) else None


@pytest.mark.parametrize("service", MOVING)
def test_people_are_sent_where_they_can_do_it_today(service: str) -> None:
    assert tuple(sent_to(service, yes) for yes in PEOPLE.values()) == SENT[service]


def test_nobody_is_sent_home_while_a_machine_stands_here() -> None:
    """Not the app, which is in the customer's hand; but a computer, a call or a text message."""
    for service in MOVING:
        ranks: dict[bool, list[int]] = {True: [0], False: [99]}
        for route in CATALOG.routes_of(service):
            if route.channel != "mobile":
                ranks[CATALOG.channel(route.channel).in_branch].append(route.rank)
        assert max(ranks[True]) < min(ranks[False]), service


def test_online_banking_is_offered_to_those_alone_who_say_that_they_have_it() -> None:
    down = Circumstances(time(12, 0), ("mobile", "atm", "smart_counter", "phone"))
    for service in MOVING:
        for answers, end in ends(service, down):
            if isinstance(end, Offer) and end.route.channel == "net":
                assert YES in (answers.get("net_bank"), answers.get("u_key"))
    assert sent_to("utilities", {"net_bank"}, down) == "net"


@given(st.data())
def test_whatever_the_catalog_says_an_offer_takes_nothing_for_granted(data: st.DataObject) -> None:
    """Any order of questions, any ranks, any needs, any outage, any customer."""
    this = CATALOG.service(data.draw(st.sampled_from(MOVING)))
    routes = CATALOG.routes_of(this.code)
    yes_no = [each.code for each in CATALOG.questions if each.kind == "yes_no"]
    asked = data.draw(st.lists(st.sampled_from(yes_no), unique=True, max_size=4))
    questions = data.draw(st.permutations(["amount"] * bool(this.amount_bands) + asked))
    ranks = data.draw(st.permutations(range(1, len(routes) + 1)))
    some = st.lists(st.sampled_from(yes_no), max_size=3, unique=True).map(tuple)
    service = this.model_copy(update={"questions": tuple(questions)})
    changed = [
        route.model_copy(update={"rank": rank, "needs": data.draw(some), "not_for": ()})
        for route, rank in zip(routes, ranks, strict=True)
    ]
    others = [route for route in CATALOG.routes if route.service != this.code]
    services = [service if each.code == this.code else each for each in CATALOG.services]
    catalog = CATALOG.model_copy(
        update={"services": tuple(services), "routes": (*others, *changed)}
    )
    channels = [route.channel for route in routes]
    now = Circumstances(time(12, 0), data.draw(st.lists(st.sampled_from(channels), max_size=2)))
    answers: Answers = {}
    while isinstance(step := decide(catalog, this.code, answers, now), Ask):
        assert step.question.code not in answers
        assert len(answers) < MOST_QUESTIONS
        bands = [band.code for band in this.amount_bands]
        is_amount = step.question.kind == "amount"
        answers[step.question.code] = data.draw(st.sampled_from(bands if is_amount else [YES, NO]))
    if isinstance(step, Offer):
        assert is_usable(step.route, answers, now)
        unknown = set(step.route.needs) & set(questions) - set(answers)
        assert unknown <= set(this.bring)


@pytest.mark.parametrize("service", MOVING)
def test_fees_are_those_of_the_amount_that_was_told(service: str) -> None:
    for answers, end in ends(service):
        if isinstance(end, Offer):
            band = answers.get("amount")
            assert end.fee == CATALOG.route_fee(end.route, band)
            assert end.counter_fee == CATALOG.counter_fee(service, band)


# --- who is not persuaded, and what cannot move -----------------------------------------------


@pytest.mark.parametrize("service", CODES)
def test_customers_of_60_and_more_get_a_ticket_without_an_offer_or_a_question(
    service: str,
) -> None:
    now = Circumstances(time(12, 0), no_persuasion=True)
    can_move = CATALOG.service(service).move is not Move.NO
    # why the counter has to do it is told to them as to everybody else
    counter = Counter(CounterBecause.NO_PERSUASION if can_move else CounterBecause.CANNOT_MOVE)
    assert decide(CATALOG, service, {}, now) == counter
    for question in CATALOG.service(service).questions:
        for answer in answers_to(service, CATALOG.question(question)):
            step = decide(CATALOG, service, {question: answer}, now)
            assert step == counter


@pytest.mark.parametrize("service", STAYING)
def test_what_cannot_move_goes_to_the_counter_at_once(service: str) -> None:
    for now in circumstances():
        assert decide(CATALOG, service, {}, now) == Counter(CounterBecause.CANNOT_MOVE)


def test_the_catalog_has_both_kinds() -> None:
    assert len(STAYING) >= 5
    assert len(MOVING) >= 20


# --- channels, hours, amounts -----------------------------------------------------------------


@pytest.mark.parametrize("service", MOVING)
def test_when_a_channel_is_down_the_next_stands_in(service: str) -> None:
    routes = CATALOG.routes_of(service)
    for number in range(len(routes) + 1):
        down = Circumstances(time(12, 0), [route.channel for route in routes[:number]])
        found = best_route(CATALOG, CATALOG.service(service), {}, down, may_ask=4)
        assert found == (routes[number] if number < len(routes) else None)


def test_with_every_channel_down_nobody_is_asked_anything() -> None:
    down = [channel.code for channel in CATALOG.channels]
    for service in MOVING:
        step = decide(CATALOG, service, {}, Circumstances(time(12, 0), down))
        assert step == Counter(CounterBecause.NO_CHANNEL_NOW)


@pytest.mark.parametrize(
    ("hour", "is_offered"),
    [
        (time(8, 29, 59), False),
        (time(8, 30), True),
        (time(16, 29, 59), True),
        (time(16, 30), False),
        (time(0, 0), False),
    ],
)
def test_savings_bonds_are_sold_while_the_market_is_open(hour: time, is_offered: bool) -> None:
    offers = [
        end for _, end in ends("savings_bonds", Circumstances(hour)) if isinstance(end, Offer)
    ]
    assert bool(offers) is is_offered


@pytest.mark.parametrize(
    ("band", "limit"),
    [
        ("upto_2k", 200_000),
        ("upto_5k", 500_000),
        ("upto_10k", 1_000_000),
        ("upto_50k", 5_000_000),
        ("over_50k", None),
    ],
)
def test_no_route_is_offered_for_more_than_it_takes(band: str, limit: int | None) -> None:
    service = CATALOG.service("cross_bank_transfer")
    assert {each.code: each.up_to for each in service.amount_bands}[band] == limit
    for route in CATALOG.routes_of(service.code):
        down = [each.code for each in CATALOG.channels if each.code != route.channel]
        now = Circumstances(time(12, 0), down)
        found = best_route(CATALOG, service, {"amount": band}, now, may_ask=2)
        takes = route.max_amount is None or (limit is not None and limit <= route.max_amount)
        assert found == (route if takes else None)


def test_a_limit_between_two_bands_sends_the_larger_one_elsewhere() -> None:
    """Every limit of the default catalog is that of its last band but one."""
    less = tuple(
        route.model_copy(update={"max_amount": 500_000}) if route.channel == "mobile" else route
        for route in CATALOG.routes
    )
    catalog = CATALOG.model_copy(update={"routes": less})
    service = catalog.service("cross_bank_transfer")
    found = {
        band.code: route.channel
        for band in service.amount_bands
        if (route := best_route(catalog, service, {"amount": band.code}, NOON, may_ask=1))
    }
    assert found == {
        "upto_2k": "mobile",
        "upto_5k": "mobile",
        "upto_10k": "smart_counter",
        "upto_50k": "smart_counter",
        "over_50k": "net",
    }


def test_3000_yuan_to_another_bank_with_the_app() -> None:
    step = decide(CATALOG, "cross_bank_transfer", {}, NOON)
    assert isinstance(step, Ask)
    assert step.question.code == "amount"
    step = decide(CATALOG, "cross_bank_transfer", {"amount": "upto_5k"}, NOON)
    assert isinstance(step, Ask)
    assert step.question.code == "app"
    step = decide(CATALOG, "cross_bank_transfer", {"amount": "upto_5k", "app": YES}, NOON)
    assert isinstance(step, Offer)
    assert step.route.channel == "mobile"
    assert (step.fee.low, step.fee.high) == (0, 0)
    assert step.counter_fee is not None
    assert (step.counter_fee.low, step.counter_fee.high) == (500, 500)


def test_3000_yuan_to_another_bank_without_the_app() -> None:
    step = decide(CATALOG, "cross_bank_transfer", {"amount": "upto_5k", "app": NO}, NOON)
    assert isinstance(step, Offer)
    assert step.route.channel == "smart_counter"


def test_answers_to_what_was_not_asked_do_no_harm() -> None:
    step = decide(CATALOG, "balance", {"on_paper": YES}, NOON)
    assert isinstance(step, Ask | Offer)


def test_an_unknown_service_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        decide(CATALOG, "nonsense", {}, NOON)
