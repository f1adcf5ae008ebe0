"""A report as lines of plain text."""

from collections.abc import Iterator

from rich.cells import cell_len

from kiosk.i18n import _
from kiosk.reporting.report import Report, Section, cell_text, head_text


def lines(report: Report) -> Iterator[str]:
    """The report; nothing is cut and nothing wrapped, whatever the window."""
    yield "  ".join(part for part in (report.title, report.place, report.span) if part)
    yield from report.lead
    yield from report.notes
    for section in report.sections:
        yield ""
        yield from section_lines(section)


def section_lines(section: Section) -> Iterator[str]:
    """A table with its title above and its note below."""
    if section.title:
        yield section.title
    yield from (f"  {line}" for line in _table(section))
    if section.note:
        yield section.note


def _table(section: Section) -> Iterator[str]:
    if not section.rows:
        yield section.empty or _("no data")
        return
    rows = [
        tuple(map(head_text, section.columns)),
        *(tuple(map(cell_text, row, section.columns)) for row in section.rows),
    ]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = []
        for text, width, column in zip(row, widths, section.columns, strict=True):
            room = " " * (width - cell_len(text))
            cells.append(room + text if column.is_figure else text + room)
        yield "  ".join(cells).rstrip()
