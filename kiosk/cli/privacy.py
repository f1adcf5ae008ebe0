"""`kiosk privacy`: the phone numbers that customers left."""

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase
from kiosk.cli.privacy_export import export
from kiosk.cli.privacy_store import own_contacts, own_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.config import Config
    from kiosk.services.journal import Journal

AtBranch = Annotated[
    bool, typer.Option("--branch", help="In the branch database instead of this terminal's store.")
]

app = typer.Typer(help="Look after the phone numbers that customers left.", no_args_is_help=True)
app.command()(export)


@app.command()
def status() -> None:
    """Show how many numbers are kept at this terminal, for how long still, and with which key."""
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.i18n import _
    from kiosk.services.staff.contact_state import contact_state, current_key

    settings = load()
    state = contact_state(settings, SystemClock().now())
    path, key = current_key(settings)
    typer.echo(
        _("Numbers kept: {kept}; overdue: {due}; without their key: {closed}.").format(
            kept=state.kept, due=state.due, closed=state.closed
        )
    )
    if state.first_to_go is not None:
        typer.echo(_("The next one goes after {day}.").format(day=state.first_to_go))
    typer.echo(
        _("Consents given: {given}; withdrawn: {withdrawn}; numbers deleted: {purged}.").format(
            given=state.given, withdrawn=state.withdrawn, purged=state.purged
        )
    )
    typer.echo(
        _("Key {key}: {path}").format(key=key, path=path)
        if key
        else _("There is no key yet: it is made with the first number.")
    )


@app.command()
def purge(at_branch: AtBranch = False, branch_database: BranchDatabase = None) -> None:
    """Delete the numbers that are due now. The terminal and every sync do so by themselves."""
    if at_branch:
        count = _purge_branch(branch_database)
    else:
        from kiosk.services.staff.contact_purge import purge as purge_store

        with own_journal() as (_settings, journal):
            count = purge_store(journal)
    _tell_deleted(count)


@app.command()
def withdraw(
    code: Annotated[
        str | None, typer.Argument(help="The withdrawal code; none: the number is asked for.")
    ] = None,
    at_branch: AtBranch = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Delete a number at the customer's word: by the code, or by the number itself."""
    from kiosk.i18n import _
    from kiosk.services.audit import system_user

    if at_branch:
        if code is None:
            raise typer.BadParameter(
                _("In the branch database a number is found by its code only.")
            )
        told = _withdraw_at_branch(code, branch_database)
        typer.echo(_("{number} is deleted.").format(number=told))
        return
    with own_contacts() as own:
        if code is not None:
            told = own.contacts.withdraw(code, system_user()).number_masked
            typer.echo(_("{number} is deleted.").format(number=told))
            return
        number = typer.prompt(_("Phone number"), hide_input=True)
        _tell_deleted(own.contacts.withdraw_number(number, system_user()))


@app.command()
def rotate() -> None:
    """Encrypt this terminal's numbers with a new key, and destroy the old one.

    Backups and replaced stores can't be read after it.
    """
    from kiosk.i18n import ngettext

    with own_contacts() as own:
        count = own.contacts.rotate()
    typer.echo(
        ngettext(
            "{count} number has a new key; the old key is destroyed.",
            "{count} numbers have a new key; the old key is destroyed.",
            count,
        ).format(count=count)
    )


def _tell_deleted(count: int) -> None:
    from kiosk.i18n import ngettext

    told = ngettext("{count} number is deleted.", "{count} numbers are deleted.", count)
    typer.echo(told.format(count=count))


@contextmanager
def _branch_journal(url: str | None) -> "Iterator[tuple[Config, Journal]]":
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.services.desk_journal import DeskJournal
    from kiosk.services.staff.contact_purge import release_in_use

    settings = load()
    with closing(Database(url or settings.branch_database_url)) as database:
        database.require_schema()
        branch = settings.branch.code
        release = release_in_use(database, branch)
        clock, zone = SystemClock(), settings.zone
        yield settings, DeskJournal(database, branch, None, clock, zone, release)


def _purge_branch(url: str | None) -> int:
    from kiosk.services.staff.contact_purge import delete_due

    with _branch_journal(url) as (_settings, journal):
        with journal.database.write() as connection:
            count = delete_due(connection, journal.origin.branch, journal.business_date())
        journal.database.forget()
        return count


def _withdraw_at_branch(code: str, url: str | None) -> str:
    from kiosk.clock import SystemClock
    from kiosk.services.audit import log_of_commands, system_user
    from kiosk.services.staff.contacts import withdraw_at_branch

    with _branch_journal(url) as (settings, journal):
        audit = log_of_commands(journal.database, settings, SystemClock())
        return withdraw_at_branch(journal, audit, code, system_user()).number_masked
