"""The patches do what they are for, and Textual still needs them."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from lobby import lobby
from stations import reach
from textual import events
from textual._compositor import LayoutUpdate
from textual.app import App, ComposeResult
from textual.await_remove import AwaitRemove
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from kiosk.screens.customer.demo.intro import IntroScreen
from kiosk.textual_patches import let_nobody_stop_a_removal
from kiosk.widgets.drawn import DrawnWidget

AS_TEXTUAL_HAS_IT = Screen.get_widget_and_offset_at
"""Before any terminal was made in this process."""


def test_textual_still_keeps_style_caches_alive() -> None:
    code = (
        "from textual._styles_cache import StylesCache as cache\n"
        "print(hasattr(cache.get_inner_outer, 'cache_info'))\n"
        "from kiosk.textual_patches import let_widgets_go\n"
        "let_widgets_go(); let_widgets_go()\n"
        "print(hasattr(cache.get_inner_outer, 'cache_info'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


async def test_textual_still_parses_every_style_again_for_a_mode() -> None:
    class Bare(App[None]):
        MODES = {"one": Screen}
        DEFAULT_MODE = "one"

    parsed = await _times_parsed(Bare())
    assert parsed == 1


async def _times_parsed(app: App[None]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        counted = _count(patch)
        async with app.run_test():
            return len(counted)


def _count(patch: pytest.MonkeyPatch) -> list[None]:
    counted: list[None] = []
    reparse = Stylesheet.reparse

    def count(sheet: Stylesheet) -> None:
        counted.append(None)
        reparse(sheet)

    patch.setattr(Stylesheet, "reparse", count)
    return counted


async def test_no_visit_parses_the_styles_again(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        counted = _count(patch)
        async with lobby(tmp_path) as here:
            await here.drive("enter", "1", "9", "9")
            assert counted == []


class Asked(Widget):
    """Knows how often it was asked for a line."""

    times = 0

    def render_line(self, y: int) -> Strip:
        self.times += 1
        return Strip.blank(self.size.width)


async def test_textual_still_asks_for_a_line_at_each_touch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn or not."""

    class Bare(App[None]):
        def compose(self) -> ComposeResult:
            yield Asked()

    monkeypatch.setattr(Screen, "get_widget_and_offset_at", AS_TEXTUAL_HAS_IT)
    async with Bare().run_test() as pilot:
        await pilot.pause()
        asked = pilot.app.query_one(Asked)
        before = asked.times
        await pilot.mouse_down(Asked)
        assert asked.times > before


async def test_a_touch_before_the_picture_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lobby(tmp_path) as here:
        await reach(here, "group")
        monkeypatch.setattr(DrawnWidget, "render_lines", lambda widget, crop: [])
        await here.drive("1")
        here.expect(IntroScreen)
        for row in range(24):
            here.tap(10, row)
        await here.settle()
        assert here.app.is_running


class Pushing(App[None]):
    """Pushes a screen in a batch, as the terminal does."""

    def compose(self) -> ComposeResult:
        yield Static("first")

    async def push_in_batch(self) -> None:
        with self.batch_update():
            await self.push_screen(Second())


class Second(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("second")


@pytest.fixture
def unpatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual as it is, whatever terminal was made before in this process."""
    draw = Screen._compositor_refresh
    monkeypatch.setattr(Screen, "_compositor_refresh", getattr(draw, "__wrapped__", draw))


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each whole picture that is drawn can be seen."""
    seen: list[bool] = []
    display = App._display

    def note(app: App[Any], screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, LayoutUpdate):
            seen.append(not app._batch_count)
        display(app, screen, renderable)

    monkeypatch.setattr(App, "_display", note)
    return seen


@pytest.mark.usefixtures("unpatched")
async def test_textual_still_draws_in_a_batch_and_again_after_a_pop(pictures: list[bool]) -> None:
    app = Pushing()
    async with app.run_test() as pilot:
        await pilot.pause(0.1)
        pictures.clear()
        await app.push_in_batch()
        await pilot.pause(0.1)
        assert False in pictures
        pictures.clear()
        await app.pop_screen()
        await pilot.pause(0.1)
        assert len(pictures) > 1


async def test_a_terminal_that_was_small_for_a_moment_gets_its_picture_again(
    pictures: list[bool], tmp_path: Path
) -> None:
    """It has cut what stood there, and is as large as before when the program looks."""
    async with lobby(tmp_path) as here:
        pictures.clear()
        here.app.post_message(events.Resize(here.app.size, here.app.size))
        await here.until(lambda: pictures == [True])


async def test_each_screen_is_drawn_once(pictures: list[bool], tmp_path: Path) -> None:
    """A visit starts, goes on, goes back and ends."""
    async with lobby(tmp_path) as here:
        await here.drive("enter", "1", "9")
        for key in ("1", "9", "9"):
            pictures.clear()
            await here.drive(key)
            await asyncio.sleep(0.1)  # what Textual would draw again comes a sixtieth later
            assert pictures == [True]


async def test_textual_still_ends_when_nobody_waits_for_a_removal_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait = AwaitRemove.__await__
    monkeypatch.setattr(AwaitRemove, "__await__", getattr(wait, "__wrapped__", wait))
    assert not await _runs_on_after_a_cancelled_removal()


async def test_who_waits_for_a_removal_can_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AwaitRemove, "__await__", AwaitRemove.__await__)  # for those after it
    let_nobody_stop_a_removal()
    assert await _runs_on_after_a_cancelled_removal()


class Lingering(Screen[None]):
    """Takes its time to go."""

    def __init__(self) -> None:
        super().__init__()
        self.goes, self.may_go = asyncio.Event(), asyncio.Event()

    async def on_unmount(self) -> None:
        self.goes.set()
        await self.may_go.wait()


async def _runs_on_after_a_cancelled_removal() -> bool:
    app, screen, runs = Pushing(), Lingering(), False
    with suppress(asyncio.CancelledError):  # nor does an app end well that way
        async with app.run_test():
            await app.push_screen(screen)
            waiting = asyncio.ensure_future(_remove(screen))
            await screen.goes.wait()
            await asyncio.sleep(0)
            waiting.cancel()
            screen.may_go.set()
            await asyncio.sleep(0.1)
            runs = app.is_running
    return runs


async def _remove(screen: Screen[None]) -> None:
    await screen.remove()
