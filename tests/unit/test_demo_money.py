"""Amounts in Chinese capitals, and the figures in a demo's texts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.services.catalog_parts import Fee
from kiosk.services.demo.money import Money, capitals

# --- reading back, by other means than writing -------------------------------------------------

SIMPLIFIED, TRADITIONAL = "零壹贰叁肆伍陆柒捌玖", "零壹貳參肆伍陸柒捌玖"
UNITS = {"拾": 10, "佰": 100, "仟": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}


def read_number(text: str) -> int:
    """From left to right, as a person reads: a larger unit takes all that was said before it."""
    total = section = digit = 0
    for character in text:
        if character in UNITS:
            unit = UNITS[character]
            if unit < 10**4:
                section, digit = section + digit * unit, 0
            elif unit == 10**4:
                total += (section + digit) * unit
                section = digit = 0
            else:
                total = (total + section + digit) * unit
                section = digit = 0
        else:
            digit = (SIMPLIFIED + TRADITIONAL).index(character) % 10
    return total + section + digit


def read_fen(text: str) -> int:
    found = re.fullmatch(r"(?:(.+)元)?(?:零?(.)角)?(?:零?(.)分)?(整?)", text)
    assert found, text
    yuan, tenths, hundredths, _ = found.groups()
    return (
        100 * (read_number(yuan) if yuan else 0)
        + 10 * (read_number(tenths) if tenths else 0)
        + (read_number(hundredths) if hundredths else 0)
    )


round_sums = st.builds(
    lambda head, zeros: head * 10**zeros, st.integers(0, 9999), st.integers(0, 9)
)
sums = st.integers(0, 10**13 - 1) | round_sums | st.builds(sum, st.tuples(round_sums, round_sums))


@given(sums, st.sampled_from(["zh_CN", "zh_TW"]))
def test_capitals_are_read_back_as_what_was_written(fen: int, language: str) -> None:
    text = capitals(fen, language)
    assert read_fen(text) == fen
    assert text.endswith("整") == (fen % 100 == 0)
    assert "零零" not in text
    assert not re.search("零[元拾佰仟万萬亿億]", text.removesuffix("零元整"))
    assert not set(text) & set(
        "一二三四五六七八九十百千貳參陸萬億" if language == "zh_CN" else "贰叁陆万亿"
    )


@given(st.integers(2, 9), st.integers(1, 9), st.integers(1, 12))
def test_a_gap_inside_a_number_is_said(gap: int, tail: int, head: int) -> None:
    """Who reads 壹亿伍仟 may take it for 150 million."""
    assert "零" in capitals(100 * (head * 10 ** (gap + 1) + tail))


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角"),
        (1_00, "壹元整"),
        (10_00, "壹拾元整"),
        (10_05, "壹拾元零伍分"),
        (1_234_50, "壹仟贰佰叁拾肆元伍角"),
        (10_050_05, "壹万零伍拾元零伍分"),
        (107_000_53, "壹拾万柒仟元伍角叁分"),
        (1_409_50, "壹仟肆佰零玖元伍角"),
        (6_007_14, "陆仟零柒元壹角肆分"),
        (16_409_02, "壹万陆仟肆佰零玖元零贰分"),
        (325_04, "叁佰贰拾伍元零肆分"),
        (1_050_000_00, "壹佰零伍万元整"),
        (100_005_000_00, "壹亿零伍仟元整"),
        (1_000_000_000_000_00, "壹万亿元整"),
    ],
)
def test_capitals_as_the_rules_for_slips_have_them(fen: int, text: str) -> None:
    assert capitals(fen) == text
    assert capitals(fen, "en") == text


def test_capitals_in_taiwan() -> None:
    assert capitals(1_234_50, "zh_TW") == "壹仟貳佰參拾肆元伍角"
    assert capitals(160_000_000_00, "zh_TW") == "壹億陸仟萬元整"


def test_placeholders_are_filled_in_and_others_left_alone() -> None:
    free = Fee(low=0, high=0, unit="CNY_fen", source="C")
    money = Money(3_000_00, free, 50_000_00)
    text = "{amount} {capitals} {fee} {limit} {other} {"
    assert money.fill(text, "zh_CN") == "3,000.00 元 叁仟元整 0.00 元 50,000 元 {other} {"
    assert money.fill(text, "zh_TW") == "3,000.00 元 參仟元整 0.00 元 50,000 元 {other} {"
    assert money.fill(text, "en") == "3,000.00 yuan 叁仟元整 0.00 yuan 50,000 yuan {other} {"
    assert money.typed() == "3000"


def test_what_is_not_known_stands_for_nothing() -> None:
    assert Money().words("zh_CN") == {}
    ranged = Money(fee=Fee(low=100, high=5_50, unit="CNY_fen", source="C"), limit=99)
    assert ranged.words("en") == {"fee": "1.00–5.50 yuan", "limit": "0.99 yuan"}
