"""Addresses of databases, as SQLAlchemy reads them."""

from pathlib import Path

from kiosk.errors import KioskError


def sqlite_url(path: Path) -> str:
    """The address of an SQLite file, whatever characters its path has."""
    # in an address, % begins a character by its number and ? begins the options
    return "sqlite:///" + str(path).replace("%", "%25").replace("?", "%3F")


def refuse_options(url: str) -> str:
    """The address again; one of an SQLite file that would be cut off at a `?` is refused.

    Raises:
        KioskError: `database_url_options`.
    """
    if url.startswith("sqlite") and "?" in url:
        raise KioskError("database_url_options", url=url)
    return url
