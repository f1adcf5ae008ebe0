"""`kiosk staff`: staff mode, and what IT needs to write the branch's staff list."""

import os
import sys
from typing import Annotated

import typer

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
    number: Annotated[str, typer.Argument(help="The staff number, as in the staff list.")],
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
