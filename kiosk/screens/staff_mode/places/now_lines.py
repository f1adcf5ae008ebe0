"""What the place Now says: pure functions from what was read to lines."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta, tzinfo

from kiosk.i18n import _, format_time, ngettext
from kiosk.reporting.staff import device_name, service_name
from kiosk.screens.staff_mode.lines import cut
from kiosk.services.catalog import Catalog
from kiosk.services.queue_snapshot import CounterAtWork
from kiosk.services.staff.help_calls import CallNow
from kiosk.services.staff.now import Lobby, TerminalNow
from kiosk.services.staff.outages import OutageNow
from kiosk.services.workplace import CounterState
from kiosk.widgets.panel import Line, Span, width_of
from kiosk.widgets.table import Column, Row, table

_MINUTE = timedelta(minutes=1)


def time_since(since: datetime, now: datetime) -> str:
    """Whole minutes; never less than none, whatever clocks did."""
    return _("{minutes} min").format(minutes=max(0, (now - since) // _MINUTE))


# --- calls for help ---------------------------------------------------------------------------


def call_lines(
    calls: Sequence[CallNow],
    first: CallNow | None,
    catalog: Catalog,
    name_of: Callable[[str], str],
    now: datetime,
    width: int,
) -> list[Line]:
    """Who calls, one below the other; the key stands before the one that it is about.

    Args:
        calls: Those that have room.
        first: The one that Enter is about.
        catalog: Has the services' names.
        name_of: Gives who is on the way, for a staff number.
        now: The time.
        width: Cells.
    """
    if not calls:
        return [(Span(_("Nobody calls."), "quiet"),)]
    return [
        _call(
            call,
            call is first,
            "" if call.taken_by is None else name_of(call.taken_by),
            catalog,
            now,
            width,
        )
        for call in calls
    ]


def _call(
    call: CallNow, is_first: bool, who: str, catalog: Catalog, now: datetime, width: int
) -> Line:
    words = [_("Terminal {code} calls").format(code=call.terminal)]
    if who:
        words.append(_("{staff} is on the way").format(staff=who))
    if call.asked_at is not None:
        words.append(time_since(call.asked_at, now))
    if call.service is not None:
        words.append(service_name(catalog, call.service))
    key = Span(" Enter ", "key") if is_first else Span(" " * 7)
    text = Span(f" {' · '.join(words)} ", "strong" if call.taken_by else "cursor")
    return cut((key, text), width)


# --- the queue --------------------------------------------------------------------------------


def queue_lines(lobby: Lobby, catalog: Catalog, norm: int, width: int, height: int) -> list[Line]:
    """Who waits for what, the longest wait first, on so many rows.

    Args:
        lobby: What was read.
        catalog: Has the names.
        norm: Minutes after which a wait is too long.
        width: Cells.
        height: Rows.
    """
    told = ngettext("Waiting: {count} person", "Waiting: {count} people", lobby.count)
    lines: list[Line] = [(Span(told.format(count=lobby.count), "strong"),)]
    if not lobby.waiting:
        return lines
    columns = (
        Column(_("Service")),
        Column(_("People"), is_figure=True),
        Column(_("Wait/min"), is_figure=True),
    )
    rows: list[Row] = []
    for each in lobby.waiting[: max(0, height - 2)]:
        minutes = each.longest // _MINUTE
        # the mark stands where no other row has anything, so that figures stay in their columns
        longest = Span(f"{minutes}!", "attention") if minutes > norm else Span(f"{minutes} ")
        name = service_name(catalog, each.service)
        rows.append((Span(name), Span(str(each.count)), longest))
    return [*lines, *table(columns, rows, width)]


# --- counters and terminals -------------------------------------------------------------------


def counter_lines(lobby: Lobby, zone: tzinfo, now: datetime, width: int) -> list[Line]:
    """What the counters do."""
    lines: list[Line] = [(Span(_("Counters"), "strong"),)]
    if not lobby.counters:
        return [*lines, (Span(_("None has opened today."), "quiet"),)]
    return lines + [
        _row(str(each.number), _counter(each, zone, now), width) for each in lobby.counters
    ]


def terminal_lines(lobby: Lobby, now: datetime, width: int) -> list[Line]:
    """Who stands at which terminal."""
    rows = [_row(each.code, _terminal(each, now), width) for each in lobby.terminals]
    return [(Span(_("Terminals"), "strong"),), *rows]


def outage_lines(
    outages: Sequence[OutageNow], catalog: Catalog, zone: tzinfo, width: int
) -> list[Line]:
    """What is not offered just now, and until when."""
    lines: list[Line] = [(Span(_("Out of order"), "strong"),)]
    if not outages:
        return [*lines, (Span(_("nothing"), "quiet"),)]
    for each in outages:
        name = Span(device_name(catalog, each.channel, each.machine), "attention")
        until = Span("  " + until_words(each, zone), "quiet")
        # what has no room is told where it is switched on again
        whole = width_of((name, until)) <= width
        lines.append((name, until) if whole else cut((name,), width))
    return lines


def until_words(outage: OutageNow, zone: tzinfo) -> str:
    """Until when something is out of order; nobody thinks of the end of the day as of 00:00."""
    if outage.until is None or (until := outage.until.astimezone(zone)).time() == time():
        return _("all day")
    return _("until {time}").format(time=format_time(until))


def _row(name: str, what: Span, width: int) -> Line:
    return cut((Span(name.ljust(4)), what), width)


def _counter(counter: CounterAtWork, zone: tzinfo, now: datetime) -> Span:
    if counter.state is CounterState.CLOSED:
        return Span(_("closed"), "quiet")
    if counter.state is CounterState.BREAK:
        if counter.back_at is None:
            return Span(_("on a break"), "quiet")
        back = format_time(counter.back_at.astimezone(zone))
        return Span(_("on a break until {time}").format(time=back), "quiet")
    if counter.in_hand is None:
        return Span(_("free"))
    return Span(_("serving for {time}").format(time=time_since(counter.in_hand.since, now)))


def _terminal(terminal: TerminalNow, now: datetime) -> Span:
    if terminal.in_use_since is None:
        return Span(_("nobody is at it"), "quiet")
    return Span(_("in use for {time}").format(time=time_since(terminal.in_use_since, now)))
