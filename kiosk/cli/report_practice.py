"""`kiosk report practice`: who among staff has practised what."""

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
    from kiosk.config import Config
    from kiosk.reporting.report import Section
    from kiosk.services.practice_report import PracticeReport


def practice(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    as_json: AsJson = False,
    store: OfStore = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
) -> None:
    """Show who among staff practised which demos, and what to answer to which sentences."""
    from kiosk.config import load
    from kiosk.reporting.report import Report
    from kiosk.services.practice_report import practice_report

    settings = load()
    days = of_days(settings, day, first, last)
    with figures_database(settings, store=store) as database:
        report = practice_report(database, settings.branch.code, days)
    if as_json:
        typer.echo(json.dumps(told(report)))
        return
    shown = Report(
        name="practice",
        title=_("Practice among staff"),
        place=place(settings, store=store),
        span=span(days),
        notes=tuple(reach(settings, store=store)),
        sections=(_demos(report, settings), _drills(report, settings)),
    )
    give_out(shown, in_format, file)


def told(report: PracticeReport) -> dict[str, object]:
    """The report as its JSON has it."""
    return {
        "branch": report.branch,
        "from": f"{report.days.first:%Y-%m-%d}",
        "to": f"{report.days.last:%Y-%m-%d}",
        "demos": [asdict(each) for each in report.demos],
        "drills": [asdict(each) for each in report.drills],
    }


def _demos(report: PracticeReport, settings: Config) -> Section:
    from kiosk.reporting.report import Column, Section
    from kiosk.services.report import Share

    names = demo_names(settings)
    return Section(
        title=_("Demos"),
        columns=(
            Column(_("Staff number"), is_figure=False),
            Column(_("Demo"), is_figure=False),
            Column(_("Way"), is_figure=False),
            Column(_("Begun")),
            Column(_("Finished")),
            Column(_("Right answers"), counts=(_("Right answers"), _("Questions"))),
        ),
        rows=tuple(
            (
                each.staff,
                names.get(each.demo, each.demo),
                _(WAYS[each.way]),
                each.started,
                each.finished,
                Share(each.right_answers, each.questions) if each.way == "check" else "–",
            )
            for each in report.demos
        ),
        empty=_("Nobody practised."),
    )


def _drills(report: PracticeReport, settings: Config) -> Section:
    from kiosk.i18n import language
    from kiosk.reporting.report import Column, Section
    from kiosk.services.followed import catalog_in_use
    from kiosk.services.report import Share

    said = {
        each.code: each.reason.in_language(language())
        for each in catalog_in_use(settings).objections
    }
    return Section(
        title=_("What customers say, answered; how well, they say themselves"),
        columns=(
            Column(_("Staff number"), is_figure=False),
            Column(_("Sentence"), is_figure=False),
            Column(_("Could say it"), counts=(_("Could say it"), _("Answered"))),
        ),
        rows=tuple(
            (
                each.staff,
                said.get(each.objection, each.objection),
                Share(each.could_say, each.answered),
            )
            for each in report.drills
        ),
        empty=_("Nobody practised."),
    )
