"""What is wrong with a catalog that only the whole file shows.

These rules read the file's own tables, not the models, so that a fault in one place does not hide
those in another.
"""

from collections.abc import Callable, Mapping
from typing import Final

from kiosk.services.catalog import MAX_CHOICES, MAX_REASONS, Move
from kiosk.services.catalog_tables import Found, Table, entries, routes, strings, table

KEYED: Final[Mapping[str, str]] = {
    "channels": "code",
    "needs": "code",
    "questions": "code",
    "queues": "letter",
    "menus": "code",
    "services": "code",
    "decline_reasons": "code",
    "failure_reasons": "code",
    "demo_groups": "code",
    "demos": "code",
    "products": "code",
    "posters": "code",
    "poster_sets": "code",
    "objections": "code",
    "segments": "code",
    "bundles": "code",
}
"""Sections that are tables of tables in the file; the table's name is the entry's code."""


def which_route(route: Table) -> str:
    """Routes have no name: a person finds them by service and channel, not by counting."""
    return f" (route: {route.get('service', '?')} by {route.get('channel', '?')})"


def whole_file_problems(raw: Table) -> list[tuple[str, str]]:
    """Keys and reasons."""
    checks: tuple[Callable[[Table], Found], ...] = (
        _section_problems,
        _count_problems,
        _menu_problems,
        _service_problems,
        _route_problems,
        _question_problems,
        _amount_problems,
        _segment_problems,
    )
    return [problem for check in checks for problem in check(raw)]


def _section_problems(raw: Table) -> Found:
    for section, key in KEYED.items():
        if section in raw and not isinstance(raw[section], dict):
            yield section, f"must be a table: [{section}]"
        for code, entry in entries(raw, section).items():
            if key in entry:
                yield f"{section}.{code}.{key}", f"leave it out: the table's name is the {key}"


def _count_problems(raw: Table) -> Found:
    for section in ("decline_reasons", "failure_reasons"):
        if (count := len(table(raw, section))) > MAX_REASONS:
            yield section, f"{count} reasons; a screen shows at most {MAX_REASONS}"
    if (count := len(table(raw, "menus"))) > MAX_CHOICES:
        yield "menus", f"{count} menus; at most {MAX_CHOICES} can be chosen from"
    for code, menu in entries(raw, "menus").items():
        if (count := len(strings(menu, "services"))) > MAX_CHOICES:
            yield f"menus.{code}.services", f"{count} choices; a menu shows at most {MAX_CHOICES}"


def _menu_problems(raw: Table) -> Found:
    places: dict[str, list[str]] = {code: [] for code in table(raw, "services")}
    for menu, entry in entries(raw, "menus").items():
        for service in strings(entry, "services"):
            places.setdefault(service, []).append(menu)
    for service in table(raw, "services"):
        menus = places[service]
        if not menus:
            yield f"services.{service}", "in no menu: nobody can choose it"
        elif len(menus) > 1:
            yield f"services.{service}", f"in more than one menu: {', '.join(menus)}"


def _service_problems(raw: Table) -> Found:
    numbers: dict[object, str] = {}
    movable = {route.get("service") for _, route in routes(raw)}
    for code, service in entries(raw, "services").items():
        key = f"services.{code}"
        number = service.get("number")
        if isinstance(number, int) and number in numbers:
            yield f"{key}.number", f"{number} is already the number of {numbers[number]}"
        elif isinstance(number, int):
            numbers[number] = code
        move = service.get("move")
        if move == Move.NO and "why_counter" not in service:
            yield f"{key}.why_counter", "missing: a service that cannot move says why"
        if move in (Move.YES, Move.CONDITIONS) and code not in movable:
            yield key, f'move is "{move}", but it has no route'


def _route_problems(raw: Table) -> Found:
    services = entries(raw, "services")
    first: dict[tuple[object, object], int] = {}
    ranks: dict[tuple[object, object], int] = {}
    for index, route in routes(raw):
        service, rank = route.get("service"), route.get("rank")
        pair = (str(service), str(route.get("channel")))
        which = which_route(route)
        if services.get(str(service), {}).get("move") == Move.NO:
            yield f"routes[{index}]", "a route for a service that cannot move" + which
        if pair in first:
            yield f"routes[{index}]", f"the same pair as routes[{first[pair]}]{which}"
        elif isinstance(rank, int) and (service_rank := (str(service), rank)) in ranks:
            other = ranks[service_rank]
            yield f"routes[{index}].rank", f"routes[{other}] has the rank {rank} already{which}"
        elif isinstance(rank, int):
            ranks[str(service), rank] = index
        first.setdefault(pair, index)


def _question_problems(raw: Table) -> Found:
    """A question that decides nothing wastes one of the two that may be asked."""
    kinds = {code: entry.get("kind") for code, entry in entries(raw, "questions").items()}
    services = entries(raw, "services")
    decides: dict[str, set[str]] = {}
    for index, route in routes(raw):
        service, not_for = str(route.get("service")), strings(route, "not_for")
        decides.setdefault(service, set()).update(strings(route, "needs"), not_for)
        if service not in services:
            continue  # refused as unknown already
        for place, code in enumerate(not_for):
            key = f"routes[{index}].not_for[{place}]"
            if kinds.get(code) == "amount":
                yield key, f'"{code}" is no yes/no question{which_route(route)}'
            elif code in kinds and code not in strings(services[service], "questions"):
                yield key, f'the service never asks "{code}"{which_route(route)}'
    for service, entry in services.items():
        if service not in decides and entry.get("move") != Move.NO:
            continue  # the missing route is reported already
        for place, code in enumerate(strings(entry, "questions")):
            if kinds.get(code) == "yes_no" and code not in decides.get(service, ()):
                key = f"services.{service}.questions[{place}]"
                yield key, f'"{code}" decides nothing: no route has it in needs or not_for'


def _amount_problems(raw: Table) -> Found:
    """A limit inside an amount band could not be decided by the customer's answer."""
    kinds = {code: entry.get("kind") for code, entry in entries(raw, "questions").items()}
    limits: dict[str, list[object]] = {}
    for service, entry in entries(raw, "services").items():
        bands = entry.get("amount_bands")
        limits[service] = [
            band.get("up_to")
            for band in (bands if isinstance(bands, list) else [])
            if isinstance(band, dict)
        ]
        asked = any(kinds.get(code) == "amount" for code in strings(entry, "questions"))
        if asked and not limits[service]:
            yield f"services.{service}.amount_bands", "missing: the service asks for the amount"
        if limits[service] and not asked:
            yield f"services.{service}.questions", "amount_bands are given, but nobody asks for it"
    for index, route in routes(raw):
        limit, known = route.get("max_amount"), limits.get(str(route.get("service")))
        if limit is not None and known and limit not in known:
            reason = f"{limit} fen is not the end of an amount band of the service"
            yield f"routes[{index}].max_amount", reason + which_route(route)


def _segment_problems(raw: Table) -> Found:
    """A service that leads to two segments leads to neither."""
    first: dict[str, str] = {}
    for code, segment in entries(raw, "segments").items():
        for place, service in enumerate(strings(segment, "services")):
            if first.setdefault(service, code) != code:
                reason = f'"{service}" stands in segments.{first[service]} already'
                yield f"segments.{code}.services[{place}]", reason
