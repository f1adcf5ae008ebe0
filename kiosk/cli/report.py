"""`kiosk report`: the figures of a day, each with the counts that it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kiosk.cli.report_demos import demos
from kiosk.cli.report_diversion import diversion
from kiosk.cli.report_names import reason_names
from kiosk.cli.report_practice import practice
from kiosk.cli.report_reach import OfStore, figures_database, reach
from kiosk.cli.report_staff import (
    comparison,
    follow_ups,
    morning,
    people,
    ranking,
    rhythm,
    targets,
)
from kiosk.cli.report_waits import waits
from kiosk.i18n import _, format_share
from kiosk.reporting.heading import place

if TYPE_CHECKING:
    from kiosk.services.report import DayReport, Share
    from kiosk.services.spread import Spread

app = typer.Typer(help="Show a day's figures.", no_args_is_help=True)


app.command()(diversion)
app.command()(waits)
app.command()(demos)
app.command()(practice)
for _command in (people, ranking, comparison, targets, follow_ups, morning, rhythm):
    app.command()(_command)


@app.callback()
def _group() -> None:
    """Show a day's figures."""


@app.command()
def today(store: OfStore = False) -> None:
    """Show today's visits, offers, tickets and diversion rates."""
    from kiosk import config
    from kiosk.clock import SystemClock
    from kiosk.services.report import day_report

    settings = config.load()
    with figures_database(settings, store=store) as database:
        day = SystemClock().now().astimezone(settings.zone).date()
        report = day_report(database, settings.branch.code, day)
    title = f"{place(settings, store=store)}  {report.day:%Y-%m-%d}"
    for line in (
        title,
        *reach(settings, store=store),
        *_lines(report, reason_names(settings), of_counters=not store),
    ):
        typer.echo(line)


def _of_counters(report: DayReport) -> list[str]:
    return [
        _("At the counters: {served} served, {no_show} did not come, {expired} left over").format(
            served=report.served, no_show=report.no_show, expired=report.expired
        ),
        _("Waiting time: {spread}").format(spread=_spread(report.waiting)),
        _("Service time: {spread}").format(spread=_spread(report.service)),
    ]


def _spread(spread: Spread) -> str:
    if spread.mean is None or spread.median is None or spread.p90 is None:
        return _("no data")
    return _("mean {mean} min, median {median}, 9 of 10 within {p90} ({count} tickets)").format(
        mean=f"{spread.mean:.1f}",
        median=f"{spread.median:.1f}",
        p90=f"{spread.p90:.1f}",
        count=spread.count,
    )


def _lines(report: DayReport, reasons: dict[str, str], *, of_counters: bool) -> list[str]:
    """The report as lines of text; ``reasons`` names those for declining."""
    ratio = (
        _("  Diversion rate, ratio (completed ÷ counter tickets): {share}")
        if report.served_counted is None
        else _("  Diversion rate, ratio (completed ÷ served at counters): {share}")
    )
    lines = [
        _("Visits: {count}, of them {left_out} by customers of 60+ or in large type").format(
            count=report.visits, left_out=report.visits_left_out
        ),
        _("Tickets: {count}, of them {left_out} for customers of 60+ or in large type").format(
            count=report.tickets, left_out=report.tickets_left_out
        ),
        *(_of_counters(report) if of_counters else []),
        _("Without customers of 60+ and large type:"),
        _("  E-channel offered: {count}").format(count=report.offered),
        _("  Accepted ÷ offered: {share}").format(share=_share(report.acceptance)),
        _("  Completed ÷ accepted: {share}").format(share=_share(report.completion)),
        _("    Proven by the channel's journal ÷ accepted: {share}").format(
            share=_share(report.proof)
        ),
        _("    As people say alone ÷ accepted: {share}").format(share=_share(report.claim)),
        _("  Fell back ÷ accepted: {share}").format(share=_share(report.fall_back)),
        _("  Outcome unknown ÷ accepted: {share}").format(share=_share(report.unknown_outcome)),
        _("  Diversion rate, share (completed ÷ completed and tickets that could move): {share}")
        .format(share=_share(report.diversion_share)),
        _("    Proven part: {share}").format(share=_share(report.proven_share)),
        ratio.format(share=_share(report.diversion_ratio)),
        _("    Proven part: {share}").format(share=_share(report.proven_ratio)),
        _("  Declined: {count}").format(count=report.declined),
    ]  # fmt: skip
    # an older catalog may have had reasons that today's has not: their code stands for them
    return lines + [
        f"    {reasons.get(code, code)}: {count}" for code, count in report.decline_reasons
    ]


def _share(share: Share | None) -> str:
    if share is None:
        return _("no data")
    return format_share(share.numerator, share.denominator)
