"""`kiosk report demos`: what demos taught, where people left them, and what came after."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from kiosk.cli.report_days import AsJson, FirstDay, LastDay, OneDay, of_days, span
from kiosk.cli.report_reach import OfStore, figures_database, place, reach
from kiosk.cli.table import aligned
from kiosk.demo_words import WAYS
from kiosk.i18n import _, format_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kiosk.config import Config
    from kiosk.services.demos_report import DemosReport, WayFigures, WentOn
    from kiosk.services.report import Share


def demos(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    as_json: AsJson = False,
    store: OfStore = False,
) -> None:
    """Show how demos were gone through, where people left them, and who then did it."""
    from kiosk.config import load
    from kiosk.services.demos_report import demos_report

    settings = load()
    days = of_days(settings, day, first, last)
    with figures_database(settings, store=store) as database:
        report = demos_report(database, settings.branch.code, days)
    if as_json:
        typer.echo(json.dumps(told(report)))
        return
    typer.echo(f"{place(settings, store=store)}  {span(days)}")
    for line in (*reach(settings, store=store), *_lines(report, demo_names(settings))):
        typer.echo(line)


def demo_names(settings: Config) -> dict[str, str]:
    """Demos in the catalog's words; an older one may have had others: their code stands."""
    from kiosk.i18n import language
    from kiosk.services.followed import catalog_in_use

    return {demo.code: demo.name.in_language(language()) for demo in catalog_in_use(settings).demos}


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


def _lines(report: DemosReport, names: Mapping[str, str]) -> Iterable[str]:
    yield _("Without customers of 60+ and large type:")
    if not report.by_way:
        yield "  " + _("no demo was begun")
    else:
        yield from _indented(_ways(report.by_way, names))
    if report.went_on:
        yield _("Of the visits in which a demo was shown or tried: done on that channel afterwards")
        yield from _indented(_went_on(report.went_on, names))
    yield _(
        "By customers of 60+ or in large type, in no figure above: {started} begun, {finished}"
        " finished"
    ).format(started=report.started_left_out, finished=report.finished_left_out)


def _indented(rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"  {line}" for line in aligned([*rows])]


def _ways(ways: Iterable[WayFigures], names: Mapping[str, str]) -> Iterable[tuple[str, ...]]:
    yield (
        _("Demo"), _("Way"), _("Begun"), _("Finished"), _("Wrong keys a run"), _("Right answers"),
        _("Left on the screen"),
    )  # fmt: skip
    for each in ways:
        yield (
            names.get(each.demo, each.demo),
            _(WAYS[each.way]),
            str(each.started),
            _share(each.completion),
            f"{each.wrong_keys / each.started:.1f} ({each.wrong_keys}/{each.started})",
            _share(each.score) if each.way == "check" else "–",
            ", ".join(f"{screen} {runs}" for screen, runs in each.left) or "–",
        )


def _went_on(went_on: Iterable[WentOn], names: Mapping[str, str]) -> Iterable[tuple[str, ...]]:
    for each in went_on:
        yield (names.get(each.demo, each.demo), _share(each.share))


def _share(share: Share) -> str:
    return format_share(share.numerator, share.denominator)
