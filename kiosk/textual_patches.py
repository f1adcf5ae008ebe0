"""What Textual 8.2.8 does not do as a kiosk needs it; each with the test that ends it.

`tests/ui/test_textual_patches.py` fails when Textual no longer needs one of these.
"""

import asyncio
from collections.abc import Generator
from functools import wraps
from typing import Any

from rich.console import RenderableType
from textual._callback import invoke
from textual._compositor import LayoutUpdate
from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_remove import AwaitRemove
from textual.screen import Screen
from textual.strip import Strip


def let_widgets_go() -> None:
    """Keep no dead widget alive.

    `StylesCache.get_inner_outer` is an `lru_cache` on a method: it holds up to 1,024 style caches
    and so whole screens. The collector then walks them, and a screen appears 150 to 250 ms late.
    """
    cached = StylesCache.get_inner_outer
    StylesCache.get_inner_outer = getattr(cached, "__wrapped__", cached)  # type: ignore[method-assign]  # the same function without its cache


def let_nobody_stop_a_removal() -> None:
    """Have whoever waits until a widget has gone do nothing but wait.

    `AwaitRemove` gathers the tasks of what goes: a worker that is cancelled while it waits cancels
    those too. The app waits for the same tasks, takes that for its own end, and ends without a
    word.
    """
    gather = AwaitRemove.__await__
    if hasattr(gather, "__wrapped__"):
        return

    @wraps(gather)
    def wait(removal: AwaitRemove) -> Generator[None, None, None]:
        waiter = asyncio.current_task()

        async def until_gone() -> None:
            if going := [task for task in removal._tasks if task is not waiter]:
                await asyncio.wait(going)
            if removal._post_remove is not None:
                await invoke(removal._post_remove)

        return until_gone().__await__()

    AwaitRemove.__await__ = wait  # type: ignore[assignment,method-assign]  # the same


def styles_are_current(app: App[None], screen: Screen[None]) -> None:
    """Tell a new screen that the styles are as the app parsed them.

    A screen that begins a mode would otherwise have every style parsed again: a third of the time
    to the first picture, and the same once more at the start of each visit.
    """
    screen._css_update_count = app._css_update_count


def draw_nothing_in_a_batch() -> None:
    """Keep what has changed for the end of a batch of changes.

    Textual draws a screen that is laid out within a batch, throws the picture away and draws it
    again: a quarter of the time until a pushed screen can be read.
    """
    draw = Screen._compositor_refresh
    if hasattr(draw, "__wrapped__"):
        return

    @wraps(draw)
    def draw_later(screen: Screen[Any]) -> None:
        if not screen.app._batch_count:
            draw(screen)

    Screen._compositor_refresh = draw_later  # type: ignore[assignment,method-assign]  # the same


def select_nothing() -> None:
    """Have no touch look for text to select, which nobody can do here.

    Textual asks the widget below for the line that was touched, drawn or not: a touch on a screen
    that has just come ended the program.
    """

    def find_nothing(*_place: object) -> tuple[None, None]:
        return None, None

    Screen.get_widget_and_offset_at = find_nothing  # type: ignore[assignment,method-assign]  # "nothing there"


def draw_now(screen: Screen[Any]) -> None:
    """Draw a screen whose parts are all in place, and draw it once.

    Textual waits for the next sixtieth of a second, draws what has moved, and then draws all.
    """
    screen._compositor.update_widgets({screen})
    screen._refresh_layout()
    screen._layout_required = screen._repaint_required = False
    screen._dirty_widgets.clear()


def picture_of(screen: Screen[Any]) -> RenderableType | None:
    """All of what stands on a screen, for a terminal that may have lost some."""
    return screen._compositor.render_update(full=True)


class Pictures:
    """Tells whether a whole picture is the one that stands on the terminal already.

    Textual draws the screen once more when one that lay on it has gone for good.
    """

    def __init__(self) -> None:
        self._shown: list[list[Strip]] | None = None

    def forget(self) -> None:
        """The terminal may have lost what stood there."""
        self._shown = None

    def is_new(self, drawn: object) -> bool:
        """Whether to show it; remembers it as shown."""
        if not isinstance(drawn, LayoutUpdate):
            self._shown = None
            return True
        picture = [list(line) for line in drawn.strips]
        if picture == self._shown:
            return False
        self._shown = picture
        return True
