"""What is wrong with a demo that only its whole script shows, or the catalog beside it.

Keys are those below the demo's own: `screens.menu.options[1].next`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from kiosk.services.catalog import MAX_AMOUNT, AmountBand, Catalog, Route
from kiosk.services.catalog_parts import LANGUAGES, LocalizedText, nearest
from kiosk.services.catalog_tables import Found
from kiosk.services.demo.room import room_problems
from kiosk.services.demo.script import (
    MAX_DEMOS_OF_A_GROUP,
    ChooseScreen,
    ConfirmScreen,
    Demo,
    EnterScreen,
    ResultScreen,
    Screen,
    leads_to,
)

AMOUNT, CAPITALS, FEE, LIMIT = "amount", "capitals", "fee", "limit"
PLACEHOLDERS = (AMOUNT, CAPITALS, FEE, LIMIT)
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[ -](?=\d)")
_MAX_DIGITS_IN_A_ROW = 10
"""A mobile number has 11 digits, a card 16 to 19."""
_SACRED = ("payee", "account", AMOUNT, CAPITALS, FEE)
"""What is confirmed before money goes to somebody."""


def demo_problems(demo: Demo, catalog: Catalog | None) -> list[tuple[str, str]]:
    """What is wrong with a demo: keys and reasons.

    Args:
        demo: One whose every value is good in itself.
        catalog: None: not known, as it is wrong itself.
    """
    found = _script_problems(demo)
    if catalog is None:
        return found
    route = _route_of(demo, catalog)
    if demo.service is not None and route is None:
        return [*found, ("channel", _no_route(demo, demo.service, catalog))]
    return [
        *found,
        *_cost_problems(demo),
        *_band_problems(demo, catalog, route),
        *_limit_problems(demo, route),
        *room_problems(demo, catalog),
    ]


def _script_problems(demo: Demo) -> list[tuple[str, str]]:
    """What is wrong with a script, whatever catalog it stands in."""
    found = list(_unknown_screens(demo))
    if not found:  # else everything below would only repeat it
        found += [*_unreachable(demo), *_dead_ends(demo)]
    for code, screen in demo.screens.items():
        for key, reason in _screen_problems(demo, screen):
            found.append((f"screens.{code}{key}", reason))
    return [*found, *_amount_problems(demo), *_text_problems(demo)]


def collection_problems(catalog: Catalog) -> list[tuple[str, str]]:
    """What is wrong among a catalog's demos, where each is good: keys of the whole and reasons."""
    found: list[tuple[str, str]] = []
    numbers: dict[int, str] = {}
    pairs: dict[tuple[str, str], str] = {}
    for demo in catalog.demos:
        if (other := numbers.setdefault(demo.number, demo.code)) != demo.code:
            reason = f"{demo.number} is already the number of {other}"
            found.append((f"demos.{demo.code}.number", reason))
        pair = (demo.service or "", demo.channel)
        if demo.service and (other := pairs.setdefault(pair, demo.code)) != demo.code:
            reason = f"{demo.service} by {demo.channel} is shown by {other} already"
            found.append((f"demos.{demo.code}.service", reason))
    for group in catalog.demo_groups if catalog.demos else ():
        if (count := len(catalog.demos_in(group.code))) > MAX_DEMOS_OF_A_GROUP:
            reason = f"{count} demos; a screen shows at most {MAX_DEMOS_OF_A_GROUP}"
            found.append((f"demo_groups.{group.code}", reason))
        elif count == 0:
            reason = "no demo is in this group; leave it out, or add one to the folder demos"
            found.append((f"demo_groups.{group.code}", reason))
    return found


def _no_route(demo: Demo, service: str, catalog: Catalog) -> str:
    channels = [route.channel for route in catalog.routes_of(service)]
    told = f"it goes by {', '.join(channels)}" if channels else "it has no route"
    return f'no route for {service} by "{demo.channel}"; {told}'


