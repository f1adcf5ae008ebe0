"""What the counter's screen says of tickets, in words that a teller reads at a glance."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.cells import cell_len

from kiosk.i18n import N_, _, format_time, language, ngettext
from kiosk.screens.counter.actions import (
    BACK_FROM_BREAK,
    KEYS,
    LABELS,
    OPEN_AGAIN,
    Action,
    next_thing,
)
from kiosk.screens.entries import entry_label, entry_value
from kiosk.services.catalog import Catalog
from kiosk.services.desk_view import DeskTicket, DeskView, WaitingHere
from kiosk.services.workplace import (
    CounterState,
    Entries,
    Priority,
    Standing,
    TicketState,
    Workplace,
)
from kiosk.widgets.panel import Line, Span, width_of
from kiosk.widgets.text import fold

_MINUTE = timedelta(minutes=1)
_PRIORITIES: Mapping[Priority, str] = {
    Priority.SENIOR: N_("60+"),
    Priority.DISABLED: N_("disabled"),
    Priority.APPOINTMENT: N_("appointment"),
    Priority.RETURNED: N_("came back"),
}


def minutes_of(span: timedelta) -> int:
    """Whole minutes that have passed."""
    return span // _MINUTE


def label_of(action: Action, state: CounterState) -> str:
    """What a key says."""
    if action is Action.BREAK and state is CounterState.BREAK:
        return _(BACK_FROM_BREAK)
    if action is Action.BREAK and state is CounterState.CLOSED:
        return _(OPEN_AGAIN)
    return _(LABELS[action])


def service_name(catalog: Catalog, ticket: DeskTicket) -> str:
    """What the customer came for; a service that the catalog no longer has is told by its code."""
    if ticket.service is None:
        return _("Said at the counter")
    known = {service.code: service for service in catalog.services}
    service = known.get(ticket.service)
    return service.name.in_language(language()) if service else ticket.service


def priority_name(priority: Priority) -> str:
    """The class of a ticket; empty for the usual one."""
    return _(_PRIORITIES[priority]) if priority in _PRIORITIES else ""


def reason(waiting: WaitingHere, at: Workplace, counter: int) -> str:
    """Why a ticket stands where it stands, in a few words."""
    ticket = waiting.ticket
    if ticket.wanted_counter is not None:
        if ticket.wanted_counter == counter:
            return _("for this counter")
        return _("for counter {number}").format(number=ticket.wanted_counter)
    if ticket.wanted_staff is not None:
        if ticket.wanted_staff == at.who.number:
            return _("for you")
        names = {each.number: each.name for each in at.colleagues}
        return _("for {name}").format(name=names.get(ticket.wanted_staff, ticket.wanted_staff))
    name = priority_name(ticket.priority)
    if waiting.standing is Standing.HEAD_START:
        minutes = vars(at.queue.head_start).get(ticket.priority.value, 0)
        return _("{name}: {minutes} min ahead").format(name=name, minutes=minutes)
    return name if ticket.priority is Priority.RETURNED else _("first come")


# --- the one thing to do ----------------------------------------------------------------------


def to_do(view: DeskView, at: Workplace, width: int) -> list[Line]:
    """The one thing to do now, and a line that says why."""
    action = next_thing(view)
    first: Line = (Span(_("Nobody is waiting"), "strong"),)
    if action is not None:
        what = label_of(action, view.state)
        if action is Action.NEXT:
            what = f"{what}  {view.waiting[0].ticket.number}"
        first = (Span(f" {KEYS[action]} ", "key"), Span(f" {what}", "strong"))
    why = _why(view, at)
    if width_of(first) + cell_len(why) + 5 <= width and "\n" not in why:
        return [(*first, Span(f"   {why}", "quiet"))]
    return [first, *((Span(line, "quiet"),) for line in fold(why, width))]


def _why(view: DeskView, at: Workplace) -> str:
    ticket = view.ticket
    if view.state is CounterState.BREAK:
        return _break(view, at)
    if view.state is CounterState.CLOSED:
        return _("This counter was closed.")
    if ticket is None:
        if not view.waiting:
            return _("A new ticket appears here by itself.")
        first = view.waiting[0]
        return f"{service_name(at.catalog, first.ticket)} · {reason(first, at, view.counter)}"
    if ticket.state is not TicketState.CALLED:
        return _("when all is done; 6 puts {number} on hold, 7 passes it on.").format(
            number=ticket.number
        )
    if view.is_no_show_due:
        return _("Called {count} times and nobody came; 3 if they are here after all.").format(
            count=ticket.calls
        )
    return _("when the customer is here; 2 calls again, 5 if nobody comes.")


def _break(view: DeskView, at: Workplace) -> str:
    zone = at.zone
    began = format_time(view.since.astimezone(zone)) if view.since else ""
    if view.back_at is None:
        return _("On a break since {time}.").format(time=began)
    return _("On a break since {time}, back at {back}.").format(
        time=began, back=format_time(view.back_at.astimezone(zone))
    )


# --- the ticket in hand -----------------------------------------------------------------------


def own_ticket(
    ticket: DeskTicket, at: Workplace, view: DeskView, entries: Entries, now: datetime, width: int
) -> list[Line]:
    """All that is known of the ticket in hand but for its number, on so many cells."""
    texts = [*_about(ticket, at, view, now)]
    if entries:
        head = _("Filled in ({key} copies):").format(key=KEYS[Action.COPY])
        texts += [Span(head, "quiet"), *map(Span, entry_texts(entries))]
    return [(Span(line, text.look),) for text in texts for line in fold(text.text, width)]


def entry_texts(entries: Entries) -> list[str]:
    """What the customer filled in, as it is shown and copied."""
    return [
        _("{label}: {value}").format(
            label=entry_label(each.field), value=entry_value(each.field, each.value)
        )
        for each in entries
    ]


def _about(ticket: DeskTicket, at: Workplace, view: DeskView, now: datetime) -> Iterator[Span]:
    yield Span(service_name(at.catalog, ticket), "strong")
    if name := priority_name(ticket.priority):
        yield Span(name, "attention")
    queue, waited = at.queue, minutes_of(ticket.waited(now))
    told = _("Waited {minutes} min").format(minutes=waited)
    yield _against(told, waited, queue.waiting_norm)
    if ticket.state is TicketState.CALLED:
        calls = _("Call {count} of {limit}").format(count=ticket.calls, limit=view.call_limit)
        yield Span(calls, "attention" if view.is_no_show_due else "ink")
    else:
        minutes = minutes_of(ticket.served_for(now))
        told = _("Served {minutes} min").format(minutes=minutes)
        yield _against(told, minutes, queue.service_norm)


def _against(text: str, minutes: int, norm: int) -> Span:
    """A time beside its norm: in words, and in another colour too."""
    if minutes <= norm:
        return Span(text)
    over = _("{time}, {minutes} over norm").format(time=text, minutes=minutes - norm)
    return Span(over, "attention")


# --- who waits --------------------------------------------------------------------------------


def queue_lines(
    view: DeskView, at: Workplace, now: datetime, width: int, height: int
) -> list[Line]:
    """The line of this counter, then who is on hold and who did not come, on so many rows."""
    below: list[Line] = []
    if others := len(view.elsewhere):
        told = ngettext("{count} for other counters", "{count} for other counters", others)
        below.append((Span(told.format(count=others), "quiet"),))
    below += _numbers(_("On hold"), [each.number for each in view.on_hold], width)
    below += _numbers(_("No-show"), [each.number for each in view.no_shows], width)
    below = below[: max(0, height - 3)]
    head = _head(view, at, now, width)
    room = height - len(head) - len(below)
    rows = _table([_row(each, at, view.counter, now) for each in view.waiting], at, width)
    shown: list[Line] = []
    for number, row in enumerate(rows):
        is_last = number == len(rows) - 1
        if len(shown) + len(row) + (not is_last) > room:
            left = len(rows) - number
            more = ngettext("and {count} more", "and {count} more", left).format(count=left)
            shown.append((Span(more, "quiet"),))
            break
        shown += row
    shown += [()] * (room - len(shown))
    return [*head, *shown, *below]


def _head(view: DeskView, at: Workplace, now: datetime, width: int) -> list[Line]:
    norm = at.queue.waiting_norm
    late = [each for each in view.waiting if minutes_of(each.ticket.waited(now)) > norm]
    head: Line = (Span(_("Waiting: {count}").format(count=len(view.waiting)), "strong"),)
    if not late:
        return [head]
    over = ngettext("{count} over {norm} min", "{count} over {norm} min", len(late)).format(
        count=len(late), norm=norm
    )
    beside = Span(f"   {over}", "attention")
    if width_of((*head, beside)) <= width:
        return [(*head, beside)]
    return [head, (Span(over, "attention"),)]


@dataclass(frozen=True)
class Row:
    """A waiting ticket as the table shows it."""

    number: str
    minutes: int
    reason: str
    service: str


def _row(waiting: WaitingHere, at: Workplace, counter: int, now: datetime) -> Row:
    ticket = waiting.ticket
    minutes = minutes_of(ticket.waited(now))
    return Row(
        ticket.number, minutes, reason(waiting, at, counter), service_name(at.catalog, ticket)
    )


def _table(rows: Sequence[Row], at: Workplace, width: int) -> list[list[Line]]:
    """Columns; the service is left out where not every one has room, and what is long folds."""
    numbers = max((len(row.number) for row in rows), default=0) + 1
    times = [_("{minutes} min").format(minutes=row.minutes) for row in rows]
    clock = max(map(cell_len, times), default=0)
    why_at = numbers + clock + 2
    reasons = max((cell_len(row.reason) for row in rows), default=0) + 2
    services = max((cell_len(row.service) for row in rows), default=0)
    has_services = why_at + reasons + services <= width
    table: list[list[Line]] = []
    for row, time in zip(rows, times, strict=True):
        is_late = row.minutes > at.queue.waiting_norm
        first, *more = fold(row.reason, width - why_at)
        pad = " " * (reasons - cell_len(first))
        line = [
            Span(row.number.ljust(numbers), "strong"),
            Span(
                " " * (clock - cell_len(time)) + time + ("! " if is_late else "  "),
                "attention" if is_late else "ink",
            ),
            Span(first + (pad if has_services else ""), "quiet"),
            *([Span(row.service)] if has_services else []),
        ]
        table.append([tuple(line), *((Span(" " * why_at + each, "quiet"),) for each in more)])
    return table


def _numbers(label: str, numbers: Iterable[str], width: int) -> list[Line]:
    """A label and as many numbers as one line holds."""
    found = list(numbers)
    if not found:
        return []
    text = f"{label} {len(found)}: "
    shown: list[str] = []
    for number in found:
        if cell_len(text) + len(" ".join(shown)) + len(number) + 2 > width:
            shown.append("…")
            break
        shown.append(number)
    return [(Span(text, "quiet"), Span(" ".join(shown)))]
