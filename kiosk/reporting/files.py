"""A report as a file: what it is written as, what it is called, and that it is there whole."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.errors import KioskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk.reporting.report import Report

EXPORTS = "exports"
"""The folder of what screens export, in the data folder."""


class Format(StrEnum):
    """What it is written as."""

    TEXT = "text"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


def written(report: Report, in_format: Format) -> bytes:
    """A report as the bytes of a file."""
    # each is slow to import, and most machines never write one
    if in_format is Format.HTML:
        from kiosk.reporting.page import as_page

        return as_page(report)
    if in_format is Format.TEXT:
        from kiosk.reporting.text import lines

        return "".join(f"{line}\n" for line in lines(report)).encode()
    from kiosk.reporting.spreadsheet import as_csv, as_workbook

    return as_csv(report) if in_format is Format.CSV else as_workbook(report)


def file_name(report: Report, in_format: Format) -> str:
    """What a report's file is called: which one it is, and of which days."""
    span = report.span.replace(" – ", "_")
    return f"{report.name}-{span}.{in_format.value}"


def write_whole(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Write a file that is there whole or not at all.

    Args:
        path: Where.
        content: What.
        mode: Who may read it, as far as the user's mask lets them.

    Raises:
        KioskError: `report_not_written`.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)  # of a run that was killed, with the mode that it had
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise KioskError("report_not_written", path=path, reason=error.strerror) from error


def write_private(path: Path, content: bytes) -> None:
    """As `write_whole`, for its owner alone, in a folder that nobody else can look into.

    Raises:
        KioskError: `report_not_written`.
    """
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise KioskError("report_not_written", path=path.parent, reason=error.strerror) from error
    write_whole(path, content, mode=0o600)


def export(
    report: Report, in_format: Format, data_folder: Path, put_down: Callable[[], None]
) -> Path:
    """Write a report into the folder of exports; the same one again takes its own place.

    Args:
        report: What is written.
        in_format: As what.
        data_folder: The machine's.
        put_down: Keeps that it leaves the program, before it does.

    Returns:
        Where it is, seen from the data folder.

    Raises:
        KioskError: `report_not_written`, or what keeps it from being put down.
    """
    content = written(report, in_format)
    put_down()
    path = Path(EXPORTS, file_name(report, in_format))
    write_private(data_folder / path, content)  # it has names of staff
    return path
