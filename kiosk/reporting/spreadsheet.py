"""A report as CSV or as a workbook."""

import csv
import io
from datetime import date
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from rich.cells import cell_len

from kiosk.reporting.flat import FlatCell, heads, place_of, rows
from kiosk.reporting.report import Chart, Report, Section

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet that opens a CSV takes a text that begins so for a formula."""
_WIDEST = 60
_LONGEST_TITLE = 31
"""Of a sheet."""
_NOT_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def as_csv(report: Report) -> bytes:
    """Each section as a table; with several, each below its title.

    In UTF-8 with a byte order mark: without it Excel reads Chinese as something else.
    """
    file = io.StringIO()
    writer = csv.writer(file)
    for number, section in enumerate(report.sections):
        if len(report.sections) > 1:
            writer.writerows([[]] if number else [])
            writer.writerow([_harmless(section.title)])
        writer.writerow(map(_harmless, heads(section)))
        writer.writerows([_harmless(cell) for cell in row] for row in rows(section))
    return file.getvalue().encode("utf-8-sig")


def _harmless(cell: FlatCell) -> FlatCell:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return f"'{cell}"
    return f"{cell:%Y-%m-%d}" if isinstance(cell, date) else cell


def as_workbook(report: Report) -> bytes:
    """A sheet for each section, its figures as numbers, with its chart."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for number, section in enumerate(report.sections, 1):
        title = f"{number} {section.title or report.title}".translate(_NOT_IN_TITLES)
        _fill(workbook.create_sheet(title[:_LONGEST_TITLE]), report, section)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _fill(sheet: Worksheet, report: Report, section: Section) -> None:
    told = [*report.lead, *report.notes]
    above = [report.title, f"{report.place}  {report.span}", *told, section.title]
    for at, line in enumerate(above, 1):
        _write(sheet.cell(at, 1), line)
    head = len(above) + 2
    table: list[list[FlatCell]] = [[*heads(section)], *rows(section)]
    for at, row in enumerate(table, head):
        for place, cell in enumerate(row, 1):
            _write(sheet.cell(at, place), cell)
    for place in range(1, len(table[0]) + 1):
        sheet.cell(head, place).font = Font(bold=True)
        sheet.cell(head, place).alignment = Alignment(wrap_text=True, vertical="top")
        longest = max(cell_len(str(row[place - 1])) for row in table)
        sheet.column_dimensions[get_column_letter(place)].width = min(_WIDEST, longest + 2)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.freeze_panes = sheet.cell(head + 1, 1)
    last = head + len(section.rows)
    if section.note:
        _write(sheet.cell(last + 2, 1), section.note)
    if section.chart is not None and section.rows:
        _draw(sheet, section, section.chart, (head, last))


def _write(cell: SheetCell, value: FlatCell) -> None:
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # or a text that begins with = would be a formula
    elif isinstance(value, Decimal):
        places = value.as_tuple().exponent
        assert isinstance(places, int)  # noqa: S101 (no figure is infinite)
        cell.number_format = f"0.{'0' * -places}" if places < 0 else "0"


def _draw(sheet: Worksheet, section: Section, chart: Chart, span: tuple[int, int]) -> None:
    head, last = span
    drawn = BarChart() if chart.kind == "bars" else LineChart()
    drawn.title, drawn.height, drawn.width = section.title, 9, 18
    for column in chart.values:
        place = place_of(section, column) + 1
        drawn.add_data(Reference(sheet, place, head, place, last), titles_from_data=True)
    label = place_of(section, chart.label) + 1
    drawn.set_categories(Reference(sheet, label, head + 1, label, last))
    sheet.add_chart(drawn, f"{get_column_letter(len(heads(section)) + 2)}{head}")
