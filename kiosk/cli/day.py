"""Days as people name them on the command line."""

from datetime import date, timedelta

from kiosk.errors import KioskError

_DAYS_AGO = {"today": 0, "yesterday": 1}


def day_named(named: str, today: date) -> date:
    """A date as ISO 8601 writes it, or `today` or `yesterday`.

    Args:
        named: As it was given.
        today: The business day, in the branch's zone.

    Raises:
        KioskError: `day_invalid`.
    """
    if named in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[named])
    try:
        return date.fromisoformat(named)
    except ValueError as error:
        raise KioskError("day_invalid", value=named) from error
