"""The keys of a keypad under one name each, however the terminal calls them.

Terminals that speak kitty's protocol have names of their own for the signs of a keypad and tell of
NumLock itself. Everything behind an app's door knows the usual names only.
"""

from textual.events import Key

_SIGNS = {
    "add": ("plus", "+"),
    "subtract": ("minus", "-"),
    "multiply": ("asterisk", "*"),
    "divide": ("slash", "/"),
    "decimal": ("full_stop", "."),
    "separator": ("full_stop", "."),  # where the keypad has a comma
}
"""A keypad's own name → the usual one, and what a field takes."""
_NO_KEYS = {"num_lock", "caps_lock", "scroll_lock", "<ignore>"}
"""What nobody means by striking it: it starts no visit and comes between no two strikes."""
_WITHOUT_NUM_LOCK = {
    "insert": "0",
    "end": "1",
    "pagedown": "3",
    "kp_begin": "5",
    "\ue053": "5",  # of the same key, in the form that Textual has no name for
    "home": "7",
    "pageup": "9",
    "delete": "full_stop",
}
_ARROWS = {"down": "2", "left": "4", "right": "6", "up": "8"}


def named(key: Key) -> Key | None:
    """The key under its usual name; None: it is none."""
    if key.key in _NO_KEYS:
        return None
    return Key(*_SIGNS[key.key]) if key.key in _SIGNS else key


def as_digit(key: Key, *, arrows: bool) -> Key:
    """What a keypad's key means where NumLock is off and nothing else needs the keys it is then.

    Args:
        key: As it was struck.
        arrows: Whether those are digits, too, since there is nothing to move.
    """
    digit = _WITHOUT_NUM_LOCK.get(key.key) or (arrows and _ARROWS.get(key.key))
    return Key(digit, None) if digit else key
