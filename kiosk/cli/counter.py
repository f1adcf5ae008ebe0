"""`kiosk counter`: the screen of a counter."""

import os
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def counter(
    number: Annotated[int, typer.Option("--counter", min=1, max=99, help="The counter's number.")],
) -> None:
    """Start the screen of a counter.

    A teller signs in there with staff number and PIN, and works on the branch's queue.
    """
    from kiosk.config import load
    from kiosk.start import refuse_debug_variables, refuse_no_terminal

    refuse_debug_variables(os.environ)
    refuse_no_terminal()
    settings = load()
    from kiosk.counter_app import run

    raise typer.Exit(run(settings, number, lambda of_branch: load(of_branch=of_branch)))
