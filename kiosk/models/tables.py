"""From a model to its table."""

from typing import cast

from sqlalchemy import Table
from sqlmodel import SQLModel


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model, as SQLAlchemy Core knows it."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # SQLModel does not type it
