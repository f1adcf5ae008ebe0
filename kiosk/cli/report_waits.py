"""`kiosk report waits`: what was said of the wait, held against the waits."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase
from kiosk.cli.report_days import AsJson
from kiosk.cli.table import aligned
from kiosk.i18n import _, format_share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kiosk.config import Config
    from kiosk.services.waits_report import Kept, WaitsReport


def waits(
    day: Annotated[
        str, typer.Option(help="today, yesterday, or a date such as 2026-11-25.")
    ] = "today",
    as_json: AsJson = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Hold the waits that customers were told against those that they had."""
    from kiosk.config import load

    settings = load()
    report = _read(settings, day, branch_database or settings.branch_database_url)
    if as_json:
        typer.echo(json.dumps({**asdict(report), "day": f"{report.day:%Y-%m-%d}"}))
        return
    for line in _lines(report, settings):
        typer.echo(line)


def _read(settings: Config, named: str, url: str) -> WaitsReport:
    from contextlib import closing

    from kiosk.cli.day import day_named
    from kiosk.clock import SystemClock
    from kiosk.db import Database
    from kiosk.errors import KioskError
    from kiosk.services.waits_report import waits_report

    day = day_named(named, SystemClock().now().astimezone(settings.zone).date())
    with closing(Database(url)) as database:
        try:
            database.require_schema()
            return waits_report(database, settings.branch.code, day)
        except KioskError as error:
            if error.code == "database_forbidden":
                raise KioskError("report_forbidden", **error.params) from error
            raise


def _lines(report: WaitsReport, settings: Config) -> Iterable[str]:
    from kiosk.i18n import language

    yield f"{settings.branch.name.in_language(language())}  {report.day:%Y-%m-%d}"
    yield _("The range that was said, held against the minutes from the issue to the first call:")
    yield from aligned([*_table(report)])
    yield _("Told that a counter is free, and called within half a minute: {share}").format(
        share=format_share(report.no_wait.inside, report.no_wait.told)
    )
    yield _("Called without having been told a range: {count}").format(count=report.told_no_range)
    yield _("Not called: {count}").format(count=report.not_called)


def _table(report: WaitsReport) -> Iterable[tuple[str, ...]]:
    yield (
        _("Tickets"), _("Told"), _("Inside"), _("Later"), _("By > 5 min"), _("Earlier"), _("Mean"),
        _("Median"), _("9 of 10 within"),
    )  # fmt: skip
    yield _row(_("All"), report.total)
    for queue, kept in report.by_queue:
        yield _row(_("Queue {letter}").format(letter=queue), kept)
    for hour, kept in report.by_hour:
        yield _row(f"{hour:02}:00–{hour + 1:02}:00", kept)
    yield _row(_("After an offer"), report.after_offer)
    yield _row(_("Without an offer"), report.without_offer)


def _row(title: str, kept: Kept) -> tuple[str, ...]:
    if not kept.told:
        return (title, "0", *[_("no data")] * 7)
    shares = (kept.inside, kept.later, kept.much_later, kept.earlier)
    waits = (kept.waited.mean, kept.waited.median, kept.waited.p90)
    return (
        title,
        str(kept.told),
        *(f"{100 * each / kept.told:.1f} %" for each in shares),
        *("" if each is None else f"{each:.1f}" for each in waits),
    )
