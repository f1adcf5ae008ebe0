"""The `kiosk` command. Each command is a module of its own, imported only when it is used."""

import gc
import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from kiosk.errors import KioskError

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

COMMANDS: Mapping[str, str] = {
    "run": "Start the customer terminal.",
    "counter": "Start the screen of a counter.",
    "practise": "Practise with the demos, and what to answer customers.",
    "serve": "Let staff practise in a browser.",
    "sync": "Bring this terminal's events to the branch database.",
    "board": "Show who is called where, on a TV in the lobby.",
    "report": "Show a day's figures.",
    "targets": "Import what a branch means to reach, and show how far it is.",
    "doctor": "Check this machine and say what to do.",
    "branch": "Make and look after the branch database.",
    "fleet": "Show all terminals of all branches, those first that need somebody.",
    "reconcile": "Hold accepted offers against the journals of the e-channels.",
    "simulate": "See what would happen with other counters, lunches or diversion.",
    "queue": "See who waits and why, and close the day.",
    "catalog": "Check and show the catalog of services.",
    "staff": "Start staff mode; look after the branch's staff list.",
    "audit": "Check and show who did what that somebody may have to answer for.",
    "privacy": "Look after the phone numbers that customers left.",
    "printer": "Try the printer for tickets and slips.",
    "voice": "See what must be recorded for the voice.",
    "deploy": "Write what a machine needs to stand in a lobby as a terminal.",
    "db": "Look after this terminal's store.",
    "upgrade": "Bring this machine's databases up to date; each is copied first.",
}
"""Name → its line in `kiosk --help`, so that the help need not import every command."""


class _Commands(TyperGroup):
    """Finds a command in `kiosk.cli.NAME`, and tells its errors in a sentence."""

    def list_commands(self, ctx: "Context") -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: "Context", cmd_name: str) -> "Command | None":
        if cmd_name in COMMANDS:
            return load_command(cmd_name)
        # "did you mean" looks here
        self.commands = {name: load_command(name) for name in COMMANDS}
        return None

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: "Context") -> object:
        try:
            return super().invoke(ctx)
        except KioskError as error:
            from kiosk.telling import tell

            raise typer.Exit(tell(error)) from None


def load_command(name: str) -> "Command":
    """The command in `kiosk.cli.NAME`; an app with one command only is that command."""
    part: typer.Typer = importlib.import_module(f"kiosk.cli.{name}").app
    # Rich would double the time of every help and usage error
    whole = typer.Typer(add_completion=False, rich_markup_mode=None)
    is_plain = not part.registered_callback and not part.registered_groups
    if is_plain and len(part.registered_commands) == 1:
        whole.registered_commands = part.registered_commands
        return typer.main.get_command(whole)
    whole.add_typer(part, name=name)
    return typer.main.get_group(whole).commands[name]


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from kiosk import __version__

        typer.echo(f"branch-kiosk {__version__}")
        raise typer.Exit


@app.callback()
def _before_every_command(
    config: Annotated[
        Path | None,
        typer.Option(help="The configuration; none: $KIOSK_CONFIG or the user's kiosk.toml."),
    ] = None,
    version: Annotated[  # noqa: ARG001 (its callback has acted on it)
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """A terminal for a bank's lobby: the choice between e-channels and the counter, and tickets."""
    from kiosk.i18n import language_of_environment, use_language

    use_language(language_of_environment())
    if config is not None:
        # this way it holds for whatever the command starts, too
        os.environ["KIOSK_CONFIG"] = str(config)
    gc.enable()


def main() -> None:
    """Run the command line; exits with the command's code."""
    app(prog_name="kiosk")
