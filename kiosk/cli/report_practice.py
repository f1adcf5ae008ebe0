"""`kiosk report practice`: who among staff has practised what."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from kiosk.cli.report_days import AsJson, FirstDay, LastDay, OneDay, of_days, span
from kiosk.cli.report_demos import demo_names
from kiosk.cli.report_reach import OfStore, figures_database, place, reach
from kiosk.cli.table import aligned
from kiosk.demo_words import WAYS
from kiosk.i18n import _, format_share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.config import Config
    from kiosk.services.practice_report import DemoFigures, DrillFigures, PracticeReport


def practice(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    as_json: AsJson = False,
    store: OfStore = False,
) -> None:
    """Show who among staff practised which demos, and what to answer to which sentences."""
    from kiosk.config import load
    from kiosk.services.practice_report import practice_report

    settings = load()
    days = of_days(settings, day, first, last)
    with figures_database(settings, store=store) as database:
        report = practice_report(database, settings.branch.code, days)
    if as_json:
        typer.echo(json.dumps(told(report)))
        return
    typer.echo(f"{place(settings, store=store)}  {span(days)}")
    for line in (*reach(settings, store=store), *_lines(report, settings)):
        typer.echo(line)


def told(report: PracticeReport) -> dict[str, object]:
    """The report as its JSON has it."""
    return {
        "branch": report.branch,
        "from": f"{report.days.first:%Y-%m-%d}",
        "to": f"{report.days.last:%Y-%m-%d}",
        "demos": [asdict(each) for each in report.demos],
        "drills": [asdict(each) for each in report.drills],
    }


def _lines(report: PracticeReport, settings: Config) -> Iterable[str]:
    if not report.demos and not report.drills:
        yield _("Nobody practised.")
    if report.demos:
        yield _("Demos:")
        yield from (f"  {line}" for line in aligned([*_demos(report.demos, settings)]))
    if report.drills:
        yield _("What customers say, answered; how well, they say themselves:")
        yield from (f"  {line}" for line in aligned([*_drills(report.drills, settings)]))


def _demos(demos: Iterable[DemoFigures], settings: Config) -> Iterable[tuple[str, ...]]:
    names = demo_names(settings)
    yield (_("Staff number"), _("Demo"), _("Way"), _("Begun"), _("Finished"), _("Right answers"))
    for each in demos:
        yield (
            each.staff,
            names.get(each.demo, each.demo),
            _(WAYS[each.way]),
            str(each.started),
            str(each.finished),
            format_share(each.right_answers, each.questions) if each.way == "check" else "–",
        )


def _drills(drills: Iterable[DrillFigures], settings: Config) -> Iterable[tuple[str, ...]]:
    from kiosk.i18n import language
    from kiosk.services.followed import catalog_in_use

    said = {
        each.code: each.reason.in_language(language())
        for each in catalog_in_use(settings).objections
    }
    yield (_("Staff number"), _("Sentence"), _("Could say it"))
    for each in drills:
        share = format_share(each.could_say, each.answered)
        yield (each.staff, said.get(each.objection, each.objection), share)
