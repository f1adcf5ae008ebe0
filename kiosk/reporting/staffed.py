"""Which counters to open when, as a table, a roster and a plot."""

from kiosk.i18n import _
from kiosk.reporting.report import Column, Report, Section
from kiosk.services.simulation.roster import Shift
from kiosk.services.simulation.scenario import HALF_HOUR
from kiosk.services.simulation.staffing import Staffing
from kiosk.simulation_words import scenario_name

_AT_WORK, _AWAY, _NOT_THERE = "█", "░", " "


def staffed_report(found: Staffing) -> Report:
    """All that was found."""
    return Report(
        "counters",
        _("Counters for {minutes:g} minutes, 9 of 10 people").format(minutes=found.target),
        scenario_name(found.scenario.name),
        _("{days} simulated days, seed {seed}").format(days=found.days, seed=found.seed),
        _notes(found),
        (_half_hours(found), _roster(found)),
    )


def _notes(found: Staffing) -> tuple[str, ...]:
    hours = _(
        "The roster has {hours:.1f} hours of work at {count} counters; the scenario's own counters "
        "have {now:.1f} at {count_now}."
    ).format(
        hours=found.minutes / 60,
        count=len(found.shifts),
        now=found.minutes_now / 60,
        count_now=found.counters_now,
    )
    notes = [hours]
    if found.unreachable:
        notes.append(
            _(
                "The target can't be reached at {times}: not with all {count} counters open and "
                "nobody at lunch. --most tries it with more."
            ).format(times=_times(found.unreachable), count=found.most)
        )
    if found.missed:
        notes.append(
            _("The roster misses the target at {times}.").format(times=_times(found.missed))
        )
    if not found.unreachable and not found.missed:
        notes.append(_("The roster reaches the target in each half hour."))
    return tuple(notes)


def _half_hours(found: Staffing) -> Section:
    columns = (
        Column(_("From"), is_figure=False),
        Column(_("Counters")),
        Column(_("P90"), _("min")),
        Column(_("P90 now"), _("min")),
    )
    rows = tuple(
        (_clock(each.start), each.open, f"{each.p90:.1f}", f"{each.p90_now:.1f}")
        for each in found.half_hours
    )
    note = _(
        "P90: 9 of 10 who draw a ticket then wait no longer. Now: with the scenario's own "
        "counters. Both are of usual days, of others than those that the roster was made with."
    )
    return Section(_("By half hour"), columns, rows, note)


def _roster(found: Staffing) -> Section:
    starts = [each.start for each in found.half_hours]
    columns = (
        Column(_("Counter"), is_figure=False),
        Column(_("Opens"), is_figure=False),
        Column(_("Closes"), is_figure=False),
        Column(_("Lunch"), is_figure=False),
        Column(_ruler(starts), is_figure=False),
    )
    rows = tuple(
        (
            each.counter,
            _clock(each.opens),
            _clock(each.closes),
            _lunch(each),
            "".join(_cell(each, start) for start in starts),
        )
        for each in sorted(found.shifts, key=lambda each: (len(each.counter), each.counter))
    )
    return Section(_("Roster"), columns, rows)


def _lunch(shift: Shift) -> str:
    if shift.lunch is None:
        return "–"
    return f"{_clock(shift.lunch.start)}–{_clock(shift.lunch.start + shift.lunch.minutes)}"


def _cell(shift: Shift, start: float) -> str:
    if shift.is_at_work(start):
        return _AT_WORK
    return _AWAY if shift.opens <= start < shift.closes else _NOT_THERE


def _ruler(starts: list[float]) -> str:
    """The full hours above their first half hour."""
    text = ""
    for place, start in enumerate(starts):
        if start % (2 * HALF_HOUR) == 0 and len(text) <= place:
            text = f"{text:{place}}{start / 60:.0f}"
    return text


def _times(starts: tuple[float, ...]) -> str:
    """Half hours in a row as one span."""
    spans: list[list[float]] = []
    for start in starts:
        if spans and spans[-1][1] == start:
            spans[-1][1] = start + HALF_HOUR
        else:
            spans.append([start, start + HALF_HOUR])
    return ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in spans)


def _clock(minutes: float) -> str:
    hour, minute = divmod(round(minutes), 60)
    return f"{hour:02}:{minute:02}"
