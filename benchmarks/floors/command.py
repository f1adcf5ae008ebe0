"""The least that a Typer command can be."""

import typer

app = typer.Typer()


@app.command()
def greet(name: str = "world") -> None:
    """Say hello."""
    typer.echo(f"Hello, {name}")


app()
