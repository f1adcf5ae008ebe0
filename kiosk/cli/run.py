"""`kiosk run`: the customer terminal."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def run(
    config: Annotated[
        Path | None, typer.Option(help="The configuration, as before the command.")
    ] = None,
    size_check: Annotated[
        bool,
        typer.Option("--size-check", help="Refuse to start where the screens would be cut off."),
    ] = False,
) -> None:
    """Start the customer terminal."""
    from kiosk.start import start

    raise typer.Exit(start(config, size_check=size_check))
