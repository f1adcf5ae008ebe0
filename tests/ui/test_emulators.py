"""Simulated channels on a screen: to be read by everybody, and told what was touched."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from picture import Picture
from test_colours import pale
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from kiosk.boxes import EmulatorKind
from kiosk.config import Appearance
from kiosk.paths import resource
from kiosk.theme import HIGH_CONTRAST, LIGHT, themes
from kiosk.widgets.emulator import (
    Bubble,
    Emulator,
    EmulatorView,
    EntryView,
    ItemView,
    OptionView,
    columns_of,
    emulator_for,
)

KINDS: tuple[EmulatorKind, ...] = ("phone", "computer", "sms", "call", "atm")
ROWS = 16
WORDS = EmulatorView(
    title="转账",
    clock="10:24",
    simulated="模拟演示 · 不是真的",
    lines=("转给谁？",),
    bubbles=(Bubble("您好", sent=False), Bubble("余额", sent=True)),
    address="bank.example/net",
    card_slot="插卡口",
    cash_slot="出钞口",
)
CHOOSE = replace(
    WORDS,
    options=(
        OptionView("option:0", "李小梅", "1", pointed=True),
        OptionView("option:1", "插入银行卡", "2", part="card_slot", pointed=True),
        OptionView("option:2", "王大明", "3"),
    ),
)
ENTRY = EntryView(
    "金额", "30", OptionView("delete", "删除", "."), OptionView("next", "下一步", "1"), pointed=True
)
ENTER = replace(WORDS, entry=ENTRY)
COMPLETE = replace(WORDS, entry=replace(ENTRY, complete=True, length=4))
CONFIRM = replace(
    CHOOSE,
    lines=(),
    items=(
        ItemView("收款人", "李小梅", "confirmed"),
        ItemView("金额", "3,000.00 元", "asked"),
        ItemView("手续费", "0 元", "open"),
    ),
    options=(OptionView("right", "对", "1"), OptionView("wrong", "不对，停下", "2")),
)
RESULT = replace(WORDS, is_result=True, options=(OptionView("next", "知道了", "1"),))
VIEWS = (CHOOSE, ENTER, COMPLETE, CONFIRM, RESULT)


class Stage(App[None]):
    """One emulator on an otherwise empty screen."""

    CSS_PATH = [resource("kiosk.tcss")]

    def __init__(self, kind: EmulatorKind) -> None:
        super().__init__()
        for theme in themes(Appearance().accent):
            self.register_theme(theme)
        self.theme = LIGHT
        self.emulator = emulator_for(kind)
        self.emulator.styles.width = columns_of(kind, 60)
        self.told: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.emulator

    def on_emulator_pressed(self, message: Emulator.Pressed) -> None:
        self.told.append(message.code)

    async def show(self, pilot: Pilot[Any], view: EmulatorView) -> Picture:
        self.emulator.show(view)
        await pilot.pause()
        return Picture(self.screen)


@pytest.mark.parametrize("kind", KINDS)
async def test_everything_can_be_read(kind: EmulatorKind, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(kind)
    async with stage.run_test(size=(60, ROWS)) as pilot:
        later: list[Callable[[], None]] = []
        monkeypatch.setattr(stage.emulator, "set_timer", lambda _, call: later.append(call))
        for theme in (LIGHT, HIGH_CONTRAST):
            stage.theme = theme
            for view in VIEWS:
                picture = await stage.show(pilot, view)
                assert not pale(picture, set()), view
                assert view.simulated in picture
                stage.emulator.flash(stage.emulator.drawing.targets[0].code)
                await pilot.pause()
                pressed = Picture(stage.screen)
                assert pressed.rows != picture.rows
                assert not pale(pressed, set())
                later.pop()()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_touched_is_told_and_nothing_between(kind: EmulatorKind) -> None:
    stage = Stage(kind)
    async with stage.run_test(size=(60, ROWS)) as pilot:
        for view in (CHOOSE, ENTER):
            await stage.show(pilot, view)
            for target in stage.emulator.drawing.targets:
                corner = (target.area.right - 1, target.area.bottom - 1)
                await pilot.click(Emulator, offset=corner)
                assert stage.told == [target.code]
                stage.told.clear()
            await pilot.click(Emulator, offset=(1, 0))
            await pilot.click(Emulator, offset=(1, ROWS - 1))
            assert stage.told == []


async def test_a_finger_that_slides_to_another_key_touches_none() -> None:
    stage = Stage("phone")
    async with stage.run_test(size=(60, ROWS)) as pilot:
        await stage.show(pilot, ENTER)
        one, two = stage.emulator.drawing.targets[:2]
        await pilot.mouse_down(Emulator, offset=one.area[:2])
        await pilot.mouse_up(Emulator, offset=two.area[:2])
        assert stage.told == []


async def test_what_stood_out_is_not_taken_along_to_another_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage("phone")
    async with stage.run_test(size=(60, ROWS)) as pilot:
        monkeypatch.setattr(stage.emulator, "set_timer", lambda *_: None)
        plain = await stage.show(pilot, CONFIRM)
        await stage.show(pilot, CHOOSE)
        stage.emulator.flash("option:2")
        assert (await stage.show(pilot, CONFIRM)).rows == plain.rows
