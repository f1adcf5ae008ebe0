"""Options that do not go together."""

from collections.abc import Mapping

import typer


def refuse_together(option: str, others: Mapping[str, bool]) -> None:
    """Refuse an option beside others; each says whether it was given.

    Raises:
        BadParameter: One of the others was.
    """
    from kiosk.i18n import _

    for other, is_given in others.items():
        if is_given:
            told = _("{option} does not go together with {other}.")
            raise typer.BadParameter(told.format(option=option, other=other))