def _route_of(demo: Demo, catalog: Catalog) -> Route | None:
    """The route that a demo teaches; None: of no service, or there is no such route."""
    routes = catalog.routes_of(demo.service) if demo.service is not None else ()
    return next((route for route in routes if route.channel == demo.channel), None)


# --- where screens lead -----------------------------------------------------------------------


def _unknown_screens(demo: Demo) -> Found:
    named = [("first", demo.first)]
    for code, screen in demo.screens.items():
        named += [(f"screens.{code}{key}", target) for key, target in leads_to(screen)]
        if isinstance(screen, ConfirmScreen) and screen.trap is not None:
            named.append((f"screens.{code}.next", screen.next))
    for key, target in named:
        if target not in demo.screens:
            yield key, f'unknown screen "{target}"{nearest(target, list(demo.screens))}'


def reached_from(demo: Demo, first: str) -> list[str]:
    """A screen and those behind it, the nearest first."""
    reached = [first]
    for code in reached:
        following = dict.fromkeys(target for _, target in leads_to(demo.screens[code]))
        reached += [target for target in following if target not in reached]
    return reached


def _unreachable(demo: Demo) -> Found:
    """What leads to others stands for them."""
    reached = reached_from(demo, demo.first)
    for code in demo.screens:
        if code not in reached:
            yield f"screens.{code}", f'unreachable: nothing leads from "{demo.first}" to here'
            reached += reached_from(demo, code)


def _dead_ends(demo: Demo) -> Found:
    """One for each round that nobody gets out of."""
    behind = {code: reached_from(demo, code) for code in reached_from(demo, demo.first)}
    told: set[str] = set()
    for code in demo.screens:
        if code in told or code not in behind:
            continue
        is_last = all(code in behind[other] for other in behind[code])
        if not is_last or isinstance(demo.screens[code], ResultScreen):
            continue
        told.update(behind[code])
        if leads_to(demo.screens[code]):  # else the missing right option is told
            reason = f"dead end: no result can be reached from {', '.join(behind[code])}"
            yield f"screens.{code}", reason


# --- single screens ---------------------------------------------------------------------------


def _screen_problems(demo: Demo, screen: Screen) -> Found:
    match screen:
        case ChooseScreen():
            if not any(option.next for option in screen.options):
                yield ".options", "no right option: one of them needs next"
            for at, option in enumerate(screen.options):
                if option.part is not None and demo.emulator != "atm":
                    reason = f'"{option.part}" is a part of a machine; emulator is "atm" there'
                    yield f".options[{at}].part", reason
        case EnterScreen(expects="amount") if demo.amount is None:
            yield ".expects", '"amount", but the demo has no amount'
        case ConfirmScreen():
            yield from _item_problems(demo, screen)


def _item_problems(demo: Demo, screen: ConfirmScreen) -> Found:
    count: Counter[str] = Counter(item.what for item in screen.items)
    sacred = [what for what in _SACRED if count[what]]
    if missing := [what for what in _SACRED if sacred and not count[what]]:
        yield ".items", f"{', '.join(sacred)} without {', '.join(missing)}: confirm all five"
    for what in sacred:
        if count[what] > 1:
            yield ".items", f'{count[what]} items are "{what}"; it is confirmed once'
    if demo.amount is None and (count["amount"] or count["capitals"]):
        yield ".items", "an amount is confirmed, but the demo has no amount"


# --- amounts and what it costs ----------------------------------------------------------------


def _amounts(demo: Demo) -> Iterator[tuple[str, int]]:
    if demo.amount is not None:
        yield "amount", demo.amount
    for band, amount in demo.amounts.items():
        yield f"amounts.{band}", amount


def _amount_problems(demo: Demo) -> Found:
    for key, amount in _amounts(demo):
        if amount % 100:
            yield key, f"{amount} fen is not whole yuan, and whole yuan are typed"
        elif not 0 < amount <= MAX_AMOUNT:
            yield key, f"{amount} fen cannot be typed: 1 to 8 digits of yuan"
    if demo.amounts and demo.amount is None:
        yield "amount", "missing: what is moved where no amount band is known"
    if demo.amounts and demo.service is None:
        yield "amounts", "leave it out: only a service has amount bands"


