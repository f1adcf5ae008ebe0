"""`kiosk reconcile`: accepted offers against the journals of the e-channels."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase, open_branch
from kiosk.cli.report_days import AsJson, FirstDay, LastDay, OneDay
from kiosk.cli.report_output import InFormat, IntoFile, give_out
from kiosk.reporting.files import Format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from kiosk.cli.reconcile_words import Here

app = typer.Typer(
    help="Hold accepted offers against the journals of the e-channels.", no_args_is_help=True
)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="The journal.")],
    layout: Annotated[str, typer.Option(help="What it looks like: the name of a layout.")],
    branch_database: BranchDatabase = None,
) -> None:
    """Take a journal in and settle what it proves; the same file twice does nothing."""
    from kiosk.cli.reconcile_words import imported_lines
    from kiosk.errors import KioskError
    from kiosk.sentences import sentence
    from kiosk.services.reconcile.layout import load_layout

    with _here(branch_database) as here:
        known = load_layout(layout, here.settings.reconcile.layouts, here.catalog)
        try:
            found = here.journals.take_in(file, known)
        except KioskError as error:
            if error.code != "journal_known":
                raise
            typer.echo(sentence(error))
            return
    for line in imported_lines(found):
        typer.echo(line)


@app.command()
def watch(
    once: Annotated[
        bool, typer.Option("--once", help="Take in what lies there now, and end: for a timer.")
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Take in journals as they arrive, each in the folder of its layout; half a file waits."""
    from kiosk.cli.reconcile_watch import watch_folder

    with _here(branch_database) as here:
        watch_folder(here, once=once)


@app.command()
def report(
    day: OneDay = None,
    first: FirstDay = None,
    last: LastDay = None,
    as_json: AsJson = False,
    in_format: InFormat = Format.TEXT,
    file: IntoFile = None,
    branch_database: BranchDatabase = None,
) -> None:
    """Show how many accepted offers are proven, open and lapsed, and what is wrong in journals."""
    import json

    from kiosk.cli.reconcile_words import reconciled, reconciled_lines, report_of
    from kiosk.cli.report_days import of_days

    with _here(branch_database) as here:
        days = of_days(here.settings, day, first, last)
        if in_format is not Format.TEXT or file is not None:
            give_out(report_of(here, days), in_format, file)
            return
        found = reconciled(here, days)
    if as_json:
        typer.echo(json.dumps(found.told()))
        return
    for line in reconciled_lines(found):
        typer.echo(line)


@app.command()
def confirm(
    staff: Annotated[str, typer.Option(help="The number of who says so.")],
    line: Annotated[
        str | None, typer.Argument(help="The line, as `kiosk reconcile report` names it.")
    ] = None,
    all_probable: Annotated[
        bool, typer.Option("--all-probable", help="All that are probable now.")
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Say that a probable line is its offer's transaction."""
    from uuid import UUID

    from kiosk.i18n import _, ngettext
    from kiosk.services.audit import AuditAction, log_of_commands, system_user
    from kiosk.services.reconcile.confirming import confirm as confirm_lines
    from kiosk.services.staff_admin import StaffAdmin

    if (line is None) == (not all_probable):
        raise typer.BadParameter(_("Name one line, or say --all-probable."))
    try:
        wanted = None if line is None else [UUID(line)]
    except ValueError as error:
        raise typer.BadParameter(_("This is no line: {line}").format(line=line)) from error
    with _here(branch_database) as here:
        of_branch = here.database, here.settings, here.clock
        StaffAdmin(*of_branch).require(staff)
        log, subject = log_of_commands(*of_branch), line or "all probable lines"

        def keep(connection: Connection) -> None:
            who, said = system_user(), f"said by {staff}"
            log.record_in(connection, AuditAction.RECONCILED, who, subject, said)

        count = confirm_lines(*of_branch, wanted, staff, keep)
    told = ngettext("{count} line is confirmed.", "{count} lines are confirmed.", count)
    typer.echo(told.format(count=count))


@contextmanager
def _here(url: str | None) -> Iterator[Here]:
    from kiosk.cli.reconcile_words import Here
    from kiosk.clock import SystemClock
    from kiosk.services.releases import Name, body_of

    with open_branch(url) as (database, settings):
        with database.read() as connection:
            catalog = body_of(connection, settings.branch.code, Name.CATALOG)
        yield Here(database, settings, SystemClock(), catalog)
