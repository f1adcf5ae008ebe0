"""What comes out of a command on the receipt printer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from kiosk.i18n import _

if TYPE_CHECKING:
    from kiosk.config import Printer
    from kiosk.services.printing.slip import Slip


def print_out(slip: Slip, settings: Printer) -> None:
    """Print a page and say what the printer says of it.

    Raises:
        KioskError: A `printer_…` code.
    """
    import time

    from kiosk.services.printing.commands import commands
    from kiosk.services.printing.printing import LONGEST_SECONDS, Paper, deliver
    from kiosk.services.printing.sinks import name_of

    data = commands(slip, settings.paper)
    paper = deliver(data, settings, time.monotonic() + LONGEST_SECONDS)
    told = {
        Paper.ENOUGH: _("{printer} took the page and says that it has paper."),
        Paper.LOW: _("{printer} took the page and says that its paper is nearly used up."),
        Paper.UNKNOWN: _("{printer} took the page; it does not say whether it printed it. Look."),
    }
    typer.echo(told[paper].format(printer=name_of(settings)))


def require_printer(settings: Printer) -> None:
    """Refuse where none is configured.

    Raises:
        KioskError: `printer_none`.
    """
    from kiosk.errors import KioskError

    if settings.kind == "none":
        raise KioskError("printer_none")
