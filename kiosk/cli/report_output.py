"""How a report is given out: read here, or in a file for a spreadsheet or a browser."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.i18n import _
from kiosk.reporting.files import Format, file_name, write_whole, written

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.reporting.report import Report


InFormat = Annotated[
    Format, typer.Option("--format", help="For people to read here, a spreadsheet or a browser.")
]
IntoFile = Annotated[
    Path | None,
    typer.Option("--out", help="The file; none: shown here, of xlsx a file named for the report."),
]


def give_out(report: Report, in_format: Format, file: Path | None) -> None:
    """Show a report, or write its file, say where it is, and keep that figures left the program.

    Raises:
        KioskError: `report_not_written`.
    """
    put_out(report, in_format, file, keep_export)


def put_out(
    report: Report,
    in_format: Format,
    file: Path | None,
    keep: Callable[[Report, str], None] | None = None,
) -> None:
    """Show a report, or write its file and say where it is.

    Args:
        report: What is shown.
        in_format: As what.
        file: Where; None: here.
        keep: Puts down that it leaves the program; none: it is of nobody.

    Raises:
        KioskError: `report_not_written`.
    """
    if in_format is Format.TEXT and file is None:
        from kiosk.reporting.text import lines

        for line in lines(report):
            typer.echo(line)
        return
    content = written(report, in_format)
    if keep is not None:
        keep(report, in_format.value)
    if file is None and in_format is not Format.XLSX:
        sys.stdout.buffer.write(content)
        return
    path = file or Path(file_name(report, in_format))
    write_whole(path, content)
    typer.echo(_("The report is in {path}.").format(path=path))


def keep_export(report: Report, way: str) -> None:
    """Keep in the audit log that figures left the program, and by which way.

    Raises:
        KioskError: What keeps it from being kept; but whoever may only read the branch's figures,
            on a machine without a store, has nowhere to keep it.
    """
    import logging

    from kiosk.clock import SystemClock
    from kiosk.config import load
    from kiosk.errors import KioskError
    from kiosk.services.audit import AuditAction, log_of_this_machine, system_user

    try:
        with log_of_this_machine(load(), SystemClock()) as log:
            what = f"{report.name} {report.span}"
            log.record(AuditAction.EXPORTED, system_user(), what, way)
    except KioskError as error:
        if error.code != "database_forbidden":
            raise
        logging.getLogger("kiosk").warning("an export could not be kept: %s", error)
