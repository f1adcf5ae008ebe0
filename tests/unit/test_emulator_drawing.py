"""Simulated screens: whole on the smallest terminal, with targets that a finger meets."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.cells import cell_len

from kiosk.boxes import (
    FRAME_COLUMNS,
    FRAME_ROWS,
    LEAST_BOXES,
    LEAST_TARGET,
    EmulatorKind,
    ScreenTexts,
    least_rows,
)
from kiosk.widgets.emulator import EmulatorView, EntryView, ItemView, OptionView, draw
from kiosk.widgets.emulator.canvas import Drawing

KINDS: tuple[EmulatorKind, ...] = ("phone",)
LEAST_COLUMNS = 6
SIMULATED = "模拟演示 · 不是真的"
NEXT, DELETE = OptionView("next", "下一步", "1"), OptionView("delete", "删除", ".")

words = st.text("转账银行卡号码金额 abcdefgh,，。：12", min_size=1, max_size=24).map(str.strip)
names = words.filter(lambda text: 0 < cell_len(text) <= 20)
sentences = st.lists(words, min_size=1, max_size=4).map(" ".join).filter(str.strip)
lines = st.lists(sentences, max_size=3).map(tuple)
options = st.lists(names, max_size=5).map(
    lambda labels: tuple(
        OptionView(f"option:{at}", label, str(at + 1)) for at, label in enumerate(labels)
    )
)
items = st.lists(st.tuples(names, names), max_size=6).map(tuple)
entries = st.builds(
    EntryView,
    label=names,
    typed=st.text("0123456789,", max_size=10),
    delete=st.just(DELETE),
    next=st.just(NEXT),
    complete=st.booleans(),
    pointed=st.booleans(),
)


@st.composite
def views(
    draw_from: st.DrawFn, kind: EmulatorKind, columns: int, rows: int
) -> tuple[EmulatorView, int]:
    """A view that has room in a box, and how many rows it needs at least."""
    entry = draw_from(st.none() | entries)
    asked = draw_from(items) if entry is None else ()
    touched = draw_from(options) if entry is None else ()
    said = draw_from(lines)
    texts = ScreenTexts(
        lines=said,
        options=tuple(option.label for option in touched),
        items=asked,
        has_entry=entry is not None,
    )
    least = least_rows(kind, texts, columns, cell_len)
    assume(least <= rows)
    view = EmulatorView(
        title=draw_from(names),
        clock="10:24",
        simulated=SIMULATED,
        lines=said,
        options=touched,
        items=tuple(ItemView(label, value, "open") for label, value in asked),
        entry=entry,
        is_result=draw_from(st.booleans()),
    )
    return view, least


def pages(drawing: Drawing) -> list[str]:
    return ["".join(run.text for run in row) for row in drawing.rows]


def packed(text: str) -> str:
    """Without what folding takes away or puts in."""
    return "".join(text.split())


def texts_of(view: EmulatorView) -> Iterator[str]:
    yield view.title
    yield view.simulated
    yield from view.lines
    for option in view.options:
        yield option.label
    for item in view.items:
        yield item.label
        yield item.value
    if view.entry:
        yield view.entry.label
        yield view.entry.typed


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_what_has_room_is_drawn_whole(kind: EmulatorKind, data: st.DataObject) -> None:
    box = LEAST_BOXES[kind]
    taller = data.draw(st.integers(0, 12))
    view, _ = data.draw(views(kind, box.columns, box.rows))
    drawing = draw(kind, view, box.columns + FRAME_COLUMNS, box.rows + FRAME_ROWS + taller)
    assert len(drawing.rows) == box.rows + FRAME_ROWS + taller
    for row in drawing.rows:
        assert sum(cell_len(run.text) for run in row) == box.columns + FRAME_COLUMNS
    seen = packed("".join(row.strip("│┃ ") for row in pages(drawing)))
    for text in texts_of(view):
        for word in text.split():  # a label's words may stand on several rows
            assert all(packed(part) in seen for part in parts(word)), word
    for target in drawing.targets:
        assert target.area.height >= LEAST_TARGET
        assert target.area.width >= LEAST_COLUMNS


def parts(word: str) -> list[str]:
    """A Chinese text breaks anywhere."""
    return list(word) if any(cell_len(char) == 2 for char in word) else [word[:6]]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_each_target_is_touched_where_it_is(kind: EmulatorKind, data: st.DataObject) -> None:
    box = LEAST_BOXES[kind]
    view, _ = data.draw(views(kind, box.columns, box.rows))
    columns, rows = box.columns + FRAME_COLUMNS, box.rows + FRAME_ROWS
    drawing = draw(kind, view, columns, rows)
    for one, other in combinations(drawing.targets, 2):
        assert not {*cells(one.area)} & {*cells(other.area)}
    for target in drawing.targets:
        for x, y in cells(target.area):
            assert 0 < x < columns - 1
            assert 2 < y < rows - 1
            assert drawing.target_at(x, y) == target
    wanted = {option.code for option in view.options}
    if view.entry and not view.entry.complete:
        wanted |= {f"digit:{digit}" for digit in range(10)}
    if view.entry:
        wanted |= {"next", "delete"}
    assert sorted(target.code for target in drawing.targets) == sorted(wanted)


def cells(area: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    left, top, width, height = area
    return [(x, y) for x in range(left, left + width) for y in range(top, top + height)]
