"""Staff's figures as sections of a report: for a command, a screen, a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from kiosk.figure_words import METRICS, figure_name, formula, unit_name
from kiosk.i18n import N_, _, language, ngettext
from kiosk.reporting.report import Cell, Chart, Column, Section, percent
from kiosk.services.catalog import Catalog
from kiosk.services.catalog_parts import LocalizedText
from kiosk.services.report import Share
from kiosk.services.staff.figures import COUNTS, PersonFigures, Ranked
from kiosk.services.staff.follow_ups import FollowUpList, ToDo
from kiosk.services.staff.morning import MorningSheet
from kiosk.services.staff.rates import COMPARED, Compared, RankedBranch
from kiosk.services.staff.rhythm import Rhythm
from kiosk.services.staff.targets import Progress

_RESULTS: Mapping[str | None, str] = {
    None: N_("not yet followed up"),
    "activated": N_("in use"),
    "will_try": N_("will try"),
    "not_reached": N_("not reached"),
    "problem": N_("has a problem"),
    "does_not_want": N_("does not want it"),
    "visited": N_("visited"),
}
_WAYS = {"call": N_("call"), "visit": N_("visit")}
_CAUSES = {
    "arrivals": N_("More customers than usual in half an hour: {today}, usually {usual}"),
    "counters": N_("Fewer counters than usual: {today}, usually {usual}"),
    "service": N_("Services take longer than usual: {today} min, usually {usual}"),
}


_CATEGORIES = {
    "complaint": N_("Complaint"),
    "special_care": N_("Special care"),
    "equipment": N_("Equipment"),
}


class Word(str):
    """What a code is called: people read the word, JSON has the code."""

    __slots__ = ("code",)
    code: str | None

    def __new__(cls, word: str, code: str | None) -> "Word":
        """The word with its code; None: what has no code, as all products together."""
        made = super().__new__(cls, word)
        made.code = code
        return made


@dataclass(frozen=True)
class Part:
    """A section, with the codes that JSON has for it and its columns."""

    code: str
    section: Section
    codes: tuple[str, ...]

    def told(self) -> list[dict[str, object]]:
        """The rows as JSON has them."""
        return [dict(zip(self.codes, map(_value, row), strict=True)) for row in self.section.rows]


def _value(cell: Cell) -> object:
    match cell:
        case Word():
            return cell.code
        case Share():
            shown = percent(cell, 2)
            return {
                "numerator": cell.numerator,
                "denominator": cell.denominator,
                "percent": None if shown is None else str(shown),
            }
        case Decimal() | date():
            return str(cell)
    return cell


Coded = tuple[str, Column]
"""A column's code and the column."""


def _part(
    code: str,
    title: str,
    columns: Sequence[Coded],
    rows: Iterable[tuple[Cell, ...]],
    *,
    note: Sequence[str] = (),
    chart: Chart | None = None,
) -> Part:
    section = Section(
        title=title,
        columns=tuple(column for _code, column in columns),
        rows=tuple(rows),
        note="\n".join(map(formula, note)),
        chart=chart,
        empty=_("nothing"),
    )
    return Part(code, section, tuple(each for each, _column in columns))


def _figure(code: str) -> Coded:
    return code, Column(figure_name(code))


def _rate(code: str, head: str, above: str = "", below: str = "") -> Coded:
    return code, Column(head, counts=(above, below), decimals=2)


def _number(code: str, head: str, unit: str = "") -> Coded:
    return code, Column(head, unit)


def _words(code: str, head: str) -> Coded:
    return code, Column(head, is_figure=False)


def _tenths(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 1)))


def _plain(value: Decimal | None) -> Decimal | None:
    """Without needless zeros, and never as 2E+3."""
    return None if value is None else Decimal(f"{value.normalize():f}")


def left_out_note() -> str:
    """Whom no figure of staff counts."""
    return _("Customers of 60+ and in large type are in none of these figures.")


