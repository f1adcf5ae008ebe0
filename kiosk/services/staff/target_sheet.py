"""Targets and actuals from a spreadsheet, XLSX or CSV, or everything that is wrong in it."""

import csv
import difflib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar
from zipfile import BadZipFile

from pydantic import ValidationError

from kiosk.errors import KioskError
from kiosk.services.catalog_parts import LANGUAGES
from kiosk.services.product import Product
from kiosk.services.target_list import (
    BY_HAND,
    BY_PRODUCT,
    OF_MONEY,
    PERIOD_PATTERN,
    Actual,
    Metric,
    Target,
    TargetList,
    Unit,
)

MAX_BYTES: Final = 4_000_000
MAX_ROWS: Final = 5_000
"""Of a sheet; a branch has dozens of targets."""

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "metric": ("metric", "指标", "指標"),
    "product": ("product", "产品", "產品"),
    "staff": ("staff", "staff number", "工号", "工號", "員工編號"),
    "period": ("period", "期间", "期間"),
    "unit": ("unit", "单位", "單位"),
    "value": ("value", "target", "actual", "数值", "數值", "目标", "目標", "实际", "實際"),
}
_NEEDED: Final = ("metric", "period", "unit", "value")
_METRICS: Final[Mapping[Metric, tuple[str, ...]]] = {
    Metric.SIGNED: ("签约", "簽約"),
    Metric.TAUGHT: ("教会", "教會"),
    Metric.USED: ("使用",),
    Metric.COMPLETED: ("分流办成", "分流辦成", "diversions"),
    Metric.PROVEN: ("分流核实", "分流核實"),
    Metric.FOLLOW_UPS: ("回访", "回訪", "follow-ups"),
    Metric.APPROACHED: ("引导", "引導"),
    Metric.ACCOUNTS: ("户数", "戶數"),
    Metric.TURNOVER: ("交易额", "交易額"),
    Metric.FEE_INCOME: ("手续费收入", "手續費收入", "fee income"),
}
_UNITS: Final[Mapping[Unit, tuple[str, ...]]] = {
    Unit.COUNT: ("户", "戶", "笔", "筆", "次", "人", "个", "個"),
    Unit.FEN: ("分",),
    Unit.YUAN: ("元",),
    Unit.TEN_THOUSAND_YUAN: ("万元", "萬元", "ten thousand yuan"),
    Unit.MILLION_YUAN: ("百万元", "百萬元", "million yuan"),
    Unit.HUNDRED_MILLION_YUAN: ("亿元", "億元", "hundred million yuan"),
    Unit.BILLION_YUAN: ("十亿元", "十億元", "billion yuan"),
}
_CodedT = TypeVar("_CodedT", bound=StrEnum)
_EntryT = TypeVar("_EntryT", Target, Actual)


