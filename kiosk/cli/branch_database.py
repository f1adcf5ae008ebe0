"""A command's branch database: the option that names another one, and what holds in the branch."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk.config import Config
    from kiosk.db import Database
    from kiosk.services.catalog import Catalog

BranchDatabase = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The branch database; none: the configuration's."),
]


@contextmanager
def open_branch(url: str | None) -> Iterator[tuple[Database, Config]]:
    """A branch database, and the configuration that holds in the branch.

    Args:
        url: As the option gives it.
    """
    from kiosk.config import load
    from kiosk.db import Database
    from kiosk.services.releases import Name, body_of

    settings = load()
    database = Database(url or settings.branch_database_url)
    try:
        database.require_schema()
        with database.read() as connection:
            of_branch = body_of(connection, settings.branch.code, Name.SETTINGS)
        yield database, load(of_branch=of_branch or "")
    finally:
        database.close()


def catalog_there(database: Database, settings: Config) -> Catalog:
    """The branch's catalog."""
    from kiosk.services.catalog_file import load_catalog, read_catalog
    from kiosk.services.releases import Name, body_of

    with database.read() as connection:
        body = body_of(connection, settings.branch.code, Name.CATALOG)
    if body is not None and settings.catalog is None:
        return read_catalog(body.encode("utf-8"), "catalog")
    return load_catalog(settings.catalog)
