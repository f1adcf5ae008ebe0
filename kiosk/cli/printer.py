"""`kiosk printer`: whether slips come out as they should."""

import typer

from kiosk.i18n import _

app = typer.Typer(help="Try the printer for tickets and slips.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Try the printer for tickets and slips."""


@app.command("test")
def print_sample() -> None:
    """Print a sample page with Chinese, a QR code and a ruler, and say what happened."""
    import time

    from kiosk.config import load
    from kiosk.errors import KioskError
    from kiosk.services.printing.commands import COLUMNS, commands
    from kiosk.services.printing.printing import LONGEST_SECONDS, Paper, deliver
    from kiosk.services.printing.sinks import name_of
    from kiosk.services.printing.slip import Code, Slip, Text

    settings = load().printer
    if settings.kind == "none":
        raise KioskError("printer_none")
    columns = COLUMNS[settings.paper]
    ruler = "".join(str(column % 10) for column in range(1, columns + 1))
    link = "https://bank.example/"
    sample: Slip = [
        Text(ruler),
        Text("简体中文：取号、排队、办理业务", bold=True),
        Text("繁體中文：取號、排隊、辦理業務"),
        Text("（），。；：“”《》"),
        Text("English 0123456789"),
        Text("大字 Large", size=2),
        Text("A1001", size=6, bold=True, centred=True),
        Code(link),
        Text(link, centred=True),
        Text(ruler),
    ]
    data = commands(sample, settings.paper)
    paper = deliver(data, settings, time.monotonic() + LONGEST_SECONDS)
    told = {
        Paper.ENOUGH: _("{printer} took the sample page and says that it has paper."),
        Paper.LOW: _("{printer} took the sample page and says that its paper is nearly used up."),
        Paper.UNKNOWN: _(
            "{printer} took the sample page; it does not say whether it printed it. Look."
        ),
    }
    typer.echo(told[paper].format(printer=name_of(settings)))
    typer.echo(
        _(
            "The ruler must fill one line of {columns} digits; if it takes two, set printer.paper."
        ).format(columns=columns)
    )
