"""A plot is as large as its place, and tells bars from the line without colours."""

import pytest

from kiosk.widgets.panel import width_of
from kiosk.widgets.plot import plot_lines

LABELS = [f"{8 + half // 2}:{'30' if half % 2 else '00'}" for half in range(20)]


@pytest.mark.parametrize(("width", "height"), [(79, 13), (56, 8), (116, 28)])
def test_it_fills_its_place(width: int, height: int) -> None:
    bars = [float(at % 7) for at in range(20)]
    lines = plot_lines(LABELS, bars, [3.0] * 20, width, height)
    assert len(lines) == height
    assert {width_of(line) for line in lines} == {width}
    assert "8:00" in "".join(span.text for span in lines[-1])
    looks = dict.fromkeys(("ink", "attention"), "")
    for line in lines:
        for span in line:
            if span.look in looks:
                looks[span.look] += span.text.replace(" ", "")
    assert set(looks["ink"]) == {"█"}
    assert "█" not in looks["attention"]
    assert looks["attention"]


def test_a_day_without_anybody_has_a_plot_too() -> None:
    lines = plot_lines(["8:00"], [0.0], [0.0], 40, 6)
    assert len(lines) == 6


def test_people_are_counted_in_whole_numbers() -> None:
    lines = plot_lines(["8:00", "8:30"], [0.0, 1.0], [0.0, 0.5], 40, 12)
    text = "".join(span.text for line in lines for span in line)
    assert "." not in text
