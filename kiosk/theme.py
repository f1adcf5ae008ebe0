"""Colours. Every pair of text and background that the screens use reaches 7:1."""

from textual.theme import Theme

LIGHT, HIGH_CONTRAST = "kiosk-light", "kiosk-high-contrast"


def themes(accent: str) -> tuple[Theme, Theme]:
    """The light theme in the bank's colour, and yellow and white on black.

    Args:
        accent: `#rrggbb`; white text stands on it.
    """
    light = Theme(
        name=LIGHT,
        primary=accent,
        background="#ffffff",
        foreground="#101820",
        surface="#ffffff",
        dark=False,
        variables={
            "band": accent,
            "on-band": "#ffffff",
            "page": "#ffffff",
            "ink": "#101820",
            "quiet": "#36424e",
            "edge": accent,
            "digit": accent,
            "pressed": accent,
            "on-pressed": "#ffffff",
            "cursor": "#fff3c4",
            "on-cursor": "#101820",
            "attention": "#8a1c00",
            "sign": "#8a1c00",
            "on-sign": "#ffffff",
            "app": "#0b4f4a",
            "on-app": "#ffffff",
            "soft": "#e8edf2",
            "good": "#0a5a2a",
            "machine": "#d9e0e7",
            "display": "#0b2545",
            "on-display": "#ffffff",
        },
    )
    high_contrast = Theme(
        name=HIGH_CONTRAST,
        primary="#ffe600",
        background="#000000",
        foreground="#ffffff",
        surface="#000000",
        dark=True,
        variables={
            "band": "#ffe600",
            "on-band": "#000000",
            "page": "#000000",
            "ink": "#ffffff",
            "quiet": "#ffffff",
            "edge": "#ffe600",
            "digit": "#ffe600",
            "pressed": "#ffe600",
            "on-pressed": "#000000",
            "cursor": "#ffffff",
            "on-cursor": "#000000",
            "attention": "#ffe600",
            "sign": "#ffe600",
            "on-sign": "#000000",
            "app": "#ffffff",
            "on-app": "#000000",
            "soft": "#262626",
            "good": "#ffe600",
            "machine": "#262626",
            "display": "#000000",
            "on-display": "#ffffff",
        },
    )
    return light, high_contrast
