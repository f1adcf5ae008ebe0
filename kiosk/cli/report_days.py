"""Of which days a report is, and how it answers: the options that reports share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.together import refuse_together
from kiosk.i18n import _

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.services.demos_report import Days

OneDay = Annotated[
    str | None,
    typer.Option(help="today, yesterday, or a date such as 2026-11-25; nothing said: today."),
]
FirstDay = Annotated[str | None, typer.Option("--from", help="Of several days, the first.")]
LastDay = Annotated[str | None, typer.Option("--to", help="The last one; none: today.")]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Answer with one line of JSON; docs/monitoring.md has the keys."),
]


def of_days(settings: Config, day: str | None, first: str | None, last: str | None) -> Days:
    """The business days that the options name."""
    from kiosk.cli.day import day_named
    from kiosk.clock import SystemClock
    from kiosk.services.demos_report import Days

    if day is not None:
        refuse_together("--day", {"--from": first is not None, "--to": last is not None})
    if last is not None and first is None:
        raise typer.BadParameter(_("--to needs --from."))
    today = SystemClock().now().astimezone(settings.zone).date()
    days = Days(day_named(first or day or "today", today), day_named(last or day or "today", today))
    if days.first > days.last:
        raise typer.BadParameter(_("--from is later than --to."))
    return days
