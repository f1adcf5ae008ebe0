"""`kiosk db`: back up, restore and renew; rebuild and check what is derived from the events."""

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.backup import backup, restore
from kiosk.cli.renew import renew

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.db import Database

app = typer.Typer(help="Look after this terminal's store.", no_args_is_help=True)

app.command()(backup)
app.command()(restore)
app.command()(renew)

OfBranch = Annotated[
    bool, typer.Option("--branch", help="The branch database instead of this terminal's store.")
]


@app.command()
def rebuild(branch: OfBranch = False) -> None:
    """Drop everything that is derived from events and count it anew; events are not touched."""
    from kiosk import projections
    from kiosk.cli.progress import progress_bar
    from kiosk.i18n import _, ngettext

    with _opened(branch) as database:
        with progress_bar(_("Events")) as progress, database.write() as connection:
            count = projections.rebuild(connection, progress)
        typer.echo(
            ngettext(
                "Counted anew from {count} event in {database}.",
                "Counted anew from {count} events in {database}.",
                count,
            ).format(count=count, database=database.name)
        )


@app.command()
def check(branch: OfBranch = False) -> None:
    """Check the file, and that what is derived is what the events say; changes nothing."""
    from kiosk.exit_codes import ExitCode
    from kiosk.i18n import _
    from kiosk.services.branch import check as check_database

    with _opened(branch) as database:
        found = check_database(database)
    for fault in found.faults:
        typer.echo(
            _("The file {database} is damaged: {fault}").format(database=database.name, fault=fault)
        )
    for table, count in found.differences.items():
        typer.echo(
            _(
                "{table} is not what the events say, in {count} rows. Correct it with: {command}"
            ).format(table=table, count=count, command=_command(branch))
        )
    if found.faults or found.differences:
        raise typer.Exit(ExitCode.NEEDS_A_PERSON)
    typer.echo(_("{database} is sound.").format(database=database.name))


def _command(branch: bool) -> str:
    return "kiosk db rebuild --branch" if branch else "kiosk db rebuild"


@contextmanager
def _opened(branch: bool) -> "Iterator[Database]":
    """The database to look after; a store only while no terminal writes it."""
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.lock import held
    from kiosk.services.branch import open_store
    from kiosk.services.store import epoch_of, reading

    settings = load()
    if branch:
        with closing(Database(settings.branch_database_url)) as database:
            database.require_schema()
            yield database
        return
    with closing(open_store(settings)) as store, held(store.path, "terminal", "store_in_use"):
        with reading(settings) as connection:
            epoch_of(connection, settings)  # refuses what is not this terminal's
        yield store
