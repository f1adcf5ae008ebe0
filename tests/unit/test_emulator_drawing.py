"""Simulated screens: whole on the smallest terminal, with targets that a finger meets."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kiosk.boxes import (
    FRAME_COLUMNS,
    FRAME_ROWS,
    LEAST_BOXES,
    LEAST_TARGET,
    EmulatorKind,
    ScreenTexts,
    columns_for_option,
    columns_for_slot,
    columns_for_text,
    columns_of_page,
    least_rows,
)
from kiosk.widgets.emulator import (
    Bubble,
    EmulatorView,
    EntryView,
    ItemView,
    OptionView,
    columns_of,
    draw,
)
from kiosk.widgets.emulator.canvas import Area, Drawing
from kiosk.widgets.text import fold

KINDS: tuple[EmulatorKind, ...] = ("phone", "computer", "sms", "call", "atm")
LEAST_WIDTH = {"phone": 6, "computer": 6, "sms": 6, "call": 5, "atm": 5}
NEXT, DELETE = OptionView("next", "下一步", "1"), OptionView("delete", "删除", ".")

words = st.text("转账银行卡号码金额 abcdefgh,，。：12", min_size=1, max_size=24).map(str.strip)
names = words.filter(lambda text: 0 < cell_len(text) <= 20)
sentences = st.lists(names, min_size=1, max_size=4).map(" ".join)
lines = st.lists(sentences, max_size=3).map(tuple)
labels = st.lists(names, min_size=1, max_size=5)
pairs = st.lists(st.tuples(names, names), max_size=6).map(tuple)
entries = st.builds(
    EntryView,
    label=names,
    typed=st.text("0123456789,", max_size=10),
    delete=st.just(DELETE),
    next=st.just(NEXT),
    complete=st.booleans(),
    pointed=st.booleans(),
)
plain = EmulatorView(
    title="", clock="10:24", simulated="模拟演示 · 不是真的", card_slot="插卡口", cash_slot="出钞口"
)


@st.composite
def views(draw_from: st.DrawFn, kind: EmulatorKind) -> EmulatorView:
    """A view that has room in the least box of its kind."""
    base = replace(
        plain,
        title=draw_from(names),
        lines=draw_from(lines),
        is_result=draw_from(st.booleans()),
        bubbles=tuple(map(Bubble, draw_from(lines), (False, True, False))),
    )
    if draw_from(st.booleans()):
        return having_room(kind, replace(base, entry=draw_from(entries)))
    parts = draw_from(st.permutations(["card_slot", "cash_slot", "", "", ""]))
    options = tuple(
        OptionView(
            f"option:{at}",
            label,
            str(at + 1),
            part=parts[at] if kind == "atm" else "",
            pointed=draw_from(st.booleans()),
        )
        for at, label in enumerate(draw_from(labels))
    )
    items = tuple(
        ItemView(label, value, draw_from(st.sampled_from(["open", "asked", "confirmed"])))
        for label, value in draw_from(pairs)
    )
    return having_room(kind, replace(base, options=options, items=items))


def having_room(kind: EmulatorKind, view: EmulatorView) -> EmulatorView:
    """As much of a view as has room."""
    box = LEAST_BOXES[kind]
    while least_rows(kind, texts_of(view), box.columns, cell_len) > box.rows:
        if view.lines:
            view = replace(view, lines=view.lines[1:])
        elif view.items:
            view = replace(view, items=view.items[1:])
        else:
            view = replace(view, options=view.options[:-1])
    return view


def texts_of(view: EmulatorView) -> ScreenTexts:
    return ScreenTexts(
        lines=view.lines,
        options=tuple(option.label for option in view.options if not option.part),
        slots=tuple(option.label for option in view.options if option.part),
        items=tuple((item.label, item.value) for item in view.items),
        has_entry=view.entry is not None,
    )


def drawn_lines(kind: EmulatorKind, view: EmulatorView, columns: int) -> Iterator[str]:
    """Every line of text that must stand on the screen."""
    yield view.simulated
    yield view.title
    for line in view.lines:
        yield from fold(line, columns_for_text(kind, columns))
    for option in view.options:
        slot = columns_for_slot(columns)
        yield from fold(option.label, slot if option.part else columns_for_option(kind, columns))
    for item in view.items:
        room = columns_of_page(kind, columns) - 4
        yield from fold(item.label, room)
        yield from fold(item.value, room)
    if view.entry:
        yield view.entry.label
        yield view.entry.typed
        yield view.entry.delete.label
        yield view.entry.next.label


def pages(drawing: Drawing) -> list[str]:
    return ["".join(run.text for run in row) for row in drawing.rows]


sizes = st.sampled_from([60, 83])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), width=sizes, taller=st.integers(0, 20))
def test_what_has_room_is_drawn_whole(
    kind: EmulatorKind, data: st.DataObject, width: int, taller: int
) -> None:
    view = data.draw(views(kind))
    columns, rows = columns_of(kind, width), LEAST_BOXES[kind].rows + FRAME_ROWS + taller
    drawing = draw(kind, view, columns, rows)
    seen = pages(drawing)
    assert {cell_len(row) for row in seen} == {columns}
    assert len(seen) == min(rows, columns if columns in (30, 40) else 2 * columns // 3)
    for line in drawn_lines(kind, view, columns - FRAME_COLUMNS):
        assert any(line in row for row in seen), line


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data(), width=sizes, taller=st.integers(0, 20))
def test_each_target_can_be_touched_where_it_is(
    kind: EmulatorKind, data: st.DataObject, width: int, taller: int
) -> None:
    view = data.draw(views(kind))
    columns, rows = columns_of(kind, width), LEAST_BOXES[kind].rows + FRAME_ROWS + taller
    drawing = draw(kind, view, columns, rows)
    for one, other in combinations(drawing.targets, 2):
        assert not shared(one.area, other.area)
    for target in drawing.targets:
        area = target.area
        assert 0 < area.x < area.right < columns
        assert 2 < area.y < area.bottom < rows
        assert area.width >= LEAST_WIDTH[kind]
        assert area.height >= (1 if is_dial_key(kind, area) else LEAST_TARGET)
        for x in (area.x, area.right - 1):
            for y in (area.y, area.bottom - 1):
                assert drawing.target_at(x, y) == target
    codes = {target.code for target in drawing.targets}
    assert codes == wanted(kind, view)


def is_dial_key(kind: EmulatorKind, area: Area) -> bool:
    return kind == "call" and area.width <= 7


def shared(one: Area, other: Area) -> bool:
    return max(one.x, other.x) < min(one.right, other.right) and max(one.y, other.y) < min(
        one.bottom, other.bottom
    )


def wanted(kind: EmulatorKind, view: EmulatorView) -> set[str]:
    digits = {f"digit:{digit}" for digit in range(10)}
    if view.entry:
        has_pad = kind == "call" or not view.entry.complete
        return {"next", "delete"} | (digits if has_pad else set())
    options = {option.code for option in view.options}
    if kind != "call":
        return options
    dialled = {str(place) for place in range(1, len(view.options) + 1)}
    return options | {f"digit:{sign}" for sign in "0123456789*#" if sign not in dialled}
