"""`kiosk board`: the lobby's call board."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def board(
    config: Annotated[
        Path | None, typer.Option(help="The configuration, as before the command.")
    ] = None,
) -> None:
    """Show who is called where, on a TV in the lobby."""
    from kiosk.board_app import run
    from kiosk.clock import SystemClock
    from kiosk.config import CONFIG_VARIABLE, load
    from kiosk.services.board import BranchBoard
    from kiosk.start import refuse_debug_variables, refuse_no_terminal

    refuse_debug_variables(os.environ)
    refuse_no_terminal()
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config)
    settings = load()
    source = BranchBoard(lambda of_branch: load(of_branch=of_branch), SystemClock())
    raise typer.Exit(run(settings, source))
