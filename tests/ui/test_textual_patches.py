"""The patches do what they are for, and Textual still needs them."""

import subprocess
import sys
from pathlib import Path

import pytest
from lobby import lobby
from textual.app import App
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen


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
