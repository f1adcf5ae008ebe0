"""`kiosk simulate fit`: a scenario from the branch's own events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase, catalog_there, open_branch
from kiosk.cli.report_days import AsJson, of_days

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.reporting.report import Report
    from kiosk.services.catalog import Catalog
    from kiosk.services.demos_report import Days
    from kiosk.services.simulation.fitting import Fitted


def fit(
    first: Annotated[str, typer.Option("--from", help="The first day, such as 2026-11-25.")],
    last: Annotated[
        str, typer.Option("--to", help="The last one; better not today, which is not over.")
    ] = "yesterday",
    file: Annotated[
        Path | None, typer.Option("--out", help="The scenario's file; none: it is only shown.")
    ] = None,
    as_json: AsJson = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Describe the branch by its own events, and say how sure each value is.

    What no event tells stays as the catalog or the program has it and is named as an assumption.
    """
    from kiosk.cli.progress import progress_bar
    from kiosk.i18n import _
    from kiosk.reporting.files import write_whole
    from kiosk.reporting.text import lines
    from kiosk.services.simulation.fitting import fit as fit_to_events
    from kiosk.services.simulation.scenario_file import written

    with open_branch(branch_database) as (database, settings):
        days = of_days(settings, None, first, last)
        catalog = catalog_there(database, settings)
        with progress_bar(_("Reading days")) as draw:
            found = fit_to_events(database, settings, catalog, days, draw)
    report = _report(found, settings, catalog, days)
    if file is not None:
        write_whole(file, written(found.scenario).encode())
    if as_json:
        typer.echo(_json(found, days))
        return
    for line in lines(report):
        typer.echo(line)
    if file is not None:
        typer.echo(_("The scenario is in {path}.").format(path=file))


def _report(found: Fitted, settings: Config, catalog: Catalog, days: Days) -> Report:
    from kiosk.i18n import language
    from kiosk.reporting.fitted import fitted_report
    from kiosk.simulation_words import ScenarioNames

    place = settings.branch.name.in_language(language())
    span = f"{days.first} – {days.last}"
    return fitted_report(found, ScenarioNames(found.scenario, catalog), place, span)


def _json(found: Fitted, days: Days) -> str:
    import json
    from dataclasses import asdict

    told = asdict(found) | {"from": f"{days.first}", "to": f"{days.last}"}
    told["scenario"] = found.scenario.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(told, ensure_ascii=False)