class Named(Protocol):
    """A part of the catalog."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def name(self) -> LocalizedText:
        """What it is called."""


@dataclass(frozen=True)
class Names:
    """What codes are called."""

    catalog: Catalog
    staff: Mapping[str, str]
    """By number."""

    def product(self, code: str | None) -> Word:
        """A product; all of them, if none is named."""
        word = _("all") if code is None else self._called(code, self.catalog.products)
        return Word(word, code)

    def device(self, code: str) -> Word:
        """A channel, or one machine of it, by its code in the day book."""
        channel, _between, number = code.rpartition("_")
        machine = int(number) if number.isdecimal() else None
        return Word(device_name(self.catalog, code if machine is None else channel, machine), code)

    def failure(self, code: str) -> Word:
        """Why a diversion came to nothing."""
        word = self._called(code, self.catalog.failure_reasons) if code else _("not said")
        return Word(word, code or None)

    def person(self, number: str | None) -> str:
        """A name; a number that is not in the roster any more stands for itself."""
        return self.staff.get(number, number) if number else _("not known")

    def _called(self, code: str, parts: Iterable[Named]) -> str:
        """An older catalog may have had others than today's: their code stands for them."""
        found = next((each.name for each in parts if each.code == code), None)
        return code if found is None else found.in_language(language())


def device_name(catalog: Catalog, channel: str, machine: int | None) -> str:
    """As staff say it; a channel that the catalog no longer has is told by its code."""
    names = {each.code: each.name.in_language(language()) for each in catalog.channels}
    name = names.get(channel, channel)
    if machine is None:
        return name
    return _("{channel} no. {number}").format(channel=name, number=machine)


def service_name(catalog: Catalog, code: str | None) -> str:
    """What somebody came for; a service that the catalog no longer has is told by its code."""
    if code is None:
        return _("Not said")
    names = {each.code: each.name.in_language(language()) for each in catalog.services}
    return names.get(code, code)


def people_part(people: Iterable[PersonFigures], names: Names, *, explained: bool = False) -> Part:
    """What each person did, with the pay where anything is paid by the piece."""
    rates = names.catalog.piece_rates
    columns = [_words("staff", _("Staff number")), _words("name", _("Name"))]
    columns += [_figure(code) for code in COUNTS]
    columns += [_figure("pay")] if rates is not None else []
    rows: list[tuple[Cell, ...]] = []
    for each in people:
        counts = (int(getattr(each, code)) for code in COUNTS)
        pay = [Decimal(each.pay(rates)).scaleb(-2)] if rates is not None else []
        rows.append((each.staff, names.person(each.staff), *counts, *pay))
    note = (*COUNTS, "pay") if explained else ()
    return _part("people", _("By person"), columns, rows, note=note)


def ranking_part(
    ranked: Iterable[Ranked], by: str, names: Names, *, explained: bool = False
) -> Part:
    """People by one figure."""
    columns = (
        _number("place", _("Place")),
        _words("staff", _("Staff number")),
        _words("name", _("Name")),
        _figure(by),
    )
    rows: list[tuple[Cell, ...]] = []
    for each in ranked:
        staff = each.figures.staff
        rows.append((each.place, staff, names.person(staff), int(getattr(each.figures, by))))
    chart = Chart("bars", 2, (3,))
    title = _("Ranking · {figure}").format(figure=figure_name(by))
    return _part("ranking", title, columns, rows, note=[by] * explained, chart=chart)


def branches_part(ranked: Iterable[RankedBranch], by: str, *, explained: bool = False) -> Part:
    """Branches by one rate."""
    columns = (
        _number("place", _("Place")),
        _words("branch", _("Branch")),
        _rate(by, figure_name(by)),
    )
    rows = [(each.place, each.branch, each.share) for each in ranked]
    chart = Chart("bars", 1, (2,))
    return _part("ranking", _("Ranking"), columns, rows, note=[by] * explained, chart=chart)