class SheetError(KioskError):
    """A spreadsheet with faults; nothing of it was taken."""

    def __init__(self, file: str, problems: Sequence[KioskError]) -> None:
        super().__init__("sheet_refused", file=file, count=len(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Known:
    """What codes in a spreadsheet may mean."""

    products: Sequence[Product]
    staff: frozenset[str] | None = None
    """None: nobody has published a roster."""


@dataclass(frozen=True)
class _Row:
    sheet: str
    number: int
    cells: Mapping[str, object]
    """By what the column is."""
    columns: Mapping[str, str]
    """How a problem names each column: its letter and what stands above it."""

    def text(self, name: str) -> str:
        value = self.cells.get(name)
        return "" if value is None else str(value).strip()

    def fault(self, name: str, code: str, **params: object) -> KioskError:
        place = {"sheet": self.sheet, "row": self.number, "column": self.columns.get(name, name)}
        return KioskError(code, **place, **params)


def with_targets(listed: TargetList, file: Path, known: Known) -> TargetList:
    """The list with the targets of a file: they replace those that are about the same.

    Raises:
        SheetError: With everything that is wrong.
        KioskError: `file_unreadable`, `sheet_…` of the file as a whole.
    """
    entries = _entries(file, known, Target)
    kept = {each.key: each for each in listed.targets} | entries
    # an actual that stands there in the old target's unit is no news: it is refused here, too
    return _whole(file, {"targets": tuple(kept.values()), "actuals": listed.actuals})


def with_actuals(listed: TargetList, file: Path, known: Known) -> TargetList:
    """The list with the actuals of a file; as `with_targets`, and in the unit of their target."""
    units = {each.key: each.unit for each in listed.targets}

    def check(row: _Row, actual: Actual) -> Iterator[KioskError]:
        unit = units.get(actual.key, actual.unit)
        if unit is not actual.unit:
            yield row.fault("unit", "sheet_other_unit", unit=actual.unit.value, wanted=unit.value)

    entries = _entries(file, known, Actual, check)
    kept = {each.key: each for each in listed.actuals} | entries
    return _whole(file, {"targets": listed.targets, "actuals": tuple(kept.values())})


def _whole(file: Path, parts: Mapping[str, object]) -> TargetList:
    try:
        return TargetList.model_validate(parts)
    except ValidationError as error:
        told = error.errors(include_url=False)[0]["msg"]
        raise KioskError("sheet_does_not_fit", file=file.name, reason=told) from error


def _entries(
    file: Path,
    known: Known,
    kind: type[_EntryT],
    check: Callable[[_Row, _EntryT], Iterator[KioskError]] | None = None,
) -> dict[tuple[str, str, str, str], _EntryT]:
    found: dict[tuple[str, str, str, str], _EntryT] = {}
    rows: dict[tuple[str, str, str, str], int] = {}
    problems: list[KioskError] = []
    for row in _rows(file):
        entry, wrong = _entry(row, known, kind)
        if entry is not None:
            wrong += check(row, entry) if check is not None else ()
            if entry.key in found:
                wrong.append(row.fault("metric", "sheet_twice", other=rows[entry.key]))
            found[entry.key] = entry
            rows.setdefault(entry.key, row.number)
        problems += wrong
    if problems:
        raise SheetError(file.name, problems)
    if not found:
        raise KioskError("sheet_empty", file=file.name)
    return found


# --- one row ----------------------------------------------------------------------------------


def _entry(row: _Row, known: Known, kind: type[_EntryT]) -> tuple[_EntryT | None, list[KioskError]]:
    wrong: list[KioskError] = []

    def read(name: str, reader: Callable[[_Row, str], Any]) -> Any:
        try:
            return reader(row, name)
        except KioskError as error:
            wrong.append(error)
            return None

    values = {
        "metric": read("metric", lambda row, name: _coded(row, name, _METRICS)),
        "product": read("product", lambda row, name: _product(row, name, known)),
        "staff": read("staff", lambda row, name: _staff(row, name, known)),
        "period": read("period", _period),
        "unit": read("unit", lambda row, name: _coded(row, name, _UNITS)),
        "value": read("value", _value),
    }
    if not wrong:
        wrong += _together(row, kind, **values)
    if wrong:
        return None, wrong
    try:
        return kind.model_validate(values), []
    except ValidationError as error:
        told = error.errors(include_url=False)[0]
        name = str(told["loc"][0]) if told["loc"] else "value"
        return None, [row.fault(name, "sheet_wrong_value", value=row.text(name))]


def _together(row: _Row, kind: type[_EntryT], **values: Any) -> Iterator[KioskError]:
    """What is right by itself, and not together."""
    metric: Metric = values["metric"]
    if kind is Actual and metric not in BY_HAND:
        yield row.fault("metric", "sheet_counted", value=row.text("metric"))
    if values["product"] is not None and metric not in BY_PRODUCT:
        yield row.fault("product", "sheet_no_product", value=row.text("metric"))
    if values["staff"] is not None and metric is Metric.PROVEN:
        yield row.fault("staff", "sheet_no_staff", value=row.text("metric"))
    if (values["unit"] is not Unit.COUNT) is not (metric in OF_MONEY):
        yield row.fault("unit", "sheet_wrong_unit", value=row.text("unit"))
    elif values["unit"] is Unit.COUNT and values["value"] % 1:
        yield row.fault("value", "sheet_not_whole", value=row.text("value"))
    if kind is Target and not values["value"]:
        yield row.fault("value", "sheet_zero")


def _coded(row: _Row, name: str, words: Mapping[_CodedT, tuple[str, ...]]) -> _CodedT:
    text = _needed(row, name)
    by_word: dict[str, _CodedT] = {}
    for code, own in words.items():
        by_word |= dict.fromkeys((code.value, *own), code)
    if (found := by_word.get(text.casefold())) is None:
        raise row.fault(name, "sheet_unknown", value=text, nearest=_nearest(text, [*by_word]))
    return found


def _product(row: _Row, name: str, known: Known) -> str | None:
    if not (text := row.text(name)):
        return None
    by_word = {
        word: product.code
        for product in known.products
        for word in (product.code, *(product.name.in_language(each) for each in LANGUAGES))
    }
    if (found := by_word.get(text)) is None:
        raise row.fault(name, "sheet_unknown", value=text, nearest=_nearest(text, [*by_word]))
    return found


def _staff(row: _Row, name: str, known: Known) -> str | None:
    value = row.cells.get(name)
    text = f"{value:.0f}" if isinstance(value, float) and value.is_integer() else row.text(name)
    if not text:
        return None
    if known.staff is not None and text not in known.staff:
        raise row.fault(
            name, "sheet_unknown", value=text, nearest=_nearest(text, sorted(known.staff))
        )
    return text


def _period(row: _Row, name: str) -> str:
    value = row.cells.get(name)
    if isinstance(value, date):  # what a spreadsheet makes of 2026-11
        return f"{value:%Y-%m}"
    text = f"{value:.0f}" if isinstance(value, float) else _needed(row, name).upper()
    if not re.fullmatch(PERIOD_PATTERN, text):
        raise row.fault(name, "sheet_wrong_period", value=text)
    return text


def _value(row: _Row, name: str) -> Decimal:
    text = _needed(row, name).replace(",", "").replace("，", "")
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0:
        raise row.fault(name, "sheet_not_number", value=text)
    return value


def _needed(row: _Row, name: str) -> str:
    if not (text := row.text(name)):
        raise row.fault(name, "sheet_missing")
    return text


def _nearest(text: str, known: Sequence[str]) -> str:
    """What may have been meant; a few of what is known where nothing comes near."""
    return ", ".join(difflib.get_close_matches(text, known, n=1, cutoff=0.5) or known[:4]) or "–"


# --- from the file to rows --------------------------------------------------------------------


def _rows(file: Path) -> Iterator[_Row]:
    content = _content(file)
    is_workbook = file.suffix.lower() == ".xlsx"
    sheets = _workbook(file, content) if is_workbook else _csv(file, content)
    for sheet, lines in sheets:
        numbered = [(at, cells) for at, cells in enumerate(lines, 1) if any(map(_said, cells))]
        if not numbered:
            continue
        (at, head), *rest = numbered
        columns = _columns(head)
        if missing := [name for name in _NEEDED if name not in columns]:
            told = ", ".join(f"{name} ({_HEADINGS[name][1]})" for name in missing)
            raise KioskError("sheet_no_column", sheet=sheet, row=at, columns=told)
        named = {name: f"{_letter(place)} {head[place]}" for name, place in columns.items()}
        for number, cells in rest:
            by_name = {
                name: cells[place] if place < len(cells) else None
                for name, place in columns.items()
            }
            yield _Row(sheet, number, by_name, named)


def _said(cell: object) -> bool:
    return cell is not None and bool(str(cell).strip())


def _columns(head: Sequence[object]) -> dict[str, int]:
    """What each column is, by what stands above it."""
    by_word = {word: name for name, words in _HEADINGS.items() for word in words}
    found: dict[str, int] = {}
    for place, cell in enumerate(head):
        if (name := by_word.get(str(cell).strip().casefold())) is not None:
            found.setdefault(name, place)
    return found


def _letter(place: int) -> str:
    """As a spreadsheet names its columns: A, B … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise KioskError("sheet_too_large", file=file.name, most=MAX_BYTES // 1_000_000)
        return file.read_bytes()
    except OSError as error:
        raise KioskError("file_unreadable", path=file, reason=error.strerror) from error


def _csv(file: Path, content: bytes) -> Iterator[tuple[str, list[list[object]]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # what a spreadsheet program in China writes
        text = content.decode("gb18030", errors="replace")
    try:
        lines = [list[object](line) for line in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise KioskError("sheet_unreadable", file=file.name) from error
    yield file.name, _few(file, lines)


def _workbook(file: Path, content: bytes) -> Iterator[tuple[str, list[list[object]]]]:
    from openpyxl import load_workbook  # a tenth of a second, and seldom needed

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets:
            rows = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=32, values_only=True)
            yield f"{file.name} {sheet.title}", _few(file, [[*map(_plain, row)] for row in rows])
    except (BadZipFile, KeyError, ValueError, OSError, SyntaxError, EOFError) as error:
        raise KioskError("sheet_unreadable", file=file.name) from error


def _few(file: Path, lines: list[list[object]]) -> list[list[object]]:
    if len(lines) > MAX_ROWS + 1:
        raise KioskError("sheet_too_long", file=file.name, most=MAX_ROWS)
    return lines


def _plain(cell: object) -> object:
    """A number that is whole without its `.0`: a spreadsheet knows only floats."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell.date() if isinstance(cell, datetime) else cell
