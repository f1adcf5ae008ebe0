"""Who waits, and why they stand where they stand, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from kiosk.cli.table import aligned
from kiosk.i18n import N_, _, format_time, ngettext
from kiosk.models.states import CounterState, Priority, TicketState
from kiosk.services.desk_tickets import CounterStatus, Lobby
from kiosk.services.desk_view import DeskTicket
from kiosk.services.queue_order import Ahead, CallingOrder, Explanation, Reason, Standing

_NOTHING = "–"
_MINUTE = timedelta(minutes=1)
_CLASSES: Mapping[Priority, str] = {
    Priority.NORMAL: N_("everybody"),
    Priority.SENIOR: N_("60+ or large type"),
    Priority.DISABLED: N_("disabled"),
    Priority.APPOINTMENT: N_("appointment"),
    Priority.RETURNED: N_("back from an e-channel"),
}
_STANDINGS: Mapping[Standing, str] = {
    Standing.FIRST_COME: N_("came first"),
    Standing.HEAD_START: N_("its class goes ahead"),
}
_COUNTER_STATES: Mapping[CounterState, str] = {
    CounterState.OPEN: N_("open"),
    CounterState.BREAK: N_("on break"),
    CounterState.CLOSED: N_("closed"),
}
_TICKET_STATES: Mapping[TicketState, str] = {
    TicketState.WAITING: N_("waiting"),
    TicketState.CALLED: N_("called to counter {counter}"),
    TicketState.SERVING: N_("being served at counter {counter}"),
    TicketState.ON_HOLD: N_("on hold, by counter {counter}"),
    TicketState.SERVED: N_("served at counter {counter}"),
    TicketState.NO_SHOW: N_("called, and nobody came"),
    TicketState.CANCELLED: N_("given back by the customer"),
    TicketState.EXPIRED: N_("left over when the day was closed"),
}


def as_table(lobby: Lobby, order: CallingOrder, now: datetime) -> list[str]:
    """A line for everybody who waits, in the order of calling, and one for each counter."""
    line = order.in_line(lobby.in_state(TicketState.WAITING))
    told = ngettext("{count} customer waits.", "{count} customers wait.", len(line))
    lines = [told.format(count=len(line))]
    if line:
        names = (_("Place"), _("Ticket"), _("Queue"), _("Class"), _("Waits"), _("For"), _("Why"))
        rows = [
            (
                str(place),
                each.ticket.number,
                each.ticket.queue,
                _(_CLASSES[each.ticket.priority]),
                _minutes(each.ticket.waited(now)),
                _wanted(each.ticket),
                _(_STANDINGS[each.standing]),
            )
            for place, each in enumerate(line, start=1)
        ]
        lines += ["", *aligned([names, *rows])]
    if lobby.counters:
        numbers = {each.id: each.number for each in lobby.tickets}
        heads = (_("Counter"), _("State"), _("Staff"), _("Queues"), _("Ticket"))
        counters = [
            (
                str(each.number),
                _(_COUNTER_STATES[each.state]),
                each.staff or _NOTHING,
                _("all") if each.queues is None else "".join(sorted(each.queues)),
                numbers.get(each.ticket, _NOTHING) if each.ticket else _NOTHING,
            )
            for each in lobby.counters
        ]
        lines += ["", *aligned([heads, *counters])]
    return lines


def state_line(ticket: DeskTicket) -> str:
    """Where a ticket stands that does not wait."""
    state = _(_TICKET_STATES[ticket.state]).format(counter=ticket.counter)
    return _("{ticket} does not wait: {state}.").format(ticket=ticket.number, state=state)


def explanation_lines(
    explained: Explanation[DeskTicket],
    order: CallingOrder,
    counters: Sequence[CounterStatus],
    zone: tzinfo,
) -> list[str]:
    """Why a ticket stands where it stands, and who is called before it."""
    ticket = explained.ticket
    lines = [
        _("{ticket} stands at place {place}.").format(ticket=ticket.number, place=explained.place),
        _came(ticket, order, zone),
        *_only(ticket),
        _who_calls(explained.counters, counters),
    ]
    if not explained.counters:
        return lines
    if not explained.ahead:
        return [*lines, _("Nobody is called before it.")]
    ahead = [(each.ticket.number, _reason(each, ticket, order)) for each in explained.ahead]
    return [*lines, _("Before it are called:"), *(f"  {line}" for line in aligned(ahead))]


def _came(ticket: DeskTicket, order: CallingOrder, zone: tzinfo) -> str:
    came = format_time(ticket.arrived_at.astimezone(zone))
    lead = order.head_start.get(ticket.priority, 0)
    if not lead:
        return _("Its customer came at {time}, and it counts from then.").format(time=came)
    return _(
        "Its customer came at {time}; {class_name} counts as come {minutes} min earlier: "
        "{counts_from}."
    ).format(
        time=came,
        class_name=_(_CLASSES[ticket.priority]),
        minutes=lead,
        counts_from=format_time(order.counts_from(ticket).astimezone(zone)),
    )


def _only(ticket: DeskTicket) -> list[str]:
    if (wanted := _wanted(ticket)) == _NOTHING:
        return []
    return [_("It was passed on and is called there alone: {wanted}.").format(wanted=wanted)]


def _who_calls(numbers: Sequence[int], counters: Sequence[CounterStatus]) -> str:
    if numbers:
        return _("It can be called by counter: {counters}.").format(
            counters=", ".join(map(str, numbers))
        )
    if any(each.state is not CounterState.CLOSED for each in counters):
        return _("No counter that is open calls it; it can be called as a chosen ticket.")
    return _("No counter is open.")


def _reason(ahead: Ahead[DeskTicket], ticket: DeskTicket, order: CallingOrder) -> str:
    first = ahead.ticket
    match ahead.reason:
        case Reason.CAME_EARLIER:
            minutes = _minutes(ticket.arrived_at - first.arrived_at)
            return _("came {minutes} earlier").format(minutes=minutes)
        case Reason.HEAD_START:
            return _(
                "came {minutes} later, but {class_name} counts as come {lead} min earlier"
            ).format(
                minutes=_minutes(first.arrived_at - ticket.arrived_at),
                class_name=_(_CLASSES[first.priority]),
                lead=order.head_start.get(first.priority, 0),
            )
        case Reason.ISSUED_EARLIER:
            return _("counts from the same time, and took the ticket earlier")
        case Reason.LOWER_NUMBER:
            return _("counts from the same time, and has the lower number")


def _wanted(ticket: DeskTicket) -> str:
    if ticket.wanted_counter is not None:
        return _("counter {counter}").format(counter=ticket.wanted_counter)
    if ticket.wanted_staff is not None:
        return _("member of staff {staff}").format(staff=ticket.wanted_staff)
    return _NOTHING


def _minutes(span: timedelta) -> str:
    if timedelta() < span < _MINUTE:
        return _("less than 1 min")
    return _("{minutes} min").format(minutes=span // _MINUTE)
