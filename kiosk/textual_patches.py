"""What Textual 8.2.8 does not do as a kiosk needs it; each with the test that ends it.

`tests/ui/test_textual_patches.py` fails when Textual no longer needs one of these.
"""

from textual._styles_cache import StylesCache
from textual.app import App
from textual.screen import Screen


def let_widgets_go() -> None:
    """Keep no dead widget alive.

    `StylesCache.get_inner_outer` is an `lru_cache` on a method: it holds up to 1,024 style caches
    and so whole screens. The collector then walks them, and a screen appears 150 to 250 ms late.
    """
    cached = StylesCache.get_inner_outer
    StylesCache.get_inner_outer = getattr(cached, "__wrapped__", cached)  # type: ignore[method-assign]  # the same function without its cache


def styles_are_current(app: App[None], screen: Screen[None]) -> None:
    """Tell a new screen that the styles are as the app parsed them.

    A screen that begins a mode would otherwise have every style parsed again: a third of the time
    to the first picture, and the same once more at the start of each visit.
    """
    screen._css_update_count = app._css_update_count
