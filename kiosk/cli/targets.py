"""`kiosk targets`: what a branch means to reach, from a spreadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase
from kiosk.cli.report_staff import targets

app = typer.Typer(
    help="Import what a branch means to reach, and show how far it is.", no_args_is_help=True
)


app.command("show")(targets)


@app.callback()
def _group() -> None:
    """Import what a branch means to reach, and show how far it is."""


@app.command("import")
def import_targets(
    file: Annotated[Path, typer.Argument(help="A spreadsheet, XLSX or CSV; see docs/staff.md.")],
    actuals: Annotated[
        bool, typer.Option("--actuals", help="It holds what was reached, as turnover.")
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Publish the targets of a spreadsheet: they replace those that are about the same."""
    from contextlib import closing

    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.i18n import _
    from kiosk.sentences import release_name, sentence
    from kiosk.services.audit import log_of_commands, system_user
    from kiosk.services.followed import catalog_in_use
    from kiosk.services.staff.target_sheet import SheetError
    from kiosk.services.staff.targets_release import Importing, import_sheet

    settings, clock = load(), SystemClock()
    catalog = catalog_in_use(settings)
    with closing(Database(branch_database or settings.branch_database_url)) as database:
        audit = log_of_commands(database, settings, clock)
        importing = Importing(file, actuals, catalog, system_user(), audit, clock.now())
        try:
            state, listed = import_sheet(database, settings.branch.code, importing)
        except SheetError as refused:
            for problem in refused.problems:
                typer.echo(sentence(problem))
            raise
    holds = _("{name}: version {version} holds in branch {branch}.").format(
        name=release_name(state.name), version=state.version, branch=state.branch
    )
    told = _("Targets: {targets}; actuals that somebody said: {actuals}.")
    typer.echo(holds)
    typer.echo(told.format(targets=len(listed.targets), actuals=len(listed.actuals)))
