"""A branch simulated, as a report that a branch manager takes to a meeting."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from kiosk.i18n import _
from kiosk.reporting.report import Cell, Chart, Column, Report, Section
from kiosk.services.simulation.comparison import Changes, Comparison, Outcome
from kiosk.services.simulation.measures import Interval, Measures, Waits
from kiosk.services.simulation.scenario import Counter, Scenario
from kiosk.services.simulation.variants import expected
from kiosk.simulation_words import WHY_WORK, ScenarioNames, scenario_name

T = TypeVar("T")
_MINUS, _HELD = "−", "\u00a0"
"""The latter: a space at which no line ends."""


def simulated(
    found: Comparison,
    names: ScenarioNames,
    notes: Sequence[str] = (),
    *,
    picture_first: bool = False,
) -> Report:
    """All that a comparison says.

    Args:
        found: What came of it.
        names: Of services and e-channels.
        notes: What has to be said besides.
        picture_first: Whether the curve of the day stands before the tables, as on a page.
    """
    picture, *curves = _half_hours(found)
    sections = (
        *((picture,) if picture_first else ()),
        *_measures(found, names),
        *_changes(found),
        *(() if picture_first else (picture,)),
        *curves,
        *_groups(found, names),
        *_inputs(found, names),
        _assumed(found.scenario, names),
    )
    return Report(
        name="simulation",
        title=_("What would happen if"),
        place=scenario_name(found.scenario.name),
        span=_("{days} simulated days, seed {seed}").format(days=found.days, seed=found.seed),
        lead=tuple(headline(found)),
        notes=(_(WHY_WORK), *notes),
        sections=tuple(sections),
    )


# --- in words ---------------------------------------------------------------------------------


def headline(found: Comparison) -> Iterator[str]:
    """What it comes to."""
    base, *others = found.outcomes
    if not others:
        yield from _alone(base)
    for each in others:
        yield from _compared(base, each)


def _alone(base: Outcome) -> Iterator[str]:
    told = _(
        "On {kind} people wait {mean} minutes on average, 9 of 10 at most {p90}; the last one "
        "leaves at {time}."
    )
    for kind, measures in ((_("usual days"), base.usual), (_("pension days"), base.peak)):
        if measures is not None:
            waits = measures.waits
            time = time_of_day(measures.ended_at)
            yield told.format(
                kind=kind, mean=minutes(waits.mean), p90=minutes(waits.p90), time=time
            )


def _compared(base: Outcome, other: Outcome) -> Iterator[str]:
    name = scenario_name(other.scenario.name)
    usual = base.usual, other.usual, other.usual_change
    peak = base.peak, other.peak, other.peak_change
    for kind, (before, after, change) in ((_("usual days"), usual), (_("pension days"), peak)):
        if before and after and change:
            waits = wait_change(before, after, change)
            work = work_change(before, change)
            yield _("{variant}, on {kind}: {waits} {work}").format(
                variant=name, kind=kind, waits=waits, work=work
            )


def wait_change(before: Measures, after: Measures, change: Changes) -> str:
    """What became of the mean wait."""
    if may_be_chance(change.mean_wait):
        told = _(
            "the mean wait goes from {before} to {after} minutes, which may be chance (a day "
            "{change})."
        )
    else:
        told = _("the mean wait goes from {before} to {after} minutes (a day {change}).")
    return told.format(
        before=minutes(before.waits.mean),
        after=minutes(after.waits.mean),
        change=interval(change.mean_wait),
    )


def work_change(before: Measures, change: Changes) -> str:
    """What became of tickets and work, always both."""
    return _("Tickets {tickets}, the work that comes with them {work}.").format(
        tickets=relative(change.tickets.mean, before.tickets),
        work=relative(change.demand.mean, before.demand),
    )


def may_be_chance(found: Interval) -> bool:
    """Whether no difference at all lies within the interval."""
    return found.margin is None or abs(found.mean) <= found.margin


def interval(found: Interval) -> str:
    """A difference with its 95 % interval."""
    margin = "?" if found.margin is None else f"{found.margin:.1f}"
    return f"{signed(found.mean)}{_HELD}±{_HELD}{margin}"


def signed(value: float) -> str:
    """With a sign that is as wide as a plus."""
    text = f"{value:+.1f}"
    return text.replace("-", _MINUS) if float(text) else "0.0"


def relative(change: float, before: float) -> str:
    """In percent of what was before."""
    return f"{signed(100 * change / before)}{_HELD}%" if before else _("no data")


def minutes(value: float) -> str:
    """To a tenth."""
    return f"{value:.1f}"


def time_of_day(at: float) -> str:
    """Minutes since midnight, as clocks say it."""
    hour, minute = divmod(round(at), 60)
    return f"{hour:02}:{minute:02}"


# --- tables -----------------------------------------------------------------------------------


def _days(found: Comparison) -> Iterator[tuple[str, list[Measures]]]:
    """Usual days, then pension days if there are any, of all variants."""
    yield _("Usual days"), [each.usual for each in found.outcomes]
    if peak := [each.peak for each in found.outcomes if each.peak is not None]:
        yield _("Pension days"), peak


def _variants(found: Comparison) -> list[Column]:
    return [Column(scenario_name(each.scenario.name)) for each in found.outcomes]


def _measures(found: Comparison, names: ScenarioNames) -> Iterator[Section]:
    for kind, each in _days(found):
        yield Section(
            title=_("{kind} ({count})").format(kind=kind, count=each[0].days),
            columns=(Column(_("What is counted"), is_figure=False), *_variants(found)),
            rows=tuple(_measured(each, names, [one.channel for one in found.scenario.devices])),
            folded="" if each[0] is found.outcomes[0].usual else "all",
        )


def _measured(
    of: Sequence[Measures], names: ScenarioNames, channels: Sequence[str]
) -> Iterator[tuple[Cell, ...]]:
    def row(words: str, read: Callable[[Measures], Cell]) -> tuple[Cell, ...]:
        return words, *map(read, of)

    def percent(words: str, read: Callable[[Measures], float]) -> tuple[Cell, ...]:
        return row(words, lambda each: figure(100 * read(each)))

    def wait(words: str, read: Callable[[Waits], float]) -> tuple[Cell, ...]:
        return row(words, lambda each: figure(read(each.waits)))

    yield wait(_("Waiting time: mean (min)"), lambda waits: waits.mean)
    yield wait(_("Half wait at most (P50, min)"), lambda waits: waits.p50)
    yield wait(_("9 of 10 wait at most (P90, min)"), lambda waits: waits.p90)
    yield wait(_("19 of 20 wait at most (P95, min)"), lambda waits: waits.p95)
    yield percent(_("Wait more than 20 min (%)"), lambda each: each.waits.over_20)
    yield percent(_("Wait more than 30 min (%)"), lambda each: each.waits.over_30)
    yield percent(_("Do not come when called (%)"), lambda each: each.no_shows)
    yield row(_("Walk-ins a day"), lambda each: figure(each.walk_ins))
    yield percent(_("Of them diverted (%)"), lambda each: each.diverted)
    came_back = _("Of them come back from an e-channel (%)")
    yield percent(came_back, lambda each: each.came_back / max(1, each.walk_ins))
    yield row(_("Tickets a day"), lambda each: figure(each.tickets))
    yield row(_("Work that comes with them (min a day)"), lambda each: figure(each.demand))
    yield row(_("Work done, of who has not left (min a day)"), lambda each: figure(each.work))
    yield percent(_("Counters at work (utilisation, %)"), lambda each: each.utilisation)
    yield row(_("The last customer leaves at"), lambda each: time_of_day(each.ended_at))
    for channel in channels:
        words = _("Queue at {channel}: 19 of 20 wait at most (min)").format(
            channel=names.of(channel)
        )
        yield words, *(figure(each.channels[channel]) for each in of)


def figure(value: float, decimals: int = 1) -> Decimal:
    """A figure for a table."""
    return Decimal(f"{value:.{decimals}f}")


def _changes(found: Comparison) -> Iterator[Section]:
    rows = [row for each in found.outcomes[1:] for row in _changed(each)]
    if not rows:
        return
    yield Section(
        title=_("The difference to “{name}”, a day").format(
            name=scenario_name(found.outcomes[0].scenario.name)
        ),
        columns=(
            Column(_("Variant"), is_figure=False),
            Column(_("Days"), is_figure=False),
            Column(_("What is counted"), is_figure=False),
            Column(_("Difference")),
            Column("±"),
            Column(_("Shown by these days"), is_figure=False),
        ),
        rows=tuple(rows),
        note=_(
            "Every variant lives through the same days with the same customers. ±: with 95 % "
            "certainty, over the days. Where it is larger than the difference, none was shown."
        ),
    )


def _changed(outcome: Outcome) -> Iterator[tuple[Cell, ...]]:
    name = scenario_name(outcome.scenario.name)
    for kind, change in (
        (_("Usual days"), outcome.usual_change),
        (_("Pension days"), outcome.peak_change),
    ):
        if change is None:
            continue
        for words, each in (
            (_("Waiting time: mean (min)"), change.mean_wait),
            (_("19 of 20 wait at most (P95, min)"), change.p95),
            (_("Tickets a day"), change.tickets),
            (_("Work that comes with them (min a day)"), change.demand),
            (_("Work done, of who has not left (min a day)"), change.work),
        ):
            chance = _("may be chance") if may_be_chance(each) else _("shown")
            yield name, kind, words, figure(each.mean), _margin(each), chance


def _margin(found: Interval) -> Decimal | None:
    return None if found.margin is None else figure(found.margin)


def _half_hours(found: Comparison) -> Iterator[Section]:
    for kind, each in _days(found):
        mean = _by_half_hour(found, _("{kind}: mean wait by half hour"), kind, each, _mean)
        tail = _("{kind}: 9 of 10 wait at most, by half hour")
        yield mean if each[0] is found.outcomes[0].usual else replace(mean, folded="all")
        yield replace(_by_half_hour(found, tail, kind, each, _nine_of_ten), folded="all")


def _mean(waits: Waits) -> float:
    return waits.mean


def _nine_of_ten(waits: Waits) -> float:
    return waits.p90


def _by_half_hour(
    found: Comparison,
    title: str,
    kind: str,
    of: Sequence[Measures],
    read: Callable[[Waits], float],
) -> Section:
    starts = [each.start for each in of[0].half_hours]
    waits = [by_half_hour(each) for each in of]
    return Section(
        title=title.format(kind=kind),
        columns=(Column(_("Ticket issued from")), *_variants(found)),
        rows=tuple(
            (
                time_of_day(start),
                *(_known(each.get(start), lambda waits: figure(read(waits))) for each in waits),
            )
            for start in starts
        ),
        chart=Chart("lines", 0, tuple(range(1, len(of) + 1)), together=_("minutes")),
        folded="table",
    )


def by_half_hour(of: Measures) -> dict[float, Waits]:
    """Waits by the start of the half hour."""
    return {each.start: each.waits for each in of.half_hours}


def _known(waits: Waits | None, read: Callable[[Waits], T]) -> T | None:
    return read(waits) if waits is not None and waits.count else None


def _groups(found: Comparison, names: ScenarioNames) -> Iterator[Section]:
    for kind, of in _days(found):
        yield Section(
            title=_("{kind}: mean wait by group of services").format(kind=kind),
            columns=(Column(_("Services"), is_figure=False), *_variants(found)),
            rows=tuple(
                (
                    names.of_group(group),
                    *(
                        _known(each.groups.get(group), lambda waits: figure(waits.mean))
                        for each in of
                    ),
                )
                for group in found.scenario.groups
            ),
            folded="all",
        )


# --- what it rests on -------------------------------------------------------------------------


def _inputs(found: Comparison, names: ScenarioNames) -> Iterator[Section]:
    variants = [each.scenario for each in found.outcomes]
    yield Section(
        title=_("What was compared"),
        columns=(
            Column(_("Variant"), is_figure=False),
            Column(_("Walk-ins a day")),
            Column(_("Diverted as planned"), "%"),
            Column(_("Counters")),
            Column(_("Planned breaks"), is_figure=False),
            Column(_("Load"), "%"),
        ),
        rows=tuple(_planned(each) for each in variants),
        note=_("Load: the work that comes over the time that counters are open."),
    )
    yield Section(
        title=_("Services"),
        columns=(
            Column(_("Service"), is_figure=False),
            Column(_("Share"), "%"),
            Column(_("At the counter"), _("min")),
            Column(_("E-channel"), is_figure=False),
            Column(_("It can finish"), "%"),
            *(
                Column(_("Go there: {variant}").format(variant=scenario_name(each.name)), "%")
                for each in variants
            ),
        ),
        rows=tuple(_serviced(variants, names)),
        folded="all",
    )


def _planned(scenario: Scenario) -> tuple[Cell, ...]:
    plan = expected(scenario)
    return (
        scenario_name(scenario.name),
        figure(scenario.walk_ins),
        figure(100 * plan.diverted),
        len(scenario.counters),
        breaks_text(scenario.counters),
        figure(100 * plan.load),
    )


def breaks_text(counters: Sequence[Counter]) -> str:
    """Planned breaks, each with how many counters take it."""
    taken: dict[tuple[float, float], int] = {}
    for counter in counters:
        for each in counter.breaks:
            span = each.start, each.minutes
            taken[span] = taken.get(span, 0) + 1
    return ", ".join(
        f"{time_of_day(start)}–{time_of_day(start + length)} × {count}"
        for (start, length), count in sorted(taken.items())
    )


def _serviced(variants: Sequence[Scenario], names: ScenarioNames) -> Iterator[tuple[Cell, ...]]:
    for each in variants[0].services:
        yield (
            names.of(each.code),
            figure(100 * each.share),
            figure(each.minutes),
            names.of(each.channel) if each.channel else "–",
            figure(100 * each.channel_share) if each.channel else "–",
            *(
                figure(100 * variant.service(each.code).acceptance) if each.channel else "–"
                for variant in variants
            ),
        )


def _assumed(scenario: Scenario, names: ScenarioNames) -> Section:
    return Section(
        title=_("What nobody measured here ({count})").format(count=len(scenario.assumptions)),
        columns=(Column(_("Assumed"), is_figure=False), Column(_("Key"), is_figure=False)),
        rows=tuple((names.assumed(key), key) for key in scenario.assumptions),
        note=_("A result is as good as these. kiosk simulate fit replaces what it can estimate.")
        if scenario.assumptions
        else "",
        folded="all",
        empty=_("Everything was estimated from the branch's own events."),
    )