def _cost_problems(demo: Demo) -> Found:
    for key, value in (("fee", demo.fee), ("minutes", demo.minutes)):
        if demo.service is None and value is None:
            yield key, "missing: a demo without a service says it"
        elif demo.service is not None and value is not None:
            yield key, f"leave it out: the route of {demo.service} says it"


def _band_problems(demo: Demo, catalog: Catalog, route: Route | None) -> Found:
    if demo.service is None:
        return
    bands = _limits_of(catalog.service(demo.service).amount_bands)
    for code, amount in demo.amounts.items():
        if code not in bands:
            told = nearest(code, list(bands)) if bands else "; the service has none"
            yield f"amounts.{code}", f'unknown amount band "{code}"{told}'
        elif not _is_within(amount, bands[code]):
            yield f"amounts.{code}", f"{amount} fen is not an amount of this band"
    for code, limits in bands.items():
        is_taken = route is None or route.max_amount is None or limits[0] < route.max_amount
        is_given = code in demo.amounts or _is_within(demo.amount, limits)
        if demo.amount is not None and is_taken and not is_given:
            yield "amounts", f'missing: what is moved in the amount band "{code}"'


def _limits_of(bands: Sequence[AmountBand]) -> Mapping[str, tuple[int, int]]:
    """By their code, the amount below a band and the largest in it."""
    limits: dict[str, tuple[int, int]] = {}
    below = 0
    for band in bands:
        top = band.up_to if band.up_to is not None else MAX_AMOUNT
        limits[band.code] = (below, top)
        below = top
    return limits


def _is_within(amount: int | None, limits: tuple[int, int]) -> bool:
    return amount is not None and limits[0] < amount <= limits[1]


def _limit_problems(demo: Demo, route: Route | None) -> Found:
    limit = route.max_amount if route is not None else None
    for key, amount in _amounts(demo):
        if limit is not None and amount > limit:
            yield key, f"{amount} fen is above {limit}, the most that the route takes"
    for key, text in texts_in(demo):
        if limit is None and "{limit}" in "".join(text.model_dump().values()):
            yield key, "{limit} is used, but the route has no max_amount"


# --- texts ------------------------------------------------------------------------------------


def texts_in(part: object, key: str = "") -> Iterator[tuple[str, LocalizedText]]:
    """Every text of a demo or below it, with its key."""
    match part:
        case LocalizedText():
            yield key, part
        case BaseModel():
            for name, value in part:
                yield from texts_in(value, f"{key}.{name}".removeprefix("."))
        case dict():
            for name, value in part.items():
                yield from texts_in(value, f"{key}.{name}")
        case tuple():
            for at, value in enumerate(part):
                yield from texts_in(value, f"{key}[{at}]")


def _text_problems(demo: Demo) -> Found:
    for key, text in texts_in(demo):
        for language in LANGUAGES:
            words = text.in_language(language)
            for reason in (*_placeholder_reasons(demo, key, words), *_number_reasons(words)):
                yield f"{key}.{language}", reason
    for reason in _number_reasons(demo.address):
        yield "address", reason


def _placeholder_reasons(demo: Demo, key: str, words: str) -> Iterator[str]:
    for found in _BRACES.finditer(words):
        name = found.group(1)
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            yield f"unknown placeholder {found.group()}; there are {known}"
        elif key == "name":
            yield f"{found.group()} in a name: menus show it, where no amount is known"
        elif name in (AMOUNT, CAPITALS) and demo.amount is None:
            yield f"{found.group()} is used, but the demo has no amount"


def _number_reasons(words: str) -> Iterator[str]:
    for number in re.findall(r"\d+", _BETWEEN_DIGITS.sub("", words)):
        if len(number) > _MAX_DIGITS_IN_A_ROW:
            yield f"{number} looks like a real card or phone number; 10 digits at most"
