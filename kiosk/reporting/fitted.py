"""What a branch's own events say of it: each value with its interval, and what nobody measured."""

from collections.abc import Mapping
from typing import Final

from babel.dates import get_day_names

from kiosk.i18n import N_, _, language, ngettext
from kiosk.reporting.report import Cell, Column, Report, Section
from kiosk.services.simulation.findings import Assumed, Estimate, Reason
from kiosk.services.simulation.fitting import Fitted
from kiosk.services.simulation.scenario import HALF_HOUR
from kiosk.simulation_words import ScenarioNames

_SHARES: Final = frozenset(
    ("half_hours", "share", "channel_share", "acceptance", "priority_share", "come_back",
     "no_show_at_once")
)  # fmt: skip
_MOMENTS: Final = frozenset(("start", "opens", "closes"))
_MINUTES: Final = ("minutes", "gap", "median")
_REASONS: Final[Mapping[Reason, str]] = {
    Reason.NOT_IN_EVENTS: N_("no event tells it; as the catalog has it"),
    Reason.TOO_FEW: N_("too few to say anything"),
    Reason.OFFERED_NOTHING: N_(
        "who is 60+ or uses large type is offered nothing and stays out of all diversion figures: "
        "all of them are taken to the counters"
    ),
    Reason.WAITS_TOO_SHORT: N_("too few waited long enough to leave"),
    Reason.NO_COUNTERS: N_("no counter told when it opened and closed; as it is configured"),
    Reason.NOBODY_STAYS: N_("else nobody would serve these until closing"),
}


def fitted_report(found: Fitted, names: ScenarioNames, place: str, span: str) -> Report:
    """All that was found.

    Args:
        found: The fit.
        names: Of its scenario.
        place: The branch.
        span: From which days.
    """
    return Report(
        "fit",
        _("The branch as its events show it"),
        place,
        span,
        _notes(found),
        (
            _estimates(found, names),
            Section(
                _("What nobody measured here ({count})").format(count=len(found.assumed)),
                (Column(_("Value"), is_figure=False), Column(_("Because"), is_figure=False)),
                tuple(_by_reason(found.assumed, names)),
            ),
        ),
    )


def _notes(found: Fitted) -> tuple[str, ...]:
    days = ngettext(
        "From {count} day with customers.", "From {count} days with customers.", found.days
    )
    notes = [days.format(count=found.days)]
    if found.left_out_days:
        left_out = ngettext(
            "{count} day on which the branch is usually closed is in no figure.",
            "{count} days on which the branch is usually closed are in no figure.",
            found.left_out_days,
        )
        notes.append(left_out.format(count=found.left_out_days))
    without, everybody = found.diverted
    notes.append(
        _("Needed no ticket: {without} of {everybody} ({percent:.1f} %).").format(
            without=without, everybody=everybody, percent=100 * without / everybody
        )
    )
    configured = _(
        "As the branch has configured it: what each counter can do, by how many minutes those who "
        "go ahead do, how many machines there are, and which days are peak days."
    )
    return (*notes, configured)


def _estimates(found: Fitted, names: ScenarioNames) -> Section:
    columns = (
        Column(_("Value"), is_figure=False),
        Column(_("Estimate")),
        Column(_("At least")),
        Column(_("At most")),
        Column(_("Of how many")),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            _named(each, found, names),
            *(_text(each, value) for value in (each.value, each.low, each.high)),
            each.count,
        )
        for each in found.estimates
    )
    note = _("19 times in 20 the true value lies between both, if days to come are like these.")
    return Section(_("What was estimated"), columns, rows, note)


def _named(estimate: Estimate, found: Fitted, names: ScenarioNames) -> str:
    match estimate.name.split("."):
        case [table, "half_hours", number]:
            start = found.scenario.opens + HALF_HOUR * (int(number) - 1)
            span = f"{_clock(start)}–{_clock(start + HALF_HOUR)}"
            return f"{names.assumed(f'{table}.half_hours')}: {span}"
        case ["arrivals", "weekdays", number]:
            day = get_day_names("wide", locale=language())[found.weekdays[int(number) - 1]]
            return f"{names.assumed('arrivals.weekdays')}: {day}"
        case ["peak_days", "services", code]:
            return f"{names.assumed('peak_days.services')}: {names.of(code)}"
        case ["counters", counter, "breaks", number, "start"]:
            return _("Counter {counter}: break {number} begins").format(
                counter=counter, number=number
            )
        case ["counters", counter, "breaks", number, "minutes"]:
            return _("Counter {counter}: break {number} takes").format(
                counter=counter, number=number
            )
        case ["counters", counter, "opens"]:
            return _("Counter {counter} opens").format(counter=counter)
        case ["counters", counter, "closes"]:
            return _("Counter {counter} closes").format(counter=counter)
    return names.assumed(estimate.name)


def _text(estimate: Estimate, value: float) -> str:
    keys = [each for each in estimate.name.split(".") if not each.isdecimal()]
    key = keys[-1]
    if keys[0] == "peak_days" or key == "weekdays":
        return f"× {value:.2f}"
    if key in _SHARES:
        return f"{100 * value:.1f} %"
    if key in _MOMENTS:
        return _clock(value)
    if key.endswith(_MINUTES):
        return _("{minutes:.1f} min").format(minutes=value)
    return f"{value:.0f}" if key == "walk_ins" else f"{value:.2f}"


def _clock(minutes: float) -> str:
    hour, minute = divmod(round(minutes), 60)
    return f"{hour:02}:{minute:02}"


def _by_reason(assumed: tuple[Assumed, ...], names: ScenarioNames) -> dict[tuple[str, str], None]:
    """What and why; one line for all services with the same."""
    found: dict[tuple[str, str], None] = {}
    for each in assumed:
        table, _dot, key = each.name.rpartition(".")
        shared = f"services.{key}" if table.startswith("services.") else each.name
        found[names.assumed(shared), _(_REASONS[each.reason])] = None
    return found
