"""Contrast as WCAG 2.2 defines it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.contrast import contrast_ratio

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.478),  # the classic that just fails AA
        ("#767676", "#ffffff", 4.542),  # and the one that just reaches it
        ("#0000ff", "#ffffff", 8.592),
        ("#FF0000", "#FFFFFF", 3.998),
        ("#ff0000", "#00ff00", 2.914),
    ],
)
def test_known_ratios(one: str, other: str, ratio: float) -> None:
    assert contrast_ratio(one, other) == pytest.approx(ratio, abs=0.005)


@given(colours, colours)
def test_order_does_not_matter_and_the_range_is_1_to_21(one: str, other: str) -> None:
    ratio = contrast_ratio(one, other)
    assert ratio == contrast_ratio(other, one)
    assert 1 <= ratio <= 21.0000001
