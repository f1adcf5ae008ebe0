"""`kiosk report demos`: what demos taught, where people left them, and what came after."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from kiosk.cli.report_days import AsJson, FirstDay, LastDay, OneDay, of_days
from kiosk.cli.report_names import demo_names
from kiosk.cli.report_output import InFormat, IntoFile, give_out
from kiosk.cli.report_reach import OfStore, figures_database, reach
from kiosk.demo_words import WAYS
from kiosk.i18n import _
from kiosk.reporting.files import Format
from kiosk.reporting.heading import place, span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kiosk.reporting.report import Section
    from kiosk.services.demos_report import DemosReport


def demos(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show how demos were gone through, where people left them, and who then did it."""
    from kiosk.config import load
    from kiosk.reporting.report import Report
    from kiosk.services.demos_report import demos_report

    settings = load()
    days = of_days(settings, day, first, last)
    with figures_database(settings, store=store) as database:
        report = demos_report(database, settings.branch.code, days)
    if as_json:
        typer.echo(json.dumps(told(report)))
        return
    names = demo_names(settings)
    shown = Report(
        name="demos",
        title=_("Demos"),
        place=place(settings, store=store),
        span=span(days),
        notes=tuple(reach(settings, store=store)),
        sections=(_ways(report, names), _went_on(report, names)),
    )
    give_out(shown, in_format, file)


def told(report: DemosReport) -> dict[str, object]:
    """The report as its JSON has it."""
    return {
        "branch": report.branch,
        "from": f"{report.days.first:%Y-%m-%d}",
        "to": f"{report.days.last:%Y-%m-%d}",
        "by_way": [asdict(each) for each in report.by_way],
        "went_on": [asdict(each) for each in report.went_on],
        "left_out": {"started": report.started_left_out, "finished": report.finished_left_out},
    }


def _ways(report: DemosReport, names: Mapping[str, str]) -> Section:
    from kiosk.reporting.report import Column, Section

    return Section(
        title=_("Without customers of 60+ and large type"),
        columns=(
            Column(_("Demo"), is_figure=False),
            Column(_("Way"), is_figure=False),
            Column(_("Begun")),
            Column(_("Finished"), counts=(_("Finished"), _("Begun"))),
            Column(_("Wrong keys")),
            Column(_("Wrong keys a run")),
            Column(_("Right answers"), counts=(_("Right answers"), _("Questions"))),
            Column(_("Left on the screen"), is_figure=False),
        ),
        rows=tuple(
            (
                names.get(each.demo, each.demo),
                _(WAYS[each.way]),
                each.started,
                each.completion,
                each.wrong_keys,
                f"{each.wrong_keys / each.started:.1f}",
                each.score if each.way == "check" else "–",
                ", ".join(f"{screen} {runs}" for screen, runs in each.left) or "–",
            )
            for each in report.by_way
        ),
        empty=_("no demo was begun"),
        note=_(
            "By customers of 60+ or in large type, in no figure above: {started} begun, {finished}"
            " finished"
        ).format(started=report.started_left_out, finished=report.finished_left_out),
    )


def _went_on(report: DemosReport, names: Mapping[str, str]) -> Section:
    from kiosk.reporting.report import Column, Section

    return Section(
        title=_(
            "Of the visits in which a demo was shown or tried: done on that channel afterwards"
        ),
        columns=(
            Column(_("Demo"), is_figure=False),
            Column(_("Done afterwards"), counts=(_("Done afterwards"), _("Visits"))),
        ),
        rows=tuple((names.get(each.demo, each.demo), each.share) for each in report.went_on),
    )
