"""Logins of those who come to a branch database, where it has logins."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, select, update
from sqlmodel import SQLModel

from kiosk.models.tables import table_of

if TYPE_CHECKING:
    from kiosk.services.sync.postgres_roles import Login


def keep_login(
    connection: Connection,
    named: tuple[type[SQLModel], str],
    this: ColumnElement[bool],
    make: "Callable[[], Login]",
    *,
    new_password: bool,
) -> "Login | None":
    """Make a login, unless it is there, and note its name in the row of whom it is for.

    Args:
        connection: To the branch database as its owner, in a transaction.
        named: The table, and its column with the login's name.
        this: Chooses the row, which is there.
        make: Makes the login, or gives it another password; called on a server only.
        new_password: Do so though it is there already.

    Returns:
        The login, with its password; None where it is there already, and in a file.
    """
    if connection.dialect.name != "postgresql":
        return None
    model, column = named
    table = table_of(model)
    known = connection.execute(select(table.c[column]).where(this)).scalar()
    if known is not None and not new_password:
        return None
    login = make()
    # the database may have been renamed since it was made
    connection.execute(update(table).where(this).values({column: login.name}))
    return login