def comparison_part(compared: Iterable[Compared], names: Names, *, explained: bool = False) -> Part:
    """A branch beside the network."""
    columns = (
        _words("rate", _("Rate")),
        _words("product", _("Product")),
        _rate("branch", _("Branch")),
        _rate("network", _("Network")),
        _figure("gap"),
    )
    rows = [
        (
            Word(figure_name(each.rate), each.rate),
            names.product(each.product) if each.product else Word("–", None),
            each.branch,
            each.network,
            each.gap,
        )
        for each in compared
    ]
    note = (*COMPARED, "gap") if explained else ()
    return _part("comparison", _("Beside all branches"), columns, rows, note=note)


def targets_part(progress: Iterable[Progress], names: Names, *, explained: bool = False) -> Part:
    """Targets, what was reached of them, and where that leads."""
    columns = (
        _words("metric", _("Metric")),
        _words("product", _("Product")),
        _words("staff", _("Whose")),
        _words("period", _("Period")),
        _words("unit", _("Unit")),
        _number("target", _("Target")),
        _number("actual", _("Actual")),
        _number("completion_rate", figure_name("completion_rate"), "%"),
        _figure("due"),
        _figure("forecast"),
        _number("forecast_completion", _("Forecast"), "%"),
    )
    rows = [
        (
            Word(_(METRICS[each.target.metric]), each.target.metric),
            names.product(each.target.product),
            Word(_whose(each.target.staff, names), each.target.staff),
            each.target.period,
            Word(unit_name(each.target.unit), each.target.unit),
            _plain(each.target.value),
            _plain(each.actual),
            each.completion,
            _plain(each.due),
            _plain(each.forecast),
            each.forecast_completion,
        )
        for each in progress
    ]
    note = ("completion_rate", "due", "forecast") if explained else ()
    return _part("targets", _("Targets"), columns, rows, note=note)


def _whose(staff: str | None, names: Names) -> str:
    return names.person(staff) if staff else _("branch")


def follow_ups_parts(
    found: FollowUpList, names: Names, phones: Mapping[UUID, str] | None = None
) -> tuple[Part, ...]:
    """What is overdue, due today and coming, and what sleeps.

    Args:
        found: The work.
        names: What codes are called.
        phones: By sign-up, as they are to be shown; None: without such a column.
    """
    parts = (
        ("overdue", _("Overdue"), found.overdue),
        ("due_today", _("Due today"), found.due_today),
        ("coming", _("Coming"), found.coming),
    )
    listed = [_to_do_part(code, title, to_do, names, phones) for code, title, to_do in parts]
    columns = (
        _words("receipt", _("Receipt number")),
        _words("product", _("Product")),
        _words("signed_on", _("Signed up on")),
        _words("staff", _("Signed up by")),
    )
    rows = [
        (
            each.receipt,
            names.product(each.product),
            each.signed_on,
            Word(names.person(each.staff), each.staff),
        )
        for each in found.dormant
    ]
    title = _("Dormant: {count}").format(count=found.dormant_count)
    return (*listed, _part("dormant", title, columns, rows))


def _to_do_part(
    code: str,
    title: str,
    to_do: Sequence[ToDo],
    names: Names,
    phones: Mapping[UUID, str] | None,
) -> Part:
    columns = [
        _words("due_on", _("Due on")),
        _words("by", _("How")),
        _words("receipt", _("Receipt number")),
        _words("products", _("Product")),
        _words("signed_on", _("Signed up on")),
        _words("staff", _("Signed up by")),
        _number("tries", _("Tries")),
        _words("last_result", _("Last result")),
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            each.due_on,
            Word(_(_WAYS[each.by]), each.by),
            each.receipt,
            Word(", ".join(map(names.product, each.products)), " ".join(each.products)),
            each.signed_on,
            Word(names.person(each.staff), each.staff),
            each.tries,
            Word(result_name(each.last_result), each.last_result),
        )
        for each in to_do
    ]
    if phones is not None:
        columns.append(_words("phone", _("Phone")))
        rows = [(*row, phones.get(each.sign_up, "")) for row, each in zip(rows, to_do, strict=True)]
    return _part(code, title, columns, rows)


