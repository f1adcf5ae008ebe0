"""`kiosk serve`: staff practise in a browser."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="This machine's address, for browsers of others.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port.")] = 8000,
) -> None:
    """Let staff practise in a browser.

    One at a time: for training, and to be shown from afar.
    """
    import secrets

    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.errors import KioskError
    from kiosk.i18n import _

    try:
        from kiosk.serving import PracticeServer
    except ModuleNotFoundError as error:
        raise KioskError("serve_not_installed") from error
    if not host.strip("0.:"):  # all of them: browsers know a machine by one
        raise KioskError("serve_which_address", host=host)
    token = secrets.token_urlsafe(24)
    server = PracticeServer(load(), SystemClock(), host, port, token)
    typer.echo(_("Open this address in a browser; Ctrl+C ends it:"))
    typer.echo(server.address)
    server.serve()
