"""What a teller is asked before something is done."""

from collections.abc import Callable, Sequence

from kiosk.i18n import _, language
from kiosk.screens.counter.phrases import minutes_of, priority_name, reason, service_name
from kiosk.screens.counter.teller import Teller
from kiosk.screens.pick import Item, Question
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.desk_view import DeskTicket, WaitingHere

QUEUE, COUNTER, STAFF = "queue", "counter", "staff"
_BREAKS = (0, 5, 10, 15, 20, 30, 45, 60, 90)
"""Minutes; none: nobody knows."""


def which_to_call(teller: Teller) -> Question:
    """Somebody who waits, for this counter or for another."""
    view = teller.view  # as it was when the list was opened: nothing moves below the cursor

    def item(waiting: WaitingHere) -> Item:
        why = reason(waiting, teller.at, view.counter)
        return _ticket_item(teller, waiting.ticket, why)

    return Question(
        title=lambda: _("Call which ticket? Type its number."),
        items=lambda: [item(each) for each in (*view.waiting, *view.elsewhere)],
        enter=lambda: _("Call"),
    )


def which_on_hold(teller: Teller) -> Question:
    """A ticket that was put on hold, here or elsewhere."""
    tickets = teller.view.on_hold

    def item(ticket: DeskTicket) -> Item:
        where = _("Counter {number}").format(number=ticket.counter) if ticket.counter else ""
        return _ticket_item(teller, ticket, where)

    return Question(
        title=lambda: _("Go on with which ticket?"),
        items=lambda: [item(ticket) for ticket in tickets],
        enter=lambda: _("Resume"),
    )


def which_came_late(teller: Teller) -> Question:
    """A ticket whose customer did not come when it was called."""
    tickets = teller.view.no_shows
    return Question(
        title=lambda: _("Who came after all? The ticket goes back to its old place."),
        items=lambda: [_ticket_item(teller, ticket, "") for ticket in tickets],
        enter=lambda: _("Requeue"),
    )


def _named(name: LocalizedText) -> str:
    return name.in_language(language())


def _ticket_item(teller: Teller, ticket: DeskTicket, why: str) -> Item:
    minutes = str(minutes_of(ticket.waited(teller.now))).rjust(3)
    name = priority_name(ticket.priority)
    words = (
        _("{minutes} min").format(minutes=minutes),
        why,
        service_name(teller.at.catalog, ticket),
        "" if name in why else name,
    )
    return Item(ticket.id.hex, ticket.number, words)


def what_was_done(teller: Teller) -> Question:
    """The services that were really performed; the ticket's own is ticked."""
    ticket, catalog = teller.view.ticket, teller.at.catalog
    own = ticket.service if ticket else None
    queue = ticket.queue if ticket else None
    services = sorted(
        catalog.services, key=lambda each: (each.code != own, each.queue != queue, each.number)
    )
    known = any(service.code == own for service in services)
    return Question(
        title=lambda: _("What was done?"),
        items=lambda: [
            Item(each.code, str(each.number), (_named(each.name),)) for each in services
        ],
        enter=lambda: _("Finish"),
        ticked=(own,) if own is not None and known else (),
    )


def where_to(teller: Teller) -> Question:
    """What kind of place a ticket is passed on to."""
    at = teller.at

    def items() -> list[Item]:
        found = [Item(QUEUE, "1", (_("to a queue"),))]
        found += [Item(COUNTER, "2", (_("to a counter"),))] if at.counters else []
        found += [Item(STAFF, "3", (_("to a colleague"),))] if at.colleagues else []
        return found

    return Question(
        title=lambda: _("Pass the ticket on: where to? It keeps its number and its time."),
        items=items,
        enter=lambda: _("Choose"),
        at_once=True,
    )


def which_place(teller: Teller, kind: str) -> Question:
    """The queue, the counter or the colleague."""
    at = teller.at

    def queues() -> list[Item]:
        return [
            Item(queue.letter, str(number), (queue.letter, _named(queue.name)))
            for number, queue in enumerate(at.catalog.queues, 1)
        ]

    def counters() -> list[Item]:
        return [
            Item(str(each), str(each), (_("Counter {number}").format(number=each),))
            for each in at.counters
        ]

    def colleagues() -> list[Item]:
        return [Item(each.number, each.number.upper(), (each.name,)) for each in at.colleagues]

    asked: dict[str, tuple[Callable[[], str], Callable[[], Sequence[Item]]]] = {
        QUEUE: (lambda: _("To which queue?"), queues),
        COUNTER: (lambda: _("To which counter?"), counters),
        STAFF: (lambda: _("To which colleague?"), colleagues),
    }
    title, items = asked[kind]
    return Question(title, items, enter=lambda: _("Pass on"))


def how_long() -> Question:
    """How long a break is planned to last."""

    def name(minutes: int) -> str:
        return _("{minutes} min").format(minutes=minutes) if minutes else _("I don't know")

    return Question(
        title=lambda: _("A break of how many minutes?"),
        items=lambda: [Item(str(each), str(each), (name(each),)) for each in _BREAKS],
        enter=lambda: _("Go"),
    )
