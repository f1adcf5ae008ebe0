"""Which counters may work on a branch's queue, where the branch database has logins."""

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from kiosk.db import Database
from kiosk.errors import KioskError
from kiosk.models import Counter
from kiosk.models.tables import table_of
from kiosk.services.branch import require_branch

if TYPE_CHECKING:
    from kiosk.services.sync.postgres_roles import Login

_COUNTER = table_of(Counter)


def enrol_counter(
    database: Database, branch: str, number: int, *, new_password: bool = False
) -> "Login | None":
    """Let a counter work on its branch's queue; saying it twice changes nothing.

    Args:
        database: The branch database, as its owner.
        branch: The branch's code.
        number: The counter's.
        new_password: Give its login another password, as when the old one was lost.

    Returns:
        The login that was made, or its new password; None when it is there already.

    Raises:
        KioskError: `counters_need_server`, `branch_unknown`, `login_taken`.
    """
    database.require_schema()
    with database.write() as connection:
        require_branch(connection, database, branch)
        if connection.dialect.name != "postgresql":
            raise KioskError("counters_need_server", database=database.name)
        from kiosk.services.sync.postgres_roles import make_counter_login

        this = (_COUNTER.c.branch == branch) & (_COUNTER.c.number == number)
        known = connection.execute(select(_COUNTER.c.login).where(this)).scalar()
        if known is not None and not new_password:
            return None
        login = make_counter_login(connection, branch, number)
        if known is None:
            row = {"branch": branch, "number": number, "login": login.name}
            connection.execute(insert(_COUNTER).values(row))
        else:  # the database may have been renamed since
            connection.execute(update(_COUNTER).where(this).values(login=login.name))
        return login
