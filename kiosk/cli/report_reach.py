"""Where a report's figures are read, and what they can't know."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.config import Config
    from kiosk.db import Database

OfStore = Annotated[
    bool,
    typer.Option(
        "--store/--branch-database",
        help="This terminal's own figures, or those of all terminals that have synchronised.",
    ),
]


@contextmanager
def figures_database(settings: Config, *, store: bool) -> Iterator[Database]:
    """The database whose figures are read.

    Raises:
        KioskError: What keeps it from being read.
    """
    from kiosk.addresses import sqlite_url
    from kiosk.db import Database
    from kiosk.errors import KioskError

    url = sqlite_url(settings.store_path) if store else settings.branch_database_url
    with closing(Database(url)) as database:
        try:
            database.require_schema()
            yield database
        except KioskError as error:
            # a terminal's login brings events and reads nothing
            if error.code == "database_forbidden":
                raise KioskError("report_forbidden", **error.params) from error
            raise


def reach(settings: Config, *, store: bool) -> list[str]:
    """What the figures can't know, as far as this terminal does; a line or none."""
    from kiosk.errors import KioskError
    from kiosk.i18n import ngettext
    from kiosk.services.sync.status import read_status

    if store:
        return [_("This terminal only.")]
    try:
        waiting = read_status(settings).waiting
    except KioskError:  # no terminal runs on this machine: it knows nothing of waiting events
        return []
    if not waiting:
        return []
    told = ngettext(
        "{count} event of terminal {terminal} is not yet synced and not in these figures.",
        "{count} events of terminal {terminal} are not yet synced and not in these figures.",
        waiting,
    )
    return [told.format(count=waiting, terminal=settings.terminal.code)]
