"""Text in the cells of a terminal."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from support import default_catalog

from kiosk.services.catalog import Route, Service
from kiosk.services.catalog_parts import LANGUAGES, LocalizedText
from kiosk.widgets.text import centre, fit, fold, fold_evenly, portions, shorten

CLOSING = "，。、；：！？）》”’,.;:!?)"
words = st.text(st.sampled_from("abcXYZ019-'"), min_size=1, max_size=12)
marks = st.sampled_from(["，", "。", ", ", ". ", "、", "！", "）", "; "])
han = st.text(st.sampled_from("请到人工窗口办理转账汇款"), min_size=1, max_size=9)
texts = st.lists(st.one_of(words, marks, han, st.just(" "), st.just("\n")), max_size=30).map(
    "".join
)
widths = st.integers(2, 80)


def bare(text: str) -> str:
    """Without white space, which may be lost where a line ends."""
    return "".join(text.split())


@given(texts, widths)
@example("Transfers above 50,000 yuan", 17)
@example("aaaaaaaaaaaaa, bb cccccccccccccccccc", 20)
def test_folding_keeps_the_width_and_loses_nothing_but_spaces(text: str, width: int) -> None:
    lines = fold(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert bare("".join(lines)) == bare(text)
    assert all(line == line.rstrip() for line in lines)
    assert len(lines) > text.count("\n")


@given(texts.map(lambda text: text.replace("\n", "")), widths)
def test_two_lines_together_are_wider_than_one_can_be(text: str, width: int) -> None:
    """So it can be said without folding how many lines a text needs at most."""
    assert len(fold(text, width)) <= 2 * cell_len(text) // width + 1


@given(st.lists(words, min_size=1, max_size=20), st.integers(12, 60))
def test_words_stay_whole_where_they_fit(some: list[str], width: int) -> None:
    told = [word for line in fold(" ".join(some), width) for word in line.split()]
    assert told == some


@example([("aaaaaaaaaaaa", ", "), ("bb", " "), ("cccccccccccccccc", " ")], 16)
@given(
    st.lists(st.tuples(words, st.sampled_from([" ", ", ", "; "])), min_size=1, max_size=20),
    st.integers(14, 60),
)
def test_words_stay_whole_where_a_line_ends_at_a_comma(
    some: list[tuple[str, str]], width: int
) -> None:
    text = "".join(word + after for word, after in some)
    assert [word for line in fold(text, width) for word in line.split()] == text.split()


@given(st.lists(han, min_size=1, max_size=8), st.sampled_from("，。、；：！？"), st.integers(6, 60))
def test_no_line_of_chinese_begins_with_a_closing_mark(
    clauses: list[str], mark: str, width: int
) -> None:
    for line in fold(mark.join(clauses) + mark, width):
        assert line[:1] not in CLOSING, line


@given(st.lists(han, min_size=2, max_size=9), st.sampled_from("（《「“"), st.integers(22, 60))
def test_no_line_of_chinese_ends_with_an_opening_mark(
    some: list[str], mark: str, width: int
) -> None:
    lines = fold(mark.join(some), width)
    assert not any(line.endswith(mark) for line in lines)


@pytest.mark.parametrize("width", range(14, 40))
def test_an_amount_is_never_torn(width: int) -> None:
    told = "\n".join(fold("Up to 50,000 yuan a day, 1,000,000 yuan a year, or 20,000", width))
    for amount in ("50,000", "1,000,000", "20,000"):
        assert amount in told


@pytest.mark.parametrize("width", [0, -1, -30])
def test_folding_into_no_room_at_all_comes_to_an_end(width: int) -> None:
    assert "".join(fold("a b字", width)) == "ab字"


def test_a_line_feed_breaks_always() -> None:
    assert fold("one\n\ntwo", 20) == ["one", "", "two"]
    assert fold("", 20) == [""]


def test_a_line_ends_after_its_comma_if_little_moves_down() -> None:
    assert fold("打开手机银行，登录账户", 18) == ["打开手机银行，", "登录账户"]


def test_what_just_fits_stays_on_one_line() -> None:
    assert fold("one two", 7) == ["one two"]
    assert fold("一二三", 6) == ["一二三"]
    assert fold("one two", 6) == ["one", "two"]


@pytest.mark.parametrize("width", [18, 26, 34, 56, 76])
def test_the_catalog_s_own_sentences_fold_well(width: int) -> None:
    catalog = default_catalog()
    found: list[LocalizedText] = []
    for each in (*catalog.services, *catalog.routes):
        if isinstance(each, Service):
            found += filter(None, [each.spoken, each.why_counter, each.fee_note])
        elif isinstance(each, Route):
            found += [*each.steps, each.safety]
    assert len(found) > 100
    for text in found:
        for language in LANGUAGES:
            told = text.in_language(language)
            lines = fold(told, width)
            assert all(cell_len(line) <= width for line in lines)
            assert bare("".join(lines)) == bare(told)
            assert not [line for line in lines if line[:1] in CLOSING], told
            if language == "en":
                assert [word for line in lines for word in line.split()] == told.split()


@given(texts.map(lambda text: text.replace("\n", "")), st.integers(1, 60))
def test_fitted_text_fills_its_place_exactly(text: str, width: int) -> None:
    told = fit(text, width)
    assert cell_len(told) == width
    assert centre_width(text, width) == width
    if cell_len(text) <= width:
        assert told.rstrip() == text.rstrip()
    elif width > 2:
        assert "…" in told
        assert text.startswith(told.rstrip().removesuffix("…"))


def centre_width(text: str, width: int) -> int:
    return cell_len(centre(text, width))


@given(words, st.integers(12, 60))
def test_centred_text_has_the_same_room_on_both_sides(text: str, width: int) -> None:
    told = centre(text, width)
    left = len(told) - len(told.lstrip())
    right = len(told) - len(told.rstrip())
    assert told.strip() == text
    assert right - left in (0, 1)


@given(texts, widths, st.integers(0, 5))
def test_what_is_shortened_has_room_or_is_left_out(text: str, width: int, rows: int) -> None:
    lines = shorten(text, width, rows)
    assert len(lines) <= rows
    assert all(cell_len(line) <= width for line in lines)


def test_what_is_shortened_ends_after_a_clause() -> None:
    assert shorten("余额、明细、存折、证明", 20, 1) == ["余额、明细、存折…"]
    assert shorten("Send money, repay a card", 17, 1) == ["Send money…"]
    assert shorten("Send money, repay a card", 17, 2) == ["Send money, repay", "a card"]
    assert shorten("A passbook that is full", 17, 1) == []


def test_no_line_is_left_with_a_single_character() -> None:
    assert fold_evenly("要现金、盖章或纸质材料", 21) == ["要现金、盖章", "或纸质材料"]
    assert fold_evenly("The identity check failed", 21) == ["The identity", "check failed"]
    assert fold_evenly("取号", 21) == ["取号"]


@given(texts, widths)
def test_even_lines_are_no_more_and_lose_nothing(text: str, width: int) -> None:
    even = fold_evenly(text, width)
    assert len(even) == len(fold(text, width))
    assert all(cell_len(line) <= width for line in even)
    assert bare("".join(even)) == bare(text)


@given(
    paragraphs=st.lists(st.text("字wo ，.", min_size=1, max_size=90), min_size=1, max_size=10),
    width=st.integers(4, 60),
    rows=st.integers(1, 15),
    most=st.integers(0, 3),
)
def test_portions_hold_every_line_once_in_its_order(
    paragraphs: list[str], width: int, rows: int, most: int
) -> None:
    found = portions(paragraphs, width, rows, most=most)
    assert all(0 < len(portion) <= rows for portion in found)
    lines = [line for portion in found for line in portion if line.strip()]
    folded = [line for text in paragraphs for line in fold(text, width) if line.strip()]
    assert lines == folded


def test_portions_are_few_and_about_as_long() -> None:
    assert portions(["a", "b", "c", "d", "e"], 10, 9) == [["a", "", "b", "", "c", "", "d", "", "e"]]
    assert portions(["a", "b", "c", "d", "e"], 10, 7) == [
        ["a", "", "b", "", "c"],
        ["d", "", "e"],
    ]
    assert portions(["a", "b", "c"], 10, 9, most=2) == [["a", "", "b"], ["c"]]
    assert portions(["a a a"], 1, 2) == [["a", "a"], ["a"]]
