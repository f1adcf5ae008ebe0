"""Every pair of text and background that the styles make reaches 7:1, in every theme."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.theme import Theme

from kiosk.config import LEAST_CONTRAST, Appearance
from kiosk.contrast import contrast_ratio
from kiosk.paths import resource
from kiosk.theme import themes

Pair = tuple[str, str]


def rules() -> list[tuple[str, dict[str, str]]]:
    """Selectors of the style sheet, with what they declare."""
    sheet = re.sub(r"/\*.*?\*/", "", resource("kiosk.tcss").read_text(encoding="utf-8"))
    found = []
    for selector, body in re.findall(r"([^{}]+)\{([^}]*)\}", sheet):
        declared = dict(re.findall(r"([\w-]+):\s*([^;]+);", body))
        found.append((selector.strip(), declared))
    return found


def pairs() -> set[Pair]:
    """Text and background, as the names of colours."""
    found = set()
    for selector, declared in rules():
        text, background = declared.get("color"), declared.get("background")
        if text is None and background is not None and "Words" in selector:
            text = "$ink"  # what Words have unless told otherwise
        if text is None:
            continue
        around = "$sign" if selector.startswith("HelpScreen") else "$page"
        found.add((text[1:], (background or around)[1:]))
    return found


def too_weak(theme: Theme) -> dict[Pair, float]:
    weak = {}
    for text, background in pairs():
        ratio = contrast_ratio(theme.variables[text], theme.variables[background])
        if ratio < LEAST_CONTRAST:
            weak[text, background] = ratio
    return weak


def test_the_rule_is_seven_to_one_and_covers_the_styles() -> None:
    assert LEAST_CONTRAST == 7.0
    wanted = {("on-band", "band"), ("ink", "page"), ("quiet", "page"), ("on-sign", "sign")}
    assert wanted < pairs()
    assert len(pairs()) >= 8


@pytest.mark.parametrize("theme", themes(Appearance().accent), ids=lambda theme: theme.name)
def test_every_pair_of_the_default_colours_reaches_it(theme: Theme) -> None:
    assert too_weak(theme) == {}


@settings(max_examples=200)
@given(st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_every_accent_that_the_configuration_takes_reaches_it(accent: str) -> None:
    accent = darkened(accent)
    for theme in themes(accent):
        assert too_weak(theme) == {}, accent


def darkened(colour: str) -> str:
    """The lightest colour of this hue that may be an accent."""
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    share = 100
    while contrast_ratio("#ffffff", told := hexadecimal(channels, share)) < LEAST_CONTRAST:
        share -= 1
    return told


def hexadecimal(channels: list[int], share: int) -> str:
    return "#" + "".join(f"{channel * share // 100:02x}" for channel in channels)


def test_the_styles_name_no_colour_that_a_theme_lacks() -> None:
    used = {
        name
        for _, declared in rules()
        for prop in ("color", "background", "border")
        for name in re.findall(r"\$([\w-]+)", declared.get(prop, ""))
    }
    for theme in themes(Appearance().accent):
        assert used <= set(theme.variables)


def test_the_styles_hold_no_colour_of_their_own() -> None:
    for selector, declared in rules():
        for prop in ("color", "background"):
            assert declared.get(prop, "$").startswith("$"), selector
    assert not re.search(r"#[0-9a-fA-F]{6}\b", resource("kiosk.tcss").read_text(encoding="utf-8"))