def result_name(code: str | None) -> str:
    """What a follow-up found, in words."""
    return _(_RESULTS[code]) if code in _RESULTS else str(code)


def rhythm_part(found: Rhythm) -> Part:
    """The load by half hours, today and as usual."""
    columns = (
        _words("begins", _("From")),
        _number("arrivals", _("Customers")),
        _number("usual_arrivals", _("usual customers")),
        _number("wait", _("Wait"), _("min")),
        _number("usual_wait", _("usual wait"), _("min")),
        _number("counters", _("Counters")),
        _number("usual_counters", _("usual counters")),
    )
    rows = [
        (
            f"{each.begins:%H:%M}",
            int(each.today.arrivals),
            _tenths(each.usual.arrivals),
            _tenths(each.today.wait),
            _tenths(each.usual.wait),
            int(each.today.counters),
            _tenths(each.usual.counters),
        )
        for each in found.half_hours
    ]
    chart = Chart("bars", 0, (1, 2))
    return _part("rhythm", _("By half hours"), columns, rows, chart=chart)


def usual_days(found: Rhythm) -> str:
    """What today is compared with."""
    return ngettext(
        "Usual: the median of {count} earlier day of this weekday.",
        "Usual: the median of {count} earlier days of this weekday.",
        found.days_compared,
    ).format(count=found.days_compared)


def causes(found: Rhythm) -> list[str]:
    """Where the wait comes from, a line each."""
    return [
        _(_CAUSES[each.code]).format(today=f"{each.today:.1f}", usual=f"{each.usual:.1f}")
        for each in found.causes
    ]


def morning_parts(sheet: MorningSheet, names: Names) -> tuple[Part, ...]:
    """The morning sheet, section by section."""
    count = _number("count", _("Count"))
    product, person = _words("product", _("Product")), _words("staff", _("Name"))
    reason = _words("reason", _("Reason"))
    off, faulty = Word(_("switched off"), "off"), Word(_("not in order"), "not_in_order")
    equipment = [(names.device(each.code), off, each.times) for each in sheet.outages]
    equipment += [(names.device(each.code), faulty, each.times) for each in sheet.not_in_order]
    return (
        _part(
            "rates",
            _("Diversion rate"),
            (_words("rate", _("Rate")), _rate("value", _("Diversion rate"))),
            [
                (
                    Word(_("completed ÷ completed and tickets that could move"), "share"),
                    sheet.day.diversion_share,
                ),
                (
                    Word(_("proven ÷ completed and tickets that could move"), "proven_share"),
                    sheet.day.proven_share,
                ),
                (
                    Word(_("completed ÷ served at counters"), "ratio"),
                    sheet.day.diversion_ratio,
                ),
                (
                    Word(_("proven ÷ served at counters"), "proven_ratio"),
                    sheet.day.proven_ratio,
                ),
            ],
        ),
        _part(
            "activations",
            _("Came into use"),
            (product, count),
            [(names.product(code), number) for code, number in sheet.activations],
        ),
        _part(
            "failed",
            _("Came back to the counter"),
            (reason, count),
            [(names.failure(code), number) for code, number in sheet.failed],
        ),
        _part(
            "overdue",
            _("Follow-ups not done in time"),
            (person, count),
            [(Word(names.person(code), code or None), number) for code, number in sheet.overdue],
        ),
        _part(
            "notes",
            _("Day book"),
            (_words("category", _("About")), _words("text", _("What"))),
            [
                (Word(_(_CATEGORIES[each.category]), each.category), each.text)
                for each in sheet.notes
            ],
        ),
        _part(
            "equipment",
            _("Equipment; rounds: {count} of 3").format(count=sheet.rounds),
            (_words("what", _("What")), _words("state", _("State")), count),
            equipment,
        ),
    )
