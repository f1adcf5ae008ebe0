"""`kiosk staff`: staff mode, and what IT needs to write the branch's staff list."""

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.branch_database import BranchDatabase

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import SecretStr

    from kiosk.config import Config
    from kiosk.services.staff_admin import StaffAdmin
    from kiosk.services.staff_roster import StaffMember


class RoleName(StrEnum):
    """What somebody may do: `kiosk.services.staff_roster.Role`, without its imports."""

    LOBBY_MANAGER = "lobby_manager"
    TELLER = "teller"
    BRANCH_MANAGER = "branch_manager"
    AUDITOR = "auditor"
    IT = "it"


Number = Annotated[str, typer.Argument(help="The staff number, as in the staff list.")]

app = typer.Typer()


@app.callback(invoke_without_command=True)
def _staff(context: typer.Context) -> None:
    """Start staff mode; look after the branch's staff list.

    Without a command, members of staff sign in on this machine with staff number and PIN.
    """
    if context.invoked_subcommand is None:
        _open()


def _open() -> None:
    from kiosk.config import load
    from kiosk.start import refuse_debug_variables, refuse_no_terminal

    refuse_debug_variables(os.environ)
    refuse_no_terminal()
    settings = load()
    from kiosk.staff_mode_app import run

    raise typer.Exit(run(settings))


@app.command()
def pin(
    number: Number,
) -> None:
    """Ask for a new PIN and show the line for the staff list; the PIN itself is kept nowhere."""
    from getpass import getpass

    from pydantic import SecretStr

    from kiosk.errors import KioskError
    from kiosk.i18n import _
    from kiosk.services.pins import hash_pin

    if not sys.stdin.isatty():  # it would be asked for in plain sight, or stand in a script
        raise KioskError("pin_no_terminal")
    new = SecretStr(getpass(_("New PIN for {number}: ").format(number=number)))
    again = SecretStr(getpass(_("Once more: ")))
    if new != again:
        raise KioskError("pin_differs")
    typer.echo(f'pin_hash = "{hash_pin(new, number)}"')


@app.command()
def add(
    number: Number,
    name: Annotated[str, typer.Argument(help="As colleagues and customers know them.")],
    role: Annotated[list[RoleName], typer.Option(help="What they may do; can be said again.")],
    branch_database: BranchDatabase = None,
) -> None:
    """Put somebody on the branch's staff list; shows the PIN that they first sign in with, once."""
    from kiosk.services.staff_roster import Role

    with _admin(branch_database) as staff:
        _show_pin(number, staff.add(number, name, tuple(map(Role, role))))


@app.command()
def reset_pin(number: Number, branch_database: BranchDatabase = None) -> None:
    """Make somebody another PIN to sign in with, shown once; they choose one of their own then."""
    with _admin(branch_database) as staff:
        _show_pin(number, staff.reset_pin(number))


@app.command()
def disable(number: Number, branch_database: BranchDatabase = None) -> None:
    """Let somebody sign in no more; what they did stays theirs."""
    from kiosk.i18n import _

    with _admin(branch_database) as staff:
        staff.set_disabled(number, is_disabled=True)
    typer.echo(_("{number} can't sign in any more.").format(number=number) + "\n" + _from_when())


@app.command()
def enable(number: Number, branch_database: BranchDatabase = None) -> None:
    """Let somebody sign in again."""
    from kiosk.i18n import _

    with _admin(branch_database) as staff:
        staff.set_disabled(number, is_disabled=False)
    typer.echo(_("{number} can sign in again.").format(number=number) + "\n" + _from_when())


@app.command(name="list")
def show(branch_database: BranchDatabase = None) -> None:
    """Show the branch's staff list, and who is locked on this machine."""
    from kiosk.cli.table import aligned
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.i18n import _, format_time
    from kiosk.services.sign_in import failed_tries, person

    settings, now = load(), SystemClock().now()
    with _admin(branch_database) as staff:
        found = staff.roster().staff
    if not found:
        typer.echo(_("Nobody is on the staff list."))
        return
    locked = failed_tries(settings.data_folder).locked(now)
    rows = [(_("Number"), _("Name"), _("Roles"), _("State"))]
    for member in found:
        told = _state(member, now)
        if (until := locked.get(person(member.number))) is not None:
            time = format_time(until.astimezone(settings.zone))
            told += ", " + _("LOCKED here until {time}").format(time=time)
        rows.append((member.number, member.name, ", ".join(member.roles), told))
    typer.echo("\n".join(aligned(rows)))


@app.command()
def unlock(number: Number) -> None:
    """Forget the failed tries of somebody on this machine, and those in its places."""
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.i18n import _
    from kiosk.services.staff_unlock import unlock as forget

    forget(load(), number, SystemClock())
    typer.echo(_("{number} can try again on this machine.").format(number=number))


@contextmanager
def _admin(branch_database: str | None) -> "Iterator[StaffAdmin]":
    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.services.staff_admin import StaffAdmin

    settings: Config = load()
    with closing(Database(branch_database or settings.branch_database_url)) as database:
        yield StaffAdmin(database, settings, SystemClock())


def _show_pin(number: str, pin: "SecretStr") -> None:
    from kiosk.i18n import _

    typer.echo(
        _("The PIN of {number} for the first time: {pin}. It is shown only now.").format(
            number=number, pin=pin.get_secret_value()
        )
        + "\n"
        + _from_when()
    )


def _from_when() -> str:
    from kiosk.i18n import _

    return _("It holds at counters at once, on terminals from their next synchronisation on.")


def _state(member: "StaffMember", now: "datetime") -> str:
    from kiosk.i18n import _

    if member.is_disabled:
        return _("DISABLED")
    if member.pin_hash is None:
        return _("NO PIN")
    if member.must_change:
        return _("first PIN")
    return _("PIN TOO OLD") if member.must_choose(now.date()) else _("in order")
