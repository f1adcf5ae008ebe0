"""Addresses of databases, as SQLAlchemy reads them."""

from pathlib import Path


def sqlite_url(path: Path) -> str:
    """The address of an SQLite file, whatever characters its path has."""
    # in an address, % begins a character by its number and ? begins the options
    return "sqlite:///" + str(path).replace("%", "%25").replace("?", "%3F")
