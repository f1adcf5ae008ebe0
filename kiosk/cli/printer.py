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
    from kiosk.cli.paper import print_out, require_printer
    from kiosk.config import load
    from kiosk.services.printing.commands import COLUMNS
    from kiosk.services.printing.slip import Code, Slip, Text

    settings = load().printer
    require_printer(settings)
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
    print_out(sample, settings)
    typer.echo(
        _(
            "The ruler must fill one line of {columns} digits; if it takes two, set printer.paper."
        ).format(columns=columns)
    )
