"""Targets from a spreadsheet: what is taken, and every fault with its row and column."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook
from support import default_catalog

from kiosk.errors import KioskError
from kiosk.i18n import use_language
from kiosk.languages import LANGUAGES
from kiosk.sentences import sentence
from kiosk.services.staff.target_sheet import Known, SheetError, with_actuals, with_targets
from kiosk.services.target_list import Metric, Target, TargetList, Unit

KNOWN = Known(default_catalog().products, frozenset({"3107", "3108"}))
HEAD = ("指标", "产品", "工号", "期间", "单位", "目标")
GOOD = (
    ("签约", "企业网银", None, 2026, "户", 45),
    ("signed", "net", 3107, "2026-Q4", "count", "2,000"),
    ("使用", "手机银行", "3108", datetime(2026, 11, 1), "户", 12.0),  # noqa: DTZ001 (as Excel has it)
    ("交易额", "net", None, "2026", "十亿元", 5.2),
    ("fee_income", None, None, "2026", "万元", 14),
)
NOTHING = TargetList()


def xlsx(folder: Path, *rows: tuple[object, ...], head: tuple[object, ...] = HEAD) -> Path:
    book = Workbook()
    sheet = book.active
    sheet.title = "2026"
    for row in (head, *rows):
        sheet.append(row)
    file = folder / "targets.xlsx"
    book.save(file)
    return file


def comma_separated(folder: Path, *rows: tuple[object, ...], encoding: str = "utf-8") -> Path:
    file = folder / "targets.csv"
    lines = [",".join("" if cell is None else f'"{cell}"' for cell in row) for row in rows]
    file.write_text("\r\n".join(lines), encoding=encoding)
    return file


def faults(file: Path, *, actuals: bool = False, listed: TargetList = NOTHING) -> list[str]:
    use_language("en")
    with pytest.raises(SheetError) as refused:
        (with_actuals if actuals else with_targets)(listed, file, KNOWN)
    assert str(len(refused.value.problems)) in sentence(refused.value)
    return [sentence(problem) for problem in refused.value.problems]


def check_good(listed: TargetList) -> None:
    assert [(each.metric, each.product, each.staff, each.period) for each in listed.targets] == [
        (Metric.SIGNED, "company_net", None, "2026"),
        (Metric.SIGNED, "net", "3107", "2026-Q4"),
        (Metric.USED, "mobile", "3108", "2026-11"),
        (Metric.TURNOVER, "net", None, "2026"),
        (Metric.FEE_INCOME, None, None, "2026"),
    ]
    assert [each.value for each in listed.targets] == [45, 2000, 12, Decimal("5.2"), 14]
    assert listed.targets[3].unit is Unit.BILLION_YUAN


def test_a_workbook_as_a_branch_manager_writes_it(tmp_path: Path) -> None:
    check_good(with_targets(NOTHING, xlsx(tmp_path, *GOOD, (None,) * 6), KNOWN))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_as_spreadsheet_programs_write_it(tmp_path: Path, encoding: str) -> None:
    rows = [list(row) for row in GOOD]
    rows[2][3], rows[2][5] = "2026-11", 12
    file = comma_separated(tmp_path, HEAD, *map(tuple, rows), encoding=encoding)
    check_good(with_targets(NOTHING, file, KNOWN))


def test_the_same_again_replaces_and_the_rest_stays(tmp_path: Path) -> None:
    first = with_targets(NOTHING, xlsx(tmp_path, *GOOD), KNOWN)
    again = with_targets(first, xlsx(tmp_path, ("签约", "company_net", "", 2026, "户", 50)), KNOWN)
    assert [each.value for each in again.targets] == [50, 2000, 12, Decimal("5.2"), 14]


def test_everything_that_is_wrong_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    file = xlsx(
        tmp_path,
        GOOD[0],
        ("签越", "企业网", 9999, "2026-13", "两", "many"),
        ("签约", "net", None, 2026, "万元", 5),
        ("引导", "net", None, 2026, "人", 5),
        ("签约", "net", None, 2026, "户", 1.5),
        (None, None, None, None, None, 3),
        GOOD[0],
        ("签约", "sms", None, 2026, "户", 0),
        ("签约", "sms", None, 2025, "户", -1),
        ("分流核实", None, "3107", 2026, "笔", 5),
    )
    told = faults(file)
    for row, column, words in (
        (3, "A 指标", "签越 is unknown; 签约?"),
        (3, "B 产品", "企业网 is unknown; 企业网银?"),
        (3, "C 工号", "9999 is unknown; 3107"),
        (3, "D 期间", "2026-13 is no period"),
        (3, "E 单位", "两 is unknown"),
        (3, "F 目标", "many is no number"),
        (4, "E 单位", "not counted in 万元"),
        (5, "B 产品", "引导 has no product"),
        (6, "F 目标", "1.5 is not a whole number"),
        (7, "A 指标", "nothing stands here"),
        (7, "D 期间", "nothing stands here"),
        (7, "E 单位", "nothing stands here"),
        (8, "A 指标", "row 2 is about the same already"),
        (9, "F 目标", "a target is more than 0"),
        (11, "C 工号", "分流核实 is for the branch only"),
        (10, "F 目标", "-1 is no number from 0 up"),
    ):
        place = f"targets.xlsx 2026, row {row}, column {column}: "
        assert any(each.startswith(place) and words in each for each in told), (place, told)
    assert len(told) == 16


def test_an_actual_in_another_unit_than_its_target_is_refused(tmp_path: Path) -> None:
    listed = with_targets(NOTHING, xlsx(tmp_path, *GOOD), KNOWN)
    file = xlsx(tmp_path, ("手续费收入", None, None, 2026, "亿元", 15.22))
    for language in LANGUAGES:
        use_language(language)
        with pytest.raises(SheetError) as refused:
            with_actuals(listed, file, KNOWN)
        (told,) = map(sentence, refused.value.problems)
        assert "E 单位" in told
        assert "{" not in told
    (told,) = faults(file, actuals=True, listed=listed)
    assert "the target is in ten thousand yuan, this actual in hundred million yuan" in told
    right = xlsx(tmp_path, ("手续费收入", None, None, 2026, "万元", 15.22))
    assert with_actuals(listed, right, KNOWN).actuals[0].value == Decimal("15.22")


def test_a_target_whose_unit_changes_below_its_actual(tmp_path: Path) -> None:
    listed = with_targets(NOTHING, xlsx(tmp_path, GOOD[4]), KNOWN)
    listed = with_actuals(listed, xlsx(tmp_path, (*GOOD[4][:5], 15)), KNOWN)
    with pytest.raises(KioskError, match="sheet_does_not_fit"):
        with_targets(listed, xlsx(tmp_path, (*GOOD[4][:4], "亿元", 14)), KNOWN)


def test_nobody_types_what_is_counted(tmp_path: Path) -> None:
    (told,) = faults(xlsx(tmp_path, GOOD[0]), actuals=True)
    assert "签约 is counted from what is recorded" in told


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"no zip", "sheet_unreadable"),
        ("a.xlsx", b"PK\x05\x06" + bytes(18), "sheet_unreadable"),
        ("a.csv", b"", "sheet_empty"),
        ("a.csv", b"metric,product\nsigned,net\n", "sheet_no_column"),
        ("a.csv", b"metric,period,unit,value\n", "sheet_empty"),
        (
            "a.csv",
            b"metric,period,unit,value\n" + b"used,2026,count,1\n" * 5001,
            "sheet_too_long",
        ),
        ("a.csv", bytes(4_000_001), "sheet_too_large"),
        ("gone/a.csv", None, "file_unreadable"),
    ],
)
def test_what_is_no_list_of_targets(
    tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(KioskError, match=code) as refused:
        with_targets(NOTHING, file, KNOWN)
    assert "{" not in sentence(refused.value)


def test_a_formula_or_markup_is_a_word_like_any_other(tmp_path: Path) -> None:
    told = faults(
        xlsx(tmp_path, ("[red]signed[/]", "'; DROP TABLE event", None, 2026, "{0}", "=1"))
    )
    assert "[red]signed[/] is unknown" in told[0]
    assert "DROP TABLE" in told[1]
    assert "{0} is unknown" in told[2]


def test_target_of_the_whole_branch_and_of_a_person_differ(tmp_path: Path) -> None:
    rows = [("签约", None, who, 2026, "户", 9) for who in (None, "3107", "3108")]
    listed = with_targets(NOTHING, xlsx(tmp_path, *rows), KNOWN)
    assert [each.staff for each in listed.targets] == [None, "3107", "3108"]
    assert isinstance(listed.targets[0], Target)
