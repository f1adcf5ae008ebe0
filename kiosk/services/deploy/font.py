"""Which font size a screen needs, so that who stands before it can read it."""

import math
from dataclasses import dataclass
from typing import Final

from kiosk.errors import KioskError

LEAST_DEGREES: Final = 0.7
"""The angle under which a capital H is seen at least: EN 301 549, 5.1.4."""
_CAP_HEIGHT: Final = 0.729
"""A capital H of DejaVu Sans Mono, of its size (its OS/2 table: 1493 of 2048 units)."""
_ADVANCE: Final = 1233 / 2048
_ASCENT: Final = 1901 / 2048
_DESCENT: Final = 483 / 2048
"""DejaVu Sans Mono's hhea table; FreeType rounds each to whole pixels."""
_USUAL_CELLS: Final = (80, 24)
_LEAST_CELLS: Final = (60, 20)
"""What the screens are drawn for, and what they can do with."""
_SIZES: Final = range(8, 201)


@dataclass(frozen=True)
class Screen:
    """A screen, as its maker describes it, and where people stand."""

    diagonal_mm: float
    width: int
    """Pixels."""
    height: int
    distance_mm: float
    """From the eyes of whoever stands before it."""

    @property
    def pixel_mm(self) -> float:
        """The side of one pixel."""
        return self.diagonal_mm / math.hypot(self.width, self.height)


@dataclass(frozen=True)
class Font:
    """A font size in pixels, and what fits on the screen in it."""

    pixels: int
    columns: int
    rows: int
    readable_mm: float
    """Up to this distance a capital H is seen under `LEAST_DEGREES`."""

    @property
    def chinese_pixels(self) -> int:
        """The size of Chinese characters beside it: of two cells, a pixel free on each side."""
        width, height = _cell(self.pixels)
        return min(2 * width - 2, height - 1)


def font_for(screen: Screen, *, large_type: bool = False) -> Font:
    """The largest size in which the whole of a screen fits, or a smaller screen if it must be.

    80 × 24 cells if they can be read from where people stand; else fewer, down to 60 × 20. In
    large type 60 × 20 in any case. A screen on which even they can't be read gets them all the
    same: `Font.readable_mm` then is less than the distance.

    Raises:
        KioskError: `screen_too_small`: not even 60 × 20 cells fit in letters of 8 pixels.
    """
    fonts = [_font(screen, pixels) for pixels in _SIZES]
    least = [font for font in fonts if _fits(font, _LEAST_CELLS)]
    if not least:
        raise KioskError("screen_too_small", columns=_LEAST_CELLS[0], rows=_LEAST_CELLS[1])
    if large_type:
        return least[-1]
    readable = [font for font in least if font.readable_mm >= screen.distance_mm]
    if not readable:
        return least[-1]
    usual = [font for font in readable if _fits(font, _USUAL_CELLS)]
    return usual[-1] if usual else readable[0]


def _font(screen: Screen, pixels: int) -> Font:
    width, height = _cell(pixels)
    capital_mm = pixels * _CAP_HEIGHT * screen.pixel_mm
    return Font(
        pixels=pixels,
        columns=screen.width // width,
        rows=screen.height // height,
        readable_mm=capital_mm / (2 * math.tan(math.radians(LEAST_DEGREES / 2))),
    )


def _cell(pixels: int) -> tuple[int, int]:
    """Width and height of a cell."""
    return round(pixels * _ADVANCE), math.ceil(pixels * _ASCENT) + math.ceil(pixels * _DESCENT)


def _fits(font: Font, cells: tuple[int, int]) -> bool:
    return font.columns >= cells[0] and font.rows >= cells[1]
