"""A report on the strip of paper of a receipt printer, for whoever reads it out."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from kiosk.i18n import _, format_time
from kiosk.reporting.report import Cell, Report, Section, cell_text
from kiosk.services.printing.slip import Row, Slip, Text

_TITLE_SIZE = 2


def strip(report: Report, printed_at: datetime) -> Slip:
    """A line for each row of its tables, the figures on the right.

    Args:
        report: Each of its tables has words, and at most one figure to a row.
        printed_at: The wall clock in the branch.
    """
    moment = f"{printed_at:%Y-%m-%d} {format_time(printed_at)}"
    return [
        Text(report.place, bold=True, centred=True),
        Text(report.title, size=_TITLE_SIZE, bold=True, centred=True),
        Text(report.span, centred=True),
        *(part for section in report.sections for part in _told(section)),
        Text(""),
        *map(Text, report.notes),
        Text(_("Printed: {moment}").format(moment=moment)),
    ]


def _told(section: Section) -> Iterator[Text | Row]:
    yield Text("")
    if not section.rows:
        yield Row(section.title, section.empty or _("no data"), bold=True)
        return
    yield _title(section)
    for row in section.rows:
        words, figures = _cells(section, row, is_figure=False), _cells(section, row, is_figure=True)
        yield Row(words, figures) if figures else Text(words)


def _title(section: Section) -> Text | Row:
    """With the sum where counts stand below."""
    counts = [cell for row in section.rows for cell in row if isinstance(cell, int)]
    if len(counts) < len(section.rows):
        return Text(section.title, bold=True)
    return Row(section.title, _("{count} in all").format(count=sum(counts)), bold=True)


def _cells(section: Section, row: Sequence[Cell], *, is_figure: bool) -> str:
    return "  ".join(
        cell_text(cell, column)
        for cell, column in zip(row, section.columns, strict=True)
        if column.is_figure is is_figure
    )
