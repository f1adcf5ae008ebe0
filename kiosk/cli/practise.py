"""`kiosk practise`: staff practise the demos, and what to answer customers."""

import os

import typer

app = typer.Typer()


@app.command()
def practise() -> None:
    """Practise with the demos, and what to answer customers.

    Members of staff sign in with staff number and PIN. What they practise is counted for them.
    """
    from kiosk.config import load
    from kiosk.start import refuse_debug_variables, refuse_no_terminal

    refuse_debug_variables(os.environ)
    refuse_no_terminal()
    settings = load()
    from kiosk.practise_app import run

    raise typer.Exit(run(settings))
