"""`kiosk db backup` and `kiosk db restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from kiosk.config import Config
    from kiosk.services.backup import Backup

OfBranch = Annotated[
    bool, typer.Option("--branch", help="The branch database's file instead of the store.")
]


def backup(
    file: Annotated[Path, typer.Argument(help="A new file; with --check: one that is there.")],
    branch: OfBranch = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only prove a backup that was made before.")
    ] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Copy this terminal's store into a file and prove the copy; the terminal may run meanwhile."""
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.exit_codes import ExitCode
    from kiosk.services.backup import back_up, look_at

    settings = load()
    if check:
        found = look_at(file)
    else:
        url = branch_database or settings.branch_database_url
        source = _branch_file(url) if branch else _own_store(settings)
        found = back_up(source, file, SystemClock().now())
    for line in _told(found, settings.zone):
        typer.echo(line)
    if not found.is_whole:
        raise typer.Exit(ExitCode.NEEDS_A_PERSON)


def restore(
    file: Annotated[Path, typer.Argument(help="What kiosk db backup has made.")],
    code: Annotated[
        str | None,
        typer.Argument(help="For a store: what `kiosk branch renew` has shown; none: only look."),
    ] = None,
    branch: OfBranch = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    branch_database: BranchDatabase = None,
) -> None:
    """Put a backup back, of any age; what it replaces is kept.

    A store becomes a new one, with what the backup and the old store have together: nothing is
    sent twice, and no ticket number is given twice. A branch database is put back as it was.
    """
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.services.restore import store_restored
    from kiosk.services.sync.reach import reach

    settings, clock = load(), SystemClock()
    url = branch_database or settings.branch_database_url
    if branch:
        _restore_branch(url, file, settings.zone, yes=yes)
        return
    from kiosk.cli.renew import carry_out

    with store_restored(settings, clock, file) as (found, renewal):
        for line in _told(found, settings.zone):
            typer.echo(line)
        command = f"kiosk db restore {file}"
        carry_out(renewal, code, lambda: reach(url, clock), command=command, yes=yes)


def _restore_branch(url: str, file: Path, zone: "tzinfo", *, yes: bool) -> None:
    from kiosk.clock import SystemClock
    from kiosk.i18n import _
    from kiosk.services.backup import look_at
    from kiosk.services.restore import finish_branch, restore_branch

    database = _branch_file(url, may_be_missing=True)
    if kept := finish_branch(database):
        typer.echo(
            _("The interrupted restoration is finished. The old file: {path}").format(path=kept)
        )
        return
    for line in _told(look_at(file), zone):
        typer.echo(line)
    if not yes and not typer.confirm(_("Put it in the place of {path}?").format(path=database)):
        typer.echo(_("Nothing was changed."))
        return
    kept = restore_branch(database, file, SystemClock().now().astimezone(zone))
    typer.echo(_("The backup is in its place: {path}").format(path=database))
    if kept is not None:
        typer.echo(_("The old one is kept as {path}.").format(path=kept))
    typer.echo(
        _(
            "Terminals send nothing until each has brought again what is younger than the backup. "
            "On every terminal: {command}"
        ).format(command="kiosk sync --replay")
    )


def _told(found: "Backup", zone: "tzinfo") -> "Iterator[str]":
    from kiosk.i18n import _, format_moment, ngettext

    if found.is_store:
        yield ngettext(
            "{path} holds {count} event of the store of terminal {terminal}, branch {branch}.",
            "{path} holds {count} events of the store of terminal {terminal}, branch {branch}.",
            found.contents.events,
        ).format(
            path=found.path,
            count=found.contents.events,
            terminal=found.terminal,
            branch=found.branch,
        )
    else:
        yield ngettext(
            "{path} holds {count} event of a branch database.",
            "{path} holds {count} events of a branch database.",
            found.contents.events,
        ).format(path=found.path, count=found.contents.events)
    for fault in found.faults:
        yield _("It is damaged: {fault}").format(fault=fault)
    if found.note is None:
        yield _("It does not say what it held when it was made, so nobody can prove it.")
        return
    yield _("It was made at {moment} by version {version}.").format(
        moment=format_moment(found.note.made_at, zone), version=found.note.program
    )
    if found.is_changed:
        yield _("It is not what it was then: its rows are others.")
    elif not found.faults:
        yield _("It is whole: every row is as it was then. Digest: {digest}").format(
            digest=found.contents.digest
        )


def _own_store(settings: "Config") -> Path:
    from kiosk.services.store import epoch_of, existing_store, reading

    with reading(settings) as connection:
        epoch_of(connection, settings)  # refuses what is not this terminal's
    return existing_store(settings)


def _branch_file(url: str, *, may_be_missing: bool = False) -> Path:
    from contextlib import closing

    from kiosk.db import Database
    from kiosk.errors import KioskError

    with closing(Database(url, create=may_be_missing)) as database:
        if not database.is_sqlite:
            raise KioskError("backup_of_server", database=database.name)
        return database.path
