"""Tables of figures: whole, in columns, figures below each other on the right."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.widgets.panel import Line, Span, width_of
from kiosk.widgets.table import Column, table

COLUMNS = (
    Column("员工"),
    Column("介绍", is_figure=True),
    Column("办成/笔", is_figure=True),
    Column("动户率/%", is_figure=True, can_go=True),
)


def row(name: str, *figures: int) -> tuple[Span, ...]:
    return (Span(name), *(Span(str(each)) for each in figures))


def text(line: Line) -> str:
    return "".join(span.text for span in line)


def test_figures_stand_on_the_right_with_their_units_in_the_head() -> None:
    assert [
        text(each) for each in table(COLUMNS, [row("王芳", 8, 12, 40), row("李雷", 11, 7, 5)], 60)
    ] == [
        "员工  介绍  办成/笔  动户率/%",
        "王芳     8       12        40",
        "李雷    11        7         5",
    ]


def test_without_room_a_column_goes_and_a_long_name_is_cut() -> None:
    narrow = table(COLUMNS, [row("Wang Fang of the second branch", 8, 12, 40)], 24)
    assert [text(each) for each in narrow] == [
        "员工       介绍  办成/笔",
        "Wang Fan…     8       12",
    ]


def test_the_row_of_the_cursor_is_marked_whole() -> None:
    _, first, second = table(COLUMNS, [row("a", 1, 2, 3), row("b", 4, 5, 6)], 60, cursor=1)
    assert {span.look for span in first} == {"ink"}
    assert {span.look for span in second} == {"cursor"}


@given(
    st.lists(st.tuples(st.text("王芳abc ", max_size=30), st.integers(0, 10**6)), max_size=5),
    st.integers(30, 80),
)
def test_every_line_is_as_wide_as_the_head_and_fits(
    people: list[tuple[str, int]], width: int
) -> None:
    lines = table(COLUMNS, [row(name, count, 1, 2) for name, count in people], width)
    assert len(lines) == len(people) + 1
    assert {width_of(line) for line in lines} == {width_of(lines[0])}
    assert width_of(lines[0]) <= width
    for (_, count), line in zip(people, lines[1:], strict=True):
        assert line[1].text.endswith(str(count))
