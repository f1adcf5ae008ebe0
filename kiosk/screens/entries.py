"""How what was filled in is said: to the customer who did, and to the counter."""

from kiosk.i18n import _, format_yuan, language
from kiosk.services.catalog import EntryField


def entry_label(field: EntryField) -> str:
    """What was asked, in the language in use."""
    return field.label.in_language(language())


def entry_value(field: EntryField, value: str) -> str:
    """What was answered, with its unit.

    Args:
        field: What was asked.
        value: One that the field takes.
    """
    if field.kind == "amount":
        return _("{yuan} yuan").format(yuan=format_yuan(int(value)))
    if field.kind == "digits":
        return value
    return next(
        option.label.in_language(language()) for option in field.options if option.code == value
    )


def bounds_phrase(field: EntryField) -> str:
    """What can be typed."""
    low, high = field.bounds
    if field.kind == "amount":
        return _("from {low} to {high} yuan").format(low=format_yuan(low), high=format_yuan(high))
    return _("from {low} to {high}").format(low=low, high=high)
