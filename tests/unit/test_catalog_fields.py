"""What a service may have filled in while waiting, and what it may never ask for."""

import pytest
from rich.cells import cell_len
from test_catalog_refusals import FILE, GOOD, changed, problems_of
from typer.testing import CliRunner

from kiosk.cli.catalog import app
from kiosk.services.catalog import EntryField
from kiosk.services.catalog_file import load_catalog, read_catalog

AMOUNT = (
    '{ code = "amount", kind = "amount", least = 100, most = 500_000,'
    ' label = { zh_CN = "金额", en = "Amount", zh_TW = "金額" },'
    ' help = { zh_CN = "大约。", en = "About.", zh_TW = "大約。" } }'
)
COPIES = (
    '{ code = "copies", kind = "digits", least = 1, most = 20,'
    ' label = { zh_CN = "份数", en = "Copies", zh_TW = "份數" },'
    ' help = { zh_CN = "几份？", en = "How many?", zh_TW = "幾份？" } }'
)
OPTIONS = (
    '{ code = "home", label = { zh_CN = "家用", en = "At home", zh_TW = "家用" } },'
    ' { code = "trade", label = { zh_CN = "经商", en = "Trade", zh_TW = "經商" } }'
)
PURPOSE = (
    '{ code = "purpose", kind = "choice",'
    ' label = { zh_CN = "用途", en = "Purpose", zh_TW = "用途" },'
    ' help = { zh_CN = "哪一类？", en = "Which kind?", zh_TW = "哪一類？" },'
    f" options = [{OPTIONS}] }}"
)
FIELDS = f"[{AMOUNT}, {COPIES}, {PURPOSE}]"
WHERE = "services.transfer.fields"


def with_fields(fields: str) -> str:
    return changed('queue = "A"', f'queue = "A"\nfields = {fields}')


def fields_of(text: str) -> tuple[EntryField, ...]:
    return read_catalog(text.encode(), FILE).service("transfer").fields


def test_a_service_may_have_fields() -> None:
    amount, copies, purpose = fields_of(with_fields(FIELDS))
    assert (amount.bounds, copies.bounds) == ((100, 500_000), (1, 20))
    assert [option.code for option in purpose.options] == ["home", "trade"]
    assert fields_of(GOOD) == ()


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("100", True), ("500000", True), ("99", False), ("500001", False), ("", False),
        ("1e3", False), ("-100", False), ("１００", False), ("home", False),
    ],
)  # fmt: skip
def test_an_amount_takes_fen_within_its_bounds(value: str, taken: bool) -> None:
    amount, *_ = fields_of(with_fields(FIELDS))
    assert amount.takes(value) is taken


def test_a_choice_takes_its_options_alone() -> None:
    *_, purpose = fields_of(with_fields(FIELDS))
    assert purpose.takes("trade")
    assert not purpose.takes("travel")
    assert not purpose.takes("")


@pytest.mark.parametrize(
    ("old", "new", "key", "reason"),
    [
        ("least = 100, ", "", "[0].least", "missing: what is typed has bounds"),
        ("least = 100", "least = 150", "[0].least", "150 fen is not whole yuan"),
        ("least = 100", "least = 600_000", "[0]", "least 600000 is above most 500000"),
        ("most = 500_000", "most = 100_000_000_00", "[0].most", "longer than what may be typed"),
        ("most = 20", "most = 1_000_000", "[1].most", "longer than what may be typed"),
        ("most = 20", f"most = 20, options = [{OPTIONS}]", "[1].options", "the answer is typed"),
        ('kind = "choice"', 'kind = "choice", most = 3', "[2].most", "the options are the answers"),
        (OPTIONS, OPTIONS[: OPTIONS.index(" }") + 4], "[2].options", "1 options; a choice has 2"),
        ('"trade"', '"home"', "[2]", '2 options have the code "home"'),
        ('"copies"', '"amount"', "", '2 fields have the code "amount"'),
        ('"choice"', '"text"', "[2].kind", "'text' is not one of"),
        ('en = "Purpose"', f'en = "{"P" * 25}"', "[2].label.en", "too long for its place"),
    ],
)  # fmt: skip
def test_fields_that_can_not_be_asked_are_refused(
    old: str, new: str, key: str, reason: str
) -> None:
    assert old in FIELDS
    found = problems_of(with_fields(FIELDS.replace(old, new, 1)))
    assert any(each.key == WHERE + key and reason in each.reason for each in found), found


def test_more_than_five_would_be_a_form() -> None:
    many = ", ".join(COPIES.replace("copies", f"copies{number}") for number in range(6))
    [problem] = problems_of(with_fields(f"[{many}]"))
    assert (problem.key, problem.reason) == (WHERE, "has 6 entries; at most 5")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"copies"', '"card_number"', ".code"),
        ('"copies"', '"customer_name"', ".code"),
        ('"copies"', '"phones"', ".code"),
        ('"copies"', '"id"', ".code"),
        ("份数", "卡号", ".label.zh_CN"),
        ("份数", "您的姓名", ".label.zh_CN"),
        ("份数", "身份证后六位", ".label.zh_CN"),
        ("份数", "手机号", ".label.zh_CN"),
        ("份數", "帳號", ".label.zh_TW"),
        ("份數", "身分證", ".label.zh_TW"),
        ("Copies", "Account number", ".label.en"),
        ("Copies", "Last digits of card", ".label.en"),
        ("Copies", "Phone", ".label.en"),
        ("几份？", "写卡的后四位。", ".help.zh_CN"),
        ("How many?", "As on your ID.", ".help.en"),
    ],
)
def test_nobody_is_asked_who_they_are(old: str, new: str, key: str) -> None:
    found = problems_of(with_fields(f"[{COPIES.replace(old, new, 1)}]"))
    assert [each.key for each in found] == [f"{WHERE}[0]{key}"]
    assert "says who somebody is" in found[0].reason


@pytest.mark.parametrize("label", ["Kind of account", "Which card"])
def test_a_choice_may_speak_of_cards_and_accounts(label: str) -> None:
    assert fields_of(with_fields(f"[{PURPOSE.replace('Purpose', label, 1)}]"))


@pytest.mark.parametrize("label", ["Your full name", "Card number", "ID number", "Phone"])
def test_a_choice_may_not_ask_who_either(label: str) -> None:
    assert problems_of(with_fields(f"[{PURPOSE.replace('Purpose', label, 1)}]"))


def test_the_packaged_services_have_fields_that_fit_their_places() -> None:
    services = [service for service in load_catalog().services if service.fields]
    assert len(services) == 8
    for field in (field for service in services for field in service.fields):
        texts = [field.label, *(option.label for option in field.options)]
        for text, chinese, english in (
            (field.help, 48, 60), *((label, 20, 24) for label in texts)
        ):  # fmt: skip
            assert cell_len(text.zh_CN) <= chinese
            assert cell_len(text.zh_TW) <= chinese
            assert cell_len(text.en) <= english


def test_show_reads_them_back() -> None:
    shown = CliRunner().invoke(app, ["show", "deposit_certificate", "--language", "en"]).stdout
    assert "Amount (amount): 100 to 5000000 CNY" in shown
    assert "How many copies (copies): a number from 1 to 20" in shown
    assert "In which language (language): Chinese, Chinese and English" in shown
