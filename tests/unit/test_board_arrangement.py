"""Whatever the size, three calls are read from afar, and everything has its place."""

import pytest

from kiosk.screens.board.arrangement import BETWEEN, LARGE_CALLS, MARGIN, arrange
from kiosk.screens.size import LEAST_COLUMNS, LEAST_ROWS
from kiosk.widgets.block_digits import SHORT, TALL, Scale, block_rows


def columns_of(scale: Scale, digits: int) -> int:
    number, counter = block_rows("A1023", scale), block_rows("8" * digits, scale)
    return MARGIN + len(number[0]) + BETWEEN + MARGIN + len(counter[0]) + MARGIN


@pytest.mark.parametrize("digits", [1, 2])
def test_everything_has_room_at_every_size(digits: int) -> None:
    for columns in range(LEAST_COLUMNS, 240, 3):
        for rows in range(LEAST_ROWS, 90):
            found = arrange(columns, rows, 5, digits)
            size = f"{columns}x{rows}: {found}"
            assert columns_of(found.newest, digits) <= columns, size
            others = columns_of(found.others, digits)
            beside = BETWEEN + found.panel_columns + MARGIN if found.is_beside else 0
            assert others + beside <= columns, size
            assert found.panel_columns >= 18, size
            assert found.panel_rows >= 1, size
            calls = (LARGE_CALLS - 1) * found.others.rows + found.gap_rows
            under = found.gap_rows + found.panel_rows
            lower = max(calls, found.panel_rows) if found.is_beside else calls + under
            sentence, foot = 1, 1
            upper = found.band_rows + sentence + found.newest.rows + found.first_gap_rows
            assert upper + lower + foot <= rows, size
            assert found.others.rows <= found.newest.rows, size
            if found.newest.half_rows % 2 == 0:  # its last row is full
                assert found.first_gap_rows, size


def test_the_newest_is_the_largest_and_grows_with_the_screen() -> None:
    small, usual, tv = (arrange(*size) for size in ((60, 20), (83, 24), (120, 34)))
    assert small.newest.rows == 7
    assert usual.newest.rows == 11
    assert (tv.newest.columns, tv.others.columns) == (3, 2)
    assert small.others == usual.others == SHORT


def test_numbers_are_drawn_at_any_scale() -> None:
    for scale in (SHORT, TALL, Scale(1, 2, 1), Scale(3, 3, 2), Scale(6, 7, 5)):
        rows = block_rows("A10", scale)
        assert len(rows) == scale.rows
        assert {len(row) for row in rows} == {scale.width_of(3)}
    assert block_rows("1", SHORT) == [" ▄█  ", "  █  ", "  █  ", " ▀▀▀ "]
    assert block_rows("1", TALL)[1] == "  ████    "


def test_a_letter_that_nobody_can_draw_does_not_end_the_board() -> None:
    assert block_rows("Z1", TALL) == block_rows("?1", TALL)
