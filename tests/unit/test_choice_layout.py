"""How choices stand on the screen: everything can be reached, and touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.widgets.choice_grid import MORE_KEY, MOST_ON_A_PAGE, Layout, lay_out

counts = st.integers(1, 30)
widths = st.integers(20, 200)


def boxes_on_pages(layout: Layout, count: int) -> list[int]:
    """How many boxes, the one that turns the page included, each page has."""
    pages = -(-count // layout.per_page)
    more = pages > 1
    sizes = [min(layout.per_page, count - layout.per_page * page) for page in range(pages)]
    assert sum(sizes) == count
    return [size + more for size in sizes]


@given(counts, widths, st.integers(6, 60), st.booleans(), st.integers(0, 40))
def test_every_choice_has_a_box_on_some_page(
    count: int, width: int, height: int, large: bool, widest: int
) -> None:
    layout = lay_out(count, width, height, large=large, widest=widest)
    assert layout.per_page >= 1
    for boxes in boxes_on_pages(layout, count):
        assert boxes <= layout.columns * layout.rows
        assert boxes <= MOST_ON_A_PAGE
    assert layout.rows * layout.row_height <= height


@given(counts, widths, st.integers(6, 60), st.integers(0, 40))
def test_large_type_has_as_few_columns_as_tall_buttons_allow_and_never_more_pages(
    count: int, width: int, height: int, widest: int
) -> None:
    large = lay_out(count, width, height, large=True, widest=widest)
    normal = lay_out(count, width, height, large=False, widest=widest)
    assert large.per_page == normal.per_page or large.per_page == count
    if count <= MOST_ON_A_PAGE and count * 4 <= height:
        assert large.columns == 1
    if large != normal:
        assert large.row_height >= 4


@pytest.mark.parametrize(("width", "height"), [(81, 19), (58, 16)])
def test_a_menu_of_seven_is_one_page_of_tall_buttons_in_large_type(width: int, height: int) -> None:
    """The whole work area of 83×24 and 60×20."""
    layout = lay_out(7, width, height, large=True, widest=18)
    assert (layout.columns, layout.rows, layout.per_page) == (2, 4, 7)
    assert layout.row_height >= 4


@given(counts, widths, st.integers(6, 60), st.booleans(), st.integers(0, 40))
def test_buttons_are_tall_enough_to_touch(
    count: int, width: int, height: int, large: bool, widest: int
) -> None:
    layout = lay_out(count, width, height, large=large, widest=widest)
    assert 3 <= layout.row_height <= 5


@given(counts, widths, st.integers(6, 60), st.booleans(), st.integers(0, 40))
def test_no_button_is_narrower_than_its_label(
    count: int, width: int, height: int, large: bool, widest: int
) -> None:
    layout = lay_out(count, width, height, large=large, widest=widest)
    assert layout.columns == 1 or width // layout.columns >= max(20, widest)
    assert 1 <= layout.columns <= 3


@given(counts, st.integers(20, 200), st.integers(6, 59), st.booleans())
def test_more_room_never_means_more_pages(count: int, width: int, height: int, large: bool) -> None:
    height = max(height, 12) if large else height
    here = lay_out(count, width, height, large=large)
    taller = lay_out(count, width, height + 1, large=large)
    assert len(boxes_on_pages(taller, count)) <= len(boxes_on_pages(here, count))


@pytest.mark.parametrize("count", range(1, 8))
def test_a_menu_of_seven_stands_on_one_page_of_the_usual_terminal(count: int) -> None:
    layout = lay_out(count, 78, 14, large=False)
    assert layout.per_page == count
    assert layout.row_height >= 3


def test_the_box_that_turns_the_page_has_a_digit_that_no_choice_has() -> None:
    # choices have 1 to per_page; the next page is on 7
    for count in range(1, 31):
        for large in (False, True):
            layout = lay_out(count, 78, 20, large=large)
            if count > layout.per_page:
                assert layout.per_page < int(MORE_KEY)


def test_the_grid_with_the_tallest_buttons_is_chosen_and_fewer_columns_if_they_tie() -> None:
    assert lay_out(4, 78, 20, large=False) == Layout(1, 4, 5, 4)
    assert lay_out(7, 78, 20, large=False) == Layout(2, 4, 5, 7)
    assert lay_out(7, 78, 12, large=False) == Layout(3, 3, 4, 7)
    assert lay_out(3, 78, 20, large=True) == Layout(1, 3, 5, 3)
    assert lay_out(9, 78, 20, large=True) == Layout(2, 4, 5, 6)
