"""`kiosk staff`: what IT needs to write the branch's staff list."""

import sys
from typing import Annotated

import typer

app = typer.Typer(help="Make PINs for the branch's staff list.", no_args_is_help=True)


@app.callback()
def _staff() -> None:
    """Make PINs for the branch's staff list."""


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
