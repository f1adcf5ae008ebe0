"""`kiosk report diversion`: what was offered, and what became of it, day by day."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from kiosk.cli.report_days import FirstDay, LastDay, OneDay, of_days
from kiosk.cli.report_names import reason_names
from kiosk.cli.report_output import InFormat, IntoFile, give_out
from kiosk.cli.report_reach import OfStore, figures_database, reach
from kiosk.i18n import _
from kiosk.reporting.files import Format
from kiosk.reporting.heading import place, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.config import Config
    from kiosk.reporting.report import Section
    from kiosk.services.report import DayReport


def diversion(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show what was offered each day, what became of it, and why it was declined."""
    from kiosk.cli.progress import progress_bar
    from kiosk.config import load
    from kiosk.reporting.report import Report
    from kiosk.services.report import day_report

    settings = load()
    days = of_days(settings, day, first, last)
    count, reports = (days.last - days.first).days + 1, []
    with (
        figures_database(settings, store=store) as database,
        progress_bar(_("Reading days")) as show,
    ):
        for number in range(count):
            each = days.first + timedelta(days=number)
            reports.append(day_report(database, settings.branch.code, each))
            show(number + 1, count)
    shown = Report(
        name="diversion",
        title=_("E-channels offered and used"),
        place=place(settings, store=store),
        span=span(days),
        notes=tuple(reach(settings, store=store)),
        sections=(_by_day(reports), _reasons(reports, settings)),
    )
    give_out(shown, in_format, file)


def _by_day(reports: Sequence[DayReport]) -> Section:
    from kiosk.reporting.report import Chart, Column, Section

    return Section(
        title=_("Without customers of 60+ and large type"),
        columns=(
            Column(_("Day"), is_figure=False),
            Column(_("Offered")),
            Column(_("Accepted"), counts=(_("Accepted"), _("Offered"))),
            Column(_("Completed"), counts=(_("Completed"), _("Accepted"))),
            Column(_("Proven"), counts=(_("Proven"), _("Accepted"))),
            Column(_("As people say alone"), counts=(_("As people say alone"), _("Accepted"))),
            Column(_("Fell back"), counts=(_("Fell back"), _("Accepted"))),
            Column(_("Outcome unknown"), counts=(_("Outcome unknown"), _("Accepted"))),
            Column(
                _("Diversion rate, share"),
                counts=(_("Completed"), _("Completed and tickets that could move")),
                decimals=2,
            ),
            Column(
                _("Proven part of the share"),
                counts=(_("Proven"), _("Completed and tickets that could move")),
                decimals=2,
            ),
            Column(
                _("Diversion rate, ratio"),
                counts=(_("Completed"), _("Served at counters")),
                decimals=2,
            ),
        ),
        rows=tuple(
            (
                each.day,
                each.offered,
                each.acceptance,
                each.completion,
                each.proof,
                each.claim,
                each.fall_back,
                each.unknown_outcome,
                each.diversion_share,
                each.proven_share,
                each.diversion_ratio,
            )
            for each in reports
        ),
        note=_(
            "Share: completed ÷ completed and tickets that could move. Ratio: completed ÷ served at"
            " counters; on a day on which no counter reported, ÷ tickets. Proven: the channel's"
            " journal has it; as people say alone: completed, and not proven. Customers of 60+ and"
            " large type are in none of these figures."
        ),
        chart=Chart("lines", 0, (8, 9)) if len(reports) > 1 else None,
    )


def _reasons(reports: Sequence[DayReport], settings: Config) -> Section:
    from kiosk.reporting.report import Column, Section
    from kiosk.services.report import Share

    counts: Counter[str] = Counter()
    for each in reports:
        counts.update(dict(each.decline_reasons))
    names, total = reason_names(settings), counts.total()
    return Section(
        title=_("Why it was declined"),
        columns=(
            Column(_("Reason"), is_figure=False),
            Column(_("Declined"), counts=(_("With this reason"), _("Declined"))),
        ),
        rows=tuple(
            (names.get(code, code), Share(count, total)) for code, count in counts.most_common()
        ),
        empty=_("nobody declined"),
    )
