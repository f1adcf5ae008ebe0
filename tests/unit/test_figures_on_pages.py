"""Tables on pages: nothing is lost, every page names its columns, and everything fits."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.screens.staff_mode.pages import listing, paged
from kiosk.widgets.panel import Line, width_of

HEADS = ("Name", "Approached", "Offered", "Accepted", "Signed up", "Pay, yuan")
RIGHT = (1, 2, 3, 4, 5)


def text(line: Line) -> str:
    return "".join(span.text for span in line)


def test_with_too_many_figures_the_rows_are_named_anew() -> None:
    rows = [("王芳", "12", "9", "7", "3", "15.50"), ("Wang", "1", "0", "0", "0", "0")]
    first, second = listing("By person", [HEADS, *rows], RIGHT, 40)
    assert [text(each) for each in first] == [
        "By person",
        "Name  Approached  Offered  Accepted",
        "王芳          12        9         7",
        "Wang           1        0         0",
    ]
    assert [text(each) for each in second][1:3] == [
        "Name  Signed up  Pay, yuan",
        "王芳          3      15.50",
    ]


def test_without_rows_it_says_so() -> None:
    [block] = listing("By person", [HEADS], RIGHT, 40)
    assert [text(each) for each in block] == ["By person", "no data"]


@given(st.integers(0, 30), st.integers(30, 80), st.integers(4, 20))
def test_no_row_is_lost_and_every_page_has_its_heads(count: int, width: int, rows: int) -> None:
    people = [(f"p{number}", *(str(number * at) for at in RIGHT)) for number in range(count)]
    pages = paged(listing("By person", [HEADS, *people], RIGHT, width), rows)
    assert all(len(page) <= rows for page in pages)
    assert all(width_of(line) <= width for page in pages for line in page)
    assert all(text(page[0]) == "By person" for page in pages)
    lines = [text(line) for page in pages for line in page]
    for number in range(count):
        assert any(line.startswith(f"p{number} ") for line in lines)
