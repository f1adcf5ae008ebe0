"""Reports as text, CSV, workbook and page."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kiosk.errors import KioskError
from kiosk.reporting.files import Format, write_whole, written
from kiosk.reporting.report import Cell, Chart, Column, Report, Section, percent
from kiosk.services.report import Share

HOSTILE = "=1+1"
MARKUP = "<script>alert(1)</script>[bold]"


def sample(*rows: tuple[Cell, ...], sections: int = 1) -> Report:
    section = Section(
        title="People: a/b",
        columns=(
            Column("Name", is_figure=False),
            Column("Signed"),
            Column("Waiting time", "min"),
            Column("Coverage", counts=("Approached", "Served"), decimals=2),
            Column("Day"),
        ),
        rows=rows
        or (
            ("王芳", 3, Decimal("4.5"), Share(9, 132), date(2026, 11, 25)),
            ("Li", 12, None, Share(0, 0), None),
        ),
        note="Coverage = approached ÷ served",
        chart=Chart("bars", 0, (1, 3)),
    )
    return Report(
        "people", "People", "South Branch", "2026-11-25", ("A note.",), (section,) * sections
    )


def in_csv(report: Report) -> list[list[str]]:
    return [*csv.reader(io.StringIO(written(report, Format.CSV).decode("utf-8-sig")))]


def test_text_has_figures_below_each_other_with_both_counts() -> None:
    assert written(sample(), Format.TEXT).decode().splitlines() == [
        "People  South Branch  2026-11-25",
        "A note.",
        "",
        "People: a/b",
        "  Name  Signed  Waiting time (min)        Coverage         Day",
        "  王芳       3                 4.5  6.82 % (9/132)  2026-11-25",
        "  Li        12             no data         no data     no data",
        "Coverage = approached ÷ served",
    ]


def test_csv_has_each_count_for_itself() -> None:
    assert in_csv(sample()) == [
        ["Name", "Signed", "Waiting time (min)", "Coverage (%)", "Approached", "Served", "Day"],
        ["王芳", "3", "4.5", "6.82", "9", "132", "2026-11-25"],
        ["Li", "12", "", "", "0", "0", ""],
    ]


def test_csv_of_several_sections_names_each() -> None:
    lines = in_csv(sample(sections=2))
    assert [lines[0], lines[4], lines[5]] == [["People: a/b"], [], ["People: a/b"]]


@given(st.text(min_size=1, max_size=20))
def test_no_spreadsheet_takes_a_text_for_a_formula(text: str) -> None:
    text = "".join(each for each in text if each.isprintable()) or "x"
    for start in ("=", "+", "-", "@", ""):
        cell = start + text
        told = in_csv(sample((cell, 1, None, Share(1, 2), None)))[1][0]
        assert told in (cell, f"'{cell}")
        assert not told.startswith(("=", "+", "-", "@"))


def test_a_workbook_holds_numbers_and_the_chart() -> None:
    book = load_workbook(io.BytesIO(written(sample(sections=2), Format.XLSX)))
    assert book.sheetnames == ["1 People  a b", "2 People  a b"]
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6, max_row=8)]
    assert rows[0][3:6] == ["Coverage (%)", "Approached", "Served"]
    assert rows[1][:6] == ["王芳", 3, 4.5, 6.82, 9, 132]
    assert rows[2][2:6] == [None, None, 0, 0]
    assert sheet.cell(7, 4).number_format == "0.00"
    assert len(sheet._charts) == 1


def test_a_workbook_takes_no_text_for_a_formula() -> None:
    report = sample((HOSTILE, 1, None, Share(1, 2), None))
    sheet = load_workbook(io.BytesIO(written(report, Format.XLSX))).worksheets[0]
    assert (sheet.cell(7, 1).value, sheet.cell(7, 1).data_type) == (HOSTILE, "s")


def test_a_page_is_whole_by_itself() -> None:
    page = written(sample(), Format.HTML).decode()
    assert "6.82 % (9/132)" in page
    assert page.count("<svg") == 2
    addresses = set(re.findall(r'(?:https?:)?//[^"\s<]+', page))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "<script" not in page


@pytest.mark.parametrize(("together", "pictures"), [("", 2), ("minutes", 1)])
def test_lines_stand_in_one_picture_or_in_one_each(together: str, pictures: int) -> None:
    columns = (Column("Day"), Column("Before"), Column("之后"))
    rows = tuple((date(2026, 11, day), day, None if day == 3 else 2 * day) for day in range(1, 9))
    section = Section("Waits", columns, rows, chart=Chart("lines", 0, (1, 2), together))
    page = written(Report("a", "A", "B", "C", (), (section,)), Format.HTML).decode()
    assert page.count("<svg") == pictures
    drawn = "".join(page.split("<svg")[1:])
    for words in ("2026-11-01", together or "之后", "Before"):
        assert words in drawn


def test_a_page_says_first_what_it_comes_to_and_folds_the_rest() -> None:
    folded = [replace(each, folded="all") for each in sample().sections]
    report = replace(sample(), lead=("It halves.",), sections=tuple(folded))
    page = written(report, Format.HTML).decode()
    assert page.index("It halves.") < page.index("A note.") < page.index("<details><summary>People")
    assert written(report, Format.TEXT).decode().splitlines()[1] == "It halves."


def test_a_page_shows_markup_as_text() -> None:
    page = written(sample((MARKUP, 1, None, Share(1, 2), None)), Format.HTML).decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;[bold]" in page


@pytest.mark.parametrize("in_format", list(Format))
def test_no_rows_are_said_in_words(in_format: Format) -> None:
    report = Report("x", "X", "", "", (), (Section("", (Column("A"),), (), empty="None yet."),))
    content = written(report, in_format)
    if in_format in (Format.TEXT, Format.HTML):
        assert "None yet." in content.decode()


def test_shares_are_rounded_half_up() -> None:
    assert percent(Share(1, 800), 2) == Decimal("0.13")
    assert percent(Share(49, 45), 2) == Decimal("108.89")
    assert percent(Share(0, 0), 2) is None


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(KioskError, match="report_not_written"):
        write_whole(tmp_path / "none" / "report.csv", b"x")
    path = tmp_path / "report.csv"
    path.write_text("before")
    write_whole(path, b"after")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["after"]
